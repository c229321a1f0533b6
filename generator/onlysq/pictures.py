"""Fetches a picture whose address came instead of it: one GET, which costs nothing, under the strictest of rules.

It is fetched from the API's own origin (the same scheme, host and port), wherever that is; and, over https and from a
public address, from hosts that the admin has listed. The connection goes to the very address that was looked at, each
redirect is looked at anew, and the API key goes to the API's own origin only.
"""

import ipaddress
import re
import socket
import time
from collections.abc import Collection
from typing import BinaryIO, Literal, NamedTuple
from urllib.parse import urljoin

import requests
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from generator.onlysq.client import Bearer, copy_body
from generator.onlysq.failure import OnlySqError
from generator.onlysq.wire import Wire, WireSession

_MOST_REDIRECTS = 4
_REDIRECTS = {301, 302, 303, 307, 308}
_NAME = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")
_PORTS = {"http": 80, "https": 443}
# IPv6 addresses that lead to an IPv4 address which may be anything.
_GATEWAYS = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))

# Why there is no picture: its address is not one to fetch from, or fetching it failed.
FetchReason = Literal["address", "unfetched"]


class FetchError(Exception):
    """Nothing was fetched, or nothing whole."""

    def __init__(self, reason: FetchReason) -> None:
        super().__init__(reason)
        self.reason = reason


class _Target(NamedTuple):
    """An address in parts, and put together again from these, so that no two parsers read it differently."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}{self.path}"


class Pictures:
    """Fetches what an API at `api` with this key names. Times in seconds, all of it within `seconds`."""

    def __init__(
        self, api: str, key: str, hosts: Collection[str], timeouts: tuple[float, float], seconds: float
    ) -> None:
        self._api = api
        self._key = key.strip()
        self._hosts = {host.lower() for host in hosts}
        self._timeouts = timeouts
        self._until = time.monotonic() + seconds

    def __repr__(self) -> str:
        return "<Pictures>"

    def fetch(self, url: str, sink: BinaryIO, max_bytes: int) -> None:
        """Stream what lies there into `sink`. Raises FetchError; an OSError of `sink` passes through."""
        for _ in range(_MOST_REDIRECTS + 1):
            location = self._fetch(_target(url), sink, max_bytes)
            if not location:
                return
            url = urljoin(url, location)
        raise FetchError("unfetched")

    def _fetch(self, target: _Target, sink: BinaryIO, max_bytes: int) -> str:
        """Where else it lies; "" once it has been fetched."""
        is_own = target.origin == _target(self._api).origin
        address = "" if is_own else self._checked(target)
        with (
            Wire(max(self._until - time.monotonic(), 0.1)) as wire,
            WireSession(wire, target.url, address) as session,
            self._open(session, target.url, Bearer(self._key if is_own else "")) as response,
        ):
            if response.status_code in _REDIRECTS and response.headers.get("Location"):
                return str(response.headers["Location"])
            if response.status_code != requests.codes.ok:
                raise FetchError("unfetched")
            try:
                copy_body(wire, response, sink, max_bytes)
            except OnlySqError:
                raise FetchError("unfetched") from None
        return ""

    def _open(self, session: WireSession, url: str, auth: Bearer) -> requests.Response:
        # Raised outside the `except`, so that no traceback leads to the request and its headers.
        try:
            auth.check()
            return session.get(url, auth=auth, timeout=self._timeouts, stream=True, allow_redirects=False)
        except (OSError, HTTPError, ValueError, OnlySqError):
            failure = FetchError("unfetched")
        raise failure

    def _checked(self, target: _Target) -> str:
        """A public address of a listed host."""
        if target.scheme != "https" or target.host not in self._hosts:
            raise FetchError("address")
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except OSError:
            raise FetchError("unfetched") from None
        addresses = [str(where[0]) for *_, where in found]
        if not addresses or not all(map(_is_public, addresses)):
            raise FetchError("address")
        return addresses[0]


def _target(url: str) -> _Target:
    """Raises FetchError for what is no plain address of the web."""
    try:
        parts = parse_url(url.strip())
    except (HTTPError, ValueError):
        raise FetchError("address") from None
    scheme, host = (parts.scheme or "").lower(), (parts.host or "").lower()
    if scheme not in _PORTS or not _NAME.fullmatch(host) or parts.auth is not None:
        raise FetchError("address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Target(scheme, host, parts.port or _PORTS[scheme], path)


def _is_public(address: str) -> bool:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return _is_public(str(ip.ipv4_mapped))
        if any(ip in gateway for gateway in _GATEWAYS):
            return False
    return ip.is_global and not ip.is_multicast
