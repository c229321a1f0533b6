"""One reply in: from the raw bytes in the spool to pictures on disk and rows.

Bytes first, row second. Names come from ids, and the ids from the call: whoever finishes a dead worker's reply
writes the same files under the same names.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from generator import store
from generator.imaging.thumbnails import ImagingError, Picture, render_all
from generator.models import Call, Image
from generator.models.failure_words import PARTIAL, REPORTED, UNREADABLE, Failure
from generator.replies.payload import MOST_FILES, Decoded, Payload, PayloadError, decode, split
from generator.replies.receipt import Reply, ReplyError, parse
from generator.replies.spool import Spool
from generator.worker.points import Point, reached

log = logging.getLogger(__name__)

SHARED_KEY = "openai"


@dataclass(frozen=True)
class DecodedFile:
    """One picture decoded from the reply, not yet looked at."""

    index: int
    path: Path
    decoded: Decoded


def ingest(call: Call, spool: Spool) -> bool:
    """Finish a RECEIVED call that this worker holds: SUCCEEDED with its pictures, or FAILED with a reason.

    False if somebody else has finished it meanwhile. A reply of which anything could not be read stays in the
    spool for the admin.
    """
    path = spool.path(str(call.pk))
    try:
        payload = split(path)
        reply = parse(_without_key(payload.skeleton))
    except PayloadError as error:
        return call.fail(_unreadable(error))
    except ReplyError as error:
        return call.fail(Failure(UNREADABLE, error.reason))
    try:
        images, complaints = _develop(call, spool, path, payload)
        finished = _store(call, reply, images, complaints) if images else _fail_empty(call, reply, complaints)
    finally:
        spool.clear_work(str(call.pk))
    if not finished:
        discard(call)
    return finished


def discard(call: Call) -> None:
    """Remove the files of a call that has failed for good: no row will ever name them. Its reply stays.

    To be called by whoever fails it, and by a worker that was taken for dead and finds that out too late. The row is
    held meanwhile, so that nobody has the reply stored again before the files are gone.
    """
    with transaction.atomic():
        if Call.objects.select_for_update().filter(pk=call.pk, state=Call.State.FAILED).first():
            _remove_files(call)


def _remove_files(call: Call) -> None:
    for index in range(MOST_FILES):
        store.remove_now(store.files_of(Image(pk=Image.id_for(call, index))))


def _without_key(skeleton: bytes) -> bytes:
    """An API that echoes the key must not get it into a row. The shared key is a plain word and no secret."""
    key = settings.ONLYSQ_API_KEY
    return skeleton.replace(key.encode(), b"***") if len(key) > len(SHARED_KEY) else skeleton


def _develop(call: Call, spool: Spool, path: Path, payload: Payload) -> tuple[list[Image], list[Failure]]:
    """Write originals and thumbnails; the rows to be, and what is wrong with each picture that was no good."""
    complaints: list[Failure] = []
    decoded_files: list[DecodedFile] = []
    for index, span in enumerate(payload.spans):
        work = spool.work(str(call.pk), index)
        try:
            decoded_files.append(DecodedFile(index, work, decode(path, span, work, span.length)))
        except PayloadError as error:
            complaints.append(_unreadable(error))
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
    return images, complaints


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
        placeholder=picture.placeholder,
        is_transparent=picture.transparent,
        is_damaged=picture.damaged,
        visibility=call.generation.visibility,
        created_at=call.received_at or timezone.now(),
    )


def _store(call: Call, reply: Reply, images: list[Image], complaints: list[Failure]) -> bool:
    """Rows and receipt in one transaction, and only if this worker still holds the call."""
    reached(Point.FILES, call)
    with transaction.atomic():
        if not call.succeed(len(images), _shortfall(call, images, complaints), **_receipt(reply)):
            return False
        Image.objects.bulk_create(images)
        reached(Point.COMMITTING, call)
    log.info("call %s: %s pictures stored", call.pk, len(images))
    return True


def _unreadable(error: PayloadError) -> Failure:
    return Failure(UNREADABLE, error.reason, error.values)


def _shortfall(call: Call, images: list[Image], complaints: list[Failure]) -> Failure | None:
    """What to say if not all pictures that were asked for are there; of several that are no good, about the first."""
    count = len(images)
    if complaints:
        first, sent = complaints[0], count + len(complaints)
        return Failure(PARTIAL, first.reason, {**first.values, "count": count, "sent": sent})
    if count < call.count:
        return Failure("fewer", "count", {"count": count, "wanted": call.count})
    return None


def _fail_empty(call: Call, reply: Reply, complaints: list[Failure]) -> bool:
    """No picture at all: either the API said why, or its pictures were no good, or there were none."""
    failure = complaints[0] if complaints else Failure("provider", "no_pictures")
    if reply.error is not None:
        failure = Failure("provider", REPORTED, {"said": reply.error}) if reply.error else Failure("provider", "unsaid")
    return call.fail(failure, **_receipt(reply))


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
