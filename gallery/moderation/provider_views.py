"""What members said about pictures, for the provider of the image API: a page and its exports."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gallery.access import staff_only
from gallery.moderation.provider_report import FORMATS, FeedbackFilter, page_of
from gallery.paging import cursor
from generator.create.choices import offered_models


@require_safe
@staff_only
def provider_inbox(request: HttpRequest) -> HttpResponse:
    form = FeedbackFilter(request.GET)
    before = cursor(request.GET.get("before", ""))
    page = page_of(request.user, form.cleaned_data, before) if form.is_valid() else None
    context = {
        "form": form,
        "page": page,
        "shown": {image.pk for image, _feedback in page.rows} if page else set(),
        "models": offered_models(),
        "formats": [("csv", "CSV"), ("json", "JSON"), ("txt", "Text")],
    }
    return render(request, "moderation/provider.html", context, status=200 if page else 422)


@require_safe
@staff_only
def provider_export(request: HttpRequest, form: str) -> HttpResponseBase:
    """Exactly what the page shows, all of it, streamed."""
    asked = FeedbackFilter(request.GET)
    if form not in FORMATS:
        raise Http404("no such format")
    if not asked.is_valid():
        return HttpResponse("These filters make no sense.\n", "text/plain; charset=utf-8", status=422)
    write, content_type = FORMATS[form]
    response = StreamingHttpResponse(write(request.user, asked.cleaned_data), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="provider-feedback.{form}"'
    return response
