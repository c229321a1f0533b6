"""What somebody may mean who is still typing: people, models, values of facts, and words that occur."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from gallery.models import User
from gallery.search.query import MOST_LETTERS, Key, key_of
from gallery.search.vocabulary import occurring
from generator.imaging.palette import COLOURS
from generator.models.image_queryset import ImageQuerySet
from generator.models.model_names import known_models

MOST = 8
# Of each kind where several are offered.
_OF_PEOPLE, _OF_MODELS, _OF_COLOURS, _OF_WORDS = 3, 2, 1, 5
_LAST = re.compile(r'(?P<before>.*?)(?P<minus>-?)(?:(?P<key>[a-z]{2,6}):"?)?(?P<said>[^\s":]*)\Z', re.S)
_VALUES = {
    Key.SHAPE: ("wide", "tall", "square"),
    Key.SEEN: ("private", "link", "shared", "public"),
    Key.HAS: ("comment", "stars"),
    Key.IS: ("favourite",),
    Key.FAILED: ("no", "yes"),
    Key.IN: ("comments",),
    Key.RATED: ("5", "4", "3", "2"),
}


@dataclass(frozen=True)
class Suggestion:
    """`kind` is person, model, colour, fact, word, recent or saved; `text` is shown, `whole` stands in the box then, or
    `address` is where it leads.
    """

    kind: str
    text: str
    whole: str
    address: str = ""

    @property
    def swatch(self) -> str:
        """The colour that is to be seen beside it."""
        return self.text.partition(":")[2] if self.kind == "colour" else ""

    @property
    def icon(self) -> str:
        return {"person": "person", "model": "create", "recent": "clock", "saved": "star"}.get(self.kind, "search")


def suggestions(typed: str, images: ImageQuerySet) -> list[Suggestion]:
    """For the last part of what was typed. `images` are all that this person may see: words come from nowhere else."""
    found = _LAST.match(typed[-MOST_LETTERS:])
    if not found or not (found["key"] or found["said"]):
        return []
    before, said = typed[: len(typed) - len(found[0])] + found["before"] + found["minus"], found["said"].casefold()
    offers = _values(key_of(found["key"]), said) if found["key"] else _anything(said, images)
    return [Suggestion(kind, text, f"{before}{text} ") for kind, text in offers]


def _values(key: Key | None, said: str) -> list[tuple[str, str]]:
    """What may stand behind a key."""
    if key == Key.BY:
        return _people(said, MOST)
    if key == Key.MODEL:
        return _models(said, MOST)
    if key == Key.COLOUR:
        return _colours(said, len(COLOURS))
    return [("fact", f"{key}:{value}") for value in _VALUES.get(key, ()) if value.startswith(said)] if key else []


def _anything(said: str, images: ImageQuerySet) -> list[tuple[str, str]]:
    if len(said) < 2:
        return []
    known = [*_people(said, _OF_PEOPLE), *_models(said, _OF_MODELS), *_colours(said, _OF_COLOURS)]
    return [*_words(said, images), *known][:MOST]


def _colours(said: str, most: int) -> list[tuple[str, str]]:
    return [("colour", f"{Key.COLOUR}:{name}") for name in COLOURS if name.startswith(said)][:most]


def _people(said: str, most: int) -> list[tuple[str, str]]:
    called = Q(username__istartswith=said) | Q(first_name__istartswith=said) | Q(last_name__istartswith=said)
    people = User.objects.filter(called, left_at=None, is_active=True, awaits_approval=False)
    names = people.order_by("username").values_list("username", flat=True)[:most]
    return [("person", f"by:{_quoted(name)}") for name in names]


def _models(said: str, most: int) -> list[tuple[str, str]]:
    known: list[Any] = sorted(known_models().items())
    fitting = [id_ for id_, name in known if said in id_.casefold() or said in name.casefold()]
    return [("model", f"model:{_quoted(id_)}") for id_ in fitting[:most]]


def _words(said: str, images: ImageQuerySet) -> list[tuple[str, str]]:
    often = [(count, word) for word, count in occurring(images).items() if word.startswith(said) and word != said]
    return [("word", word) for _count, word in sorted(often, key=lambda row: (-row[0], row[1]))[:_OF_WORDS]]


def _quoted(name: str) -> str:
    return f'"{name}"' if re.search(r"\s", name) else name
