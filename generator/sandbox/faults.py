"""Named misbehaviours of the sandbox, for drills.

A fault is set by name, for a number of requests or until it is cleared:

    name           what the client sees                                                charged
    status:CODE    that status; `body` is json, string, detail, plain, html or empty   500, 502, 503 and 504 only
    reset          the connection is reset before the request is read                  no
    cut            the request is read, the connection closes without a byte           yes
    half           a full Content-Length, half of the body, then the connection closes yes
    garbage        status 200 and random bytes                                         yes
    error200       status 200, {"error": "..."} and no files                           no
    nofiles        a reply whose list of files is empty                                yes
    fewer          one file less than asked for                                        yes
    badimage       file number `index` is no picture                                   yes
    badbase64      file number `index` is no base64                                    yes
    dataurl        each file has a data: prefix and line breaks                        yes
    bare           a reply of nothing but files                                        yes
    openai         the pictures as `{"data": [{"b64_json": ...}]}`, url-safe           yes
    address        the address `location` where each file should be, which is one of   yes
                   this server's own if it begins with a slash: /pictures/any.png
    early          a status of 103 and a Link before the answer                        yes
    odd            every field but files has an unexpected type, one is new            yes
    othermodel     another model answered                                              yes
    chunked        a good reply without Content-Length, in chunks                      yes
    drip           the body at `rate` bytes a second                                   yes
    stall          half of the body, nothing for `seconds`, then the rest              yes
    hang           nothing for `seconds`, then the connection closes                   yes
    flood          a reply padded with `padding` spaces                                  yes
    redirect       status 307 to `location`                                            no

What stalls or hangs does so until it is released, or the faults are cleared or replaced, if that comes first.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields, replace
from typing import Any

NAMES = {
    "status", "reset", "cut", "half", "garbage", "error200", "nofiles", "fewer", "badimage", "badbase64", "dataurl",
    "bare", "openai", "address", "early", "odd", "othermodel", "chunked", "drip", "stall", "hang", "flood", "redirect",
}  # fmt: skip
_FREE = {"reset", "error200", "redirect"}
_LOST = {500, 502, 503, 504}
_BODIES = {"json", "string", "detail", "plain", "html", "empty"}
_TARGETS = {"imagen", "models"}


class FaultError(ValueError):
    """A fault that does not exist or cannot be; the message says why."""


@dataclass(frozen=True)
class Fault:
    """One misbehaviour. `times` None means until cleared; `seconds` and `rate` are seconds and bytes per second."""

    name: str
    times: int | None = None
    status: int = 500
    body: str = "json"
    message: str = "The sandbox was told to fail."
    retry_after: int | None = None
    index: int = 0
    rate: int = 20_000
    seconds: float = 600.0
    padding: int = 1_000_000
    location: str = "http://127.0.0.1:9/"
    on: str = "imagen"
    prompt: str = ""
    """Only requests whose prompt contains this."""
    charge: bool | None = None
    """Overrides whether the call is charged."""

    def __post_init__(self) -> None:
        if self.name not in NAMES:
            raise FaultError(f"There is no fault {self.name[:40]!r}; the faults are {', '.join(sorted(NAMES))}.")
        if self.body not in _BODIES or self.on not in _TARGETS:
            raise FaultError("A fault's body is json, string, detail, plain, html or empty; it is on imagen or models.")
        if not 200 <= self.status <= 599:
            raise FaultError("A fault's status is between 200 and 599.")
        numbers = (self.times or 0, self.index, self.rate - 1, self.seconds, self.padding, self.retry_after or 0)
        if self.times == 0 or any(number < 0 for number in numbers):
            raise FaultError("A fault's numbers must not be negative, and its times and rate at least 1.")

    @property
    def charged(self) -> bool:
        if self.charge is not None:
            return self.charge
        return self.status in _LOST if self.name == "status" else self.name not in _FREE


def parse(text: str) -> Fault:
    """A fault from a command line: NAME, NAME:TIMES, status:CODE or status:CODE:TIMES."""
    name, *numbers = text.split(":")
    wanted = ("status", "times") if name == "status" else ("times",)
    if len(numbers) > len(wanted) or not all(number.isdecimal() for number in numbers):
        raise FaultError(f"{text!r} is not NAME, NAME:TIMES, status:CODE or status:CODE:TIMES.")
    return Fault(name, **{key: int(number) for key, number in zip(wanted, numbers, strict=False)})  # type: ignore[arg-type]


def from_json(value: object) -> Fault:
    """A fault from a control request: an object with `name` (also "status:429") and any other field of Fault."""
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise FaultError("A fault is an object with a name.")
    known = {field.name: field.type for field in fields(Fault)}
    for key, given in value.items():
        if key not in known:
            raise FaultError(f"A fault has no {str(key)[:40]!r}.")
        if not _fits(given, str(known[key])):
            raise FaultError(f"A fault's {key} must be {known[key]}.")
    base = parse(value["name"])
    return replace(base, **{key: given for key, given in value.items() if key != "name"})


def _fits(value: object, kind: str) -> bool:
    """Whether a JSON value is of the annotated kind; true and false are not numbers."""
    kinds: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float), "bool": (bool,)}
    for name in kind.split(" | "):
        if name == "None" and value is None:
            return True
        if name in kinds and isinstance(value, kinds[name]) and isinstance(value, bool) == (name == "bool"):
            return True
    return False


def _fault(name: str, times: int | None, options: dict[str, Any]) -> Fault:
    return from_json({"name": name} | options | ({} if times is None else {"times": times}))


class Faults:
    """The faults waiting to happen, in order; safe to change while the server runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []
        self._over = threading.Event()

    def set(self, name: str, times: int | None = None, **options: Any) -> None:
        """Replace whatever was set by one fault: `set("cut", times=1)`, `set("status:429", retry_after=2)`."""
        self.replace([_fault(name, times, options)])

    def add(self, name: str, times: int | None = None, **options: Any) -> None:
        """Queue one more fault behind those already set."""
        extra = _fault(name, times, options)
        with self._lock:
            self._waiting.append(extra)

    def replace(self, faults: list[Fault]) -> None:
        with self._lock:
            self._waiting = list(faults)
        self.release()

    def release(self) -> None:
        """End what stalls or hangs at the moment; faults that wait for a request go on waiting."""
        with self._lock:
            self._over.set()
            self._over = threading.Event()

    @property
    def over(self) -> threading.Event:
        """Set when what stalls or hangs now has to end."""
        with self._lock:
            return self._over

    def clear(self) -> None:
        self.replace([])

    def waiting(self) -> list[Fault]:
        with self._lock:
            return list(self._waiting)

    def take(self, on: str, prompt: str = "", *, early: bool = False) -> Fault | None:
        """The first fault that fits, counted down. `early` asks for the ones that act before a request is read."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.on == on and fault.prompt in prompt and (fault.name == "reset") == early:
                    if fault.times == 1:
                        del self._waiting[place]
                    elif fault.times is not None:
                        self._waiting[place] = replace(fault, times=fault.times - 1)
                    return fault
        return None
