"""Mail leaves through the queue: pages do not wait for it, and a server that is away only delays it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import EmailMessage, send_mail
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from gallery import doctor
from gallery.mail import outbox
from gallery.models import Mail, mail_words
from gallery.models.mail import PAUSES
from tests.conftest import Cast
from tests.gallery.mail.server import MailServer

pytestmark = pytest.mark.django_db


def written() -> Mail:
    """A mail that waits."""
    send_mail("Hello", "There is a picture.", "site@example.org", ["max@example.org"])
    return Mail.objects.get()


def let_time_pass(mail: Mail) -> None:
    Mail.objects.filter(pk=mail.pk).update(due_at=timezone.now() - timedelta(seconds=1), held_until=None)


def tried(mail: Mail) -> Mail:
    let_time_pass(mail)
    outbox.send_due()
    mail.refresh_from_db()
    return mail


def test_a_page_that_sends_a_mail_talks_to_no_server(
    server: MailServer, cast: Cast, client: Client, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    server.is_silent = True
    EmailAddress.objects.create(user=cast.member, email="max@example.org", primary=True, verified=True)
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post("/accounts/password/reset/", {"email": "max@example.org"})
    assert answer.status_code == 302
    assert server.visits == 0
    mail = Mail.objects.get()
    assert (mail.kind, mail.to, mail.state) == ("password_reset_key", "max@example.org", "waiting")
    assert OrmQ.objects.count() == 1, "a worker is woken"


def test_a_worker_sends_it_and_forgets_what_it_said(server: MailServer) -> None:
    mail = tried(written())
    [taken] = server.taken
    assert "Subject: Hello" in taken
    assert "There is a picture." in taken
    assert (mail.state, mail.tries, mail.content, mail.error) == ("sent", 1, None, "")
    assert mail.sent_at
    outbox.send_due()
    assert len(server.taken) == 1


def test_a_message_in_two_forms_arrives_in_both(server: MailServer) -> None:
    send_mail("Hello", "Plain.", None, ["max@example.org"], html_message="<p>Pretty.</p>")
    outbox.send_due()
    assert "Plain." in server.taken[0]
    assert "<p>Pretty.</p>" in server.taken[0]


def test_a_server_that_is_away_is_tried_again_later_and_later(server: MailServer, settings: Any) -> None:
    mail = written()
    settings.EMAIL_PORT, port = 1, settings.EMAIL_PORT
    for number, pause in enumerate(PAUSES[:-1], 1):
        began = timezone.now()
        tried(mail)
        assert (mail.state, mail.tries, mail.error) == ("waiting", number, "away")
        assert began + pause <= mail.due_at <= timezone.now() + pause
        outbox.send_due()
        assert Mail.objects.get().tries == number, "its time has not come"
    settings.EMAIL_PORT = port
    assert tried(mail).state == "sent"
    assert (mail.error, mail.said) == ("", "")


def test_the_last_try_in_vain_gives_it_up(server: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT, mail = 1, written()
    for _ in PAUSES:
        tried(mail)
    assert (mail.state, mail.error, mail.content, mail.tries) == ("failed", "away", None, len(PAUSES))
    assert "refused" in mail.said


@pytest.mark.parametrize(
    ("command", "answer", "state", "error"),
    [
        ("RCPT", "550 no such <b>user</b>\x07", "failed", "refused"),
        ("RCPT", "450 come again", "waiting", "refused"),
        ("MAIL", "554 not from you", "waiting", "other"),
        (".", "554 spam", "waiting", "other"),
        ("AUTH", "535 wrong password", "waiting", "login"),
        ("DATA", "421 going down", "waiting", "other"),
    ],
)
def test_what_the_server_says_is_kept_in_its_words(
    command: str, answer: str, state: str, error: str, server: MailServer, settings: Any
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "site", "secret"
    server.answers[command] = answer
    mail = tried(written())
    assert (mail.state, mail.error) == (state, error)
    assert mail.said == answer.replace("<b>user</b>\x07", "user")


def test_a_server_that_never_answers_costs_a_worker_some_seconds(server: MailServer, settings: Any) -> None:
    server.is_silent, settings.EMAIL_TIMEOUT = True, 0.1
    mail = tried(written())
    assert (mail.state, mail.error, server.visits) == ("waiting", "away", 1)


def test_an_address_that_is_none_ends_at_once(server: MailServer) -> None:
    send_mail("Hello", "Hello.", None, ["max@ex\nample.org"])
    mail = tried(Mail.objects.get())
    assert (mail.state, mail.error) == ("failed", "refused")


def test_only_one_worker_talks_to_the_mail_server(server: MailServer) -> None:
    mail = written()
    assert Mail.objects.claim(timezone.now()) == mail
    written_too = Mail.objects.create(kind="other", to="sam@example.org", content=mail.content)
    assert Mail.objects.claim(timezone.now()) is None
    let_time_pass(mail)
    claimed = {Mail.objects.claim(timezone.now()), Mail.objects.claim(timezone.now())}
    assert claimed in ({mail, None}, {written_too, None})


def test_a_worker_that_dies_over_a_mail_delays_it(server: MailServer) -> None:
    mail = written()
    now = timezone.now()
    Mail.objects.claim(now)
    assert not Mail.objects.due(now).exists()
    later = now + timedelta(hours=1)
    assert Mail.objects.claim(later) == mail


def test_the_watch_wakes_a_worker_for_what_is_due_alone(server: MailServer) -> None:
    outbox.look()
    assert not OrmQ.objects.exists()
    mail = written()
    outbox.look()
    assert OrmQ.objects.count() == 1
    tried(mail)
    OrmQ.objects.all().delete()
    outbox.look()
    assert not OrmQ.objects.exists()


def test_old_lines_of_the_ledger_are_forgotten(server: MailServer) -> None:
    old = timezone.now() - timedelta(days=91)
    mail = tried(written())
    Mail.objects.create(kind="other", to="sam@example.org", created_at=old)
    Mail.objects.filter(pk=mail.pk).update(created_at=old)
    outbox.forget_old()
    assert [mail.to for mail in Mail.objects.all()] == ["sam@example.org"], "what waits is kept"


def test_mails_with_files_are_not_for_this_site(server: MailServer) -> None:
    message = EmailMessage("Hello", "Look.", None, ["max@example.org"])
    message.attach("picture.png", b"picture", "image/png")
    with pytest.raises(ValueError, match="no attachments"):
        message.send()


def test_a_person_is_told_if_mails_take_their_time(
    server: MailServer, settings: Any, cast: Cast, client: Client
) -> None:
    EmailAddress.objects.create(user=cast.member, email="max@example.org", primary=True, verified=True)
    settings.EMAIL_PORT = 1
    tried(written())
    page = client.post("/accounts/password/reset/", {"email": "max@example.org"}, follow=True).content.decode()
    assert "The mail server does not take mails at the moment." in page
    assert Mail.objects.count() == 2


def test_whoever_leaves_takes_their_address_out_of_the_ledger(server: MailServer, cast: Cast, client: Client) -> None:
    EmailAddress.objects.create(user=cast.member, email="max@example.org", primary=True, verified=True)
    tried(written())
    client.force_login(cast.member)
    client.post("/account/leave/", {"pictures": "delete", "password": "correct-horse"})
    cast.member.refresh_from_db()
    assert not cast.member.is_active
    assert not Mail.objects.exists()


def test_only_administrators_see_whom_mails_went_to(server: MailServer, cast: Cast, client: Client) -> None:
    mail = tried(written())
    client.force_login(cast.admin)
    page = client.get("/admin/gallery/mail/").content.decode()
    assert "max@example.org" in page
    assert "There is a picture." not in client.get(f"/admin/gallery/mail/{mail.pk}/change/").content.decode()
    client.force_login(cast.moderator)
    assert client.get("/admin/gallery/mail/").status_code == 403


def test_the_doctor_tells_of_mails_that_wait_and_that_were_given_up(server: MailServer, settings: Any) -> None:
    settings.EMAIL_PORT = 1
    mail = tried(written())
    Mail.objects.update(created_at=timezone.now() - timedelta(minutes=11))
    [found] = doctor.mail.examine()
    assert (found.is_trouble, found.area) == (True, "mail")
    assert found.sentence.startswith("1 mail waits for more than ten minutes. ")
    assert "refused" in found.sentence
    mail.mark_failed("away", "", for_good=True)
    [found] = doctor.mail.examine()
    assert (found.is_trouble, found.sentence) == (False, "1 mail of the last seven days was given up.")


def test_the_doctor_tries_the_server(server: MailServer, settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "site", "secret"
    assert list(doctor.examine_servers()) == []
    assert server.visits == 1
    server.answers["AUTH"] = "535 wrong password"
    [found] = doctor.examine_servers()
    assert found.sentence == "The mail server cannot be used: 535 wrong password"
    settings.MAIL = False
    assert list(doctor.examine_servers()) == []


def test_the_ledger_says_in_words_what_a_mail_is_about(client: Client, cast: Cast) -> None:
    for kind in ("password_reset_key", "some_new_one"):
        Mail.objects.create(kind=kind, to="max@example.org")
    client.force_login(cast.admin)
    page = client.get("/admin/gallery/mail/").content.decode()
    assert "A link to reset the password" in page
    assert "Some new one" in page
    assert "password_reset_key" not in page
    mail = Mail.objects.get(kind="password_reset_key")
    assert str(mail) == "A link to reset the password: max@example.org"
    change = client.get(f"/admin/gallery/mail/{mail.pk}/change/").content.decode()
    assert "A link to reset the password" in change


def test_every_mail_that_packages_and_we_send_has_words() -> None:
    folders = (Path(allauth.__file__).parent / "templates", settings.BASE_DIR / "templates")
    for folder in folders:
        kinds = {path.name.removesuffix("_subject.txt") for path in folder.rglob("email/*_subject.txt")}
        assert kinds
        assert kinds <= set(mail_words.WORDS)
