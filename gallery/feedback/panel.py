"""Everything the feedback panel of one picture shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Avg, Exists, QuerySet, Subquery
from django.utils.safestring import SafeString
from django.utils.translation import ngettext

from gallery.feedback.forms import CommentForm, ProviderFeedbackForm, ReportForm, fields, new_token
from gallery.feedback.markup import formatted
from gallery.feedback.provider_text import facts
from gallery.models import Comment, Favourite, Rating, Report, User
from gallery.models.user import shown_name
from generator.models import Image
from generator.models.addresses import address
from generator.models.compiled import SOMETHING, Compiled, CountOf

LATEST = 50
_COLUMNS = (
    "pk", "text", "state", "created_at", "edited_at", "user_id", "user__username", "user__first_name",
    "user__last_name", "user__left_at",
)  # fmt: skip


class Said(NamedTuple):
    """A comment, and who wrote it: a row of _COLUMNS."""

    pk: UUID
    text: str
    state: str
    created_at: datetime
    edited_at: datetime | None
    user_id: int
    username: str
    first_name: str
    last_name: str
    left_at: datetime | None

    @property
    def writer(self) -> str:
        return shown_name(self.username, self.first_name, self.last_name, self.left_at)

    @property
    def formatted(self) -> SafeString:
        return formatted(self.text)

    @property
    def writer_address(self) -> str:
        """The page of their pictures; for who has not left."""
        return address("member", self.username)


@dataclass
class Feedback:
    """The panel's content: stars, comments (oldest first) and the forms, None for those that nobody has sent.

    `average` is None without ratings; `stars` are the person's own, 0 for none; the picture is a favourite of so many
    people and, if it `is_favourite`, of this one; `is_cut` says that there are earlier comments than the ones shown,
    `is_refused` that the notice is to be seen by everybody.
    """

    average: float | None
    ratings: int
    stars: int
    comments: list[Said] = field(default_factory=list)
    is_cut: bool = False
    is_reported: bool = False
    favourites: int = 0
    is_favourite: bool = False
    facts: str = ""
    notice: str = ""
    is_refused: bool = False
    comment_form: CommentForm | None = None
    report_form: ReportForm | None = None

    @property
    def counted(self) -> str:
        return ngettext("%(count)d rating", "%(count)d ratings", self.ratings) % {"count": self.ratings}

    @property
    def offered_stars(self) -> list[tuple[int, str]]:
        return [
            (stars, ngettext("%(stars)d star", "%(stars)d stars", stars) % {"stars": stars}) for stars in range(1, 6)
        ]

    @property
    def comment_token(self) -> str:
        """One that was sent is kept: the comment may be there already."""
        sent = self.comment_form["token"].value() if self.comment_form else ""
        return str(sent or new_token())

    @property
    def comment_fields(self) -> SafeString:
        return fields(CommentForm, self.comment_form)

    @property
    def is_report_wrong(self) -> bool:
        return bool(self.report_form and self.report_form.errors)

    @property
    def report_fields(self) -> SafeString:
        return fields(ReportForm, self.report_form)

    @property
    def words_fields(self) -> SafeString:
        return fields(ProviderFeedbackForm)


def feedback_for(image: Image, user: Any, limit: int | None = LATEST) -> Feedback:
    """The panel for a member, in two queries whatever the number of comments.

    `limit` is the number of latest comments, None for all. Reads `image.call` and `image.generation`.
    """
    average, ratings, stars, *more = _STANDING.row(user.pk, image.pk) or (None, 0, None, False, 0, False)
    is_reported, favourites, is_favourite = more
    comments, is_cut = _latest_comments(image, user, limit)
    told = (bool(is_reported), favourites, bool(is_favourite), facts(image))
    return Feedback(average, ratings, stars or 0, comments, is_cut, *told)


def _latest_comments(image: Image, user: Any, limit: int | None) -> tuple[list[Said], bool]:
    found = [Said._make(row) for row in _comments(limit).rows(user.pk, image.pk)]
    is_cut = bool(limit) and len(found) > (limit or 0)
    return found[:limit][::-1], is_cut


def _standing(person: int) -> QuerySet[User, Any]:
    """Of a picture: the average and the number of its stars, this person's, and whether they have reported it; of how
    many people it is a favourite, and whether of this one.
    """
    ratings = Rating.objects.filter(image=SOMETHING).order_by()
    average = ratings.values("image").values_list(Avg("stars"))
    own = ratings.filter(user=person).values("stars")
    reports = Report.objects.filter(image=SOMETHING, user=person, resolved_at=None)
    favourites = Favourite.objects.filter(image=SOMETHING).order_by()
    return User.objects.filter(pk=person).values_list(
        Subquery(average), CountOf(ratings.values("pk")), Subquery(own), Exists(reports),
        CountOf(favourites.values("pk")), Exists(favourites.filter(user=person)),
    )  # fmt: skip


@cache
def _comments(limit: int | None) -> Compiled:
    """The newest first, and one more than so many."""

    def newest(person: int) -> QuerySet[Comment, Any]:
        shown = Comment.objects.all().shown_to(User(pk=person)).filter(image=SOMETHING).order_by("-pk")
        return (shown[: limit + 1] if limit else shown).values_list(*_COLUMNS)

    return Compiled(newest)


_STANDING = Compiled(_standing)
