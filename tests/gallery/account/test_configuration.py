"""How people sign in, with a mail server and without."""

from __future__ import annotations

from gallery.account.configuration import sign_in


def test_only_with_a_mail_server_are_people_asked_for_an_address() -> None:
    with_mail, without = (sign_in(has_mail=has_mail, providers={}) for has_mail in (True, False))
    assert "email" in with_mail["ACCOUNT_SIGNUP_FIELDS"]
    assert "email" not in without["ACCOUNT_SIGNUP_FIELDS"]
    assert (with_mail["ACCOUNT_EMAIL_VERIFICATION"], without["ACCOUNT_EMAIL_VERIFICATION"]) == ("optional", "none")
