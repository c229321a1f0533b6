"""What lies in the spool against what the ledger says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gallery.doctor.finding import Finding, Level, counted
from generator.models import Call
from generator.models.failure_words import KEPT
from generator.replies.spool import Leftover, Spool

AREA = "spool"
# The sweep takes seconds; what has lain for so long it did not find, or nobody sweeps.
STALE_SECONDS = 3600
_BATCH = 500


class Kind(Enum):
    """What a leftover is, in words, and what to do about it."""

    ORPHAN = (
        Level.TROUBLE,
        "Spool files of calls that the ledger does not know: {}.",
        "manage.py doctor --repair moves them to the quarantine folder.",
    )
    STALE = (
        Level.TROUBLE,
        "Spool files left over from work that has ended: {}.",
        "A running worker removes them; so does manage.py doctor --repair.",
    )
    LATE = (
        Level.TROUBLE,
        "Replies that came late, to calls whose outcome was unknown: {}.",
        "A running worker takes them in; so does manage.py doctor --repair.",
    )
    GIVEN_UP = (
        Level.NOTICE,
        _("Replies kept because each worker that tried to store them went down: {}."),
        _(
            "They are paid for. After an upgrade, or with more memory, manage.py doctor --repair has them stored "
            "again, and so does Store again on the pages of their calls (in the ledger: error kept)."
        ),
    )
    KEPT = (
        Level.NOTICE,
        _("Replies kept because something in them could not be read: {}."),
        _(
            "They are paid for. After an upgrade, or with other settings, manage.py doctor --repair has them stored "
            "again, and so does Store again on the pages of their calls; what cannot be read even then stays."
        ),
    )
    REPORTED = (
        Level.NOTICE,
        _("Replies kept that report an error and hold no picture: {}."),
        _("What they say is in the ledger. They cost nothing, and take nothing but room on disk."),
    )

    def finding(self, number: int) -> Finding:
        level, sentence, advice = self.value
        return Finding(level, AREA, gettext(sentence).format(f"{number:,}"), gettext(advice))


def examine() -> Iterator[Finding]:
    found = Counter(kind for kind, _ in leftovers())
    yield from (kind.finding(found[kind]) for kind in Kind if found[kind])
    yield from _lost()


def leftovers() -> Iterator[tuple[Kind, Leftover]]:
    """Everything in the spool that is not just being worked on."""
    listed = Spool(Path(settings.SPOOL_ROOT)).leftovers()
    for start in range(0, len(listed), _BATCH):
        batch = listed[start : start + _BATCH]
        calls = {str(pk): call for pk, call in Call.objects.in_bulk([item.id for item in batch]).items()}
        for item in batch:
            if kind := _kind(item, calls.get(item.id)):
                yield kind, item


def _kind(item: Leftover, call: Call | None) -> Kind | None:
    is_old = item.age_seconds > STALE_SECONDS
    if not item.complete:
        return Kind.STALE if is_old else None
    if call is None:
        return Kind.ORPHAN if is_old else None
    if call.state == Call.State.FAILED and call.error_kind == KEPT:
        return Kind.GIVEN_UP
    if call.state == Call.State.FAILED and call.error_kind == "provider":
        return Kind.REPORTED
    if call.state == Call.State.FAILED or call.may_be_stored_again:
        return Kind.KEPT
    if call.state == Call.State.UNKNOWN:
        return Kind.LATE
    ended = call.state in (Call.State.SUCCEEDED, Call.State.CANCELLED)
    return Kind.STALE if ended and is_old else None


def _lost() -> Iterator[Finding]:
    """Calls whose reply should be here and is not: paid for, and gone unless a backup has it."""
    spool = Spool(Path(settings.SPOOL_ROOT))
    received = Call.objects.filter(state=Call.State.RECEIVED).values_list("pk", flat=True).iterator()
    # The call may have been stored between the two looks, so it is asked for once more.
    lost = sum(
        not spool.has(str(pk)) and Call.objects.filter(pk=pk, state=Call.State.RECEIVED).exists() for pk in received
    )
    if lost:
        yield Finding(
            Level.TROUBLE,
            AREA,
            f"{counted(lost, 'call')} without the reply that was received.",
            "Look for the spool files of these calls in a backup; the ledger names the calls under Saving.",
        )
