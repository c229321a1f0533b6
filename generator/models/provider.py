"""What is known about the image API right now, shared by all processes: one row."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


def digest(key: str) -> str:
    """A fingerprint of an API key: tells that a key has changed without telling the key."""
    return hashlib.sha256(f"vitrine:{key}".encode()).hexdigest()[:16]


class ProviderManager(models.Manager["Provider"]):
    def current(self) -> Provider:
        """The one row; a migration has made it, so that looking at it waits for nobody who writes."""
        return self.get_or_create(pk=1)[0]

    def columns(self) -> list[models.Subquery]:
        """What `is_paused` goes by, as columns of another question: pause, from when, until when, digest of the key."""
        row = self.filter(pk=1)
        return [models.Subquery(row.values(name)) for name in ("pause", "paused_at", "paused_until", "key_digest")]

    def locked(self) -> Provider:
        """The one row, locked until the transaction ends: claims are made one at a time."""
        self.get_or_create(pk=1)
        return self.select_for_update().get(pk=1)


class Provider(models.Model):
    """Pause and model list of the image API.

    A pause holds everybody's calls back: for a while after a 429, until somebody acts after a 401.
    """

    class Pause(models.TextChoices):
        NONE = "", "sending"
        RATE = "rate", "asked to wait"
        KEY = "key", "key refused"

    pause = models.CharField(max_length=8, choices=Pause, default=Pause.NONE, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True)
    key_digest = models.CharField(max_length=16, default="", blank=True)
    models_list = models.JSONField(default=list, blank=True)
    models_at = models.DateTimeField(null=True, blank=True)
    watched_at = models.DateTimeField(null=True, blank=True, help_text="last sign of life of a worker's watch")

    objects = ProviderManager()

    class Meta:
        verbose_name = "image API"
        verbose_name_plural = "image API"

    def __str__(self) -> str:
        return self.get_pause_display() or "sending"

    def is_paused(self, key: str) -> bool:
        """Whether calls must wait. A refused key stops counting as soon as another key is configured.

        Who does not hold the key believes what the worker has noted.
        A pause that seems to have begun in the future is over: the clock was set back.
        """
        if self.pause == self.Pause.KEY:
            return settings.KEY_ELSEWHERE or self.key_digest == digest(key)
        if self.paused_at is None or self.paused_until is None:
            return False
        return self.paused_at <= timezone.now() < self.paused_until

    def wait(self, seconds: float) -> None:
        """Hold everybody back for `seconds`; never shortens a longer pause, nor that of a key which is still in use."""
        now = timezone.now()
        until = now + timedelta(seconds=seconds)
        shorter = models.Q(paused_until=None) | models.Q(paused_until__lt=until) | models.Q(paused_at__gt=now)
        key = digest(settings.ONLYSQ_API_KEY)
        rows = Provider.objects.filter(shorter, pk=self.pk).exclude(pause=self.Pause.KEY, key_digest=key)
        rows.update(pause=self.Pause.RATE, key_digest="", paused_at=now, paused_until=until)

    def refuse_key(self, key: str) -> None:
        """Hold everybody back until the key changes or somebody resumes."""
        Provider.objects.filter(pk=self.pk).update(
            pause=self.Pause.KEY, key_digest=digest(key), paused_at=timezone.now(), paused_until=None
        )

    def notice_key(self, key: str) -> None:
        """Send again once another key than the refused one is configured, and let those know who do not hold it."""
        if self.pause == self.Pause.KEY and self.key_digest != digest(key):
            self.resume()

    def resume(self) -> None:
        Provider.objects.filter(pk=self.pk).update(
            pause=self.Pause.NONE, key_digest="", paused_at=None, paused_until=None
        )

    def beat(self) -> None:
        """Say that a watch lives; one row for all hosts, so that any of them can tell."""
        Provider.objects.filter(pk=self.pk).update(watched_at=timezone.now())

    def learn_models(self, found: list[dict[str, Any]]) -> None:
        """Keep the list that was just read; an empty one says nothing and keeps the last good list."""
        values: dict[str, Any] = {"models_at": timezone.now()}
        if found:
            values["models_list"] = found
        Provider.objects.filter(pk=self.pk).update(**values)
