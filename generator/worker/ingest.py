"""One reply in: from the raw bytes in the spool to pictures on disk and rows.

Bytes first, row second. Names come from ids, and the ids from the call: whoever finishes a dead worker's reply
writes the same files under the same names.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from generator import store
from generator.imaging.thumbnails import ImagingError, Picture, render_all
from generator.models import Call, Image
from generator.models.failure_words import NOTE, PARTIAL, REPORTED, UNREADABLE, Failure
from generator.replies.payload import MOST_FILES, Payload, split
from generator.replies.reasons import reason_of
from generator.replies.receipt import Reply, ReplyError, parse
from generator.replies.scrub import Scrubber
from generator.replies.spelling import Decoded, decode
from generator.replies.spool import Spool
from generator.replies.windows import PayloadError, Span
from generator.worker.addressed import fetch
from generator.worker.points import Point, reached

log = logging.getLogger(__name__)

NOTHING = Failure("provider", "no_pictures")
_FEW_WORDS = 64 * 2**10  # bytes of a reply in which its reason is looked for


@dataclass(frozen=True)
class DecodedFile:
    """One picture decoded from the reply, not yet looked at."""

    index: int
    path: Path
    decoded: Decoded


def ingest(call: Call, spool: Spool) -> bool:
    """Finish a RECEIVED call that this worker holds: SUCCEEDED with its pictures, FAILED with a reason, or UNKNOWN if
    the reply tells neither of pictures nor of an error.

    False if somebody else has finished it meanwhile. A reply of which anything could not be read stays in the
    spool for the admin.
    """
    path = spool.path(str(call.pk))
    try:
        payload = split(path)
        reply, note = _receipt_of(payload)
    except PayloadError as error:
        return call.fail(_unreadable(error))
    except ReplyError as error:
        return _fail_unread(call, path, error)
    try:
        images, complaints = _develop(call, spool, path, payload)
        if images:
            finished = _store(call, reply, images, _remark(call, reply, {i.index for i in images}, complaints) or note)
        else:
            finished = _end_empty(call, reply, complaints)
    finally:
        spool.clear_work(str(call.pk))
    if not finished:
        discard(call)
    return finished


def complete(call: Call, spool: Spool) -> bool:
    """Look once more for the pictures that a stored reply still owes; True if any was found.

    Those that came before are left as they are, also if they have been deleted since.
    """
    path, stored = spool.path(str(call.pk)), _stored(call)
    if len(stored) != call.pictures:
        return False  # one of release 0.1.0 of which pictures have been deleted: nobody knows which
    try:
        payload = split(path)
        reply, note = _receipt_of(payload)
        images, complaints = _develop(call, spool, path, payload, stored)
    except (PayloadError, ReplyError):
        return False
    finally:
        spool.clear_work(str(call.pk))
    if not images:
        return False
    remark = _remark(call, reply, stored | {image.index for image in images}, complaints) or note
    with transaction.atomic():
        if not call.complete(len(stored) + len(images), remark):
            return False
        Image.objects.all().write(images)
    log.info("call %s: %s more pictures stored", call.pk, len(images))
    return True


def _stored(call: Call) -> set[int]:
    """The places in its reply of the pictures that a call brought. Release 0.1.0 kept no account of them."""
    listed = call.error_values.get("stored")
    return set(call.images.values_list("index", flat=True)) if listed is None else set(listed)


def discard(call: Call) -> None:
    """Remove the files of a call that has failed for good: no row will ever name them. Its reply stays.

    To be called by whoever fails it, and by a worker that was taken for dead and finds that out too late. The row is
    held meanwhile, so that nobody has the reply stored again before the files are gone.
    """
    with transaction.atomic():
        if Call.objects.select_for_update().filter(pk=call.pk, state=Call.State.FAILED).first():
            _remove_files(call)


def _remove_files(call: Call) -> None:
    for index in range(2 * MOST_FILES):  # those that came, and those that were fetched
        store.remove_now(store.files_of(Image(pk=Image.id_for(call, index))))


def _receipt_of(payload: Payload) -> tuple[Reply, Failure | None]:
    """What the reply says beside its pictures, and a note if that cannot be read, which costs no picture."""
    try:
        return parse(payload.skeleton, settings.ONLYSQ_API_KEY), None
    except ReplyError:
        if not payload.spans:
            raise
        return parse(b"{}"), Failure(NOTE, "receipt")


def _develop(
    call: Call, spool: Spool, path: Path, payload: Payload, stored: Set[int] = frozenset()
) -> tuple[list[Image], list[Failure]]:
    """Write originals and thumbnails; the rows to be, and what is wrong with each picture that was no good.

    Those in the places `stored` are done already.
    """
    decoded_files, complaints = _decode_all(call, spool, path, payload.spans)
    decoded_files = [decoded_file for decoded_file in decoded_files if decoded_file.index not in stored]
    fetched, missed = _fetch_all(call, spool, payload, stored, call.count - len(stored) - len(decoded_files))
    decoded_files, complaints = decoded_files + fetched, complaints + missed
    reached(Point.DECODED, call)
    thumbs = [(decoded_file.path, _thumbs_of(call, decoded_file.index)) for decoded_file in decoded_files]
    images: list[Image] = []
    developed = render_all(thumbs, settings.MAX_PIXELS, settings.THUMB_WIDTHS)
    for decoded_file, result in zip(decoded_files, developed, strict=True):
        if isinstance(result, ImagingError):
            complaints.append(Failure(UNREADABLE, result.reason))
        else:
            images.append(_publish(call, decoded_file, result))
            reached(Point.PLACED, call)
    complaints += [Failure(UNREADABLE, "too_many")] * payload.left_out
    return images, complaints


def _decode_all(call: Call, spool: Spool, path: Path, spans: list[Span]) -> tuple[list[DecodedFile], list[Failure]]:
    """The reply's pictures as files. One that comes under two names, as some write it for everybody, is one."""
    decoded_files: list[DecodedFile] = []
    complaints: list[Failure] = []
    seen: dict[str, str] = {}
    for index, span in enumerate(spans):
        work = spool.work(str(call.pk), index)
        try:
            decoded = decode(path, span, work, span.length)
        except PayloadError as error:
            complaints.append(_unreadable(error))
            continue
        if seen.setdefault(decoded.sha256, span.place) == span.place:
            decoded_files.append(DecodedFile(index, work, decoded))
    return decoded_files, complaints


