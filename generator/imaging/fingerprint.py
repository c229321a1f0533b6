"""What a picture looks like, as one number: pictures that look nearly the same differ in few of its bits.

The difference hash of N. Krawetz (hackerfactor.com, "Kind of Like That", 2013). It outlives another size, format and
brightness; it does not know what is in a picture.
"""

from itertools import pairwise

from PIL import Image

from generator.imaging.copies import on_grey

BITS = 64
_ROWS = 8


def fingerprint(image: Image.Image) -> int:
    """64 bits as a signed number, as databases keep them: whether each of eight spots in each of eight rows is brighter
    than the one to its right. What can be seen through is grey.
    """
    spots = on_grey(image).convert("L").resize((_ROWS + 1, _ROWS), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(_ROWS):
        line = spots[row * (_ROWS + 1) : (row + 1) * (_ROWS + 1)]
        for left, right in pairwise(line):
            bits = bits << 1 | (left > right)
    return bits - (1 << BITS) if bits >> (BITS - 1) else bits
