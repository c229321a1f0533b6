"""What a mail is about, in words; rows hold the names of templates."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

WORDS = {
    "account_already_exists": _("Somebody asked to join with an address that has an account"),
    "account_connected": _("Another way to sign in was connected"),
    "account_disconnected": _("A way to sign in was disconnected"),
    "email_changed": _("The address was changed"),
    "email_confirm": _("An address was confirmed"),
    "email_confirmation": _("Confirm an address"),
    "email_confirmation_signup": _("Confirm the address given when joining"),
    "email_deleted": _("An address was removed"),
    "handover_asked": _("Pictures of somebody who has left were offered"),
    "login_code": _("A code to sign in"),
    "password_changed": _("The password was changed"),
    "password_reset": _("The password was reset"),
    "password_reset_code": _("A code to reset the password"),
    "password_reset_key": _("A link to reset the password"),
    "password_set": _("A password was set"),
    "recovery_codes_generated": _("New recovery codes were made"),
    "totp_activated": _("An authenticator app was set up"),
    "totp_deactivated": _("An authenticator app was removed"),
    "unknown_account": _("Somebody asked to reset a password, and no account has the address"),
    "webauthn_added": _("A passkey was added"),
    "webauthn_removed": _("A passkey was removed"),
}


def words_of(kind: str) -> str:
    """A template that nobody has put into words is still told by its name."""
    return str(WORDS.get(kind) or kind.replace("_", " ").capitalize())
