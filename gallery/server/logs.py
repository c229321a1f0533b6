"""The log: one line for each thing that happened, with the id of the request or the call that it belongs to.

Settings read this file, so it imports nothing that needs them.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # half of the time that settings take is what the web server alone needs
    from django.http import HttpRequest, HttpResponseBase

_request_id: ContextVar[str] = ContextVar("request_id", default="")
# What a proxy may call a request: nothing that could pass for another part of a line.
_ACCEPTED = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_HEADER = "X-Request-ID"
_META = "vitrine.request_id"
_EXPECTED = "vitrine.expected"
# How the write side begins a line about one call; its first argument is the call's id.
_OF_A_CALL = "call %s: "
_CLUSTER_LIFE = {"start", "stop"}


class RequestIdMiddleware:
    """Give each request an id, the proxy's if it sent one, and say it in the answer as `X-Request-ID`.

    django-guid 3.6 takes either UUIDs alone or anything at all, and writes a line about it for each request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get(_HEADER, "")
        name = given if _ACCEPTED.fullmatch(given) else secrets.token_hex(8)
        request.META[_META] = name
        token = _request_id.set(name)
        try:
            response = self._get_response(request)
        finally:
            _request_id.reset(token)
        response[_HEADER] = name
        return response


class NameFilter(logging.Filter):
    """Puts `request_id` and `call` on each record; both empty if it belongs to none."""

    def filter(self, record: logging.LogRecord) -> bool:
        # Django reports refusals when the request has left the middleware, and brings it along.
        meta = getattr(getattr(record, "request", None), "META", {})
        record.request_id = _request_id.get() or meta.get(_META, "")
        record.call = ""
        if isinstance(record.msg, str) and record.msg.startswith(_OF_A_CALL) and isinstance(record.args, tuple):
            record.call = str(record.args[0])
        return True


class ClusterFilter(logging.Filter):
    """Of the queue's own lines: warnings, and its start and stop. It reports each wake-up, the ledger each call."""

    def filter(self, record: logging.LogRecord) -> bool:
        life = record.module == "cluster" and record.funcName in _CLUSTER_LIFE
        return life or record.levelno >= logging.WARNING


class ExpectedFilter(logging.Filter):
    """Leaves out what Django says of an answer under 503 that its view has called expected, by `expect_refusal`."""

    def filter(self, record: logging.LogRecord) -> bool:
        expected = getattr(getattr(record, "request", None), "META", {}).get(_EXPECTED, False)
        return not (expected and getattr(record, "status_code", 0) == 503)


class RefusalFilter(logging.Filter):
    """Makes one line of a request that was turned away: somebody else's mistake is no error of ours to be traced."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.") and 400 <= getattr(record, "status_code", 0) < 500:
            record.exc_info = record.exc_text = None
            if record.levelno > logging.WARNING:
                record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


def expect_refusal(request: HttpRequest) -> None:
    """To be told to come back later is no failure here, and no line of the log."""
    request.META[_EXPECTED] = True


class LineFormatter(logging.Formatter):
    """`time level logger [request or call] message`, a single line; only a traceback adds lines below it."""

    def format(self, record: logging.LogRecord) -> str:
        name = getattr(record, "call", "") or getattr(record, "request_id", "") or "-"
        line = f"{_time(record)} {record.levelname} {record.name} [{name}] {_message(record)}"
        trace = _trace(self, record)
        return f"{line}\n{trace}" if trace else line


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, request, call, message, and exception if there was one.

    Nothing else: what packages attach to their records, such as Django the request, may hold what people typed.
    python-json-logger 4.2 writes all of it, and has no list of what to write.
    """

    def format(self, record: logging.LogRecord) -> str:
        fields = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "request": getattr(record, "request_id", ""),
            "call": getattr(record, "call", ""),
            "message": _message(record),
        }
        if trace := _trace(self, record):
            fields["exception"] = trace
        return json.dumps(fields, ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    """In UTC, to the millisecond, as ISO 8601 has it."""
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _message(record: logging.LogRecord) -> str:
    """Without the call's id, which has a place of its own, and without what could begin another line."""
    message = record.getMessage()
    if call := getattr(record, "call", ""):
        message = message.removeprefix(_OF_A_CALL % call)
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in message)


def _trace(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return formatter.formatException(record.exc_info) if record.exc_info else ""


FORMATTERS = {"line": LineFormatter, "json": JsonFormatter}


def configuration(level: str, shape: str) -> dict[str, Any]:
    """Django's `LOGGING` for `VITRINE_LOG_LEVEL` and `VITRINE_LOG_FORMAT`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"chosen": {"()": FORMATTERS[shape]}},
        "filters": {
            "names": {"()": NameFilter},
            "refusals": {"()": RefusalFilter},
            "cluster": {"()": ClusterFilter},
            "expected": {"()": ExpectedFilter},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "chosen", "filters": ["names", "refusals"]},
        },
        "loggers": {
            "django-q": {"filters": ["cluster"]},
            "django.request": {"filters": ["expected"]},
            # It tells of everybody who leaves, and of every page that waits for a thread.
            "waitress": {"level": "WARNING"},
            "waitress.queue": {"level": "ERROR"},
        },
        "root": {"handlers": ["console"], "level": level},
    }
