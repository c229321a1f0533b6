"""Who may open a page: doors for staff and admins, and from an id in an address to a picture one may see or change."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from generator.models import Image

if TYPE_CHECKING:
    from generator.models.image import ImageQuerySet

View = Callable[..., HttpResponseBase]


def _with_image(allowed: Callable[[Any], ImageQuerySet]) -> Callable[[View], View]:
    """Hand the view the picture instead of its id.

    Whoever is not signed in is sent to do so whether the picture exists or not; everybody else gets a 404.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, pk: UUID, **more: Any) -> HttpResponseBase:
            image = allowed(request.user).select_related("user", "generation", "call").filter(pk=pk).first()
            if image:
                return view(request, image, **more)
            if request.user.is_authenticated:
                raise Http404("no such picture")
            # After signing in an address that takes POSTs only would be a dead end.
            is_page = request.method in ("GET", "HEAD")
            return redirect_to_login(request.get_full_path() if is_page else reverse("image", args=[pk]))

        return wrapped

    return decorate


def _visible_or_trashed(user: Any) -> ImageQuerySet:
    return Image.objects.visible_to(user) | Image.objects.trashed_for(user)


with_visible_image = _with_image(Image.objects.visible_to)
with_editable_image = _with_image(Image.objects.editable_by)
with_trashed_image = _with_image(Image.objects.trashed_for)
with_shown_image = _with_image(_visible_or_trashed)


def staff_only(view: View) -> View:
    """Visitors are sent to sign in; to members there is nothing here."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        user: Any = request.user
        if not user.is_authenticated:
            # After signing in an address that takes POSTs only would be a dead end.
            return redirect_to_login(request.get_full_path() if request.method == "GET" else reverse("people"))
        if not user.is_staff:
            raise Http404("for staff")
        return view(request, *args, **more)

    return wrapped


def admins_only(view: View) -> View:
    """The same, and moderators are told that they may not."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **more: Any) -> HttpResponseBase:
        user: Any = request.user
        if not user.is_superuser:
            raise PermissionDenied("for admins")
        return view(request, *args, **more)

    return staff_only(wrapped)
