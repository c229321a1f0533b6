"""What comments may look like, and that nothing else gets onto a page."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery.feedback.markup import formatted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A *fine* **fox**", "<p>A <em>fine</em> <strong>fox</strong></p>"),
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("2 * 3 * 4, snake_case_name", "<p>2 * 3 * 4, snake_case_name</p>"),
        (r"\*as it is\*", "<p>*as it is*</p>"),
        (
            "# no head\n- no list\n> no quote\n`no code`",
            "<p># no head<br>\n- no list<br>\n&gt; no quote<br>\n`no code`</p>",
        ),
        ("<b>x</b> &amp;", "<p>&lt;b&gt;x&lt;/b&gt; &amp;amp;</p>"),
    ],
)
def test_it_is_read_as_one_expects(text: str, expected: str) -> None:
    assert formatted(text) == expected


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[here](https://example.org/a?b=1&c=2)", "https://example.org/a?b=1&amp;c=2"),
        ("see https://example.org/a.", "https://example.org/a"),
        ("<http://example.org>", "http://example.org"),
        ("anna@example.org", "mailto:anna@example.org"),
    ],
)
def test_addresses_become_links_that_speak_for_nobody(text: str, address: str) -> None:
    assert f'<a href="{address}" rel="nofollow ugc noopener noreferrer">' in formatted(text)


@pytest.mark.parametrize(
    "text",
    [
        "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,x)", "<javascript:alert(1)>",
        "[x](&#106;avascript:alert(1))", "![x](javascript:x)", "[x](vbscript:x)", "[x](file:///etc/passwd)",
        "[x](/admin/)", "[x](//example.org)", "[x](../a)", "[x](http:a)",
        '[x](https://a.b "onmouseover=alert(1)")',
    ],
)  # fmt: skip
def test_links_lead_nowhere_else(text: str) -> None:
    assert {urlsplit(link).scheme for link in read(formatted(text)).links} <= {"https"}
    assert "title=" not in formatted(text)


@given(st.text("ab*_[]()<>\\!&;:/.@\"'` \n\t#-~|={}", max_size=80) | st.text(max_size=40))
def test_whatever_is_typed_nothing_else_gets_out(text: str) -> None:
    found = read(formatted(text))
    assert found.tags <= {"p", "br", "em", "strong", "a"}
    assert {urlsplit(link).scheme for link in found.links} <= {"http", "https", "mailto"}


@pytest.mark.parametrize("text", ["[" * 2000, "*_" * 1000, "[a](" * 500, "<a@" * 660, "http://" * 280, "\\" * 2000])
def test_what_is_piled_up_is_read_too(text: str) -> None:
    assert formatted(text).startswith("<p>")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"href", "rel"}
        self.links += [value or "" for name, value in attrs if name == "href"]


def read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader
