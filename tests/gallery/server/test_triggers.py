"""Triggers are there after every migration, and whoever runs the site hears of one that is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from gallery import doctor
from gallery.models import Rating
from gallery.server import prepare, triggers
from generator.models import Image
from tests.conftest import Cast

Make = Callable[..., Image]

NAME = {"sqlite": "auditlog_logentry_no_update", "postgresql": "auditlog_logentry_append_only"}
# How each engine comes to be without: a table that is remade, a trigger that is switched off.
LOSE = {
    "sqlite": "DROP TRIGGER auditlog_logentry_no_update",
    "postgresql": "ALTER TABLE auditlog_logentry DISABLE TRIGGER USER",
}


def lose() -> str:
    with connection.cursor() as cursor:
        cursor.execute(LOSE[connection.vendor])
    return NAME[connection.vendor]


def refuses_a_change() -> bool:
    Group.objects.create(name="Watched")
    assert LogEntry.objects.exists()
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE auditlog_logentry SET action = 2")
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


def widen(letters: int) -> None:
    """What a new version of the package might do to its table."""
    old = LogEntry._meta.get_field("object_pk")
    new = models.CharField(verbose_name="wider", max_length=letters, db_index=True)
    new.set_attributes_from_name("object_pk")
    new.model = LogEntry
    with connection.schema_editor() as editor:
        editor.alter_field(LogEntry, old, new, strict=False)


@pytest.mark.django_db
def test_all_are_there_and_hold() -> None:
    assert triggers.missing() == []
    assert refuses_a_change()


@pytest.mark.django_db(transaction=True)
def test_a_table_that_a_migration_remade_is_as_closed_as_before() -> None:
    widen(300)
    try:
        if connection.vendor == "sqlite":
            assert triggers.missing() == [NAME["sqlite"], "auditlog_logentry_no_delete"]
        call_command("migrate", verbosity=0)
        assert triggers.missing() == []
        assert refuses_a_change()
    finally:
        widen(255)
        triggers.restore()


@pytest.mark.django_db(transaction=True)
def test_the_table_of_pictures_can_be_remade_and_what_was_said_meanwhile_counts(cast: Cast, make_image: Make) -> None:
    image = make_image(cast.owner)
    old = Image._meta.get_field("width")
    new = models.PositiveBigIntegerField()
    new.set_attributes_from_name("width")
    new.model = Image
    triggers.stand_aside_before_migrate(using="default", plan=["something"])
    for one, other in ((old, new), (new, old)):
        with connection.schema_editor() as editor:
            editor.alter_field(Image, one, other, strict=False)
    Rating.objects.create(image=image, user=cast.member, stars=5)
    assert bool(triggers.missing()) == (connection.vendor == "sqlite")
    triggers.restore()
    image.refresh_from_db()
    assert (triggers.missing(), image.rating) == ([], 3666)


@pytest.mark.django_db
def test_no_trigger_stands_aside_if_nothing_is_to_be_migrated() -> None:
    triggers.stand_aside_before_migrate(using="default", plan=[])
    triggers.stand_aside_before_migrate(using="other", plan=["something"])
    assert triggers.missing() == []


@pytest.mark.django_db
def test_prepare_makes_what_is_missing_although_nothing_is_to_be_migrated() -> None:
    lost = lose()
    assert triggers.missing() == [lost]
    prepare.migrate()
    assert triggers.missing() == []
    assert refuses_a_change()


@pytest.mark.django_db
def test_the_doctor_names_what_is_missing() -> None:
    lost = lose()
    found = [finding for finding in doctor.examine() if lost in finding.sentence]
    assert [finding.level for finding in found] == [doctor.Level.TROUBLE]
    assert "manage.py prepare" in found[0].advice


@pytest.mark.django_db
def test_a_database_that_went_back_behind_a_trigger_wants_none() -> None:
    lose()
    MigrationRecorder(connection).record_unapplied("gallery", "0004_append_only")
    assert triggers.missing() == []


@pytest.mark.django_db
def test_emptying_the_tables_for_the_next_test_makes_none() -> None:
    lost = lose()
    triggers.restore_after_migrate(connection.alias, verbosity=0)
    assert triggers.missing() == [lost]
