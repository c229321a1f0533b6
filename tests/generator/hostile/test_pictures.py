"""Picture files of every kind in otherwise good replies, over the whole road."""

from __future__ import annotations

import pytest
from PIL import Image as Pillow

from generator.models import Call, Image
from generator.replies.spool import Spool
from tests.conftest import Folders
from tests.generator.hostile.conftest import Answer, b64
from tests.generator.hostile.files import KEPT, REFUSED, picture

State = Call.State
# Pillow's remarks on damaged files; in production they are one line of the log.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_unreadable_and_kept_for_the_admin(
    answers: Answer, folders: Folders, spool: Spool, name: str
) -> None:
    data, words = REFUSED[name]
    call = answers({"files": [b64(data)]})
    assert (call.state, call.error_kind) == (State.FAILED, "unreadable")
    assert words in call.error_message
    assert not [path for path in folders.media.rglob("*") if path.is_file()]
    assert spool.has(str(call.pk))


@pytest.mark.parametrize("name", KEPT)
def test_an_odd_picture_is_kept_as_it_is_and_shown_upright(answers: Answer, folders: Folders, name: str) -> None:
    data, format_, size = KEPT[name]
    call = answers({"files": [b64(data)]})
    assert (call.state, call.error_message) == (State.SUCCEEDED, "")
    image = Image.objects.get()
    assert (image.format, image.width, image.height) == (format_, *size)
    assert (folders.media / image.file.name).read_bytes() == data
    with Pillow.open(folders.media / image.thumb_name(320)) as thumb:
        thumb.load()
        assert (thumb.format, thumb.size) == ("WEBP", size)
        assert (thumb.mode == "RGBA") is image.is_transparent is (name == "alpha")
    assert not image.is_damaged


def test_what_there_is_of_a_picture_is_kept_and_said_to_be_damaged(answers: Answer, folders: Folders) -> None:
    data = picture("JPEG", (640, 480), quality=95)[:-400]
    call = answers({"files": [b64(data)]})
    assert (call.state, call.error_message) == (State.SUCCEEDED, "")
    image = Image.objects.get()
    assert image.is_damaged
    assert (folders.media / image.file.name).read_bytes() == data


def test_a_jpeg_that_is_called_a_png_is_named_by_its_bytes(answers: Answer) -> None:
    answers({"files": ["data:image/png;base64," + b64(picture("JPEG"))]})
    image = Image.objects.get()
    assert (image.format, image.file.name[-4:]) == ("jpg", ".jpg")


def test_all_the_bad_ones_in_one_reply_cost_the_good_one_nothing(answers: Answer) -> None:
    bad = [b64(REFUSED[name][0]) for name in ("svg", "program", "bomb", "cut png")]
    call = answers({"files": [*bad, b64(picture()), "", None, "?"]})
    assert (call.state, call.error_kind) == (State.SUCCEEDED, "partial")
    assert call.error_message.startswith("1 of 7 pictures could be read: ")
    assert call.images.get().index == 4
