"""Who holds a call: a claim has a name of its own, which tells the worker that made it."""

import secrets
import socket
from os import getpid


def new_lease() -> str:
    """A name that no other claim has: host, process, and a random part."""
    return f"{socket.gethostname()[:50]}:{getpid()}:{secrets.token_hex(6)}"


def worker_of(lease: str) -> str:
    """Host and process."""
    return lease.rpartition(":")[0]
