"""The log: one line for each thing, with the id of its request or call, and no word of a prompt."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from gallery.server import logs
from generator.models import Call, Generation, Provider
from generator.sandbox import SandboxServer
from generator.worker import tasks
from tests.conftest import Cast

PROMPT = "Zanzibar zeppelin quokka"
MAX_FIELD = 64


@pytest.fixture
def sandbox(settings: Any) -> Iterator[SandboxServer]:
    with SandboxServer(latency=0) as server:
        settings.ONLYSQ_API_URL, settings.ONLYSQ_API_KEY = server.url, ""
        yield server


class Sink:
    """A logger set up as the site's own, that writes into memory."""

    def __init__(self, shape: str = "line") -> None:
        chosen = logs.configuration("INFO", shape)
        self.text = io.StringIO()
        self.handler = logging.StreamHandler(self.text)
        self.handler.setFormatter(chosen["formatters"]["chosen"]["()"]())
        for name in chosen["handlers"]["console"]["filters"]:
            self.handler.addFilter(chosen["filters"][name]["()"]())

    def lines(self) -> list[str]:
        return self.text.getvalue().splitlines()


@pytest.fixture(params=["line", "json"])
def sink(request: pytest.FixtureRequest) -> Iterator[Sink]:
    found = Sink(request.param)
    logging.getLogger().addHandler(found.handler)
    yield found
    logging.getLogger().removeHandler(found.handler)


def record(message: Any, *args: Any, **more: Any) -> logging.LogRecord:
    made = logging.makeLogRecord(
        {"name": "generator.worker.send", "levelname": "INFO", "msg": message, "args": args} | more
    )
    logs.NameFilter().filter(made)
    return made


def line_of(message: Any, *args: Any, **more: Any) -> str:
    return logs.LineFormatter().format(record(message, *args, **more))


# Requests


def through(request: HttpRequest, answer: Callable[[HttpRequest], HttpResponse] | None = None) -> str:
    response = logs.RequestIdMiddleware(answer or (lambda _: HttpResponse()))(request)
    return response["X-Request-ID"]


def test_a_request_without_an_id_gets_one_of_its_own() -> None:
    names = {through(RequestFactory().get("/")) for _ in range(20)}
    assert len(names) == 20
    assert all(re.fullmatch("[0-9a-f]{16}", name) for name in names)


def test_the_id_of_a_proxy_is_kept() -> None:
    assert through(RequestFactory().get("/", headers={"X-Request-ID": "proxy-1.a_B"})) == "proxy-1.a_B"


@pytest.mark.parametrize("odd", ["", " ", "a b", "a\tb", "a]b", "ü", "a" * (MAX_FIELD + 1)])
def test_an_id_that_could_pass_for_something_else_is_replaced(odd: str) -> None:
    assert re.fullmatch("[0-9a-f]{16}", through(RequestFactory().get("/", headers={"X-Request-ID": odd})))


def test_lines_of_a_request_carry_its_id_and_later_lines_do_not(caplog: pytest.LogCaptureFixture) -> None:
    said: list[str] = []

    def answer(_request: HttpRequest) -> HttpResponse:
        said.append(line_of("looking"))
        return HttpResponse()

    through(RequestFactory().get("/", headers={"X-Request-ID": "r-1"}), answer)
    assert "[r-1] looking" in said[0]
    assert "[-] later" in line_of("later")


