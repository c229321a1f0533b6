"""How long a process waits for those who hold the database."""

from __future__ import annotations

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

# Whoever holds the database for longer may be one of the cluster's own processes; the watch has to look at them again.
LOCK_SECONDS = 2
_UID = "patience"


def be_impatient() -> None:
    """Have connections from now on wait for other people's locks for LOCK_SECONDS at most."""
    connection_created.connect(limit, dispatch_uid=_UID)
    connection.close()  # the next one is


def be_patient() -> None:
    """As usual again, with the next connection."""
    connection_created.disconnect(dispatch_uid=_UID)


def limit(connection: BaseDatabaseWrapper, **_: object) -> None:
    wishes = {
        "sqlite": f"PRAGMA busy_timeout = {LOCK_SECONDS * 1000}",
        "postgresql": f"SET lock_timeout = '{LOCK_SECONDS}s'",
    }
    with connection.cursor() as cursor:
        cursor.execute(wishes[connection.vendor])
