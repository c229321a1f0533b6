"""The page that reads the audit log."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from gallery.access import admins_only
from gallery.audit.search import SearchForm, page_of


@require_safe
@admins_only
def audit(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first."""
    form = SearchForm(request.GET)
    page = page_of(form.cleaned_data) if form.is_valid() else None
    return render(request, "audit/audit.html", {"form": form, "page": page}, status=200 if page else 422)