def test_a_request_that_fails_leaves_no_id_behind() -> None:
    def fail(_request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        through(RequestFactory().get("/"), fail)
    assert "[-]" in line_of("later")


def test_a_refusal_is_logged_with_its_request(client: Client, cast: Cast, sink: Sink) -> None:
    client.force_login(cast.member)
    answer = client.get("/nowhere/", headers={"X-Request-ID": "r-404"})
    assert answer["X-Request-ID"] == "r-404"
    assert [line for line in sink.lines() if "Not Found: /nowhere/" in line and "r-404" in line]


def test_whoever_is_turned_away_leaves_one_line(client: Client, cast: Cast, sink: Sink, settings: Any) -> None:
    settings.ALLOWED_HOSTS, settings.LOCAL_NAMES_ONLY = ["pictures.example.org", "testserver"], False
    client.force_login(cast.moderator)
    for path, host, said in (
        ("/audit/", "testserver", "/audit/"),
        ("/", "example.com", "example.com"),
        ("/", "exa mple.com", "exa mple.com"),
        ("/?a=%00", "testserver", "NUL"),
    ):
        sink.text.truncate(0)
        sink.text.seek(0)
        assert client.get(path, headers={"Host": host}).status_code in (400, 403)
        (line,) = sink.lines()
        assert said in line
        assert "WARNING" in line


def test_what_failed_here_leaves_its_traceback(sink: Sink, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gallery.doctor.views.HttpResponse", None)
    assert Client(raise_request_exception=False).get("/healthz").status_code == 500
    assert "Traceback" in sink.text.getvalue()
    assert "ERROR" in sink.text.getvalue()


# Lines


def test_a_line_has_time_level_logger_and_id() -> None:
    call = uuid4()
    line = line_of("call %s: sending, try %s", call, 1, created=0.0)
    assert line == f"1970-01-01T00:00:00.000Z INFO generator.worker.send [{call}] sending, try 1"


def test_a_line_is_one_line_whatever_is_in_it() -> None:
    line = line_of("said %s", "a\nb\r\x1b[31m\u2028c\\")
    assert line.endswith(r"said a\nb\r\x1b[31m\u2028c" + "\\")


def test_a_message_that_is_no_text_is_logged_as_text() -> None:
    assert line_of(ValueError("odd")).endswith("[-] odd")
    # Python hands a single dictionary on as it is.
    odd = logging.LogRecord("any", logging.INFO, "file", 1, "call %s: odd", ({"a": 1},), None)
    logs.NameFilter().filter(odd)
    assert logs.LineFormatter().format(odd).endswith("[-] call {'a': 1}: odd")


def test_a_traceback_follows_its_line() -> None:
    try:
        raise ValueError("broken")
    except ValueError as error:
        found = record("failed", exc_info=(type(error), error, error.__traceback__))
    lines = logs.LineFormatter().format(found).splitlines()
    assert (lines[0].endswith("[-] failed"), lines[-1]) == (True, "ValueError: broken")
    assert json.loads(logs.JsonFormatter().format(found))["exception"].endswith("ValueError: broken")


def test_json_has_a_field_for_each_part() -> None:
    call = uuid4()
    fields = json.loads(logs.JsonFormatter().format(record("call %s: sending", call, created=1.5)))
    assert fields == {
        "time": "1970-01-01T00:00:01.500Z",
        "level": "INFO",
        "logger": "generator.worker.send",
        "request": "",
        "call": str(call),
        "message": "sending",
    }


def test_a_record_that_met_no_filter_is_a_line_too() -> None:
    bare = logging.makeLogRecord({"name": "any", "levelname": "INFO", "msg": "hello"})
    assert logs.LineFormatter().format(bare).endswith("INFO any [-] hello")


@pytest.mark.parametrize("shape", list(logs.FORMATTERS))
def test_the_configuration_is_one_that_python_takes(shape: str) -> None:
    logging.config.DictConfigurator(logs.configuration("INFO", shape)).configure_formatter(
        logs.configuration("INFO", shape)["formatters"]["chosen"]
    )


# The queue


@pytest.mark.parametrize(
    ("module", "function", "level", "is_said"),
    [
        ("cluster", "start", logging.INFO, True),
        ("cluster", "stop", logging.INFO, True),
        ("cluster", "guard", logging.INFO, False),
        ("worker", "worker", logging.INFO, False),
        ("monitor", "monitor", logging.WARNING, True),
    ],
)
def test_of_the_queue_only_start_stop_and_warnings_are_said(
    module: str,
    function: str,
    level: int,
    is_said: bool,
) -> None:
    line = logging.makeLogRecord({"module": module, "funcName": function, "levelno": level})
    assert logs.ClusterFilter().filter(line) is is_said


def test_the_filter_stands_where_the_queue_logs() -> None:
    import django_q.conf

    assert any(isinstance(each, logs.ClusterFilter) for each in django_q.conf.logger.filters)


# Prompts


@pytest.mark.django_db
@pytest.mark.parametrize("fault", ["", "status:400", "status:429", "cut", "garbage", "badimage", "error200"])
def test_no_word_of_a_prompt_is_logged_on_the_whole_way(
    fault: str, sandbox: SandboxServer, client: Client, cast: Cast, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    """Typed into the form, sent, answered or refused, stored, looked at."""
    Provider.objects.current().learn_models([{"id": "flux", "name": "Flux", "available": True}])
    client.force_login(cast.owner)
    with caplog.at_level(logging.INFO):
        page = client.get("/create/")
        form = page.context["form"]
        asked = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        answer = client.post("/create/", asked | {"prompt": PROMPT})
        assert answer.status_code == 303
        if fault:
            sandbox.faults.set(fault, times=1)
        tasks.work()
        client.get(Generation.objects.get().get_absolute_url())
        client.get("/")
        client.get("/create/", {"prompt": PROMPT})
    assert Generation.objects.get().prompt == PROMPT
    call = Call.objects.get()
    assert call.tries == 1
    said = (caplog.text + sink.text.getvalue()).lower()
    assert not [word for word in PROMPT.lower().split() if word in said]
    assert [line for line in sink.lines() if str(call.pk) in line], "the call's own lines are there"
