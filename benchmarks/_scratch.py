"""A site of the benchmark's own: importing this points Django at a new folder and, with DATABASE_URL, a new database.

Both are removed when the process ends. DATABASE_URL names a PostgreSQL server that may be used; the database it
names is only connected to, to create another one beside it.
"""

import atexit
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import django
import psycopg

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "correct-horse-battery"  # noqa: S105 - of a site that lives for a minute


def _create_database(server: str) -> str:
    """The URL of a new, empty database on this server; dropped at exit. The one that `server` names need not exist."""
    name = f"vitrine_bench_{os.getpid()}"
    server = urlsplit(server)._replace(path="/postgres").geturl()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    atexit.register(_drop_database, server, name)
    return urlsplit(server)._replace(path=f"/{name}").geturl()


def _drop_database(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


FOLDER = Path(tempfile.mkdtemp(prefix="vitrine-bench-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "gallery.settings",
    "VITRINE_ENV_FILE": os.devnull,
    "VITRINE_DATA_DIR": str(FOLDER),
    "VITRINE_ADMIN_PASSWORD": PASSWORD,
    # The one in the folder is written too late for this process, which must agree with those that it starts.
    "VITRINE_SECRET_KEY": secrets.token_urlsafe(50),
    "VITRINE_LOG_LEVEL": "WARNING",
    "ONLYSQ_API_KEY": "",
}
if os.environ.get("DATABASE_URL"):
    os.environ["DATABASE_URL"] = _create_database(os.environ["DATABASE_URL"])
sys.path.insert(0, str(ROOT))
django.setup()

from django.core.management import call_command  # noqa: E402

call_command("prepare")
