"""A phone: 390 px wide, a finger instead of a mouse, and the navigation at the bottom."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Member, Site
from tests.e2e.pages import Visitor

Visit = Callable[..., Visitor]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
FINGER = 44


def swipe(visitor: Visitor, distance: int) -> None:
    """Draw a finger across the picture; to the left with a negative distance."""
    visitor.is_ready()
    box = visitor.main.get_by_role("img").first.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2 - distance / 2, box["y"] + box["height"] / 2
    touch = visitor.page.context.new_cdp_session(visitor.page)
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        point = {"x": x + distance * step / 8, "y": y}
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_from_the_bottom_bar_to_a_picture_and_on_by_swiping(visit: Visit, painter: Member) -> None:
    prompt = "A red kite over dunes"
    visitor = visit(painter, **PHONE)
    visitor.go("/")
    bar = visitor.page.get_by_role("navigation", name="Main")
    place = bar.bounding_box()
    assert place
    assert place["y"] + place["height"] == pytest.approx(844, abs=1)
    bar.get_by_role("link", name="Create").tap()
    visitor.compose(prompt)
    visitor.create_button.tap()
    visitor.wait_for_pictures(prompt)
    bar.get_by_role("link", name="My pictures").tap()
    visitor.pictures(prompt).tap()
    visitor.sees_picture(prompt)
    swipe(visitor, -200)
    visitor.page.wait_for_url(f"**{painter.address(5)}*")
    visitor.sees_picture(painter.study(5))
    swipe(visitor, 200)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(prompt)
    swipe(visitor, -20)
    visitor.sees_picture(prompt)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(prompt)


@pytest.mark.parametrize("path", ["/", "/mine/", "/create/", "/trash/", "/accounts/password/change/"])
def test_every_button_is_as_large_as_a_finger(visit: Visit, painter: Member, path: str) -> None:
    visitor = visit(painter, **PHONE)
    visitor.go(path)
    for control in visitor.page.locator("button:visible, .button:visible, nav a:visible, summary:visible").all():
        box = control.bounding_box()
        assert box
        name = control.inner_text() or control.get_attribute("title")
        assert box["height"] >= FINGER - 0.5, f"{path}: {name} is {box['height']} px high"


def test_nothing_scrolls_sideways_on_the_narrowest_phone(visit: Visit, painter: Member) -> None:
    visitor = visit(painter, **PHONE | {"viewport": {"width": 360, "height": 640}})
    for path in ("/", "/mine/", "/create/", "/trash/", painter.address(1), f"{painter.address(1)}provider-feedback/"):
        visitor.go(path)
        visitor.fits()


def test_flat_and_tall_pictures_fill_their_rows_and_leave_room_for_buttons(visit: Visit, newcomer: Member) -> None:
    visitor = visit(newcomer, **PHONE | {"viewport": {"width": 360, "height": 780}})
    for prompt, shape in (("A long wall", "21:9"), ("A tower", "9:16"), ("A long bridge", "21:9")):
        visitor.create(prompt, Shape=shape)
        visitor.wait_for_pictures(prompt)
    visitor.go("/mine/")
    tiles = visitor.main.get_by_role("list").get_by_role("listitem")
    row = visitor.main.get_by_role("list").bounding_box()
    tower = tiles.filter(has=visitor.page.get_by_role("img", name="A tower")).bounding_box()
    assert row
    assert tower
    assert tower["width"] == pytest.approx(row["width"], abs=1)
    visitor.pictures("A tower").tap()
    visitor.page.get_by_role("link", name="Next picture (older)").tap()
    visitor.sees_picture("A long wall")
    close = visitor.page.get_by_role("link", name="Back to the pictures").bounding_box()
    previous = visitor.page.get_by_role("link", name="Previous picture (newer)").bounding_box()
    assert close
    assert previous
    assert close["y"] + close["height"] <= previous["y"]


def test_the_button_of_the_first_form_is_in_sight(visit: Visit, newcomer: Member) -> None:
    visitor = visit(newcomer, **PHONE)
    visitor.go("/create/")
    button = visitor.create_button.bounding_box()
    bar = visitor.page.get_by_role("navigation", name="Main").bounding_box()
    assert button
    assert bar
    assert button["y"] + button["height"] <= bar["y"]


def test_figures_stand_beside_long_names_and_no_hour_is_out_of_sight(
    visit: Visit, site: Site, painter: Member, moderator: Member
) -> None:
    site.instance.manage("shell", "-c", LONG_MODEL.format(painter.name))
    visitor = visit(moderator, **PHONE)
    visitor.go(f"/usage/?range=today&member={painter.name}")
    lines = visitor.page.get_by_role("region", name="Usage by model")
    lines.scroll_into_view_if_needed()
    calls = lines.get_by_role("row").filter(has_text="a-very-long").get_by_role("cell").first.bounding_box()
    assert calls
    assert calls["x"] + calls["width"] <= 390
    hours = visitor.page.get_by_role("region", name="Calls by weekday and hour")
    assert hours.evaluate("element => element.scrollWidth <= element.clientWidth")
    drawing = visitor.page.get_by_role("img", name="Calls by model").bounding_box()
    assert drawing
    assert drawing["height"] > 200
    visitor.fits()
    lines.get_by_role("link", name="a-very-long").tap()
    calls_of = visitor.page.get_by_role("region", name="Calls")
    expect(calls_of.get_by_text(painter.name)).to_be_visible()
    assert calls_of.evaluate("element => element.scrollWidth <= element.clientWidth")
    visitor.fits()


LONG_MODEL = """
from generator.models import Call, Generation
call = Call.objects.filter(user__username="{}").latest("created_at")
Generation.objects.filter(pk=call.generation_id).update(model="a-very-long-" + "name" * 15)
"""
