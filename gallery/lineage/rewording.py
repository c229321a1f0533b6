"""What somebody changed in a prompt, word by word.

Prompts are whatever people wrote, up to tens of thousands of characters, and a page shows hundreds of changes. So the
work for one is bounded: where two prompts have little in common the one simply stands in place of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Literal, NamedTuple

# Characters of each prompt that are compared, and words of what is left between their common beginning and end.
MOST_LETTERS, MOST_WORDS = 6_000, 400
# Words that are taken out or put in; with more it is another prompt.
MOST_CHANGES = 30
# Characters: around a change, and of a change.
_CONTEXT, _LONGEST = 48, 400
# Signs that are words by themselves: Chinese, Japanese and Korean ones.
_SIGNS = "\u2e80-\u2fff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = re.compile(rf"\s?(?:[{_SIGNS}]|[^\W{_SIGNS}]+(?:['\u2019-][^\W{_SIGNS}]+)*|[^\w\s])")

Kind = Literal["same", "old", "new"]


class Run(NamedTuple):
    """Words that stand together, with the space before them."""

    kind: Kind
    text: str


class Rewording(NamedTuple):
    """`is_cut` says that the prompts go on behind what was compared."""

    runs: list[Run]
    is_cut: bool

    @property
    def is_none(self) -> bool:
        return not self.is_cut and all(run.kind == "same" for run in self.runs)


def rewording(old: str, new: str) -> Rewording:
    """How the new prompt came of the old one. What is the same, with what is new, is the new prompt; with what is old
    it is the old one, but for spaces. White space counts for nothing.
    """
    is_cut = max(len(old), len(new)) > MOST_LETTERS
    before, after = (" ".join(text[:MOST_LETTERS].split()) for text in (old, new))
    if before == after:
        return Rewording([Run("same", after)], is_cut)
    words = _edits(_WORD.findall(before), _WORD.findall(after))
    runs = (Run(kind, "".join(word for _, word in some)) for kind, some in groupby(words, key=itemgetter(0)))
    return Rewording([*runs], is_cut)


def shortened(runs: Sequence[Run]) -> list[Run]:
    """The same for the eye: of what stayed only some words around each change, of a very long change its beginning."""
    last = len(runs) - 1
    return [_shortened(run, is_first=place == 0, is_last=place == last) for place, run in enumerate(runs)]


def _shortened(run: Run, *, is_first: bool, is_last: bool) -> Run:
    text = run.text
    if run.kind != "same":
        return Run(run.kind, f"{text[:_LONGEST]}…") if len(text) > _LONGEST else run
    if is_first and is_last:
        return Run("same", f"{text[:_LONGEST]}…") if len(text) > _LONGEST else run
    head, tail = "" if is_first else text[:_CONTEXT], "" if is_last else text[-_CONTEXT:]
    if len(text) <= len(head) + len(tail) + 3:
        return run
    return Run("same", " ".join(part for part in (_to_space(head), "…", _from_space(tail)) if part))


def _to_space(text: str) -> str:
    return text.rpartition(" ")[0] or text


def _from_space(text: str) -> str:
    return text.partition(" ")[2] or text


Edits = Iterable[tuple[Kind, str]]


def _edits(old: Sequence[str], new: Sequence[str]) -> Edits:
    """Word by word; those that stayed as they stand in the new prompt."""
    before, after = [word.lstrip() for word in old], [word.lstrip() for word in new]
    start = _common(before, after)
    end = _common(before[start:][::-1], after[start:][::-1])
    to_old, to_new = len(old) - end, len(new) - end
    changes = _changes(before[start:to_old], after[start:to_new])
    at_end = ((to_old + n, to_new + n) for n in range(end + 1))  # the last of them is behind both
    kept = chain(((start + x, start + y) for x, y in changes), at_end)
    for word in new[:start]:
        yield "same", word
    x, y = start, start
    for next_x, next_y in kept:
        yield from (("old", word) for word in old[x:next_x])
        yield from (("new", word) for word in new[y:next_y])
        yield from (("same", word) for word in new[next_y : next_y + 1])
        x, y = next_x + 1, next_y + 1


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """With how many words both begin."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _changes(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the words that stayed, in both, by the greedy algorithm of Myers (1986); none if too little did."""
    if not old or not new or max(len(old), len(new)) > MOST_WORDS:
        return []
    farthest, trail = {1: 0}, []
    for changes in range(min(MOST_CHANGES, len(old) + len(new)) + 1):
        trail.append(dict(farthest))
        for diagonal in range(-changes, changes + 1, 2):
            is_down = diagonal == -changes or (diagonal != changes and farthest[diagonal - 1] < farthest[diagonal + 1])
            x = farthest[diagonal + 1] if is_down else farthest[diagonal - 1] + 1
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            farthest[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return _walked_back(trail, len(old), len(new))
    return []


def _walked_back(trail: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for changes in range(len(trail) - 1, -1, -1):
        farthest, diagonal = trail[changes], x - y
        is_down = diagonal == -changes or (diagonal != changes and farthest[diagonal - 1] < farthest[diagonal + 1])
        before = diagonal + 1 if is_down else diagonal - 1
        from_x = farthest[before]
        from_y = from_x - before
        while x > from_x and y > from_y and x > 0 and y > 0:
            x, y = x - 1, y - 1
            kept.append((x, y))
        x, y = from_x, from_y
    return kept[::-1]
