"""Brakes: how much of one kind a person may do in a short time, so that nobody floods the others or the machine.

Generous for people. Who comes to one is told how long to wait and keeps what was typed; limits, which are about money,
are another thing (generator/models/accounting).
"""

from __future__ import annotations

from math import ceil
from typing import TypeVar

from django.http import HttpRequest, HttpResponse
from django.utils.translation import ngettext
from django_ratelimit.core import get_usage

Answer = TypeVar("Answer", bound=HttpResponse)
# So many in so many minutes or hours, for each person.
RATES = {"comment": "30/10m", "report": "20/h", "rating": "300/10m", "favourite": "300/10m", "submit": "120/10m"}


def braked(request: HttpRequest, what: str) -> int:
    """Count one of the kind for whoever is signed in: 0 if it may be done, else the seconds to wait."""
    usage = get_usage(request, group=what, key="user", rate=RATES[what], increment=True)
    return max(1, usage["time_left"]) if usage and usage["should_limit"] else 0


def wait(answer: Answer, seconds: int) -> Answer:
    """The same for a script, on an answer that refuses."""
    answer["Retry-After"] = str(seconds)
    return answer


def sentence(seconds: int) -> str:
    """Says to a person how long to wait."""
    minutes = ceil(seconds / 60)
    return ngettext(
        "That was a lot in a short time. Go on in a minute.",
        "That was a lot in a short time. Go on in %(minutes)s minutes.",
        minutes,
    ) % {"minutes": minutes}
