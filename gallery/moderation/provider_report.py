"""Feedback for the provider of the image API: everything members said about pictures, as prepared texts.

Nothing is stored when a member prepares a text of their own, so the feedback is what they did store: each picture that
was rated, commented or reported is one text, with the receipt's facts and what was said. No member is named in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from gallery.exports import csv_lines
from gallery.feedback.provider_text import prepared_text
from gallery.filters import DayField, FilterForm, MemberField, on_days
from gallery.models import Comment, Rating, Report
from gallery.paging import Page, newest
from generator.models import Image

PAGE_SIZE = 30
STARS = [("", "Any or none"), ("1-2", "1 or 2 stars"), ("3-3", "3 stars"), ("4-5", "4 or 5 stars")]


class FeedbackFilter(FilterForm):
    narrowing = ("model", "stars", "reason", "member", "since", "until")

    model = forms.CharField(required=False, max_length=100, help_text="all models")
    stars = forms.ChoiceField(required=False, choices=STARS, label="Rated")
    reason = forms.ChoiceField(
        required=False, choices=[("", "Reported or not"), *Report.Reason.choices], label="Reported as"
    )
    member = MemberField(label="Said by", help_text="a username")
    since = DayField(required=False, label="Said since")
    until = DayField(required=False, label="Said until")


@dataclass(frozen=True)
class Feedback:
    """What was said about one picture. `stars` is the mean, None without ratings."""

    picture: str
    created_at: str
    model: str
    reply_id: str
    api_user: int | None
    stars: float | None
    ratings: int
    comments: int
    reports: str
    text: str


def page_of(user: Any, asked: dict[str, Any], before: UUID | None) -> Page[tuple[Image, Feedback]]:
    """Newest pictures first; four queries, whatever the number."""
    page = newest(_images(user, asked), before, PAGE_SIZE)
    return page.of([(image, _feedback(image)) for image in page.rows])


def _images(user: Any, asked: dict[str, Any]) -> QuerySet[Image]:
    """Pictures about which something was said that fits; those that staff withhold too, for they may tell most."""
    images: Any = Image.objects.visible_to(user) | Image.objects.withheld_for(user)
    said = {name: rows.filter(_said_by_and_when(asked, column)) for name, (rows, column) in _kinds().items()}
    if asked.get("model"):
        images = images.filter(generation__model=asked["model"])
    images = images.filter(_any_of([*said.values()]))
    if asked.get("stars"):
        low, high = asked["stars"].split("-")
        images = images.filter(_any_of([said["ratings"].filter(stars__range=(int(low), int(high)))]))
    if asked.get("reason"):
        images = images.filter(_any_of([said["reports"].filter(reason=asked["reason"])]))
    prefetched = [Prefetch(name, rows.order_by("pk")) for name, rows in said.items()]
    return images.select_related("call", "generation", "user").prefetch_related(*prefetched).newest()  # type: ignore[no-any-return]


def _kinds() -> dict[str, tuple[QuerySet[Any], str]]:
    """What can be said, by the name under which a picture has it, and the column that says when."""
    kept = Comment.objects.exclude(state=Comment.State.TRASHED)
    return {
        "ratings": (Rating.objects.all(), "rated_at"),
        "comments": (kept, "created_at"),
        "reports": (Report.objects.all(), "created_at"),
    }


def _any_of(said: Iterable[QuerySet[Any]]) -> Q:
    wanted = Q()
    for rows in said:
        wanted |= Q(Exists(rows.filter(image=OuterRef("pk"))))
    return wanted


def _said_by_and_when(asked: dict[str, Any], column: str) -> Q:
    by = Q() if asked["member"] is None else Q(user=asked["member"])
    return by & on_days(column, asked["since"], asked["until"])


def _feedback(image: Image) -> Feedback:
    """Reads what `_images` has prefetched."""
    found: Any = image
    ratings, comments, reports = list(found.ratings.all()), list(found.comments.all()), list(found.reports.all())
    words = [f"Rated {rating}." for rating in ratings]
    words += [f"Comment: {comment.text}" for comment in comments]
    words += [f"Reported: {report.get_reason_display()}. {report.text}".strip() for report in reports]
    return Feedback(
        picture=str(image.pk),
        created_at=image.created_at.isoformat(timespec="seconds"),
        model=image.call.reply_model or image.generation.model,
        reply_id=image.call.reply_id,
        api_user=image.call.api_user,
        stars=round(sum(rating.stars for rating in ratings) / len(ratings), 2) if ratings else None,
        ratings=len(ratings),
        comments=len(comments),
        reports=", ".join(report.get_reason_display() for report in reports),
        text=prepared_text(image, "\n".join(words)),
    )


def _all(user: Any, asked: dict[str, Any]) -> Iterator[Feedback]:
    """A few hundred at a time, however many there are."""
    return (_feedback(image) for image in _images(user, asked).iterator(chunk_size=200))


def as_csv(user: Any, asked: dict[str, Any]) -> Iterator[str]:
    return csv_lines(Feedback.__dataclass_fields__, (asdict(row).values() for row in _all(user, asked)))


def as_json(user: Any, asked: dict[str, Any]) -> Iterator[str]:
    """One array, row by row."""
    yield "["
    for number, row in enumerate(_all(user, asked)):
        yield (",\n" if number else "\n") + json.dumps(asdict(row), ensure_ascii=False)
    yield "\n]\n"


def as_text(user: Any, asked: dict[str, Any]) -> Iterator[str]:
    """The prepared texts, apart from each other by a line."""
    for row in _all(user, asked):
        yield f"{row.text}\n\n{'-' * 40}\n\n"


FORMATS = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "json": (as_json, "application/json"),
    "txt": (as_text, "text/plain; charset=utf-8"),
}
