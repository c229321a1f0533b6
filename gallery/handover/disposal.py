"""Pictures of somebody who is not here any more, a chunk at a time: walking through them, deleting, forgetting."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from generator import store
from generator.models import Call, Generation, Image
from generator.models.image_queryset import ImageQuerySet
from generator.replies.spool import Spool

CHUNK = 500


def chunks(images: ImageQuerySet) -> Iterator[list[Image]]:
    """Until there are none: what is done with a chunk must take its pictures out of the query."""
    while chunk := list(images.select_for_update(of=("self",)).order_by("pk")[:CHUNK]):
        yield chunk


def delete_some(images: ImageQuerySet) -> int:
    """The first chunk of what nobody is shown any more, with what was said about it; prompts that no picture is left of
    are forgotten. The number of pictures.

    Files go first: a worker that is killed in between leaves rows, by which the next one finds what is left.
    """
    doomed = list(images.order_by("pk")[:CHUNK])
    _remove_files(doomed)
    with transaction.atomic():
        chunk = next(chunks(images.filter(pk__in=[image.pk for image in doomed])), [])
        _delete_rows(chunk)
    return len(chunk)


def _remove_files(chunk: list[Image]) -> None:
    """Thumbnails of the access version before, too: whoever ended it may have been killed before they were renamed."""
    for image in chunk:
        before = Image(pk=image.pk, access_version=max(0, image.access_version - 1))
        store.remove([*store.files_of(image), *store.thumbs_of(before)])


def _delete_rows(chunk: list[Image]) -> None:
    Image.objects.filter(pk__in=[image.pk for image in chunk]).delete()
    forget_prompts(Generation.objects.filter(pk__in={image.generation_id for image in chunk}))


def forget_prompts(generations: QuerySet[Generation]) -> None:
    """A prompt is its writer's; so is what the API wrote about it. The figures of the calls stay."""
    told = generations.filter(images=None).exclude(prompt="")
    while found := list(told.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        Call.objects.filter(generation__in=found).update(reply_extra={})
        Generation.objects.filter(pk__in=found).update(prompt="")


def remove_replies(user_pk: int) -> None:
    """After the commit, raw replies that were kept because not all of their pictures could be read."""
    transaction.on_commit(lambda: _remove_replies(user_pk), robust=True)


def _remove_replies(user_pk: int) -> None:
    spool = Spool(settings.SPOOL_ROOT)
    ended = Call.objects.filter(user=user_pk, state__in=(Call.State.SUCCEEDED, Call.State.FAILED))
    for pk in ended.filter(pk__in=[leftover.id for leftover in spool.leftovers()]).values_list("pk", flat=True):
        spool.remove(str(pk))