def _fetch_all(
    call: Call, spool: Spool, payload: Payload, stored: Set[int], wanted: int
) -> tuple[list[DecodedFile], list[Failure]]:
    """Pictures that came as addresses, as many as are missing; their places in the reply are behind all others."""
    fetched: list[DecodedFile] = []
    complaints: list[Failure] = []
    places = enumerate(payload.addresses, len(payload.spans))
    for index, address in [place for place in places if place[0] not in stored][: max(wanted, 0)]:
        work = spool.work(str(call.pk), index)
        found = fetch(call, address, work)
        if isinstance(found, Failure):
            complaints.append(found)
        else:
            fetched.append(DecodedFile(index, work, found))
    return fetched, complaints


def _thumbs_of(call: Call, index: int) -> Callable[[int], Path]:
    stub = Image(pk=Image.id_for(call, index))
    return lambda width: store.thumb_path(stub, width)


def _publish(call: Call, decoded_file: DecodedFile, picture: Picture) -> Image:
    """Move the original into place, untouched, and describe it."""
    pk = Image.id_for(call, decoded_file.index)
    name = Image.original_name(pk, picture.extension)
    store.publish(decoded_file.path, name)
    return Image(
        id=pk,
        call=call,
        generation=call.generation,
        user_id=call.generation.user_id,
        index=decoded_file.index,
        file=name,
        format=picture.extension,
        width=picture.width,
        height=picture.height,
        bytes=decoded_file.decoded.bytes,
        sha256=decoded_file.decoded.sha256,
        is_damaged=picture.damaged,
        **picture.looks,
        visibility=call.generation.visibility,
        created_at=call.received_at or timezone.now(),
    )


def _store(call: Call, reply: Reply, images: list[Image], remark: Failure | None) -> bool:
    """Rows and receipt in one transaction, and only if this worker still holds the call."""
    reached(Point.FILES, call)
    with transaction.atomic():
        if not call.succeed(len(images), remark, **_receipt(reply)):
            return False
        Image.objects.all().write(images)
        reached(Point.COMMITTING, call)
    log.info("call %s: %s pictures stored", call.pk, len(images))
    return True


def _unreadable(error: PayloadError) -> Failure:
    return Failure(UNREADABLE, error.reason, error.values)


def _remark(call: Call, reply: Reply, stored: set[int], complaints: list[Failure]) -> Failure | None:
    """What is to be said about a call that brought the pictures in these places of its reply.

    The API's own words go with it, if it reports an error.
    """
    said = {"said": reply.error} if reply.error and reply.is_error_certain else {}
    failure = _shortfall(call, stored, complaints)
    if failure is None and reply.is_error_certain:
        failure = Failure(NOTE, "error")
    if failure is None and reply.refused_usage:
        failure = Failure(NOTE, "usage", {"usage": reply.refused_usage})
    return failure and Failure(failure.kind, failure.reason, failure.values | said)


def _shortfall(call: Call, stored: set[int], complaints: list[Failure]) -> Failure | None:
    """What to say if not all pictures that were asked for are there; of several that are no good, about the first."""
    count = len(stored)
    if complaints:
        first, sent = complaints[0], count + len(complaints)
        numbers = {"count": count, "sent": sent, "stored": sorted(stored)}
        return Failure(PARTIAL, first.reason, first.values | numbers)
    if count < call.count:
        return Failure("fewer", "count", {"count": count, "wanted": call.count})
    return None


def _fail_unread(call: Call, path: Path, error: ReplyError) -> bool:
    """A reply that is no JSON object: with what it says, if it is plain text; if it says nothing, nobody knows."""
    with path.open("rb") as file:
        head = file.read(_FEW_WORDS)
    if said := reason_of(head, Scrubber(settings.ONLYSQ_API_KEY)):
        return call.fail(Failure(UNREADABLE, error.reason, {"said": said}))
    if error.reason == "shape" or not head.strip():
        return call.mislay(NOTHING)
    return call.fail(Failure(UNREADABLE, error.reason))


def _end_empty(call: Call, reply: Reply, complaints: list[Failure]) -> bool:
    """No picture at all: either the API said why, or its pictures were no good, or nobody knows what it has charged."""
    said = {"said": reply.error} if reply.error else {}
    if reply.is_error_certain:
        failure = Failure("provider", REPORTED, said) if said else Failure("provider", "unsaid")
        return call.fail(failure, **_receipt(reply))
    if complaints:
        return call.fail(complaints[0], **_receipt(reply))
    if said and not (reply.id or reply.usage):
        return call.fail(Failure("provider", REPORTED, said), **_receipt(reply))
    return call.mislay(Failure(NOTHING.kind, NOTHING.reason, said), **_receipt(reply))


def _receipt(reply: Reply) -> dict[str, Any]:
    """What the API said about the call, as columns of the ledger."""
    return {
        "reply_id": reply.id,
        "reply_created": reply.created,
        "reply_model": reply.model[:200],
        "usage": reply.usage,
        "elapsed_time": reply.elapsed_time,
        "api_user": reply.api_user,
        "reply_extra": reply.extra,
    }
