"""What is remembered of a page is told apart by all that it shows."""

from __future__ import annotations

from typing import Any

import pytest
from django.template import engines
from django.utils.safestring import mark_safe
from django.utils.translation import override

from generator.templatetags import memoized


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The values of what was really made; nothing is remembered from before."""
    found: list[dict[str, Any]] = []

    class Template:
        def render(self, values: dict[str, Any]) -> Any:
            found.append(values)
            return engines["django"].from_string("{% load i18n %}{{ text }} {% translate 'Yes' %}").render(values)

    monkeypatch.setattr(memoized, "get_template", lambda _name: Template())
    memoized._remembered.cache_clear()
    return found


def show(**values: Any) -> str:
    template = engines["django"].from_string(
        "{% memoized 'part.html' " + " ".join(f"{name}={name}" for name in values) + " %}"
    )
    return str(template.render(values))


def test_it_is_made_once_for_the_same_values(made: list[dict[str, Any]]) -> None:
    assert [show(text="a"), show(text="a"), show(text="b")] == ["a Yes", "a Yes", "b Yes"]
    assert made == [{"text": "a"}, {"text": "b"}]


def test_whatever_is_shown_is_escaped_even_if_a_safe_text_like_it_was_shown_before() -> None:
    assert show(text=mark_safe("<b>")) == "<b> Yes"
    assert show(text="<b>") == "&lt;b&gt; Yes"
    assert show(text="<script>") == "&lt;script&gt; Yes"


def test_a_truth_is_not_the_number_that_equals_it() -> None:
    assert [show(text=1), show(text=True), show(text=1.0)] == ["1 Yes", "True Yes", "1.0 Yes"]


def test_another_language_is_another_page() -> None:
    assert show(text="a") == "a Yes"
    with override("de"):
        assert show(text="a") == "a Ja"


def test_what_may_change_is_refused() -> None:
    with pytest.raises(TypeError, match=r"part\.html cannot be remembered by its text"):
        show(text=["a"])


def test_templates_that_are_being_worked_on_are_read_anew(settings: Any, made: list[dict[str, Any]]) -> None:
    settings.DEBUG = True
    assert [show(text="a"), show(text="a")] == ["a Yes", "a Yes"]
    assert len(made) == 2
