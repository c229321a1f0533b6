"""Who sends a request: asked by every page, so its SQL is made once in a process."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.http import HttpRequest

from gallery.models import User
from gallery.models.member_names import normal
from generator.models.compiled import Compiled


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, with a quicker way from a key to its member. The row is read anew each time."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """A name may be typed as when one joined: it is kept in one way of writing."""
        if name := credentials.get("username"):
            credentials["username"] = normal(name)
        found: User | None = super().authenticate(request, **credentials)
        return found

    def get_user(self, user_id: Any) -> User | None:
        row = _MEMBER.row(user_id)
        user = User.from_db(DEFAULT_DB_ALIAS, _COLUMNS, row) if row else None
        return user if user and self.user_can_authenticate(user) else None


_COLUMNS = [field.attname for field in User._meta.concrete_fields]


def _member(person: int) -> QuerySet[User, Any]:
    return User.objects.filter(pk=person).values_list(*_COLUMNS)


_MEMBER = Compiled(_member)
