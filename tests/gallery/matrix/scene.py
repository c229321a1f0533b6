"""One of everything: a picture in each state, what hangs on it, and a browser for each role."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.utils import timezone

from gallery.handover.offers import Offer, make
from gallery.models import Comment, Decision, Handover, Invitation, Mail, Notice, Rating, Report, User
from generator.models import Generation, Image, Limit, Price, Provider
from tests.conftest import Cast, lay_thumbs
from tests.gallery.matrix.addresses import Address

ROLES = ("nobody", "stranger", "member", "owner", "moderator", "admin")
STATES = ("private", "link", "shared", "public", "hidden", "trashed", "removed", "offered", "absent")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")
ABSENT = UUID("01970000-0000-7000-8000-000000000000")
GUESSED = "A" * 43
# What forms of the site take, all at once: each view picks its own.
FORM = {
    "visibility": "public",
    "stars": "4",
    "favourite": "yes",
    "text": "Well done.",
    "token": "matrix",
    "reason": "other",
    "decision": "fine",
}
FILLERS = {
    "width": "320", "id": "{user}", "content_type_id": "{type}", "object_id": "{object}", "app_label": "auth",
    "url": "nowhere", "key": "no-such-key", "uidb36": "1", "provider_id": "nobody", "username": "olga",
    "token": "no-such-invitation", "form": "csv",
}  # fmt: skip


@dataclass
class Scene:
    cast: Cast
    images: dict[str, Image]
    comments: dict[str, Comment]
    objects: dict[str, Any]
    browsers: dict[str, Client] = field(default_factory=dict)
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)

    def ask(self, role: str, method: str, address: str) -> Any:
        """The answer to a browser that looks as it did at the beginning, whatever it was told since."""
        browser = self.browsers[role]
        browser.cookies = SimpleCookie(self.cookies[role])
        return browser.generic(method, address, **_body(method))

    def address(self, address: Address, role: str, state: str) -> str:
        """The address with real ids in it; `nobody` knows no share link and guesses."""
        image = self.images.get(state)
        values = {
            "link": image.link if image and role != "nobody" else GUESSED,
            "pk": str(self._pk(address, state)),
            "user": str(self.cast.member.pk),
            "type": str(ContentType.objects.get_for_model(Image).pk),
            "object": self._object(address),
        }
        return "/" + re.sub(
            r"\(\?P<(\w+)>.*?\)+|<(?:\w+:)?(\w+)>", lambda match: _fill(match, values), address.route
        ).replace("^", "").replace("$", "")

    def _pk(self, address: Address, state: str) -> Any:
        if address.takes == "comments":
            return self.comments[state].pk if state in self.comments else ABSENT
        if found := self.objects.get(address.name) or self.objects.get(address.takes):
            return found.pk
        return self.images[state].pk if state in self.images else ABSENT

    def _object(self, address: Address) -> str:
        """The key of a row of the model that an address of the admin is about."""
        label = ".".join(address.route.split("/")[1:3])
        return str(self.objects.get(label, self.images["shared"]).pk)


def _fill(match: re.Match[str], values: dict[str, str]) -> str:
    name = match[1] or match[2]
    return values[name] if name in values else FILLERS[name].format(**values)


def _body(method: str) -> dict[str, Any]:
    if method != "POST":
        return {}
    body = "&".join(f"{name}={value}" for name, value in FORM.items())
    return {"data": body, "content_type": "application/x-www-form-urlencoded"}


def build(cast: Cast, make_image: Any, make_generation: Any) -> Scene:
    """The owner has a picture in each state, of which a member has said something before it was hidden."""
    images = {
        state: make_image(cast.owner, prompt=f"secret of {state}", visibility=_visibility(state))
        for state in STATES[:7]
    }
    images["trashed"].trash()
    images["hidden"].withhold("hidden_at")
    images["removed"].withhold("removed_at")
    for image in images.values():
        image.refresh_from_db()
        lay_thumbs(image)
    comments = {
        state: Comment.objects.create(image=image, user=cast.owner, text=f"said of {state}", token=state)
        for state, image in images.items()
    }
    images["offered"], handover = _offered(cast, make_image)
    comments["offered"] = Comment.objects.get(image=images["offered"])
    waiting = make_generation(cast.owner, prompt="secret of waiting")
    scene = Scene(cast, images, comments, _objects(cast, images, waiting, handover))
    scene.browsers = {role: Client(raise_request_exception=False) for role in ROLES}
    for role in ROLES[2:]:
        scene.browsers[role].force_login(getattr(cast, role))
    scene.cookies = {
        role: {name: cookie.value for name, cookie in browser.cookies.items()}
        for role, browser in scene.browsers.items()
    }
    return scene


def _visibility(state: str) -> str:
    """The trash, and staff, hide even what everybody might see."""
    return "public" if state in ("hidden", "trashed", "removed") else state


def _offered(cast: Cast, make_image: Any) -> tuple[Image, Handover]:
    """What everybody saw of somebody who has left, and the member is asked to take over."""
    gone = User.objects.create(username="gone")
    image = make_image(gone, prompt="secret of offered", visibility="public")
    Comment.objects.create(image=image, user=gone, text="said of offered", token="offered")
    handover = make(gone, Offer(cast.member, "keep", "/notices/"))
    assert handover
    User.objects.filter(pk=gone.pk).update(username="former-1", is_active=False, left_at=timezone.now())
    image.refresh_from_db()
    return image, handover


def _objects(cast: Cast, images: dict[str, Image], waiting: Generation, handover: Handover) -> dict[str, Any]:
    """One row of each model that the admin shows, by label."""
    image, user = images["shared"], cast.member
    account = SocialAccount.objects.create(user=user, provider="openid_connect", uid="1")
    app = SocialApp.objects.create(provider="openid_connect", provider_id="one", name="One", client_id="1")
    rows = [
        image, waiting, waiting.calls.get(), Provider.objects.current(), user, account, app,
        Comment.objects.create(image=image, user=user, text="Hello", token="admin"),
        Rating.objects.create(image=image, user=user, stars=3),
        Report.objects.create(image=image, user=user, reason="other"),
        Group.objects.create(name="Friends"),
        Limit.objects.create(what="pictures/day", amount=1000, user=cast.stranger),
        Price.objects.create(valid_from="2026-01-01", per_picture="0.01"),
        EmailAddress.objects.create(user=user, email="max@example.org"),
        Mail.objects.create(kind="password_reset_key", to="max@example.org"),
        Authenticator.objects.create(user=cast.stranger, type="totp", data={"secret": "x"}),
        SocialToken.objects.create(account=account, app=app, token="t"),
        UserSession.objects.create(user=user, ip="127.0.0.1", session_key="k", user_agent="Test"),
    ]  # fmt: skip
    asks = User.objects.create(username="asks", awaits_approval=True, is_active=False)
    week = timezone.now() + timedelta(days=7)
    invitation = Invitation.objects.create(created_by=cast.admin, expires_at=week)
    decision = Decision.objects.create(moderator=cast.moderator, image=image, comment=rows[7], action="ask", note="?")
    notice = Notice.objects.create(user=user, image=image, text="A question.", question=True, decision=decision)
    rows.append(decision)
    found = {row._meta.label_lower: row for row in rows}
    return {label.replace(".", ".", 1): row for label, row in found.items()} | {
        "generations": waiting,
        "calls": waiting.calls.get(),
        "people": user,
        "approve": asks,
        "decline": asks,
        "revoke": invitation,
        "decide_report": found["gallery.report"],
        "decide_comment": found["gallery.comment"],
        "undo_decision": decision,
        "undo_decisions": Decision(pk=decision.batch),
        "handovers": handover,
        "read_notice": notice,
        "answer_notice": notice,
        "sessions": found["usersessions.usersession"],
        "mfa_edit_webauthn": found["mfa.authenticator"],
        "mfa_remove_webauthn": found["mfa.authenticator"],
    }
