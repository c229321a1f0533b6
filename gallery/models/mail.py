"""The ledger of mails: what was sent to whom, what still waits for the mail server, and what could not be sent."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from uuid6 import uuid7

from gallery.models.mail_words import words_of

# How long to wait after each try. After the last one the mail is given up: what it says is old by then.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 20, 60, 180, 480))
# Whoever has a mail in hand for longer has died over it.
HOLD = timedelta(minutes=10)


class MailQuerySet(models.QuerySet["Mail"]):
    def waiting(self) -> MailQuerySet:
        return self.filter(state=Mail.State.WAITING)

    def due(self, now: datetime) -> MailQuerySet:
        return self.waiting().filter(due_at__lte=now).exclude(held_until__gt=now)

    def held_up(self) -> MailQuerySet:
        """Mails that were tried in vain, and are tried again."""
        return self.waiting().exclude(error="")

    def leave_unsent(self) -> int:
        """Give up what waits, after a restore: how many that were."""
        return self.waiting().update(
            state=Mail.State.FAILED, error=Mail.Error.RESTORED, said="", content=None, held_until=None
        )

    def claim(self, now: datetime) -> Mail | None:
        """The oldest due mail, for the caller alone; None if none is due, or another worker is sending one.

        One conditional UPDATE decides. Only one worker at a time: the others have calls to make.
        """
        if self.waiting().filter(held_until__gt=now).exists():
            return None
        found = self.due(now).order_by("due_at", "pk").first()
        if found is None:
            return None
        pause = PAUSES[min(found.tries, len(PAUSES) - 1)]
        mine = self.due(now).filter(pk=found.pk, tries=found.tries)
        if not mine.update(tries=F("tries") + 1, due_at=now + pause, held_until=now + HOLD):
            return None
        found.refresh_from_db()
        return found


class Mail(models.Model):
    """One message to one or several addresses. Its text may hold a secret link: it is forgotten in the end."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SENT = "sent", _("sent")
        FAILED = "failed", _("given up")

    class Error(models.TextChoices):
        AWAY = "away", _("The mail server could not be reached")
        LOGIN = "login", _("The mail server refused our name or password")
        REFUSED = "refused", _("The mail server refused the address")
        OTHER = "other", _("The mail server refused the mail")
        RESTORED = "restored", _("It waited when the backup was made, and may have been sent since")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(_("kind"), max_length=60, help_text=_("the name of its template"))
    to = models.TextField(_("to"), max_length=2000)
    content = models.JSONField(null=True, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    created_at = models.DateTimeField(_("written"), default=timezone.now)
    due_at = models.DateTimeField(_("next try"), default=timezone.now)
    held_until = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(_("sent"), null=True)
    error = models.CharField(_("what went wrong"), max_length=10, choices=Error, blank=True)
    said = models.CharField(_("what the server said"), max_length=300, blank=True)

    objects = MailQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name, verbose_name_plural = _("mail"), _("mails")
        indexes = [
            models.Index(fields=["due_at"], name="mail_waiting", condition=Q(state="waiting")),
        ]

    def __str__(self) -> str:
        return f"{words_of(self.kind)}: {self.to[:80]}"

    def mark_sent(self) -> None:
        self._end(Mail.State.SENT, sent_at=timezone.now(), error="", said="")

    def mark_failed(self, error: str, said: str, *, for_good: bool) -> None:
        """Try again after the pause that began with the try, unless it was the last one or none could help."""
        if for_good or self.tries >= len(PAUSES):
            self._end(Mail.State.FAILED, error=error, said=said)
        else:
            Mail.objects.filter(pk=self.pk).update(held_until=None, error=error, said=said)

    def _end(self, state: Mail.State, **more: object) -> None:
        Mail.objects.filter(pk=self.pk).update(state=state, content=None, held_until=None, **more)
