"""Members and what they say, in the admin; staff sign in as everybody does."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from allauth.mfa import admin as _factor_admin  # noqa: F401 (it registers what is registered anew below)
from allauth.mfa.models import Authenticator
from auditlog import admin as _audit_admin  # noqa: F401 (they register what is unregistered below)
from auditlog.models import LogEntry
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django_q import admin as _queue_admin  # noqa: F401
from django_q.models import Failure, OrmQ, Schedule, Success

from gallery.admin.member_form import MemberAdminForm, MemberPasswordForm
from gallery.looking import is_looking
from gallery.models import Comment, Decision, Mail, Rating, Report, User
from gallery.models.mail_words import words_of
from gallery.moderation.decide import DecidedError, decide
from gallery.people.roles import LAST_ADMIN, end_invitations, keeping_an_admin, would_remove_the_last_admin
from generator.admin.list_filters import PersonFilter
from generator.admin.lists import Ledger
from generator.models import Image

# One way in: its rate limits and second factors hold here too.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


@admin.register(User)
class MemberAdmin(UserAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Django's own, except that the last admin can neither be demoted nor deactivated nor deleted."""

    form = MemberAdminForm
    change_password_form = MemberPasswordForm
    list_display = ("username", "full_name", "email", "role_said", "is_active", "date_joined", "last_login")
    list_filter = ("is_superuser", "is_staff", "is_active", "awaits_approval", "groups", "date_joined")
    filter_horizontal = ("groups",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A role says what somebody may do here; permissions one by one would be a second answer to that."""
        return [
            (name, options | {"fields": [field for field in options["fields"] if field != "user_permissions"]})
            for name, options in super().get_fieldsets(request, obj)
        ]

    @admin.display(description="name", ordering="last_name")
    def full_name(self, member: User) -> str:
        return member.get_full_name()

    @admin.display(description="role", ordering="is_staff")
    def role_said(self, member: User) -> str:
        return member.role.label

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with keeping_an_admin():
            super().save_model(request, obj, form, change)
            end_invitations(obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What cannot be deleted is named with the other reasons, here and for many at once."""
        listed, counts, missing, protected = super().get_deleted_objects(objs, request)
        if would_remove_the_last_admin([member.pk for member in objs]):
            protected = [*protected, LAST_ADMIN]
        if LogEntry.objects.filter(actor__in=objs).exists():
            protected = [*protected, "The audit log names who did something here. Deactivate them instead."]
        return listed, counts, missing, protected


admin.site.unregister(Group)


@admin.register(Group)
class GroupOfMembersAdmin(GroupAdmin):
    """People with limits in common. A group gives no permission: moderators may put guests into any."""

    fields = ("name",)
    filter_horizontal = ()


# The queue's rows are mere wake-ups, and a schedule runs whatever function somebody types into it. The audit log has
# a page of its own, with sentences.
for model in (Failure, OrmQ, Schedule, Success, LogEntry):
    admin.site.unregister(model)


admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class SecondFactorAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Who has which; secrets are shown to nobody, and all that staff can do is remove one that its owner has lost."""

    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type", "created_at", "last_used_at")
    fields = ("user", "type", "created_at", "last_used_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Spoken(Ledger):
    """Something a member said about a picture."""

    list_select_related: ClassVar[tuple[str, ...]] = ("user", "image__generation")
    readonly_fields: ClassVar[tuple[str, ...]] = ("picture",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """About pictures that others see, too; of those who look at all pictures, everything."""
        said = super().get_queryset(request)
        shown: Any = Image.objects.visible_to(request.user) | Image.objects.withheld_for(request.user)
        return said if is_looking(request) else said.filter(image__in=shown.values("pk"))

    @admin.display(description="picture")
    def picture(self, said: Any) -> SafeString:
        image = said.image
        if image.trashed_at:
            return format_html("{} <em>(in the trash)</em>", image.generation)
        return format_html('<a href="{}">{}</a>', image.get_absolute_url(), image.generation)


@admin.register(Rating)
class RatingAdmin(Spoken):
    list_display = ("rated_at", "user", "stars", "picture")
    list_filter = (PersonFilter, "stars", "rated_at")
    fields = ("user", "stars", "rated_at", "picture")
    search_fields = ("user__username", "image__generation__prompt")


@admin.register(Comment)
class CommentAdmin(Spoken):
    list_display = ("when", "user", "text_start", "picture", "state", "seen_at")
    list_filter = (PersonFilter, "state", "created_at")
    fields = ("user", "created_at", "text", "picture", "state", "seen_at")
    readonly_fields = ("picture", "seen_at")
    search_fields = ("text", "user__username", "image__generation__prompt")
    actions = ("remove",)

    @admin.display(description="comment")
    def text_start(self, comment: Comment) -> str:
        return str(comment)

    @admin.action(description="Delete these comments", permissions=["view"])
    def remove(self, request: HttpRequest, comments: QuerySet[Comment]) -> None:
        deleted = comments.delete()[1].get(Comment._meta.label, 0)
        self.message_user(request, f"Deleted: {deleted}.", messages.SUCCESS)


class OpenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("resolved", "Resolved")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Report]) -> QuerySet[Report]:
        return queryset.filter(resolved_at__isnull=self.value() == "open") if self.value() else queryset


@admin.register(Report)
class ReportAdmin(Spoken):
    list_display = ("when", "reason", "text", "picture", "user", "owner", "resolved_at")
    list_filter = (OpenFilter, "reason", PersonFilter, "created_at")
    list_select_related = ("user", "image__generation", "image__user")
    fields = ("reason", "text", "picture", "user", "owner", "created_at", "resolved_at")
    readonly_fields = ("picture", "owner")
    search_fields = ("text", "user__username", "image__user__username", "image__generation__prompt")
    actions = ("resolve", "trash_and_resolve")

    @admin.display(description="picture by", ordering="image__user__username")
    def owner(self, report: Report) -> str:
        return report.image.user.username

    @admin.action(description="Resolve: no problem", permissions=["view"])
    def resolve(self, request: HttpRequest, reports: QuerySet[Report]) -> None:
        changed = self._decide(request, reports, Decision.Action.FINE)
        self.message_user(request, f"Resolved: {changed}.", messages.SUCCESS)

    @admin.action(description="Move the pictures to the trash and resolve", permissions=["view"])
    def trash_and_resolve(self, request: HttpRequest, reports: QuerySet[Report]) -> None:
        changed = self._decide(request, reports, Decision.Action.TRASH)
        self.message_user(request, f"Moved to the trash and resolved: {changed}.", messages.SUCCESS)

    def _decide(self, request: HttpRequest, reports: QuerySet[Report], action: str) -> int:
        """As in the inbox: people are told, and it can be undone there. The number of reports that were open."""
        changed = 0
        moderator: Any = request.user
        for report in reports.filter(resolved_at=None).select_related("user", "image__user"):
            with suppress(DecidedError):
                decide(moderator, report, action)
                changed += 1
        return changed


@admin.register(Decision)
class DecisionAdmin(Spoken):
    """What staff decided in the inbox, where it can be undone too."""

    list_display = ("when", "moderator", "action", "about", "picture", "undone_at", "undone_by")
    list_filter = ("action", ("undone_at", admin.EmptyFieldListFilter), "created_at")
    list_select_related = ("moderator", "undone_by", "image__generation")
    fields = ("moderator", "action", "about", "note", "answer", "created_at", "undone_at", "undone_by", "picture")
    readonly_fields = ("picture", "about")
    search_fields = ("moderator__username",)

    @admin.display
    def about(self, decision: Decision) -> str:
        return "report" if decision.report_id else "comment"


@admin.register(Mail)
class MailAdmin(Ledger):
    """What was sent to whom. Addresses are for administrators, and what a mail said is for its reader alone."""

    list_display = ("when", "about", "to", "state", "tries", "sent_at", "error")
    list_filter = ("state", "error", "created_at")
    search_fields = ("to",)
    search_help_text = _("Address")
    fields = ("created_at", "about", "to", "state", "tries", "due_at", "sent_at", "error", "said")
    readonly_fields = ("about",)

    @admin.display(description=_("about"), ordering="kind")
    def about(self, mail: Mail) -> str:
        return words_of(mail.kind)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)
