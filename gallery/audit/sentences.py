"""A line of the log as a sentence for people."""

from __future__ import annotations

from typing import Any

from auditlog.models import LogEntry
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from gallery.audit.names import SERVER, Names, Phrase
from gallery.models import Comment, Decision, Invitation, Joining, User
from generator.models import Image, Limit, Price, Provider

Action = LogEntry.Action
FACTORS = {"totp": "an authenticator app", "webauthn": "a passkey", "recovery_codes": "recovery codes"}
EVENTS = {
    "signed in": "{about} signed in",
    "signed out": "{about} signed out",
    "password": "{about} changed their password",  # nosec B105 # a sentence
    "password reset": "{about} chose a new password by mail",
    "factor added": "{about} set up a second factor: {factor}",
    "factor removed": "{about} removed a second factor: {factor}",
    "factor reset": "{about} made new recovery codes",
    "factor failed": "Somebody who knew the password of {about} gave a wrong second factor",
    "looked": "{who} found {comments} new comments fine",
    "decided": "{who} decided about a {kind} on {about}: {decision}",
    "undid": "{who} undid a decision about a {kind} on {about}: {decision}",
    "stored again": "{who} had a kept reply to {about} stored again",
    "took a reply": _("{who} took the kept reply to a call of {about} along"),
    "looking": _("{who} began to look at all pictures"),
    "looked enough": _("{who} ended the look at all pictures"),
    "opened": _("{who} opened {about}, which only its owner sees otherwise"),
    "gave back": _("{who} gave {about} back to its owner"),
    "resumed": "{who} resumed sending to the image API",
    "left": _("{about} left: {pictures_deleted} pictures deleted, {pictures_handed_over} handed over"),
    "closed": _("{about} left: {pictures_deleted} pictures deleted"),
    "offered": _("{who} offered {pictures} pictures to {about}"),
    "took over": _("{who} took over {pictures} pictures of {about}"),
    "declined pictures": _("{who} declined {pictures} pictures of {about}"),
    "unanswered": _("{who} ended the offer of {pictures} pictures of {about}: no answer came"),
    "password set": _("{who} set a new password for {about}"),  # nosec B105 # a sentence
    "address confirmed": _("{who} confirmed an email address of {about}"),
    "cancelled": _("{who} cancelled a call of {about} that was waiting"),
    "tried again": _("{who} sent a call of {about} again"),
    "put away": _("{who} put the failure of a call of {about} away"),
    "settled": _("{who} settled a call of {about} as not charged"),
}
# What became of a picture: when staff withheld it, and when they gave it back.
WITHHELD = {
    "removed_at": (_("moved {} to the trash as staff"), _("took {} back out of the trash as staff")),
    "hidden_at": (_("hid {} from everybody but its owner"), _("no longer hides {}")),
}
# About rows of the administration: those that belong to a member, and those of nobody.
ROW_EVENTS = {
    "row added": (_("{who} added to the account of {about}: {row}"), _("{who} added: {row}")),
    "row changed": (_("{who} changed in the account of {about}: {row}"), _("{who} changed: {row}")),
    "row removed": (_("{who} removed from the account of {about}: {row}"), _("{who} removed: {row}")),
}


def sentence(entry: LogEntry, names: Names) -> SafeString:
    """Its HTML: names as links, everything else escaped."""
    more: dict[str, Any] = entry.additional_data or {}
    if event := more.get("event"):
        return _event(event, entry, names, more)
    phrase = PHRASES.get(entry.content_type.model_class(), _row)
    return format_html("{} {}", _who(entry, names), phrase(entry, names))


def _who(entry: LogEntry, names: Names) -> SafeString:
    return names.person(entry.actor_id) if entry.actor_id else format_html("<b>{}</b>", SERVER)


def _event(event: str, entry: LogEntry, names: Names, more: dict[str, Any]) -> SafeString:
    if event == "failed":
        return _failed(entry, names, more)
    if event in ROW_EVENTS:
        return _row_event(event, entry, names, more)
    model = entry.content_type.model_class()
    about = names.picture(entry.object_pk) if model is Image else names.person(more.get("writer", entry.object_pk))
    known = {
        "kind": more.get("kind", ""),
        "comments": more.get("comments", ""),
        "factor": FACTORS.get(more.get("factor", ""), "of another kind"),
        "decision": dict(Decision.Action.choices).get(more.get("decision", ""), ""),
        "pictures": more.get("pictures", 0),
        "pictures_deleted": more.get("pictures_deleted", 0),
        "pictures_handed_over": more.get("pictures_handed_over", 0),
    }
    template = str(EVENTS.get(event, "{who}: {event}"))
    return format_html(template, who=_who(entry, names), about=about, event=event, **known)


def _row_event(event: str, entry: LogEntry, names: Names, more: dict[str, Any]) -> SafeString:
    """Which columns of a row have changed, and of a member's own row nothing else; values are not kept."""
    model = entry.content_type.model_class()
    called = model._meta.verbose_name if model else "row"
    fields = ", ".join(_column(model, name) for name in more.get("fields", ()))
    row = fields if model is User else f"{called} ({fields})" if fields else called
    owner = entry.object_pk if model is User else more.get("writer")
    template = str(ROW_EVENTS[event][0 if owner else 1])
    return format_html(template, who=_who(entry, names), about=names.person(owner) if owner else "", row=row)


def _column(model: Any, name: str) -> str:
    columns = {field.name: field for field in model._meta.fields} if model else {}
    return str(columns[name].verbose_name) if name in columns else name


def _failed(entry: LogEntry, names: Names, more: dict[str, Any]) -> SafeString:
    if entry.object_pk:
        return format_html("Somebody failed to sign in as {}", names.person(entry.object_pk))
    if "mark" in more:
        return format_html(str(_("Somebody failed to sign in by a name that nobody has ({mark})")), mark=more["mark"])
    return format_html("Somebody failed to sign in as “{}”, a name that nobody has", more.get("name", ""))


