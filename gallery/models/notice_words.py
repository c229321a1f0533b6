"""The sentences of notices, by their kind. A row holds the kind and its values; words are made when it is read."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

SENTENCES = {
    "hidden": _(
        "Staff have hidden a picture of yours: only you and staff see it now. The reason: %(reason)s. You can ask them "
        "about it on its page."
    ),
    "removed": _(
        "Staff have moved a picture of yours to the trash. The reason: %(reason)s. You can ask them about it there."
    ),
    "password set": _(
        "Staff have set a new password for your account. If you did not ask for that, talk to an administrator."
    ),
    "factor removed": _(
        "Staff have removed a second factor of your account. If you did not ask for that, talk to an administrator."
    ),
    "address changed": _(
        "Staff have changed an address by which you are reached or sign in. If you did not ask for that, talk to an "
        "administrator."
    ),
    "given back": _("Staff looked again at a picture of yours and gave it back: those see it whom you let see it."),
    "stays": _("Staff looked again at a picture of yours: it stays as it is."),
    "offered": ngettext_lazy(
        "%(name)s has left and asks you to take over %(pictures)d picture.",
        "%(name)s has left and asks you to take over %(pictures)d pictures.",
        "pictures",
    ),
    "taken over": ngettext_lazy(
        "You have taken over %(pictures)d picture of a former member.",
        "You have taken over %(pictures)d pictures of a former member.",
        "pictures",
    ),
    "declined, delete": ngettext_lazy(
        "You have not taken over %(pictures)d picture of a former member. It is deleted.",
        "You have not taken over %(pictures)d pictures of a former member. They are deleted.",
        "pictures",
    ),
    "declined, keep": ngettext_lazy(
        "You have not taken over %(pictures)d picture of a former member. It is shown to nobody.",
        "You have not taken over %(pictures)d pictures of a former member. They are shown to nobody.",
        "pictures",
    ),
    "expired, delete": ngettext_lazy(
        "You were asked to take over %(pictures)d picture of a former member. There was no answer in time, and it is "
        "deleted.",
        "You were asked to take over %(pictures)d pictures of a former member. There was no answer in time, and they "
        "are deleted.",
        "pictures",
    ),
    "expired, keep": ngettext_lazy(
        "You were asked to take over %(pictures)d picture of a former member. There was no answer in time, and it is "
        "shown to nobody.",
        "You were asked to take over %(pictures)d pictures of a former member. There was no answer in time, and they "
        "are shown to nobody.",
        "pictures",
    ),
}
# Values that are keys of words themselves: what they are called, by the name of the value.
REASONS = {
    "offensive": _("offensive or upsetting"),
    "privacy": _("it shows a real person or a private matter"),
    "rights": _("it breaks somebody's rights"),
    "other": _("something else"),
}


def sentence(kind: str, values: dict[str, Any]) -> str:
    """What is said to the member, in the language of whoever reads it."""
    said = dict(values)
    if "reason" in said:
        said["reason"] = REASONS.get(str(said["reason"]), REASONS["other"])
    # The number first: it chooses the form of the sentence.
    return str(SENTENCES[kind] % said)
