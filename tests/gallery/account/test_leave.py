"""Leaving: pictures go or are offered to somebody, the name goes, the ledger stays to the last figure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.sessions.models import Session
from django.db.models import CharField, Count, EmailField, JSONField, Sum, TextField
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from gallery.account.forms import LeaveForm
from gallery.handover import offers
from gallery.models import Comment, Favourite, Handover, Invitation, Notice, Rating, SavedSearch, User
from generator.models import Call, Generation, Image, Limit
from generator.worker.points import tidied
from tests.conftest import Cast, Folders, markup

pytestmark = pytest.mark.django_db
Make = Callable[..., Image]
Commits = Callable[..., Any]


@pytest.fixture
def leave(owner: Client, django_capture_on_commit_callbacks: Commits) -> Callable[..., Any]:
    """Olga sends the form; what waits for the commit happens, and a worker does its part."""

    def send(client: Client = owner, **form: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post("/account/leave/", {"pictures": "delete", "password": "correct-horse"} | form)
        with django_capture_on_commit_callbacks(execute=True):
            offers.delete_given_up()
        return answer

    return send


def ledger() -> dict[str, Any]:
    return Call.objects.aggregate(
        calls=Count("pk"), usage=Sum("usage"), elapsed=Sum("elapsed_time"), pictures=Sum("pictures"),
        units=Sum("units"), cost=Sum("cost"),
    )  # fmt: skip


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def see_thumb(client: Client, image: Image) -> int:
    response = client.get(f"/images/{image.pk}/thumbs/320/")
    return len(b"".join(response.streaming_content) if response.streaming else b"")  # type: ignore[attr-defined]


def test_pictures_go_with_their_files_and_what_was_said_about_them(
    leave: Callable[..., Any], owner: Client, cast: Cast, make_image: Make, folders: Folders
) -> None:
    mine, thrown, other = make_image(cast.owner, thumbs=True), make_image(cast.owner), make_image(cast.member)
    thrown.trash()
    assert see_thumb(owner, mine)
    Comment.objects.create(image=mine, user=cast.member, text="Hello", token="1")
    Rating.objects.create(image=mine, user=cast.member, stars=3)
    before = ledger()
    assert leave()["Location"] == "/account/left/"
    assert list(Image.objects.all()) == [other]
    assert files(folders.media) == [folders.media / other.file.name]
    assert Comment.objects.count() == Rating.objects.count() == 0
    assert ledger() == before


def test_until_a_worker_has_deleted_them_nobody_sees_them_and_no_file_is_forgotten(
    owner: Client, cast: Cast, make_image: Make, folders: Folders, django_capture_on_commit_callbacks: Commits
) -> None:
    """Whoever kills the web server just after the commit kills nothing that is to be done."""
    image, thrown = make_image(cast.owner, visibility="public", thumbs=True), make_image(cast.owner, prompt="thrown")
    thrown.trash()
    with django_capture_on_commit_callbacks():  # which do not happen
        owner.post("/account/leave/", {"pictures": "delete", "password": "correct-horse"})
    for person in (cast.member, cast.moderator, cast.admin, AnonymousUser()):
        assert not Image.objects.visible_to(person, link=image.link).exists()
    assert len(files(folders.media)) == 3
    tidied.send(sender=None)
    assert offers.DELETING in [queued.func() for queued in OrmQ.objects.all()]
    with django_capture_on_commit_callbacks(execute=True):
        offers.delete_given_up()
    assert files(folders.media) == []
    assert not Image.objects.exists()
    assert set(Generation.objects.values_list("prompt", flat=True)) == {""}


def test_what_lay_in_the_trash_is_nobodys_heritage(
    owner: Client, cast: Cast, make_image: Make, django_capture_on_commit_callbacks: Commits
) -> None:
    """Also if the offer is accepted before a worker comes to the trash."""
    image, thrown = make_image(cast.owner), make_image(cast.owner)
    thrown.trash()
    with django_capture_on_commit_callbacks(execute=True):
        form = {"pictures": "hand over", "heir": str(cast.member.pk), "password": "correct-horse"}
        owner.post("/account/leave/", form)
    with django_capture_on_commit_callbacks(execute=True):
        assert offers.accept(Handover.objects.open().get(), cast.member)
    assert Image.objects.get(user=cast.member) == image
    with django_capture_on_commit_callbacks(execute=True):
        offers.delete_given_up()
    assert Image.objects.get() == image


def test_pictures_are_offered_and_old_proofs_end(
    leave: Callable[..., Any], owner: Client, cast: Cast, make_image: Make, folders: Folders
) -> None:
    image, thrown = make_image(cast.owner, visibility="public", thumbs=True), make_image(cast.owner)
    thrown.trash()
    assert see_thumb(owner, image)
    leave(pictures="hand over", heir=str(cast.member.pk))
    kept = Image.objects.get()
    assert (kept.pk, kept.user, kept.visibility) == (image.pk, cast.owner, "private")
    assert kept.access_version > image.access_version
    handover = Handover.objects.open().get()
    assert (handover.asked, handover.name, handover.fallback, handover.pictures) == (cast.member, "olga", "delete", 1)
    assert {path.name for path in files(folders.media)} == {Path(kept.file.name).name, Path(kept.thumb_name(320)).name}
    assert kept.generation.prompt == image.generation.prompt
    assert {path.name for path in files(folders.media)} == {Path(kept.file.name).name, Path(kept.thumb_name(320)).name}


def test_prompts_that_no_picture_is_left_of_are_forgotten(
    leave: Callable[..., Any], cast: Cast, make_image: Make
) -> None:
    for image in (make_image(cast.owner, prompt="secret one"), make_image(cast.owner, prompt="secret two")):
        Call.objects.filter(pk=image.call_id).update(reply_extra={"revised_prompt": "secret"})
    kept = make_image(cast.member, prompt="theirs")
    leave()
    assert list(Generation.objects.exclude(prompt="").values_list("prompt", flat=True)) == ["theirs"]
    assert not Call.objects.filter(user=cast.owner).exclude(reply_extra={}).exists()
    assert Image.objects.get() == kept


def test_a_prompt_goes_with_a_picture_that_somebody_else_had_left_to_them(
    leave: Callable[..., Any], cast: Cast, make_image: Make
) -> None:
    image = make_image(cast.member, prompt="inherited")
    Image.objects.filter(pk=image.pk).update(user=cast.owner)
    leave()
    assert Generation.objects.get().prompt == ""


def test_the_person_is_forgotten_everywhere(leave: Callable[..., Any], cast: Cast, make_image: Make) -> None:
    user = cast.owner
    User.objects.filter(pk=user.pk).update(
        first_name="Olga", last_name="Owner", email="olga@example.org", theme="dark", language="en"
    )
    user.groups.add(Group.objects.create(name="Friends"))
    EmailAddress.objects.create(user=user, email="olga@example.org")
    Authenticator.objects.create(user=user, type="recovery_codes", data={})
    SocialAccount.objects.create(user=user, provider="oidc", uid="olga-1")
    Limit.objects.create(what="pictures/day", amount=Decimal(3), user=user)
    Comment.objects.create(image=make_image(cast.member), user=user, text="Hello", token="1")
    Rating.objects.create(image=Image.objects.get(), user=user, stars=5)
    SavedSearch.objects.create(user=user, name="olga's foxes", q="by:olga fox")
    Favourite.objects.create(image=Image.objects.get(), user=user)
    leave()
    gone = User.objects.get(pk=user.pk)
    assert str(gone) == "Former member"
    assert gone.username.startswith("former-")
    assert not gone.is_active
    assert not gone.has_usable_password()
    assert not gone.groups.exists()
    assert gone.left_at
    assert Comment.objects.get().user == Rating.objects.get().user == gone
    assert not Favourite.objects.exists()
    assert mentions("olga") == []
    assert not Session.objects.exists()


def mentions(word: str) -> list[str]:
    """Columns of text in which the word still stands."""
    found = []
    for model in filter(lambda model: model._meta.managed, apps.get_models()):
        for field in model._meta.fields:
            if type(field) in (CharField, EmailField, TextField, JSONField):
                rows = model._default_manager.filter(**{f"{field.name}__icontains": word})
                found += [f"{model.__name__}.{field.name}"] * rows.count()
    return found


def test_it_ends_at_a_goodbye_and_there_is_no_way_back_in(leave: Callable[..., Any], owner: Client, cast: Cast) -> None:
    elsewhere = Client()
    elsewhere.force_login(cast.owner)
    leave()
    assert "Goodbye" in owner.get("/account/left/").content.decode()
    for client in (owner, elsewhere):
        assert client.get("/mine/").status_code == 302
    for name in ("olga", User.objects.get(pk=cast.owner.pk).username):
        owner.post("/accounts/login/", {"login": name, "password": "correct-horse"})
        assert owner.get("/mine/").status_code == 302


def test_others_meet_a_former_member(leave: Callable[..., Any], cast: Cast, make_image: Make) -> None:
    image = make_image(cast.member)
    Comment.objects.create(image=image, user=cast.owner, text="Hello", token="1")
    leave()
    client = Client()
    client.force_login(cast.member)
    content = client.get(f"/images/{image.pk}/").content.decode()
    assert "<strong>Former member</strong>" in content
    assert "olga" not in content
    assert client.get("/u/olga/").status_code == 404
    assert client.get(f"/u/{User.objects.get(pk=cast.owner.pk).username}/").status_code == 404


def test_invitations_they_made_stop_working(leave: Callable[..., Any], cast: Cast) -> None:
    invitation = Invitation.objects.create(created_by=cast.owner, expires_at=timezone.now() + timedelta(days=1))
    leave()
    invitation.refresh_from_db()
    assert not invitation.is_good


def test_calls_that_wait_are_cancelled(leave: Callable[..., Any], cast: Cast, make_generation: Any) -> None:
    call = make_generation(cast.owner).calls.get()
    leave()
    call.refresh_from_db()
    assert call.state == Call.State.CANCELLED


def test_while_a_picture_is_being_made_nobody_leaves(
    leave: Callable[..., Any], owner: Client, cast: Cast, make_generation: Any, make_image: Make
) -> None:
    make_image(cast.owner)
    waiting = make_generation(cast.owner).calls.get()
    assert make_generation(cast.owner).calls.get().claim(30)
    answer = leave()
    assert answer.status_code == 409
    assert "being made right now" in answer.content.decode()
    waiting.refresh_from_db()
    assert waiting.state == Call.State.QUEUED
    assert Image.objects.count() == 1
    assert owner.get("/mine/").status_code == 200


def test_what_still_comes_from_a_call_given_up_is_for_staff_only(
    leave: Callable[..., Any], cast: Cast, make_generation: Any
) -> None:
    generation = make_generation(cast.owner)
    generation.calls.update(state=Call.State.UNKNOWN)
    leave()
    generation.refresh_from_db()
    assert generation.visibility == "private"
    assert generation.calls.get().state == Call.State.UNKNOWN


def test_raw_replies_that_were_kept_go_too(
    leave: Callable[..., Any], cast: Cast, make_image: Make, folders: Folders
) -> None:
    folders.spool.mkdir()
    mine, theirs = (folders.spool / f"{make_image(user).call_id}.reply" for user in (cast.owner, cast.member))
    mine.write_bytes(b"{}")
    theirs.write_bytes(b"{}")
    leave()
    assert files(folders.spool) == [theirs]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"password": "wrong"}, "not your password"),
        ({"password": ""}, "Type your password"),
        ({"pictures": ""}, "Choose what becomes"),
        ({"pictures": "sell"}, "sell"),
        ({"pictures": "hand over"}, "Choose who is asked"),
        ({"pictures": "hand over", "heir": "0"}, "Choose somebody from the list"),
        ({"pictures": "hand over", "heir": "{max}", "fallback": "sell"}, "sell"),
    ],
)
def test_a_form_that_is_not_right_changes_nothing(
    leave: Callable[..., Any], cast: Cast, make_image: Make, form: dict[str, str], said: str
) -> None:
    make_image(cast.owner)
    answer = leave(**{name: value.format(max=cast.member.pk) for name, value in form.items()})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Image.objects.get().user == cast.owner
    assert User.objects.get(pk=cast.owner.pk).left_at is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"left_at": timezone.now()}, {"awaits_approval": True}])
def test_only_who_is_here_can_be_given_pictures(leave: Callable[..., Any], cast: Cast, change: dict[str, Any]) -> None:
    User.objects.filter(pk=cast.member.pk).update(**change)
    assert leave(pictures="hand over", heir=str(cast.member.pk)).status_code == 422
    assert leave(pictures="hand over", heir=str(cast.owner.pk)).status_code == 422


def test_whoever_was_asked_meanwhile_to_leave_cannot_be_asked_any_more(
    leave: Callable[..., Any], cast: Cast, make_image: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the form's look at the list and the transaction."""
    make_image(cast.owner)
    clean = LeaveForm.clean

    def late(form: LeaveForm) -> dict[str, Any]:
        User.objects.filter(pk=cast.member.pk).update(is_active=False)
        return clean(form)

    monkeypatch.setattr(LeaveForm, "clean", late)
    answer = leave(pictures="hand over", heir=str(cast.member.pk))
    assert answer.status_code == 409
    assert "no longer a member" in answer.content.decode()
    assert not Handover.objects.exists()


