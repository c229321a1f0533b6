"""The addresses of the sandbox and what happens at each."""

from __future__ import annotations

import hmac
import ipaddress
import os
import re
import threading
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from generator.sandbox import bodies, contract, control
from generator.sandbox.contract import RefusalError
from generator.sandbox.exchange import Exchange, HangUpError, decoded

if TYPE_CHECKING:
    from generator.sandbox.contract import Order
    from generator.sandbox.control import Sandbox
    from generator.sandbox.faults import Fault

IMAGEN = ("/ai/imagen", "/ai/v2")
MODELS = "/ai/models"
PICTURES = "/pictures/"  # what the fault `address` may lead to
# What programs on this machine call it.
_NEAR = re.compile(r"(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?", re.I | re.A)

# Drawing more pictures at once than there are processors only costs memory.
_PENS = threading.BoundedSemaphore(os.cpu_count() or 1)


class Handler(Exchange):
    """Serves one connection of `sandbox`."""

    sandbox: Sandbox

    def do_GET(self) -> None:  # noqa: N802 - the name that http.server calls
        self._answer()

    def do_POST(self) -> None:  # noqa: N802 - as above
        self._answer()

    def do_DELETE(self) -> None:  # noqa: N802 - as above
        self._answer()

    def _answer(self) -> None:
        started, self.over = time.monotonic(), self.sandbox.faults.over
        path = self.path.partition("?")[0].rstrip("/")
        try:
            if self.sandbox.faults.take("models" if path == MODELS else "imagen", early=True):
                self.reset()
            self._route(path, self.read_body(), started)
        except RefusalError as refusal:
            self.send(refusal.status, bodies.error_body(refusal.message))
        except (HangUpError, ConnectionError, TimeoutError):
            self.close_connection = True

    def _route(self, path: str, data: bytes, started: float) -> None:
        if path == "/control" or path.startswith("/control/"):
            self._control(path, data)
        elif path in IMAGEN and self.command == "POST":
            self._imagen(data, started)
        elif path == MODELS and self.command == "GET":
            self._models()
        elif path.startswith(PICTURES) and self.command == "GET":
            self._check_key()
            self.send(200, bodies.Plain(_draw(path, "kandinsky", 0, (64, 64), "PNG"), "image/png"))
        elif path in IMAGEN or path == MODELS:
            raise RefusalError(405, f"{path} does not answer {self.command}.")
        else:
            raise RefusalError(404, "There is nothing at this address.")

    def _imagen(self, data: bytes, started: float) -> None:
        user = contract.user_number(self._check_key())
        order = contract.read_order(decoded(data), self.sandbox.dialect)
        fault = self.sandbox.faults.take("imagen", order.prompt)
        reply_id = contract.new_id()
        if fault is None or fault.charged:
            self.sandbox.charges.charge(order, reply_id, user)
        if fault is not None and self._failed(fault):
            return
        number = self.sandbox.charges.number(order)
        pictures = [self._drawn(order, number + n) for n in range(order.count)]
        self.pause(self.sandbox.latency_for(f"{order.prompt}{number}") - (time.monotonic() - started))
        elapsed = time.monotonic() - started
        if fault and fault.name == "address" and fault.location.startswith("/"):
            fault = replace(fault, location=f"http://{self.headers['Host']}{fault.location}")
        fields = contract.reply_fields(order, reply_id, int(time.time()), elapsed, user)
        self.send(200, bodies.picture_body(fields, pictures, fault), fault)

    def _drawn(self, order: Order, number: int) -> bytes:
        with _PENS:
            if self.stopping.is_set():
                raise HangUpError
            return _draw(order.prompt, order.model, number, order.size, contract.MODELS[order.model].kind)

    def _models(self) -> None:
        fault = self.sandbox.faults.take("models")
        if fault is None:
            self.send(200, bodies.Body(contract.models_reply()))
        elif not self._failed(fault):
            self.send(200, bodies.bent_body(contract.models_reply(), fault), fault)

    def _failed(self, fault: Fault) -> bool:
        """Whether the fault ended the exchange before there was a reply to bend."""
        if fault.name == "cut":
            raise HangUpError
        if fault.name == "hang":
            self.linger(fault.seconds)
            raise HangUpError
        if fault.name == "redirect":
            self.send(307, bodies.Plain(b""), location=fault.location)
        elif fault.name == "status":
            self.send(fault.status, bodies.failed_body(fault), fault)
        return fault.name in ("redirect", "status")

    def _control(self, path: str, data: bytes) -> None:
        """Only for programs on this machine: not for other hosts, and not for a web page that guesses the address
        or leads a name of its own to it."""
        host = ipaddress.ip_address(self.client_address[0].partition("%")[0])
        mapped = getattr(host, "ipv4_mapped", None)
        is_near = (mapped or host).is_loopback and _NEAR.fullmatch(self.headers.get("Host") or "")
        if not is_near or "Origin" in self.headers:
            raise RefusalError(403, "The control endpoint answers programs on this machine only.")
        value = decoded(data) if self.command == "POST" else None
        self.send(200, bodies.Body(control.respond(self.sandbox, self.command, path, value)))

    def _check_key(self) -> str:
        """The bearer key of the request, "" without one; RefusalError 401 if the server wants another."""
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        given = key.strip() if scheme.lower() == "bearer" else ""
        wanted = self.sandbox.key
        if wanted and not hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode()):
            raise RefusalError(401, "The API key is missing or wrong.")
        return given


def _draw(*what: Any) -> bytes:
    """What draws is loaded when the first picture is asked for: a server that is left alone does without."""
    from generator.sandbox.drawing import draw

    return draw(*what)
