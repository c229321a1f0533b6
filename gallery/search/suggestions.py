"""What somebody may mean who is still typing: people, models, values of facts, and words that occur."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from gallery.models import User
from gallery.search.query import MOST_LETTERS, Key
from gallery.search.vocabulary import occurring
from generator.models.image_queryset import ImageQuerySet
from generator.models.model_names import known_models

MOST = 8
# Of each kind where several are offered.
_OF_PEOPLE, _OF_MODELS, _OF_WORDS = 3, 2, 5
_LAST = re.compile(r'(?P<before>.*?)(?P<minus>-?)(?:(?P<key>[a-z]{2,6}):"?)?(?P<said>[^\s":]*)\Z', re.S)
_VALUES = {
    Key.SHAPE: ("wide", "tall", "square"),
    Key.SEEN: ("private", "link", "shared", "public"),
    Key.HAS: ("comment", "stars"),
    Key.FAILED: ("no", "yes"),
    Key.IN: ("comments",),
    Key.RATED: ("5", "4", "3", "2"),
}


@dataclass(frozen=True)
class Suggestion:
    """`kind` is person, model, fact, word, recent or saved; `text` is shown, `whole` stands in the box then, or
    `address` is where it leads.
    """

    kind: str
    text: str
    whole: str
    address: str = ""

    @property
    def icon(self) -> str:
        return {"person": "person", "model": "create", "recent": "clock", "saved": "star"}.get(self.kind, "search")


def suggestions(typed: str, images: ImageQuerySet) -> list[Suggestion]:
    """For the last part of what was typed. `images` are all that this person may see: words come from nowhere else."""
    found = _LAST.match(typed[-MOST_LETTERS:])
    if not found or not (found["key"] or found["said"]):
        return []
    before, said = typed[: len(typed) - len(found[0])] + found["before"] + found["minus"], found["said"].casefold()
    key = found["key"]
    if key == Key.BY:
        offers = _people(said, MOST)
    elif key == Key.MODEL:
        offers = _models(said, MOST)
    elif key:
        values = _VALUES.get(Key(key), ()) if key in [*Key] else ()
        offers = [("fact", f"{key}:{value}") for value in values if value.startswith(said)]
    else:
        offers = [*_words(said, images), *_people(said, _OF_PEOPLE), *_models(said, _OF_MODELS)] if said[1:] else []
    return [Suggestion(kind, text, f"{before}{text} ") for kind, text in offers[:MOST]]


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
