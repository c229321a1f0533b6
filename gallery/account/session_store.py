"""Sessions in Django's own table: read by every page, so the SQL for that is made once in a process."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.db.models import QuerySet
from django.utils import timezone

from generator.models.compiled import SOME_NAME, Compiled


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        """The row, which is read anew each time; as Django has it, one that has expired is none."""
        row = _SESSION.row(0, name=str(self.session_key))
        kept: Any = self.model
        session = kept(*row) if row else None
        if session and session.expire_date > timezone.now():
            return session
        self._session_key = None
        return None


def _session(_person: int) -> QuerySet[Any, Any]:
    sessions: Any = db.SessionStore.get_model_class()
    found: QuerySet[Any, Any] = sessions.objects.filter(session_key=SOME_NAME)
    return found.values_list("session_key", "session_data", "expire_date")


_SESSION = Compiled(_session)
