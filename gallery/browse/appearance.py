"""How a grid of pictures looks to whoever looks at it: as the address says, else as they chose, else as usual."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from gallery.access import members_only
from gallery.browse.wanted import EXPLORE, LOOKS
from gallery.models import User
from generator.models.addresses import address
from generator.progress.redirects import own_address


class Question(NamedTuple):
    """`name` is its word in addresses, `field` remembers a member's answer, `usual` holds if nothing is said."""

    name: str
    field: str
    label: str | Promise
    usual: str

    @property
    def answers(self) -> type[TextChoices]:
        return LOOKS[self.name]

    def answered(self, given: Mapping[str, str], otherwise: str) -> str:
        """What makes no sense counts as not said."""
        said = given.get(self.name)
        return said if said and said in self.answers.values else otherwise


QUESTIONS = (
    Question("layout", "grid_layout", _("Layout"), User.Layout.ROWS.value),
    Question("density", "grid_density", _("Size"), User.Density.MEDIUM.value),
    Question("stacks", "grid_stacks", _("Stack pictures of one prompt"), User.Stacks.EXPLORE.value),
)


class Appearance(NamedTuple):
    """An answer to each of QUESTIONS."""

    layout: str
    density: str
    stacks: str

    @classmethod
    def of(cls, user: Any, given: Mapping[str, str]) -> Self:
        """For this person, who has chosen nothing if they are not signed in, at an address that says so."""
        return cls._make(one.answered(given, getattr(user, one.field, "") or one.usual) for one in QUESTIONS)

    @property
    def classes(self) -> str:
        """What the style sheet knows it by; nothing if it is as usual."""
        said = zip((self.layout, self.density), QUESTIONS, strict=False)
        return "".join(f" is-{answer}" for answer, question in said if answer != question.usual)

    @property
    def is_list(self) -> bool:
        return self.layout == User.Layout.LIST

    def is_stacked(self, scope: str) -> bool:
        """Whether that holds for the listings of this scope."""
        return self.stacks == User.Stacks.ON or (self.stacks == User.Stacks.EXPLORE and scope == EXPLORE)


def without(given: QueryDict) -> str:
    """What an address asks, without a word about how it looks."""
    left = given.copy()
    for question in QUESTIONS:
        left.pop(question.name, None)
    return left.urlencode()


@require_POST
@members_only
def appearance(request: HttpRequest) -> HttpResponse:
    """Remember how this person wants all their grids to look; what is not said stays."""
    user: Any = request.user
    for question in QUESTIONS:
        setattr(user, question.field, question.answered(request.POST, getattr(user, question.field)))
    user.save(update_fields=[question.field for question in QUESTIONS])
    return redirect(own_address(request, request.POST.get("next", ""), address("explore")))