def _user(entry: LogEntry, names: Names) -> SafeString:
    about, changes = names.person(entry.object_pk), entry.changes or {}
    more = entry.additional_data or {}
    if more.get("left"):
        counts = (more.get("pictures_deleted", 0), more.get("pictures_handed_over", 0))
        return format_html("left: {} pictures deleted, {} handed over", *counts)
    if entry.action == Action.DELETE:
        asked = changes.get("awaits_approval", [""])[0] == "True"
        return format_html("declined to let {} join" if asked else "deleted the account of {}", about)
    if entry.action == Action.CREATE:
        is_guest = changes.get("invitation", ["", "None"])[1] not in ("None", None)
        return format_html("made the account of {}{}", about, ", by an invitation" if is_guest else "")
    if "groups" in changes:
        words = ("added", "to") if changes["groups"]["operation"] == "add" else ("took", "out of")
        return format_html("{} {} {} {}", words[0], about, words[1], ", ".join(changes["groups"]["objects"]))
    return _user_flags(about, {name: values[1] == "True" for name, values in changes.items()}, changes)


def _user_flags(about: SafeString, now: dict[str, bool], changes: dict[str, Any]) -> SafeString:
    if "left_at" in changes:
        return format_html("closed the account of {}", about)
    said = []
    if "is_superuser" in now or "is_staff" in now:
        lower = "a moderator" if now.get("is_staff", "is_superuser" in now) else "a member"
        said.append(format_html("made {} {}", about, "an admin" if now.get("is_superuser") else lower))
    if now.get("is_active") and changes.get("awaits_approval"):
        said.append(format_html("let {} join", about))
    elif "is_active" in now:
        said.append(format_html("{} {}", "activated" if now["is_active"] else "deactivated", about))
    return format_html_join(" and ", "{}", ((part,) for part in said)) or format_html("changed {}", about)


def _image(entry: LogEntry, names: Names) -> SafeString:
    about, changes = names.picture(entry.object_pk), entry.changes or {}
    if entry.action == Action.DELETE:
        return format_html("deleted {} for good", about)
    for column, said in WITHHELD.items():
        if column in changes:
            return format_html(str(said[changes[column][1] == "None"]), about)
    if "trashed_at" in changes:
        is_back = changes["trashed_at"][1] == "None"
        return format_html("took {} out of the trash" if is_back else "moved {} to the trash", about)
    if "user" in changes:
        return format_html("handed {} over to {}", about, names.person(changes["user"][1]))
    labels = dict(Image.Visibility.choices)
    old, new = (labels.get(value, value) for value in changes.get("visibility", ["", ""]))
    return format_html("changed who may see {}: {} → {}", about, old, new)


def _comment(entry: LogEntry, names: Names) -> SafeString:
    more = entry.additional_data or {}
    return format_html(
        "deleted a comment of {} on {}", names.person(more.get("writer")), names.picture(more["picture"])
    )


def _joining(entry: LogEntry, names: Names) -> SafeString:
    return format_html("changed who may join{}", _details(entry, names))


def _invitation(entry: LogEntry, names: Names) -> SafeString:
    if entry.action == Action.CREATE:
        return format_html("made an invitation{}", _details(entry, names))
    is_revoked = "revoked_at" in (entry.changes or {})
    return format_html("revoked an invitation" if is_revoked else "changed an invitation{}", _details(entry, names))


def _row(entry: LogEntry, names: Names) -> SafeString:
    """Limits, prices and whatever else is watched."""
    model = entry.content_type.model_class()
    verb = {Action.CREATE: "set", Action.DELETE: "removed"}.get(entry.action, "changed")
    called = model._meta.verbose_name if model else "row"
    today = names.rule(model, entry.object_pk) if model in (Limit, Price) and entry.action == Action.UPDATE else ""
    return format_html("{} a {}{}{}", verb, called, f" ({today})" if today else "", _details(entry, names))


def _details(entry: LogEntry, names: Names) -> SafeString:
    """`: column: old → new, …`; of a new row what it holds, of a removed one what it held."""
    changes = {name: pair for name, pair in (entry.changes or {}).items() if isinstance(pair, list)}
    model = entry.content_type.model_class()
    columns = [field.name for field in model._meta.fields if field.name in changes] if model else []
    rows = [_detail(model, name, changes[name], entry.action, names) for name in columns]
    told = [row for row in rows if row]
    return format_html(": {}", format_html_join(", ", "{}", ((row,) for row in told))) if told else SafeString("")


def _detail(model: Any, name: str, pair: list[Any], action: int, names: Names) -> SafeString:
    field = model._meta.get_field(name)
    told = [_value(field, str(value), names) for value in pair]
    if action == Action.UPDATE:
        return format_html("{} {} → {}", field.verbose_name, *told)
    value = told[action == Action.CREATE]
    if value in ("nothing", "no"):
        return SafeString("")
    return format_html("{} {}", field.verbose_name, "" if value == "yes" else value)


def _value(field: Any, value: str, names: Names) -> Any:
    if value in ("None", ""):
        return "nothing"
    if field.name in ("user", "group"):
        return names.person(value) if field.name == "user" else names.group(value)
    words = {"True": "yes", "False": "no"} | {str(key): label for key, label in field.choices or ()}
    return words.get(value, value.partition(".")[0] if field.get_internal_type() == "DateTimeField" else value)


PHRASES: dict[Any, Phrase] = {
    User: _user, Image: _image, Comment: _comment, Joining: _joining, Invitation: _invitation, Provider: _row,
}  # fmt: skip
