"""Which rows a listing holds for one person."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gallery.browse.leg import Leg
from gallery.browse.wanted import ALL, FAVOURITES, MINE, TRASH, Wanted
from gallery.models import User
from gallery.search.facts import Facts
from gallery.search.finding import Finding
from gallery.search.tokens import of_person, one_of
from generator.models import Image

if TYPE_CHECKING:
    from generator.models.image_queryset import ImageQuerySet


@dataclass(frozen=True)
class Selection:
    """Of what is wanted, what `user` may see: whatever is asked for, `visible_to` and `trashed_for` are asked first."""

    wanted: Wanted
    user: Any

    @cached_property
    def images(self) -> ImageQuerySet:
        """All of it, whatever is asked of them."""
        if self.wanted.scope == TRASH:
            return Image.objects.trashed_for(self.user)
        images = Image.objects.visible_to(self.user, looking=self.wanted.scope == ALL)
        if self.wanted.member:
            return images.filter(user_id=_id_of(self.wanted.member))
        if self.wanted.scope == FAVOURITES:
            return images.filter(favourites__user_id=self.user.pk or 0)
        return images.filter(user=self.user) if self._is_own else images

    @cached_property
    def narrowed(self) -> ImageQuerySet:
        """Those for which the facts of the question hold."""
        return self._facts.narrow(self.images)

    @property
    def fitting(self) -> ImageQuerySet:
        """Those that are found."""
        finding = self.finding
        return finding.images_found() if finding else self.narrowed

    @cached_property
    def finding(self) -> Finding | None:
        """What answers the question, if the index of words does. Each fact only leaves out some of what this person may
        see.
        """
        if not (self.wanted.question and (clauses := (facts := self._facts).for_index())):
            return None
        if owner := self._owner:
            clauses.append(one_of([of_person(owner)]))
        return Finding(facts.narrow(self.images), clauses, facts.span)

    def nearest(self, size: int, leg: Leg) -> ImageQuerySet:
        """The first `size` of `narrowed` that stand on a leg, without walking past any that are none of them. Of a
        member's pictures only those that somebody else may see.
        """
        is_favourites = self.wanted.scope == FAVOURITES
        kept = {"favourites__user_id": self.user.pk or 0} if is_favourites else {}
        images = leg.of(Image.objects.filter(**kept))
        if self.wanted.question:
            images = self._facts.narrow(images)
        if is_favourites:  # nearly all of which they may still see
            return images.visible_to(self.user)[:size]
        if self.wanted.scope == TRASH:
            return images.trashed_for(self.user)[:size]
        if self._is_own:  # of which they may see everything, on one way
            return images.filter(user=self.user).visible_to(self.user)[:size]
        if member := self.wanted.member:
            images = images.filter(user_id=_id_of(member))
        question = self.wanted.question
        if question.is_of_comments and question.phrases:  # few come into question, and each is looked up
            return images.visible_to(self.user, looking=self.wanted.scope == ALL)[:size]
        return images.first_visible_to(
            self.user, size, looking=self.wanted.scope == ALL, is_others=bool(self.wanted.member)
        )

    @cached_property
    def _facts(self) -> Facts:
        return Facts.asked(self.wanted.question, self.user)

    @property
    def _is_own(self) -> bool:
        return self.wanted.scope == MINE and self.user.is_authenticated

    @property
    def _owner(self) -> int | None:
        """The key of whose pictures they are, if they are one person's."""
        if member := self.wanted.member:
            return User.objects.filter(username=member).values_list("pk", flat=True).first()
        key: int | None = self.user.pk if self.wanted.scope in (MINE, TRASH) else None
        return key


def _id_of(username: str) -> Any:
    """Compared with one number, so that the rows come in order from the index of each person's pictures."""
    return User.objects.filter(username=username).values("pk")[:1]
