"""What was thrown away and can still be taken back."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from gallery.browse.listing import cursor, page_of
from generator.models import Image


@require_safe
@login_required
def trash(request: HttpRequest) -> HttpResponse:
    """One's own thrown-away pictures or, for staff, everybody's, each with the days it has left."""
    page = page_of(Image.objects.trashed_for(request.user), cursor(request.GET.get("before", "")))
    rows = [(image, _days_left(image)) for image in page.images]
    return render(request, "browse/trash.html", {"page": page, "rows": rows, "days": settings.TRASH_DAYS})


def _days_left(image: Image) -> int:
    """Full days until the picture is deleted for good; 0 on its last day."""
    if image.trashed_at is None:
        raise ValueError("not in the trash")
    left = image.trashed_at + timedelta(days=settings.TRASH_DAYS) - timezone.now()
    return max(0, left.days)
