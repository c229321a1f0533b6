"""The administration as a site of its own: what holds for each of its lists, also for those that packages bring."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.contrib.contenttypes.views import shortcut
from django.core.exceptions import BadRequest, FieldDoesNotExist, ValidationError
from django.db import DataError, NotSupportedError
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, URLResolver, path

from gallery.audit.administration import Audited

# How Django and the databases say that there is no such year or number, no such search in such a column, or only one
# end of a range.
BEYOND = (DataError, NotSupportedError, ArithmeticError, IndexError, ValueError)


class CheckedList(ChangeList):
    """A list that is asked by its address for what no database holds is a bad request.

    Django sees wrong names and wrong kinds of values when it builds the query. What is of the right kind and still
    out of range turns up when the rows are counted, and only there is it looked for: elsewhere it is a fault of ours.
    """

    def get_results(self, request: HttpRequest) -> None:
        try:
            super().get_results(request)
        except BEYOND as error:
            if not self.get_filters_params():
                raise
            raise BadRequest("A list was asked for what no database holds.") from error


class CheckedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """What people may type after the address of a list or of a form."""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        own = super().get_changelist(request, **kwargs)
        return type(own.__name__, (CheckedList, own), {})

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Django leads a bad question back to the whole list; one that is asked there again it takes for a fault."""
        try:
            return super().get_changelist_instance(request)
        except IncorrectLookupParameters as error:
            if ERROR_FLAG not in request.GET:
                raise
            raise BadRequest("A list was asked for what it does not have.") from error

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """No patterns: one that is broken is an error of the database, and one that is cunning keeps it busy."""
        return not lookup.endswith("regex") and super().lookup_allowed(lookup, value, request)

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
        own = admin_class or admin.ModelAdmin
        about = {"__module__": own.__module__, "__doc__": own.__doc__}
        super().register(model_or_iterable, type(own.__name__, (Audited, CheckedAdmin, own), about), **options)

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
