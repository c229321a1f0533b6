"""The write side in the admin: what was asked for, the ledger, the pictures, the state of the API."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from generator.admin.kept_replies import KeptReplies
from generator.admin.limits import LimitAdmin, PriceAdmin  # noqa: F401 (they register themselves)
from generator.admin.list_filters import CallModelFilter, ErrorFilter, ModelFilter, PersonFilter, TrashFilter
from generator.admin.lists import Ledger, LookOnly
from generator.audit import record
from generator.models import Call, Event, Generation, Image, Provider
from generator.models.image import prompt_told_to
from generator.models.image_queryset import ImageQuerySet
from generator.models.model_names import model_name
from generator.worker import tasks


class EventInline(LookOnly, admin.TabularInline):  # type: ignore[type-arg]
    """A call's history, as it was written."""

    model = Event
    template = "admin/generator/call/events.html"
    fields = readonly_fields = ("at", "what", "worker", "note")
    ordering = ("pk",)
    extra = 0


@admin.register(Generation)
class GenerationAdmin(Ledger):
    list_display = ("when", "user", "prompt_start", "asked_of", "shape", "count", "visibility", "ledger")
    list_display_links = ("when", "prompt_start")
    list_select_related = ("user",)
    list_filter = (PersonFilter, "created_at", ModelFilter, "visibility")
    search_fields = ("prompt", "user__username")
    search_help_text = "Prompt or username"
    fields = (
        "id", "created_at", "user", "prompt", "asked_of", "ratio", "width", "height", "count", "visibility",
        "parent", "ledger",
    )  # fmt: skip
    readonly_fields = ("id", "asked_of", "ledger")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Those whose prompts this person may read; of those who look at all pictures, everything."""
        generations: Any = super().get_queryset(request)
        is_looking = getattr(request, "is_looking", False)
        return generations if is_looking else generations.filter(prompt_told_to(request.user))

    @admin.display(description="model asked for", ordering="model")
    def asked_of(self, generation: Generation) -> str:
        return model_name(generation.model)

    @admin.display(description="prompt")
    def prompt_start(self, generation: Generation) -> str:
        return str(generation)

    @admin.display(description="ratio or size")
    def shape(self, generation: Generation) -> str:
        return generation.ratio or f"{generation.width}x{generation.height}"

    @admin.display(description="calls")
    def ledger(self, generation: Generation) -> SafeString:
        address = reverse("admin:generator_call_changelist")
        return format_html('<a href="{}?generation__id__exact={}">Calls</a>', address, generation.pk)


@admin.register(Call)
class CallAdmin(KeptReplies, Ledger):
    """The ledger: one line is one paid request."""

    list_display = (
        "when", "person", "status", "models", "usage", "elapsed", "waited_for", "trouble", "receipt",
        "api_user",
    )  # fmt: skip
    list_select_related = ("generation__user",)
    list_filter = (
        PersonFilter,
        "state",
        "created_at",
        ErrorFilter,
        CallModelFilter,
    )
    search_fields = (
        "^reply_id", "generation__prompt", "generation__user__username", "error_kind", "error_reason",
        "error_values__said", "error",
    )  # fmt: skip
    search_help_text = _("Start of a reply id, prompt, username, kind of error, or what the API said")
    fieldsets = (
        ("Asked", {"fields": ("person", "asked", "asked_model", "number", "count", "retry_of")}),
        ("Life", {
            "fields": (
                "state", "created_at", "claimed_at", "sent_at", "received_at", "finished_at", "waited_for",
                "not_before", "tries", "ingests", "worker", "lease_until", "dismissed_at",
            ),
        }),
        ("Error", {"fields": ("error_kind", "error_reason", "error_message", "http_status")}),
        ("Receipt", {
            "fields": (
                "reply_id", "reply_created", "reply_model", "usage", "elapsed_time", "api_user",
                "reply_extra",
            ),
        }),
    )  # fmt: skip
    readonly_fields = ("person", "asked_model", "waited_for", "worker", "error_message", "asked")
    inlines = (EventInline,)

    def lookup_allowed(self, lookup: str, value: str, request: Any = None) -> bool:
        """The list of generations links to the calls of one of them."""
        return lookup == "generation__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Ids sort by time; but the index of each person's calls is in the order of the time itself."""
        return ("-created_at",) if request.GET.get(PersonFilter.parameter_name) else ("-id",)

    @admin.display(ordering="generation__user__username")
    def person(self, call: Call) -> str:
        return str(call.generation.user.get_username())

    @admin.display(description=_("generation"))
    def asked(self, call: Call) -> SafeString:
        """Its page tells the prompt to those who may read it."""
        return format_html('<a href="{}">{}</a>', call.generation.get_absolute_url(), call.generation_id)

    @admin.display(description="model asked", ordering="generation__model")
    def asked_model(self, call: Call) -> str:
        return model_name(call.generation.model)

    @admin.display(description="state", ordering="state")
    def status(self, call: Call) -> SafeString:
        return format_html('<span class="state" data-state="{}">{}</span>', call.state, call.get_state_display())

    @admin.display(description="model", ordering="generation__model")
    def models(self, call: Call) -> str:
        """The one asked for and, if another answered, that one."""
        asked, answered = model_name(call.generation.model), model_name(call.reply_model)
        return f"{asked} → {answered}" if answered and answered != asked else asked

    @admin.display(description="elapsed", ordering="elapsed_time")
    def elapsed(self, call: Call) -> str:
        return "" if call.elapsed_time is None else f"{call.elapsed_time:.1f} s"

    @admin.display(description="error", ordering="error_kind")
    def trouble(self, call: Call) -> str:
        message = call.error_message
        return f"{call.error_kind}: {Truncator(message).chars(60)}" if call.error_kind else message

    @admin.display(description="reply id")
    def receipt(self, call: Call) -> SafeString | str:
        if not call.reply_id:
            return ""
        short = Truncator(call.reply_id).chars(12)
        return format_html('<code title="{}">{}</code>', call.reply_id, short)

    @admin.display(description="waited")
    def waited_for(self, call: Call) -> str:
        return "" if call.waited is None else f"{call.waited:.1f} s"


