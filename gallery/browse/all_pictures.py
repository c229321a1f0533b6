"""Looking at all pictures, in the administration: begun by a press of its own, and written down."""

from __future__ import annotations

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gallery import looking
from gallery.access import lookers_only
from gallery.browse.listing import Listing
from gallery.browse.views import grid
from gallery.browse.wanted import ALL


@lookers_only
@require_http_methods(["GET", "HEAD", "POST"])
def look_at_all(request: HttpRequest) -> HttpResponse:
    """What it means and, once it was begun, everybody's pictures, newest first."""
    if request.method == "POST":
        looking.begin(request)
        return redirect("look_at_all")
    if not looking.is_looking(request):
        minutes = looking.SECONDS // 60
        return render(request, "browse/look.html", admin.site.each_context(request) | {"minutes": minutes})
    listing = Listing.from_address(request.GET, ALL)
    return grid(request, listing, "browse/all.html")


@lookers_only
@require_POST
def stop_looking(request: HttpRequest) -> HttpResponse:
    looking.stop(request)
    messages.success(request, _("You see again what members see."))
    return redirect("admin:index")
