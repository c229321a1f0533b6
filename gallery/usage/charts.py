"""Drawings of figures as inline SVG, coloured by our own style sheet."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from xml.etree import ElementTree  # nosec B405 # written with, never read

import pygal  # type: ignore[import-untyped]
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

# For maps, which are not drawn here, the package joins in all imports, in a way that is no longer known.
sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)]

# In units of the drawing, which is stretched to its place: letters of a size that the style sheet chooses.
WIDE, NARROW, HEIGHT = 960, 560, 280
TALL = 360  # as wide as a phone, on which the widest drawing would be a thin strip
LETTERS = {WIDE: 14, NARROW: 14, TALL: 11}
# So many colours can be told apart; what is less comes together as the last one.
SERIES = 6
FEW = 5
OTHERS = "Others"


@dataclass(frozen=True)
class Chart:
    """`svg` is the drawing, `tall` if there is one that for a phone; `head` and `rows` are its figures as a table."""

    title: str
    caption: str
    svg: SafeString
    head: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Any]]]
    legend: Sequence[str] = ()
    tall: str = ""

    def body(self) -> SafeString:
        """The lines of the table; a template would take ten times as long for hundreds of cells."""
        return format_html_join(
            "", '<tr><th scope="row">{}</th>{}</tr>', ((name, _cells(row)) for name, row in self.rows)
        )


def _cells(values: Sequence[int]) -> SafeString:
    return format_html_join("", '<td class="num">{}</td>', ((f"{value:,}",) for value in values))


class _Quick:
    """One path for each series instead of several nodes for each bar: ten times as fast.

    Over each column lies a clear one that tells its figures to whoever points at it.
    """

    def __getattribute__(self, name: str) -> Any:
        """As the package does, in one look instead of four: it reads a hundred thousand attributes for a page."""
        state = object.__getattribute__(self, "__dict__").get("state")
        if state is not None and name in state.__dict__ and name != "state" and not name.startswith("__"):
            return state.__dict__[name]
        return object.__getattribute__(self, name)

    def bar(self: Any, serie: Any, rescale: bool = False) -> None:
        paths = self._outlines(serie, self.view)
        self.svg.node(self.svg.serie(serie)["plot"], "path", d="".join(paths), class_="bars")

    def _plot(self: Any) -> None:
        super()._plot()  # type: ignore[misc]
        view, plot, is_lying = self.view, self.nodes["plot"], self.horizontal
        width, height = view.width, view.height
        each = (height if is_lying else width) / max(len(self.series[0].points), 1)
        for (x, _), told in zip(self.series[0].points, self.told, strict=True):
            box = (
                {"x": 0, "y": view.x(x) - each, "width": width, "height": each}
                if is_lying
                else {"x": view.x(x), "y": 0, "width": each, "height": height}
            )
            rounded = {name: round(value, 1) for name, value in box.items()}
            column = ElementTree.SubElement(plot, "rect", {"class": "column"} | {k: str(v) for k, v in rounded.items()})
            ElementTree.SubElement(column, "title").text = told

    def _draw(self: Any) -> None:
        super()._draw()  # type: ignore[misc]
        # What it would write into the drawing, a strict policy forbids.
        self.svg.add_styles = self.svg.add_scripts = lambda: None


class _Stacks(_Quick, pygal.StackedBar):  # type: ignore[misc]  # the package has no types
    """Standing columns, the series on top of each other."""

    def _outlines(self, serie: Any, view: Any) -> Iterator[str]:
        # Read once: the package looks up each attribute of a chart in several places.
        below = self.positive_cumulation
        width = (view.x(1) - view.x(0)) / len(serie.points)
        gap = width * 0.1
        for place, (x, value) in enumerate(serie.points):
            if value:
                top, bottom = view.y(below[place] + value), view.y(below[place])
                below[place] += value
                yield f"M{view.x(x) + gap:.1f} {bottom:.1f}V{top:.1f}h{width - 2 * gap:.1f}V{bottom:.1f}z"


class _Rows(_Quick, pygal.HorizontalBar):  # type: ignore[misc]
    """Lying bars, the series beneath each other; x and y of the view are those of standing ones."""

    def _outlines(self, serie: Any, view: Any) -> Iterator[str]:
        height = (view.x(0) - view.x(1)) / len(serie.points)
        each = height * 0.8 / len(self.series)
        for x, value in serie.points:
            if value:
                top = view.x(x) - height * 0.9 + each * serie.index
                start, end = view.y(0), view.y(value)
                yield f"M{start:.1f} {top:.1f}H{end:.1f}v{each * 0.9:.1f}H{start:.1f}z"


def bars(title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]], width: int = WIDE) -> SafeString:
    """One stacked column for each label, of which as many are written as there is room for."""
    every = label_every(len(labels), width // 110)
    more = {
        "x_labels_major_every": every,
        "show_minor_x_labels": False,
        "max_scale": 6,
        "style": _letters(LETTERS[width]),
    }
    return _drawn(_Stacks(**_PLAIN, **more, width=width, height=HEIGHT), title, labels, series)


narrow, tall = partial(bars, width=NARROW), partial(bars, width=TALL)


def rows(title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> SafeString:
    """A few lying bars for each label, from the top down; room for long words beside them."""
    height = max(HEIGHT, 24 + 36 * len(labels))
    chart = _Rows(**_PLAIN, width=NARROW, height=height, style=_letters(15), max_scale=4)
    upwards = {name: values[::-1] for name, values in series.items()}
    return _drawn(chart, title, labels[::-1], upwards)


def _letters(size: int) -> Any:
    """Room for labels of this size."""
    return pygal.style.Style(label_font_size=size, major_label_font_size=size)


def _drawn(chart: Any, title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> SafeString:
    chart.x_labels = list(labels)
    for name, values in series.items():
        chart.add(name, values)
    # There is no half a call.
    if (most := max(map(sum, zip(*series.values(), strict=True)))) <= FEW:
        chart.y_labels = range(most + 1)
    chart.told = [_told(label, series, place) for place, label in enumerate(labels)]
    return _cleaned(chart, title)


def _told(label: str, series: Mapping[str, Sequence[int]], place: int) -> str:
    parts = [f"{name} {values[place]:,}" for name, values in series.items() if values[place]]
    return f"{label}: {', '.join(parts) or 'none'}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.1f}"


_PLAIN = {
    "css": [], "js": [], "no_prefix": True, "margin": 4, "show_legend": False, "truncate_label": -1,
    "show_y_guides": True, "value_formatter": _number,
}  # fmt: skip


def _cleaned(chart: Any, title: str) -> SafeString:
    """The drawing, with a name for those who do not see it, and without what a strict policy forbids."""
    root = chart.render_tree()
    for node in [node for node in root if not isinstance(node.tag, str) or node.tag in ("defs", "title")]:
        root.remove(node)
    for parent in list(root.iter()):
        for node in [node for node in parent if "tooltip" in node.get("class", "")]:
            parent.remove(node)
    root.attrib.pop("id", None)
    root.set("role", "img")
    root.set("aria-label", title)
    described = ElementTree.Element("title")
    described.text = title
    more = ElementTree.Element("desc")
    more.text = "The same figures follow as a table."
    root.insert(0, described)
    root.insert(1, more)
    return mark_safe(ElementTree.tostring(root, encoding="unicode"))  # noqa: S308 - its texts are escaped # nosec B308 B703


def leading(totals: Mapping[Any, int], size: int = SERIES) -> list[Any]:
    """The keys with the largest figures, of which a chart can show so many."""
    ranked = sorted(totals, key=lambda key: (-totals[key], str(key)))
    return ranked if len(ranked) <= size else ranked[: size - 1]


def label_every(count: int, room: int) -> int:
    """Which labels to write, so that they do not run into each other."""
    return max(1, -(-count // room))
