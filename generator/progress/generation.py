"""One generation with the ledger of its calls; its owner's and staff's."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from generator.models.image import visible_image
from generator.progress.shown import seen_generations, show
from generator.worker.tasks import is_reply_kept


@require_safe
@login_required
def generation(request: HttpRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(seen_generations(request.user).select_related("user"), pk=pk)
    (shown,) = show(request.user, [found])
    ledger = found.calls.select_related("retry").prefetch_related("events")
    context = {
        "shown": shown,
        "pictures": shown.images,
        "ledger": ledger,
        "remixed": visible_image(request.user, found.parent_id),
        "is_running": shown.is_running,
        "kept": {call.pk for call in ledger if is_reply_kept(call)} - {tile.call.pk for tile in shown.tiles},
        "here": request.get_full_path(),
    }
    return render(request, "generator/progress/generation.html", context)
