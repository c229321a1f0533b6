"""The administration as a site of its own: what holds for each of its lists, also for those that packages bring."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import DatabaseError, transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, path

from gallery.audit.administration import Audited

log = logging.getLogger(__name__)

# How Django and the databases say that there is no such year, number, range or pattern.
NONSENSE = (IncorrectLookupParameters, DatabaseError, ArithmeticError, LookupError, TypeError, ValueError)
UNCLEAR = "There is nothing that could be asked like this. Here is the whole list."


class Lenient(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """A list that may be asked anything, and a form that may be filled in with anything, by their addresses."""

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """What makes no sense is answered with all rows, and a sentence. The rows are counted here, so it is known."""
        try:
            with transaction.atomic():
                return super().get_changelist_instance(request)
        except NONSENSE as error:
            if not request.GET.keys() - {ERROR_FLAG}:
                raise  # nobody asked for anything: the fault is ours
            log.warning("a list was asked what it does not understand: %r", error)
            messages.warning(request, UNCLEAR)
            request.GET = request.GET.__class__()  # without it Django says that the database is broken
            raise IncorrectLookupParameters from error

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Without what the columns cannot hold."""
        asked = super().get_changeform_initial_data(request)
        return {name: value for name, value in asked.items() if self._can_hold(name, value)}

    def _can_hold(self, name: str, value: Any) -> bool:
        try:
            field: Any = self.opts.get_field(name)
            if field.concrete and not field.many_to_many:
                field.clean(value, None)
        except FieldDoesNotExist:
            return True
        except ValidationError:
            return False
        return True


class Administration(admin.AdminSite):
    site_header = site_title = "Vitrine"
    index_title = "Administration"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        desk = admin_class or admin.ModelAdmin
        about = {"__module__": desk.__module__, "__doc__": desk.__doc__}
        lenient = type(desk.__name__, (Audited, Lenient, desk), about)
        super().register(model_or_iterable, lenient, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """With a way to a row's page on the site that knows what is no row."""
        name, view = "view_on_site", self.admin_view(see_on_site, cacheable=True)
        mine = path("r/<path:content_type_id>/<path:object_id>/", view, name=name)
        return [mine, *(one for one in super().get_urls() if getattr(one, "name", "") != name)]


def see_on_site(request: HttpRequest, content_type_id: str, object_id: str) -> HttpResponseBase:
    try:
        return shortcut(request, content_type_id, object_id)
    except (ValidationError, ValueError, OverflowError) as error:
        raise Http404 from error
