"""What axe-core says about a page, in both colour schemes, on a laptop and on a phone."""

from __future__ import annotations

from itertools import product
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from tests.e2e.pages import Visitor

PHONE, LAPTOP = ViewportSize(width=360, height=780), ViewportSize(width=1280, height=800)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# What a colour scheme can change; the other rules would say the same twice.
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
AXE = Axe()
IS_THERE = "typeof axe !== 'undefined'"


def finds_nothing(visitor: Visitor, *, preload: bool = True) -> None:
    """No violation of any rule, in the dark of those about colours, and nothing wider than the window.

    Without `preload` axe-core does not read the style sheets itself: those that import others (Django's forms.css)
    it would put into the page, which our policy forbids. It then cannot tell whether a style locks the orientation.
    """
    visitor.is_ready()
    found: list[str] = []
    for viewport, scheme in product((LAPTOP, PHONE), SCHEMES):
        visitor.page.set_viewport_size(viewport)
        visitor.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        options = {"preload": preload} | ({"runOnly": OF_COLOURS} if scheme == "dark" else {})
        found += [f"{viewport['width']} px, {scheme}: {what}" for what in _violations(visitor.page, options)]
        visitor.fits()
    assert not found, f"{visitor.path}\n" + "\n".join(found)


def _violations(page: Page, options: dict[str, Any]) -> list[str]:
    """Half a megabyte of script goes to the page once, and not each time: that takes as long as the looking."""
    if not page.evaluate(IS_THERE):
        page.evaluate(AXE.axe_script)
    told = {"resultTypes": ["violations"]} | options
    violations: list[dict[str, Any]] = page.evaluate("async told => (await axe.run(told)).violations", told)
    return [
        f"{violation['id']}: {node['html'][:200]} ({node['failureSummary']})"
        for violation in violations
        for node in violation["nodes"]
    ]
