"""Every POST that staff can send about somebody else's things, with what must be so that it does something."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.test import RequestFactory

from gallery.models import User
from generator.models import Call, Provider
from generator.models.failure_words import KEPT
from generator.replies.spool import Spool
from tests.conftest import SILENT
from tests.gallery.matrix.addresses import Address, addresses
from tests.gallery.matrix.expected import rule_for, states_for
from tests.gallery.matrix.scene import Scene

ADDRESSES = {address.name: address for address in addresses()}
CLOSED = {"301", "403", "404", "405"}


@dataclass
class Post:
    """`name` is the address's, and with an action of a list in the administration that action's after a space."""

    name: str

    @property
    def address(self) -> Address:
        return ADDRESSES[self.name.partition(" ")[0]]

    @property
    def action(self) -> str:
        return self.name.partition(" ")[2]

    @property
    def model(self) -> str:
        """Of an address of the administration: `gallery.user`."""
        return ".".join(self.address.route.split("/")[1:3])


def posts_of(scene: Scene, role: str) -> Iterator[Post]:
    """All that do not meet a closed door, as the matrix has it, and the actions of each list."""
    for address in addresses():
        rule = rule_for(address)
        assert rule, address
        if {rule.outcome(role, state, "POST") for state in states_for(address)} - CLOSED:
            yield Post(address.name)
    request = RequestFactory().get("/")
    request.user = getattr(scene.cast, role)
    for model, desk in admin.site._registry.items():
        assert not getattr(desk, "list_editable", ()), "a list that is a form needs a step of its own"
        for action in desk.get_actions(request) if desk.has_view_permission(request) else ():
            yield Post(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist {action}")


# Pages that answer a POST as they answer a GET, or lead elsewhere. The walk sees to it that they write nothing.
PAGE = re.compile(r"admin:\w+_(changelist|history)|admin/\w+/\w+/<path:object_id>/|admin:(index|app_list|view_on_site)")

_OWN_ACCOUNT = (
    "account_change_password", "account_confirm_login_code", "account_email", "account_login",
    "account_logout", "account_reauthenticate", "account_reset_password", "account_reset_password_from_key",
    "account_set_password", "account_signup", "mfa_activate_totp", "mfa_add_webauthn", "mfa_authenticate",
    "mfa_edit_webauthn", "mfa_generate_recovery_codes", "mfa_login_webauthn", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "socialaccount_connections", "socialaccount_signup",
    "usersessions_list", "leave", "preferences", "profile", "admin:login", "admin:logout",
    "admin:password_change",
)  # fmt: skip
EXEMPT = {
    "save_search": "searches of one's own",
    "appearance": "how one looks at pictures",
    "generator:create": "pictures of one's own",
    "favourite": "favourites of one's own",
    "rate": "what one says oneself",
    "comment": "what one says oneself",
    "report": "what one says oneself",
    "read_notices": "one's own notices",
    # Sign-ins, second factors and leaving have lines of their own.
    **dict.fromkeys(_OWN_ACCOUNT, "one's own account, and the way in and out of it"),
}


class Walk:
    """Staff of this role at work in the scene."""

    def __init__(self, scene: Scene, role: str) -> None:
        self.scene, self.role = scene, role
        # Of whom no line says that they did something: whoever has cannot be deleted.
        scene.objects["gallery.user"] = User.objects.create(username="newcomer")

    @property
    def call(self) -> Call:
        found: Call = self.scene.objects["calls"]
        return found

    def take(self, post: Post) -> Any:
        """Do it; the answer."""
        if post.name in STEPS:
            prepare, data = STEPS[post.name]
            prepare(self)
            return self.send(post, data(self))
        if post.action == "delete_selected":
            return self.send(post, {"post": "yes"})
        return self._fill_in(post, post.name.rpartition("_")[2])

    def send(self, post: Post, data: dict[str, Any]) -> Any:
        if post.action:
            chosen = str(self.scene.objects[post.model].pk)
            data = {"action": post.action, "_selected_action": [chosen], "index": "0"} | data
        return self._browser.post(self._place(post), data)

    def _fill_in(self, post: Post, kind: str) -> Any:
        """A form of the administration as it is shown, with something else in it."""
        if kind == "delete":
            return self.send(post, {"post": "yes"})
        page = self._browser.get(self._place(post))
        told = (ADDED if kind == "add" else CHANGED)[post.model]
        answer = self.send(post, shown(page.context["adminform"].form) | told(self))
        assert answer.status_code == 302, f"{post.name}: {answer.context['adminform'].form.errors.as_json()}"
        return answer

    @property
    def _browser(self) -> Any:
        browser = self.scene.browsers[self.role]
        browser.cookies = SimpleCookie(self.scene.cookies[self.role])
        return browser

    def _place(self, post: Post) -> str:
        return self.scene.address(post.address, self.role, "shared")


def shown(form: forms.BaseForm) -> dict[str, Any]:
    """What a browser would send of a form that nobody touched."""
    found: dict[str, Any] = {}
    for bound in form:
        value, widget = bound.value(), bound.field.widget
        if isinstance(widget, forms.MultiWidget):
            parts = [part.format_value(one) for part, one in zip(widget.widgets, widget.decompress(value), strict=True)]
            found |= {f"{bound.html_name}_{number}": part for number, part in enumerate(parts) if part}
        elif value is not None and value is not False:
            found[bound.html_name] = value
    return found


Values = Callable[[Walk], dict[str, Any]]


def _with(**data: Any) -> Values:
    return lambda _: data


def _nothing(_: Walk) -> None:
    pass


def _lost(walk: Walk) -> None:
    assert walk.call.claim(30)
    assert walk.call.mark_sent()
    assert walk.call.lose(SILENT)


def _kept(walk: Walk) -> None:
    """Its reply brought its workers down, and lies in the spool."""
    Call.objects.filter(pk=walk.call.pk).update(state=Call.State.FAILED, error_kind=KEPT)
    spool = Spool(Path(settings.SPOOL_ROOT))
    if not spool.has(str(walk.call.pk)):
        with spool.writer(str(walk.call.pk)) as sink:
            sink.write(b"{}")


def _in_the_trash(walk: Walk) -> None:
    walk.scene.objects["generator.image"].withhold("removed_at")


def _hidden(walk: Walk) -> None:
    walk.scene.objects["generator.image"].withhold("hidden_at")


def _looking(walk: Walk) -> None:
    walk._browser.post("/admin/look/")


def _deactivated(walk: Walk) -> None:
    User.objects.filter(pk=walk.scene.cast.member.pk).update(is_active=False)


def _paused(_: Walk) -> None:
    Provider.objects.current().refuse_key("old")


def _seen(walk: Walk) -> dict[str, Any]:
    return {"comment": [str(walk.scene.objects["gallery.comment"].pk)]}


_PASSWORD = "another-horse"
# What must be so before, and what is sent.
STEPS: dict[str, tuple[Callable[[Walk], None], Values]] = {
    "withhold": (_nothing, _with(decision="hide", reason="other")),
    "give_back": (_hidden, _with()),
    "look_at_all": (_nothing, _with()),
    "stop_looking": (_looking, _with()),
    "delete_comment": (_nothing, _with()),
    "generator:cancel": (_nothing, _with()),
    "generator:retry": (_lost, _with()),
    "generator:dismiss": (_lost, _with()),
    "generator:not_charged": (_lost, _with()),
    "generator:store_again": (_kept, _with()),
    "joining": (_nothing, _with(rule="approval")),
    "invite": (_nothing, _with(role="member", uses_allowed="1", lifetime="24")),
    "revoke": (_nothing, _with()),
    "person_change": (_nothing, _with(role="moderator")),
    "person_activate": (_deactivated, _with()),
    "person_deactivate": (_nothing, _with()),
    "approve": (_nothing, _with()),
    "decline": (_nothing, _with()),
    "decide_report": (_nothing, _with(decision="hide")),
    "decide_comment": (_nothing, _with(decision="trash")),
    "comments_fine": (_nothing, _seen),
    "undo_decision": (_nothing, _with()),
    "undo_decisions": (_nothing, _with()),
    "admin:generator_provider_resume": (_paused, _with()),
    "admin:generator_call_store_again": (_kept, _with()),
    "admin:generator_call_changelist store_again": (_kept, _with()),
    "admin:generator_image_changelist throw_away": (_nothing, _with()),
    "admin:generator_image_changelist take_back": (_in_the_trash, _with()),
    "admin:gallery_comment_changelist remove": (_nothing, _with()),
    "admin:gallery_report_changelist resolve": (_nothing, _with()),
    "admin:gallery_report_changelist trash_and_resolve": (_nothing, _with()),
    "admin:account_emailaddress_changelist make_verified": (_nothing, _with()),
    "admin:mfa_authenticator_delete": (_nothing, _with(post="yes")),
    "admin:mfa_authenticator_changelist delete_selected": (_nothing, _with(post="yes")),
    "admin:auth_user_password_change": (
        _nothing, _with(password1=_PASSWORD, password2=_PASSWORD, usable_password="true"),
    ),
}  # fmt: skip


def _for_the_newcomer(**data: Any) -> Values:
    return lambda walk: {"user": walk.scene.objects["gallery.user"].pk} | data


# Columns that must not be empty, as those of the scene are.
_JSON = '{"a": 1}'
# Forms of the administration: what is written into an empty one, and what into one that is there.
ADDED: dict[str, Values] = {
    "account.emailaddress": _for_the_newcomer(email="new@example.org"),
    "auth.group": _with(name="Class 3b"),
    "gallery.user": _with(username="newest", password1=_PASSWORD, password2=_PASSWORD, usable_password="true"),
    "generator.limit": _with(what="in flight", amount="3"),
    "generator.price": _with(valid_from="2026-02-01", per_call="1", per_picture="0", per_unit="0"),
    "socialaccount.socialaccount": _for_the_newcomer(provider="openid_connect", uid="2", extra_data=_JSON),
    "socialaccount.socialapp": _with(
        provider="openid_connect", provider_id="two", name="Two", client_id="2", settings="{}"
    ),
    "socialaccount.socialtoken": lambda walk: {
        "account": walk.scene.objects["socialaccount.socialaccount"].pk, "token": "another",
    },
    "usersessions.usersession": _for_the_newcomer(ip="127.0.0.1", session_key="k2", user_agent="Test", data=_JSON),
}  # fmt: skip
CHANGED: dict[str, Values] = {
    "account.emailaddress": _with(verified="on"),
    "auth.group": _with(name="Class 3b"),
    "gallery.user": _with(email="new@example.org"),
    "generator.limit": _with(amount="3"),
    "generator.price": _with(per_call="1"),
    "socialaccount.socialaccount": _with(uid="2", extra_data=_JSON),
    "socialaccount.socialapp": _with(name="Two"),
    "socialaccount.socialtoken": _with(token="another"),
    "usersessions.usersession": _with(user_agent="Other", data=_JSON),
}
_KINDS = {"add": ADDED, "change": CHANGED, "delete": CHANGED, "changelist delete_selected": CHANGED}
FORMS = {f"admin:{model.replace('.', '_')}_{kind}" for kind, told in _KINDS.items() for model in told}
