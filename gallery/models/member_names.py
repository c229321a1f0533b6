"""One check for what people are called, at every door: signing up, OpenID Connect, the administration, commands."""

from __future__ import annotations

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Scripts that one language writes together.
_TOGETHER = dict.fromkeys(("HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "CJK", "HANGUL", "BOPOMOFO"), "EAST ASIAN")
# Fillers, selectors and joiners that have a place and no sign of their own (Unicode, Default_Ignorable_Code_Point), and
# the empty pattern of Braille. The others are of the categories C and Z.
_UNSEEN = {
    0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2800, 0x3164, *range(0xFE00, 0xFE10), 0xFFA0,
    *range(0xE0100, 0xE01F0),
}  # fmt: skip
# Behind a heart it makes it red, and keyboards of phones put it there.
_AS_PICTURE = "\ufe0f"
# Names that speak for the site, or for somebody who has left; compared by their letters alone.
_RESERVED = {
    "admin", "admins", "administrator", "administration", "moderator", "moderators", "mod", "staff", "root", "system",
    "server", "theserver", "support", "vitrine", "formermember", "deletedmember", "nobody", "everyone", "somebody",
}  # fmt: skip


def normal(name: str) -> str:
    """As it is kept: one way of writing for what looks the same, and single blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).split(" ")).strip()


def check_letters(name: str) -> None:
    """Nothing that cannot be seen, that stands for a place in a path, or that makes one name look like another."""
    if any(map(_is_unseen, name, f" {name}")):
        raise ValidationError(_("Use letters that can be seen."))
    if name and not name.strip(". "):
        raise ValidationError(_("A name needs letters."))
    if len({_script(letter) for letter in name if unicodedata.category(letter).startswith("L")}) > 1:
        raise ValidationError(_("Use the letters of one script: mixed, they make one name look like another."))


def check_reserved(*names: str) -> None:
    """Not these words, each for itself or all of them one after the other, with whatever between their letters."""
    for name in (*names, "".join(names)):
        if _skeleton(name) in _RESERVED:
            raise ValidationError(_("That name speaks for the site, or for those who have left. Choose another one."))


def check_name(name: str) -> str:
    """The name as it is kept; raises ValidationError if nobody may be called so."""
    found = normal(name)
    check_letters(found)
    check_reserved(found)
    return found


def _is_unseen(letter: str, before: str) -> bool:
    if letter == _AS_PICTURE and unicodedata.category(before) == "So":
        return False
    return ord(letter) in _UNSEEN or (unicodedata.category(letter).startswith(("C", "Z")) and letter != " ")


def _script(letter: str) -> str:
    script = unicodedata.name(letter, "UNKNOWN").split()[0]
    return _TOGETHER.get(script, script)


def _skeleton(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())
