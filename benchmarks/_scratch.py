"""A site of the benchmark's own: importing this points Django at a new folder and, with DATABASE_URL, a new database.

Both are removed when the process ends. DATABASE_URL names a PostgreSQL server that may be used; the database it
names is only connected to, to create another one beside it. What else was configured is not passed on.
"""

import atexit
import os
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.process import Instance, PostgreSql  # noqa: E402

PASSWORD = "correct-horse-battery"  # noqa: S105 - of a site that lives for a minute
FOLDER = Path(tempfile.mkdtemp(prefix="vitrine-bench-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)


def _instance() -> Instance:
    server = os.environ.get("DATABASE_URL", "").rpartition("/")[0]
    return Instance(
        FOLDER / "data",
        PostgreSql(f"vitrine_bench_{os.getpid()}", server) if server else None,
        VITRINE_ADMIN_PASSWORD=PASSWORD,
        # The one in the folder is written too late for this process, which must agree with those that it starts.
        VITRINE_SECRET_KEY=secrets.token_urlsafe(50),
        VITRINE_LOG_LEVEL="WARNING",
    )


SITE = _instance().open()
atexit.register(SITE.close)
_environment = SITE.environment
os.environ.clear()
os.environ |= _environment | {"DJANGO_SETTINGS_MODULE": "gallery.settings"}
django.setup()

from django.core.management import call_command  # noqa: E402

call_command("prepare")
