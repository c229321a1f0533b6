"""Nobody can take the last admin away, by whatever way."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from gallery.models import User
from gallery.people.roles import LastAdminError, change_role, deactivate
from tests.conftest import Cast
from tests.gallery.people.conftest import signed_in

SENTENCE = "There must be an admin"


def second_admin() -> User:
    return User.objects.create_superuser("deputy", password="correct-horse")


def is_admin(person: User) -> bool:
    return User.objects.filter(pk=person.pk, is_superuser=True, is_active=True).exists()


def test_the_last_admin_cannot_be_demoted(cast: Cast) -> None:
    answer = signed_in(cast.admin).post(f"/people/{cast.admin.pk}/change/", {"role": "member"})
    assert answer.status_code == 409
    assert SENTENCE in answer.content.decode()
    assert is_admin(cast.admin)


def test_the_last_admin_cannot_be_deactivated(cast: Cast) -> None:
    answer = signed_in(cast.admin).post(f"/people/{cast.admin.pk}/deactivate/")
    assert answer.status_code == 409
    assert SENTENCE in answer.content.decode()
    assert is_admin(cast.admin)


def test_one_of_two_admins_may_go(cast: Cast) -> None:
    second_admin()
    signed_in(cast.admin).post(f"/people/{cast.admin.pk}/change/", {"role": "member"})
    assert User.objects.get(pk=cast.admin.pk).role == "member"


def test_an_admin_who_cannot_sign_in_does_not_count(cast: Cast) -> None:
    User.objects.filter(pk=second_admin().pk).update(is_active=False)
    with pytest.raises(LastAdminError):
        change_role(cast.admin, "moderator")
    assert is_admin(cast.admin)


def test_of_two_admins_who_leave_at_once_one_stays(at_once: Any, cast: Cast) -> None:
    def leave(admin: User) -> bool:
        try:
            deactivate(admin)
        except LastAdminError:
            return False
        return True

    assert sorted(at_once(leave, [cast.admin, second_admin()])) == [False, True]
    assert at_once(lambda _: User.objects.filter(is_superuser=True, is_active=True).count(), [None]) == [1]


def fields(member: User, **more: Any) -> dict[str, Any]:
    joined = member.date_joined
    return {
        "username": member.username, "date_joined_0": joined.date().isoformat(),
        "date_joined_1": joined.time().isoformat(), "is_staff": "on",
    } | more  # fmt: skip


@pytest.mark.parametrize("given", [{"is_active": "on"}, {"is_superuser": "on"}])
def test_the_administration_is_no_way_around_it(cast: Cast, given: dict[str, str]) -> None:
    address = f"/admin/gallery/user/{cast.admin.pk}/change/"
    assert SENTENCE in signed_in(cast.admin).post(address, fields(cast.admin, **given)).content.decode()
    assert is_admin(cast.admin)
    deputy = second_admin()
    assert signed_in(deputy).post(address, fields(cast.admin, **given)).status_code == 302
    assert not is_admin(cast.admin)


def test_nor_is_deleting(cast: Cast) -> None:
    admin = signed_in(cast.admin)
    one = admin.post(f"/admin/gallery/user/{cast.admin.pk}/delete/", {"post": "yes"})
    chosen = {"action": "delete_selected", "_selected_action": [cast.admin.pk, cast.stranger.pk], "post": "yes"}
    many = admin.post("/admin/gallery/user/", chosen)
    for answer in (one, many):
        assert SENTENCE in answer.content.decode()
    assert is_admin(cast.admin)
    assert User.objects.filter(pk=cast.stranger.pk).exists()
    second_admin()
    admin.post(f"/admin/gallery/user/{cast.stranger.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=cast.stranger.pk).exists()


def test_a_member_is_made_in_the_administration(client: Client, cast: Cast) -> None:
    new = {"username": "new", "usable_password": "true", "password1": "battery-staple-9"}
    signed_in(cast.admin).post("/admin/gallery/user/add/", new | {"password2": "battery-staple-9"})
    assert client.post("/accounts/login/", {"login": "new", "password": "battery-staple-9"})["Location"] == "/"
