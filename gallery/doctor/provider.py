"""What is known about the image API: whether it takes our calls, and which models it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from gallery.doctor.finding import Finding, Level, lasting
from generator.models import Provider

AREA = "API"
OLD_LIST = timedelta(days=1)


def examine() -> Iterator[Finding]:
    provider = Provider.objects.filter(pk=1).first() or Provider()
    yield from _pause(provider)
    yield from _models(provider)


def _pause(provider: Provider) -> Iterator[Finding]:
    if not provider.is_paused(settings.ONLYSQ_API_KEY):
        return
    if provider.pause == Provider.Pause.KEY:
        yield Finding(
            Level.TROUBLE,
            AREA,
            "The API refused the key: nothing is sent, the queue is kept.",
            "Set another ONLYSQ_API_KEY and restart, or choose Resume sending in the admin.",
        )
    elif provider.paused_until:
        wait = lasting((provider.paused_until - timezone.now()).total_seconds())
        yield Finding(
            Level.NOTICE, AREA, f"The API asked to wait for another {wait}.", "Nothing: sending goes on by itself."
        )


def _models(provider: Provider) -> Iterator[Finding]:
    if settings.ONLYSQ_MODELS:
        return
    if provider.models_at is None:
        said = "The list of models was never read."
    elif timezone.now() - provider.models_at > OLD_LIST:
        said = f"The list of models is {lasting((timezone.now() - provider.models_at).total_seconds())} old."
    else:
        return
    yield Finding(
        Level.NOTICE, AREA, said, "Check that the API can be reached from here, or name models in ONLYSQ_MODELS."
    )
