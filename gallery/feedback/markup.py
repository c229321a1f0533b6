"""What a comment may look like: paragraphs, line breaks, *emphasis*, **strong** words and links, as in CommonMark.

Nothing else of it is understood, and HTML is text. What comes out is cleaned once more, so that no fault in reading it
can put anything else on a page.
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

from django.utils.safestring import SafeString

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_RULES = ("newline", "escape", "emphasis", "link", "autolink", "linkify")
_TAGS = {"p", "br", "em", "strong", "a"}
_ATTRIBUTES: dict[str, set[str]] = {"a": {"href"}, "*": set()}
_SCHEMES = {"http", "https", "mailto"}
_WHOLE = ("http://", "https://", "mailto:")
_REL = "nofollow ugc noopener noreferrer"
# More than a page of comments; each is 2,000 signs at most.
_MOST = 256


@lru_cache(_MOST)
def formatted(text: str) -> SafeString:
    """As HTML. It depends on nothing but the text, so what is remembered never has to be forgotten."""
    import nh3  # a process that shows no comment does without both

    written = _reader().render(text)
    return SafeString(
        nh3.clean(written, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_REL).strip()
    )


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    options = {"html": False, "linkify": True, "breaks": True, "maxNesting": 20}
    reader = MarkdownIt("zero", options).enable([*_RULES])
    reader.validateLink = _is_whole  # type: ignore[assignment,method-assign]  # made for it
    return reader


def _is_whole(address: str) -> bool:
    """Nobody is led about within the site by what looks like a part of it."""
    return address.lower().startswith(_WHOLE)
