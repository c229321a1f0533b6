"""What a person does on the pages, in verbs; found by roles, labels and visible words only."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

if TYPE_CHECKING:
    from tests.e2e.watching import Watchdog

BRIGHTNESS = """() => {
  const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const shade = (colour) => {
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
  };
  const style = getComputedStyle(document.body);
  return { ground: shade(style.backgroundColor), text: shade(style.color) };
}"""


# The choices by what the page says once one is made.
VISIBILITIES = {
    "Only me": "private", "Whoever has the link": "link", "Everyone signed in": "shared", "Everyone": "public",
}  # fmt: skip


class Visitor:
    """One person in front of one page."""

    def __init__(self, page: Page, watch: Watchdog) -> None:
        self.page = page
        self.watch = watch
        self.base = watch.base

    # Going places

    def go(self, path: str, *, expecting: int = 200) -> None:
        """Open an address of the site, which must answer with this status."""
        if expecting >= 400:
            self.watch.allowed.add(expecting)
        response = self.page.goto(f"{self.base}{path}")
        assert response
        assert response.status == expecting, f"{path}: {response.status}"

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path

    def lose_connection(self) -> None:
        """Be offline by now: the browser answers that it is before every part of it knows."""
        self.watch.excused.add("ERR_INTERNET_DISCONNECTED")
        self.page.context.set_offline(True)
        self.page.wait_for_function("!navigator.onLine && fetch('/healthz').then(() => false, () => true)")

    def find_connection(self) -> None:
        self.page.context.set_offline(False)
        self.page.wait_for_function("navigator.onLine && fetch('/healthz').then(() => true, () => false)")

    def sign_in(self, name: str, password: str) -> None:
        self.page.get_by_label("Username").fill(name)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.main.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.account_menu).to_be_visible()

    def is_ready(self) -> None:
        """The page and its scripts are there; who follows a link sees a page before they are."""
        self.page.wait_for_load_state()

    def stop_clocks(self) -> None:
        """Nothing goes away by itself any more, as messages do, however long this machine takes to come to it."""
        self.page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))

    def press(self, key: str) -> None:
        self.is_ready()
        self.page.keyboard.press(key)

    def choose_from_menu(self, name: str) -> None:
        self.account_menu.click()
        self.page.get_by_role("banner").get_by_text(name, exact=True).click()

    @property
    def account_menu(self) -> Locator:
        return self.page.get_by_role("banner").locator("summary")

    @property
    def main(self) -> Locator:
        return self.page.get_by_role("main")

    @property
    def toasts(self) -> Locator:
        return self.page.get_by_role("status", name="Messages")

    def is_told(self, words: str) -> None:
        expect(self.toasts).to_contain_text(words)

    @property
    def badge(self) -> Locator:
        """How many calls are under way, mine and all."""
        return self.page.get_by_role("banner").get_by_role("link", name="Calls under way")

    # Creating

    @property
    def composer(self) -> Locator:
        return self.page.get_by_role("form", name="New pictures")

    @property
    def prompt(self) -> Locator:
        return self.composer.get_by_role("textbox", name="Prompt")

    @property
    def create_button(self) -> Locator:
        return self.composer.get_by_role("button", name="Create")

    def choose(self, group: str, option: str) -> None:
        """Take one of the choices of the form, as one does with a pointer."""
        self.composer.get_by_role("group", name=group).locator("label").filter(has_text=_whole(option)).click()

    def compose(self, prompt: str, **choices: str) -> None:
        """Fill in the form on the page; `choices` are its groups by their first word."""
        self.prompt.fill(prompt)
        for group, option in choices.items():
            self.choose(group, option)

    def create(self, prompt: str, **choices: str) -> Locator:
        """Ask for pictures and return the place where they will hang."""
        self.go("/create/")
        self.compose(prompt, **choices)
        self.create_button.click()
        made = self.generation(prompt)
        expect(made).to_be_visible()
        return made

    def generation(self, prompt: str) -> Locator:
        """What was asked for with this prompt, with its tiles."""
        heading = self.page.get_by_role("heading", name=prompt, exact=True)
        return self.main.get_by_role("article").filter(has=heading)

    def pictures(self, prompt: str, within: Locator | None = None) -> Locator:
        """The tiles with pictures of this prompt, each a link."""
        image = self.page.get_by_role("img", name=prompt)
        return (within or self.main).get_by_role("link").filter(has=image)

    def wait_for_pictures(self, prompt: str, count: int = 1) -> Locator:
        """The tiles, once there are so many and each shows a picture that has really arrived."""
        tiles = self.pictures(prompt)
        expect(tiles).to_have_count(count)
        for image in tiles.get_by_role("img", name=prompt).all():
            self.has_arrived(image)
        return tiles

    def has_arrived(self, image: Locator) -> None:
        """A picture that is on the page and not broken."""
        image.scroll_into_view_if_needed()
        expect(image).to_have_js_property("complete", True)  # noqa: FBT003 - the property's value
        assert image.evaluate("image => image.naturalWidth") > 0

    # One picture

    def sees_picture(self, prompt: str) -> None:
        """The page of a picture, with the picture itself, ready for whatever comes next."""
        self.has_arrived(self.main.get_by_role("img", name=prompt).first)
        self.is_ready()

    def delete_picture(self) -> None:
        self.details.get_by_role("button", name="Delete", exact=True).click()
        self.is_told("The picture is in the trash.")

    def let_see(self, who: str) -> None:
        """Choose who may see the picture of this page."""
        self.is_ready()
        self.page.get_by_role("combobox", name="Who may see it").select_option(value=VISIBILITIES[who])
        self.is_told(f"Seen by: {who.lower()}.")

    @property
    def details(self) -> Locator:
        return self.page.get_by_role("region", name="About this picture")

    @property
    def share_path(self) -> str:
        return urlsplit(self.page.get_by_role("textbox", name="Share link").input_value()).path

    def rate(self, stars: int) -> None:
        self.is_ready()
        self.details.locator("label").filter(has_text=_whole(f"{stars} star{'s' if stars > 1 else ''}")).click()
        expect(self.details.get_by_text(f"You gave {stars} of 5 stars.")).to_be_attached()

    def comment(self, words: str) -> None:
        self.details.get_by_role("textbox", name="Add a comment").fill(words)
        self.details.get_by_role("button", name="Comment", exact=True).click()
        expect(self.details.get_by_role("listitem").filter(has_text=words)).to_be_visible()

    # Measures

    def brightness(self) -> dict[str, float]:
        """Of the page's ground and text, from 0 (black) to 1, as painted."""
        return self.page.evaluate(BRIGHTNESS)  # type: ignore[no-any-return]

    def fits(self) -> None:
        """No page is wider than its window."""
        self.is_ready()
        wide, room = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert wide <= room, f"{self.path} is {wide} px wide in a window of {room} px"


def _whole(text: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(text)}\s*$")