@admin.register(Image)
class ImageAdmin(Ledger):
    list_display = ("preview", "when", "user", "prompt", "visibility", "size", "format", "trashed_at")
    list_display_links = ("preview", "when")
    list_select_related = ("user", "generation")
    list_filter = (PersonFilter, TrashFilter, "visibility", "created_at", "format")
    search_fields = ("generation__prompt", "user__username", "=sha256")
    search_help_text = "Prompt, username or sha256"
    fields = (
        "preview", "page", "id", "user", "prompt", "created_at", "visibility", "trashed_at", "size", "format",
        "bytes", "sha256", "file", "call", "generation",
    )  # fmt: skip
    readonly_fields = ("preview", "page", "id", "prompt", "size", "file")
    actions = ("throw_away", "take_back")

    def get_queryset(self, request: HttpRequest) -> Any:
        """What a member would see and what staff withhold; of those who look at all pictures, everything."""
        images: Any = super().get_queryset(request)
        if getattr(request, "is_looking", False):
            return images
        # No list of keys to be looked into: all that somebody may see would be collected for it.
        return images.shown_small_to(request.user)

    @admin.display(description="picture")
    def preview(self, image: Image) -> SafeString:
        """What lies in the trash is served to nobody, so only its tiny preview can be shown."""
        source = image.placeholder if image.trashed_at else image.thumbs[0][1]
        return format_html(
            '<img class="preview" src="{}" width="{}" height="72" loading="lazy" alt="{}">',
            source, max(1, round(72 * image.aspect)), image.generation.prompt[:80],
        )  # fmt: skip

    @admin.display
    def page(self, image: Image) -> SafeString | str:
        if image.trashed_at:
            return "In the trash"
        return format_html('<a href="{}">Open its page</a>', image.get_absolute_url())

    @admin.display
    def prompt(self, image: Image) -> str:
        return str(image.generation)

    @admin.display
    def size(self, image: Image) -> str:
        return f"{image.width}x{image.height}"

    @admin.action(description="Move to the trash", permissions=["view"])
    def throw_away(self, request: HttpRequest, images: ImageQuerySet) -> None:
        changed = sum(image.withhold("removed_at") is not None for image in images)
        self.message_user(request, f"Moved to the trash: {changed}.", messages.SUCCESS)

    @admin.action(description=_("Give back what staff moved to the trash"), permissions=["view"])
    def take_back(self, request: HttpRequest, images: QuerySet[Image]) -> None:
        changed = sum(image.release("removed_at") is not None for image in images)
        self.message_user(request, f"Restored: {changed}.", messages.SUCCESS)


@admin.register(Provider)
class ProviderAdmin(Ledger):
    """The one row about the API: whether sending is paused, and a way to resume it."""

    fields = ("pause", "paused_at", "paused_until", "watched_at", "models_at", "models_list")
    change_form_template = "admin/generator/provider/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        resume = path("resume/", self.admin_site.admin_view(self.resume), name="generator_provider_resume")
        return [resume, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return redirect("admin:generator_provider_change", Provider.objects.current().pk)

    def resume(self, request: HttpRequest) -> HttpResponse:
        """Send again, though the API asked to wait or refused the key. POST only."""
        if request.method == "POST":
            with transaction.atomic():
                record("resumed", tasks.resume())
            self.message_user(request, "Calls are sent again.", messages.SUCCESS)
        return redirect("admin:generator_provider_change", Provider.objects.current().pk)
