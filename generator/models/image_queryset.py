"""Which pictures there are for whom: the one answer to who may see what."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any, Self

from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone

from generator.models.generation import Visibility

# Sent in the transaction that writes the rows of new pictures, with `images`, all of one generation.
written = Signal()
# Sent in the transaction that keeps what somebody has found out by looking at pictures, with `images`.
described = Signal()


class ImageQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any, link: str = "", *, looking: bool = False) -> Self:
        """The only place that knows who may see what: staff see what a member would see.

        `link` is the secret of a share link, if the person came by one; `looking` says that somebody of the staff
        is looking at all pictures, which is an act of its own. What lies in the trash is seen by nobody here; see
        `trashed_for`.
        """
        ways = _ways(user, link, looking=looking)
        return self.filter(reduce(or_, ways), trashed_at=None)

    def first_visible_to(self, user: Any, size: int, *, looking: bool = False, is_others: bool = False) -> Self:
        """The first `size` that `visible_to` lets through, in the order of this queryset: of keys, or one of `ranks`.

        Each way is walked by itself along its index, and so far at most. All at once the database would walk past
        everything that somebody may not see until there is enough of what they may. `is_others` says that none of
        these pictures is the person's own, so that it need not be looked for among them.
        """
        seen = self.visible_to(user, looking=looking)
        ways = _ways(user, looking=looking, is_others=is_others)
        if len(ways) > 1:
            nearest = [self.filter(way, trashed_at=None).values("pk")[:size] for way in ways]
            # In a union no part may have an order and an end of its own, but what a part looks into may.
            keys = [self.model._default_manager.filter(pk__in=some).order_by().values("pk") for some in nearest]
            seen = seen.filter(pk__in=keys[0].union(*keys[1:]))
        return seen[:size]

    def withheld(self) -> Self:
        """What staff have hidden or removed."""
        return self.filter(models.Q(hidden_at__isnull=False) | models.Q(removed_at__isnull=False))

    def withheld_for(self, user: Any) -> Self:
        """The same for staff to look at again, except what its owner keeps to themselves by now."""
        if not (user.is_authenticated and user.is_staff):
            return self.none()
        return self.withheld().exclude(visibility=Visibility.PRIVATE)

    def editable_by(self, user: Any) -> Self:
        """Its owner may choose who sees it, and throw it away."""
        return self.filter(user=user, trashed_at=None) if user.is_authenticated else self.none()

    def trashed_for(self, user: Any) -> Self:
        """What this person has in the trash."""
        return self.filter(user=user, trashed_at__isnull=False) if user.is_authenticated else self.none()

    def restorable_by(self, user: Any) -> Self:
        """What this person may take back out of the trash: not what staff have put there."""
        return self.trashed_for(user).filter(removed_at=None)

    def shown_small_to(self, user: Any) -> Self:
        """What this person may be shown small: the inbox and the trash show what has no page."""
        return self.visible_to(user) | self.withheld_for(user) | self.trashed_for(user)

    def newest(self) -> Self:
        """Ids sort by time, so this needs no other column."""
        return self.order_by("-pk")

    def write(self, images: list[Any]) -> None:
        """New rows of one generation, and whatever is to be there in the same transaction as they are."""
        with transaction.atomic():
            self.bulk_create(images)
            written.send(self.model, images=images)

    def describe(self, images: list[Any], *columns: str) -> None:
        """Keep these columns of pictures that somebody has looked at, and whatever is made of them."""
        with transaction.atomic():
            self.bulk_update(images, columns)
            described.send(self.model, images=images)

    def throw_away(self) -> int:
        """Move these to the trash; the number of those that did not lie there yet."""
        with transaction.atomic():
            kept = list(self.filter(trashed_at=None).select_for_update(of=("self",)))
            for image in kept:
                image.trashed_at = timezone.now()
                image.renew_access("trashed_at")
        return len(kept)


def _ways(user: Any, link: str = "", *, looking: bool = False, is_others: bool = False) -> list[models.Q]:
    """How this person may come to see a picture that does not lie in the trash; one of these ways is enough.

    Each is an equality that an index of `Image` begins with, so that it can be walked by itself.
    """
    if looking and user.is_authenticated and user.is_staff:
        return [models.Q()]
    told = [models.Q(visibility=Visibility.PUBLIC)]
    if link:
        told.append(models.Q(visibility=Visibility.LINK, link=link))
    if user.is_authenticated:
        told.append(models.Q(visibility=Visibility.SHARED))
    ways = [way & models.Q(hidden_at=None) for way in told]
    return [*ways, models.Q(user=user)] if user.is_authenticated and not is_others else ways