def test_nobody_is_asked_for_no_pictures(leave: Callable[..., Any], cast: Cast, make_image: Make) -> None:
    make_image(cast.owner).trash()
    assert leave(pictures="hand over", heir=str(cast.member.pk)).status_code == 302
    assert not Handover.objects.exclude(asked=None).exists()
    assert not Notice.objects.exists()
    assert not Image.objects.exists()


def test_the_page_says_who_is_asked_and_what_happens_without_an_answer(owner: Client, cast: Cast) -> None:
    content = markup(owner.get("/account/leave/"))
    assert "They are asked, with your name, and have 30 days to answer." in content
    assert "Each is shown again to whom it was shown before." in content
    assert '<input type="radio" name="fallback" value="delete"' in content
    User.objects.exclude(pk=cast.owner.pk).update(is_active=False)
    content = markup(owner.get("/account/leave/"))
    assert 'name="fallback"' not in content
    assert 'name="heir"' not in content


def test_guessing_the_password_is_slowed_down(leave: Callable[..., Any]) -> None:
    for _ in range(12):
        answer = leave(password="guess")
    assert "Too many failed login attempts" in answer.content.decode()


def test_without_a_password_the_username_confirms(leave: Callable[..., Any], owner: Client, cast: Cast) -> None:
    cast.owner.set_unusable_password()
    cast.owner.save()
    owner.force_login(cast.owner)
    assert leave(username="olg").status_code == 422
    assert leave(username="olga").status_code == 302


def test_the_last_admin_cannot_leave_and_keeps_everything(
    leave: Callable[..., Any], client: Client, cast: Cast, make_image: Make, folders: Folders
) -> None:
    image = make_image(cast.admin, prompt="kept")
    client.force_login(cast.admin)
    answer = leave(client)
    assert answer.status_code == 409
    assert "There must be an admin" in answer.content.decode()
    assert Image.objects.get().generation.prompt == "kept"
    assert files(folders.media) == [folders.media / image.file.name]
    User.objects.filter(pk=cast.moderator.pk).update(is_superuser=True)
    assert leave(client).status_code == 302


def test_what_happened_is_one_line_of_the_audit_log_without_a_name(
    leave: Callable[..., Any], cast: Cast, make_image: Make
) -> None:
    from auditlog.models import LogEntry

    make_image(cast.owner)
    leave()
    entry = LogEntry.objects.get_for_object(cast.owner).first()
    assert entry.additional_data == {"event": "closed", "pictures_deleted": 1}
    assert "olga" not in entry.object_repr
