"""Says at start-up, not at three in the morning, what cannot work."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.checks import Warning as CheckWarning

# Of these checks: what whoever sends calls has to look at. All others load every page of the site, which costs a
# process as much memory again as its own work.
CALLS = "calls"


@register(CALLS)
def clocks_are_in_order(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Each clock must run longer than the one before it, or a call is given up while it is still alive.

    The lease is not in this row: a living worker renews it every third of its length.
    """
    queue = settings.Q_CLUSTER
    clocks = [
        ("ONLYSQ_CONNECT_TIMEOUT", settings.ONLYSQ_CONNECT_TIMEOUT),
        ("ONLYSQ_READ_TIMEOUT", settings.ONLYSQ_READ_TIMEOUT),
        ("ONLYSQ_TOTAL_TIMEOUT", settings.ONLYSQ_TOTAL_TIMEOUT),
        ("Q_CLUSTER timeout", queue["timeout"]),
        ("Q_CLUSTER retry", queue["retry"]),
    ]
    return [
        Error(f"{longer} ({b} s) must be longer than {shorter} ({a} s).", id="generator.E001")
        for (shorter, a), (longer, b) in pairwise(clocks)
        if a >= b
    ]


@register(CALLS)
def queue_delivers_once(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """A wake-up waits in the cluster's memory too: `retry` must cover that, and failures must not come back."""
    queue = settings.Q_CLUSTER
    rounds = 1 + -(-(queue["queue_limit"] + 1) // queue["workers"])
    found: list[CheckMessage] = []
    if queue["retry"] <= queue["timeout"] * rounds:
        found.append(Error("Q_CLUSTER retry is too short for its timeout.", id="generator.E002"))
    if queue["max_attempts"] != 1 or not queue["ack_failures"]:
        found.append(Error("Q_CLUSTER must not deliver failures again.", id="generator.E003"))
    return found


@register(CALLS)
def key_is_sent_over_https(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """On the way to an API in the same house nobody else listens; a gateway there often has no certificate."""
    parts = urlsplit(settings.ONLYSQ_API_URL)
    if parts.scheme != "http" or not settings.ONLYSQ_API_KEY or _is_near(parts.hostname or ""):
        return []
    return [
        CheckWarning(
            "ONLYSQ_API_URL begins with http://: whoever is on the way reads the API key and all prompts.",
            hint="Give the address with https://, or ask the API's provider for one.",
            id="generator.W001",
        )
    ]


def _is_near(host: str) -> bool:
    """Whether a host is this machine or one of its own network: by address, by a name without a dot (another
    container, say), or by a name that is only known there. No name is looked up."""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan", ".home.arpa"))
