"""Everything the feedback panel of one picture shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Avg, Count, Max, Q

from gallery.feedback.forms import CommentForm, ProviderFeedbackForm, ReportForm
from gallery.feedback.provider_text import facts
from gallery.models import Comment, Rating, Report
from generator.models import Image

LATEST = 50


@dataclass
class Feedback:
    """The panel's content: stars, comments (oldest first) and the forms.

    `average` is None without ratings; `stars` are the person's own, 0 for none; `is_cut` says that there are
    earlier comments than the ones shown, `is_refused` that the notice is to be seen by everybody.
    """

    average: float | None
    ratings: int
    stars: int
    comments: list[Comment] = field(default_factory=list)
    is_cut: bool = False
    is_reported: bool = False
    facts: str = ""
    notice: str = ""
    is_refused: bool = False
    comment_form: CommentForm = field(default_factory=CommentForm)
    report_form: ReportForm = field(default_factory=ReportForm)
    words_form: ProviderFeedbackForm = field(default_factory=ProviderFeedbackForm)


def feedback_for(image: Image, user: Any, limit: int | None = LATEST) -> Feedback:
    """The panel for a member, in three queries whatever the number of comments.

    `limit` is the number of latest comments, None for all. Reads `image.call` and `image.generation`.
    """
    found = Rating.objects.filter(image=image).aggregate(
        average=Avg("stars"), ratings=Count("pk"), stars=Max("stars", filter=Q(user=user), default=0)
    )
    comments, is_cut = _latest_comments(image, user, limit)
    is_reported = Report.objects.filter(image=image, user=user, resolved_at=None).exists()
    return Feedback(**found, comments=comments, is_cut=is_cut, is_reported=is_reported, facts=facts(image))


def _latest_comments(image: Image, user: Any, limit: int | None) -> tuple[list[Comment], bool]:
    newest = Comment.objects.shown_to(user).filter(image=image).select_related("user").order_by("-pk")
    found = list(newest[: limit + 1] if limit else newest)
    is_cut = bool(limit) and len(found) > (limit or 0)
    return found[:limit][::-1], is_cut
