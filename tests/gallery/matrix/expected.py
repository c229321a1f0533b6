"""What each address answers to whom.

Who is not let in meets what `gallery/access.py` says: visitors the entrance, members a 404 where they may not know of
it (a picture they do not see, whatever is for staff), else a 403 (a picture they see and may not change; to moderators
what admins do).

An outcome is a status or, for redirects, where to: `login` and `desk` are the entrances of the site and of the
admin, `back` is any other page of ours. A rule names the outcomes for those it lets in, in the order of `METHODS`,
where PATCH meets what DELETE meets; everybody else meets the closed door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tests.gallery.matrix.addresses import Address
from tests.gallery.matrix.scene import METHODS, ROLES, STATES

VISITORS = {"nobody", "stranger"}
MEMBERS = {"member", "owner", "moderator", "admin"}
STAFF = {"moderator", "admin"}
OWNER = {"owner"}
KEEPERS = {*OWNER, *STAFF}
ADMIN = {"admin"}
ALL = {*VISITORS, *MEMBERS}

# Who may do something to a picture, by its state. One of somebody who has left, which the member is asked to take over,
# is `offered`: nobody may do anything to it.
States = Mapping[str, set[str]]
TALK: States = {"private": OWNER, "link": OWNER, "shared": MEMBERS, "public": MEMBERS, "hidden": OWNER}
SEE: States = {**TALK, "public": ALL, "hidden": KEEPERS}
KEEP: States = dict.fromkeys(SEE, OWNER)
TAKE_BACK: States = {"trashed": OWNER}
SEE_SMALL: States = {**SEE, "trashed": OWNER, "removed": KEEPERS}
MODERATE: States = {"shared": STAFF, "public": STAFF, "hidden": STAFF, "removed": STAFF}
ASK: States = {"hidden": OWNER, "removed": OWNER}
BY_LINK: States = {
    "private": OWNER, "link": ALL - {"nobody"}, "shared": MEMBERS, "public": ALL - {"nobody"}, "hidden": OWNER,
}  # fmt: skip
# Who may delete a comment of the owner's.
UNSAY: States = {"private": OWNER, "link": OWNER, "shared": KEEPERS, "public": KEEPERS, "hidden": OWNER}

# What those meet who are not let in.
Door = Mapping[str, str]
SITE: Door = {role: "login" if role in VISITORS else "404" for role in ROLES}
HIDDEN: Door = dict.fromkeys(ROLES, "404")
DESK: Door = dict.fromkeys(ROLES, "desk") | {"moderator": "403"}
NO_MODERATOR: Door = SITE | {"moderator": "403"}
HOME: Door = dict.fromkeys(ROLES, "back")


@dataclass(frozen=True)
class Rule:
    """`is_door_first`: who is not let in learns nothing about which methods there are. `known`: members who know of the
    row without being let in.
    """

    outcomes: str
    who: set[str] | States
    door: Door | None = None
    is_door_first: bool = True
    known: States | None = None

    def outcome(self, role: str, state: str, method: str) -> str:
        inside = _one_of(self.outcomes, method)
        who = self.who.get(state, set()) if isinstance(self.who, Mapping) else self.who
        if role in who or (inside == "405" and not self.is_door_first):
            return inside
        if self.known and role in self.known.get(state, set()):
            return "403"
        return _one_of((self.door or SITE)[role], method)


def _one_of(outcomes: str, method: str) -> str:
    """A single outcome holds for all methods."""
    words = outcomes.split()
    return words[METHODS.index("DELETE" if method == "PATCH" else method)] if len(words) > 1 else words[0]


def ours(outcomes: str, who: set[str] | States, door: Door = SITE, known: States | None = None) -> Rule:
    return Rule(outcomes, who, door, is_door_first=False, known=known)


LOOK = "200 200 405 405 405 405"
ACT = "405 405 back 405 405 405"
LOOK_OR_ACT = "200 405 back 405 405 405"
SITE_RULES = {
    "explore": ours(LOOK, MEMBERS),
    "search": ours(LOOK, ALL),
    "save_search": ours(ACT, MEMBERS),
    "rename_search": ours("405 405 404 405 405 405", MEMBERS),
    "forget_search": ours("405 405 404 405 405 405", MEMBERS),  # of somebody who has saved none
    "suggest": ours(LOOK, MEMBERS),
    "downloads": ours(LOOK, MEMBERS),
    "listing_zip": ours(LOOK, MEMBERS),
    "news": ours("204 204 405 405 405 405", MEMBERS),
    "appearance": ours(ACT, MEMBERS),
    "mine": ours(LOOK, MEMBERS),
    "favourites": ours(LOOK, MEMBERS),
    "trash": ours(LOOK, MEMBERS),
    "member": ours(LOOK, ALL),  # of somebody who shows everybody a picture
    "account": ours(LOOK, MEMBERS),
    "profile": ours(ACT, MEMBERS),
    "preferences": ours(ACT, MEMBERS),
    "download_mine": ours(LOOK, MEMBERS),
    "leave": ours("200 405 422 405 405 405", MEMBERS),
    "left": ours(LOOK, ALL),
    "image": ours(LOOK, SEE),
    "alike": ours(LOOK, SEE),
    "family": ours(LOOK, SEE),
    "duplicates": ours(LOOK, MEMBERS),
    "original": ours(LOOK, SEE),
    "download": ours(LOOK, SEE),
    "thumb": ours(LOOK, SEE_SMALL),
    "visibility": ours(ACT, KEEP, known=TALK),
    "throw_away": ours(ACT, KEEP, known=TALK),
    "restore": ours(ACT, TAKE_BACK, known={"removed": OWNER}),
    "withhold": ours(ACT, MODERATE),
    "give_back": ours(ACT, MODERATE),
    "appeal": ours(ACT, ASK),
    "favourite": ours(ACT, TALK),
    "rate": ours(ACT, TALK),
    "comment": ours(LOOK_OR_ACT, TALK),
    "report": ours(LOOK_OR_ACT, TALK),
    "provider_feedback": ours("200 405 405 405 405 405", TALK),
    "edit_comment": ours(LOOK_OR_ACT, KEEP | {"trashed": set(), "removed": set()}, known=TALK),
    "delete_comment": ours(ACT, UNSAY, known=TALK),
    "share": ours(LOOK, BY_LINK, HIDDEN),
    "share_original": ours(LOOK, BY_LINK, HIDDEN),
    "share_thumb": ours(LOOK, BY_LINK, HIDDEN),
    "generator:create": ours("200 200 422 405 405 405", MEMBERS),
    "generator:live": ours(LOOK, MEMBERS),
    "generator:generation": ours(LOOK, KEEPERS),
    "generator:cancel": ours(ACT, KEEPERS),
    "generator:retry": ours(ACT, KEEPERS),
    "generator:dismiss": ours(ACT, KEEPERS),
    "generator:store_again": ours(ACT, KEEPERS),
    "generator:not_charged": ours(ACT, STAFF),
    "people": ours(LOOK, STAFF),
    "joining": ours("405 405 back 405 405 405", ADMIN, NO_MODERATOR),
    "invite": ours("405 405 422 405 405 405", STAFF),
    "revoke": ours(ACT, STAFF),
    "person": ours(LOOK, STAFF),
    "person_change": ours("405 405 422 405 405 405", ADMIN, NO_MODERATOR),
    "person_activate": ours(ACT, ADMIN, NO_MODERATOR),
    "person_deactivate": ours(ACT, ADMIN, NO_MODERATOR),
    "approve": ours(ACT, STAFF),
    "decline": ours(ACT, STAFF),
    "join": Rule("404", ALL),  # nobody has the link
    "end_session": ours(ACT, {"member"}),
    "inbox": ours(LOOK, STAFF),
    "decide_report": ours(ACT, STAFF),
    "decide_comment": ours(ACT, STAFF),
    "comments_fine": ours(ACT, STAFF),
    "undo_decision": ours(ACT, STAFF),
    "undo_decisions": ours(ACT, STAFF),
    "provider_inbox": ours(LOOK, STAFF),
    "provider_export": ours(LOOK, STAFF),
    "notices": ours(LOOK, MEMBERS),
    "read_notices": ours(ACT, MEMBERS),
    "read_notice": ours(ACT, {"member"}),
    "answer_notice": ours(ACT, {"member"}),
    "accept_handover": ours(ACT, {"member"}),
    "decline_handover": ours(ACT, {"member"}),
    "audit": ours(LOOK, ADMIN, NO_MODERATOR),
    "connect_api": ours(LOOK, ADMIN, NO_MODERATOR),
    "usage": ours(LOOK, STAFF),
    "usage_table": ours(LOOK, STAFF),
    "usage_ledger": ours(LOOK, STAFF),
    "usage_ledger_file": ours(LOOK, STAFF),
    "my_usage": ours(LOOK, MEMBERS),
    "my_usage_table": ours(LOOK, MEMBERS),
    "my_usage_ledger": ours(LOOK, MEMBERS),
    "my_usage_ledger_file": ours(LOOK, MEMBERS),
    "healthz": Rule(LOOK, ALL),
    "healthz_media": Rule("404 404 405 405 405 405", ALL),  # nobody has laid the file in a test
    "healthz_session": Rule("204 204 405 405 405 405", ALL),
    "readyz": Rule("503 503 405 405 405 405", ALL),  # no worker in a test
}

FORM = "200 200 200 200 405 200"
NOTICE = "200 200 405 405 405 200"
AWAY = "back"
MOVED = Rule("301", ALL)
NOTHING = Rule("404", ALL)
ACCOUNT_RULES = {
    "account_login": Rule(FORM, VISITORS, HOME),
    "account_signup": Rule("200", VISITORS, HOME),
    "account_logout": Rule(
        "200 200 login 405 405 200", MEMBERS, dict.fromkeys(VISITORS, "login login login 405 405 200")
    ),
    "account_inactive": Rule(NOTICE, ALL),
    "account_reauthenticate": Rule(FORM, MEMBERS),
    "account_email": Rule("200 200 back back 405 200", MEMBERS),
    "account_email_verification_sent": Rule(NOTICE, ALL),
    "account_change_password": Rule(FORM, MEMBERS),
    "account_set_password": Rule(AWAY, MEMBERS),
    "account_reset_password": Rule(FORM, ALL),
    "account_reset_password_done": Rule(NOTICE, ALL),
    "account_reset_password_from_key": Rule("200", ALL),
    "account_reset_password_from_key_done": Rule(NOTICE, ALL),
    "account_confirm_login_code": Rule(AWAY, MEMBERS),
    "account_confirm_email": Rule("200 200 404 405 405 200", ALL),
    "mfa_list_webauthn": Rule(NOTICE, MEMBERS),
    "mfa_add_webauthn": Rule(AWAY, MEMBERS),
    "mfa_edit_webauthn": Rule(AWAY, MEMBERS),
    "mfa_remove_webauthn": Rule(AWAY, MEMBERS),
    "mfa_reauthenticate_webauthn": Rule(AWAY, MEMBERS),
    "mfa_login_webauthn": Rule("login login login login 405 200", VISITORS, HOME),
    "mfa_index": Rule(NOTICE, MEMBERS),
    "mfa_authenticate": Rule(AWAY, MEMBERS),
    "mfa_reauthenticate": Rule(AWAY, MEMBERS),
    "mfa_activate_totp": Rule(AWAY, MEMBERS),
    "mfa_deactivate_totp": Rule(NOTHING.outcomes, MEMBERS),
    "mfa_view_recovery_codes": Rule("404 404 405 405 405 200", MEMBERS),
    "mfa_generate_recovery_codes": Rule(AWAY, MEMBERS),
    "mfa_download_recovery_codes": Rule(NOTHING.outcomes, MEMBERS),
    "socialaccount_login_cancelled": Rule(NOTICE, ALL),
    "socialaccount_login_error": Rule("401 401 405 405 405 200", ALL),
    "socialaccount_signup": Rule("login", ALL),
    "socialaccount_connections": Rule(FORM, MEMBERS),
    "accounts/social/login/cancelled/": MOVED,
    "accounts/social/login/error/": MOVED,
    "accounts/social/signup/": MOVED,
    "accounts/social/connections/": MOVED,
    "openid_connect_login": NOTHING,
    "accounts/oidc/<provider_id>/login/": NOTHING,
    "openid_connect_callback": NOTHING,
    "usersessions_list": Rule("200 200 back back 405 200", MEMBERS),
}

ANY = "200"
ADMIN_RULES = {
    "health": Rule(LOOK, STAFF, DESK),
    "look_at_all": Rule("200 200 back 405 405 405", ADMIN, DESK),
    "stop_looking": Rule(ACT, ADMIN, DESK),
    "admin:index": Rule(ANY, STAFF, DESK),
    "admin:login": Rule("back 200 200 200 405 200", STAFF, SITE | {"member": "403", "owner": "403"}),
    "admin:logout": Rule("405 405 200 405 405 200", STAFF, HOME),
    "admin:password_change": Rule(FORM, STAFF, DESK),
    "admin:password_change_done": Rule(NOTICE, STAFF, DESK),
    "admin:autocomplete": Rule("403 403 405 405 405 200", STAFF, DESK),
    "admin:jsi18n": Rule("200 200 405 405 405 200", STAFF, DESK),
    "admin:view_on_site": Rule(AWAY, STAFF, DESK),
    "admin:app_list": Rule(ANY, ADMIN, DESK | {"moderator": "404"}),
    "admin/(?P<url>.*)$": Rule(NOTHING.outcomes, STAFF, DESK),
    "admin:generator_provider_resume": Rule(AWAY, STAFF, DESK),
    "admin:generator_call_store_again": Rule(AWAY, STAFF, DESK),
    "admin:generator_call_reply": Rule("404", STAFF, DESK),  # none is kept here
    "admin:generator_provider_changelist": Rule(AWAY, STAFF, DESK),
    # Whoever has done something stays, and the page says why: the ledger and the audit log name them.
    "admin:gallery_user_delete": Rule(ANY, ADMIN, DESK),
    "admin:auth_user_password_change": Rule(ANY, ADMIN, DESK),
}
# All staff may look at what the site is about, and nobody adds, changes or deletes it by hand.
LEDGERS = {
    "generator/generation", "generator/call", "generator/image", "generator/provider",
    "gallery/rating", "gallery/comment", "gallery/report", "gallery/decision",
}  # fmt: skip
# Accounts and how people sign in are for administrators.
REGISTERS = {
    "auth/group", "gallery/user", "account/emailaddress", "usersessions/usersession",
    "socialaccount/socialapp", "socialaccount/socialtoken", "socialaccount/socialaccount",
}  # fmt: skip
# All staff may look at what was decreed, and administrators decree.
DECREES = {"generator/limit", "generator/price"}
NEVER = Rule("403", STAFF, DESK)
LEDGER_RULES = {
    "": Rule(ANY, STAFF, DESK),
    "add": NEVER,
    "<path:object_id>/history": Rule(ANY, STAFF, DESK),
    "<path:object_id>/delete": NEVER,
    "<path:object_id>/change": Rule("200 200 403 200 200 200", STAFF, DESK),
    "<path:object_id>": Rule(AWAY, STAFF, DESK),
}
REGISTER_RULES = {
    "": Rule(ANY, ADMIN, DESK),
    "add": Rule(ANY, ADMIN, DESK),
    "<path:object_id>/history": Rule(ANY, ADMIN, DESK),
    "<path:object_id>/delete": Rule("200 200 back 200 200 200", ADMIN, DESK),
    "<path:object_id>/change": Rule(ANY, ADMIN, DESK),
    "<path:object_id>": Rule(AWAY, STAFF, DESK),
}

DECREE_RULES = REGISTER_RULES | {
    "": Rule(ANY, STAFF, DESK),
    "<path:object_id>/history": Rule(ANY, STAFF, DESK),
    "<path:object_id>/change": Rule(ANY, ADMIN, DESK | {"moderator": "200 200 403 200 200 200"}),
}
# Whom mails were sent to is for administrators alone, and nobody changes it.
LETTER_RULES = LEDGER_RULES | {
    "": Rule(ANY, ADMIN, DESK),
    "<path:object_id>/history": Rule(ANY, ADMIN, DESK),
    "<path:object_id>/change": Rule("200 200 403 200 200 200", ADMIN, DESK),
}
# Administrators look at second factors, without their secrets, and remove them.
FACTOR_RULES = REGISTER_RULES | {
    "add": Rule("403", STAFF, DESK),
    "<path:object_id>/change": Rule("200 200 403 200 200 200", ADMIN, DESK),
}
BOOKS = {
    "gallery/mail": LETTER_RULES,
    "mfa/authenticator": FACTOR_RULES,
    **dict.fromkeys(LEDGERS, LEDGER_RULES),
    **dict.fromkeys(REGISTERS, REGISTER_RULES),
    **dict.fromkeys(DECREES, DECREE_RULES),
}


def rule_for(address: Address) -> Rule | None:
    """The one rule for an address; None if nobody has thought of it."""
    if rule := {**SITE_RULES, **ACCOUNT_RULES, **ADMIN_RULES}.get(address.name):
        return rule
    _, app, model, place = [*address.route.split("/", 3), "", "", ""][:4]
    return BOOKS.get(f"{app}/{model}", {}).get(place.rstrip("/"))


def states_for(address: Address) -> tuple[str, ...]:
    return STATES if address.takes in ("images", "share", "comments") else ("any",)


def secrets_for(role: str, address: Address, state: str) -> set[str]:
    """The pictures whose prompts and comments this person may find in an answer."""
    if role == "owner":
        return {*STATES, "waiting"} - {"offered"}
    seen = {"hidden", "removed", "waiting"} if role in STAFF else set()
    seen |= {name for name, roles in SEE.items() if role in roles}
    if address.takes == "share" and role in BY_LINK.get(state, set()):
        seen.add(state)
    return seen
