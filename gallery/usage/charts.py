"""Drawings of figures as inline SVG, coloured by our own style sheet."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
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
WIDE, NARROW, HEIGHT = 720, 560, 280
# So many colours can be told apart; what is less comes together as the last one.
SERIES = 6
FEW = 5
OTHERS = "Others"


@dataclass(frozen=True)
class Chart:
    """`svg` is the drawing; `head` and `rows` are the same figures as a table."""

    title: str
    caption: str
    svg: SafeString
    head: Sequence[str]
    rows: Sequence[tuple[str, Sequence[Any]]]
    legend: Sequence[str] = ()

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

    def bar(self: Any, serie: Any, rescale: bool = False) -> None:
        paths = [self._outline(serie, *point) for point in enumerate(serie.points) if point[1][1]]
        self.svg.node(self.svg.serie(serie)["plot"], "path", d="".join(paths), class_="bars")

    def _plot(self: Any) -> None:
        super()._plot()  # type: ignore[misc]
        width, height = self.view.width, self.view.height
        each = (height if self.horizontal else width) / max(len(self.series[0].points), 1)
        for place, (x, _) in enumerate(self.series[0].points):
            box = (
                {"x": 0, "y": self.view.x(x) - each, "width": width, "height": each}
                if self.horizontal
                else {"x": self.view.x(x), "y": 0, "width": each, "height": height}
            )
            rounded = {name: round(value, 1) for name, value in box.items()}
            column = self.svg.node(self.nodes["plot"], "rect", class_="column", **rounded)
            self.svg.node(column, "title").text = self.told[place]

    def _draw(self: Any) -> None:
        super()._draw()  # type: ignore[misc]
        # What it would write into the drawing, a strict policy forbids.
        self.svg.add_styles = self.svg.add_scripts = lambda: None


class _Stacks(_Quick, pygal.StackedBar):  # type: ignore[misc]  # the package has no types
    """Standing columns, the series on top of each other."""

    def _outline(self, serie: Any, place: int, point: tuple[float, float]) -> str:
        x, value = point
        below = self.positive_cumulation[place]
        self.positive_cumulation[place] = below + value
        width = (self.view.x(1) - self.view.x(0)) / len(serie.points)
        gap, top, bottom = width * 0.1, self.view.y(below + value), self.view.y(below)
        return f"M{self.view.x(x) + gap:.1f} {bottom:.1f}V{top:.1f}h{width - 2 * gap:.1f}V{bottom:.1f}z"


class _Rows(_Quick, pygal.HorizontalBar):  # type: ignore[misc]
    """Lying bars, the series beneath each other; x and y of the view are those of standing ones."""

    def _outline(self, serie: Any, place: int, point: tuple[float, float]) -> str:
        x, value = point
        height = (self.view.x(0) - self.view.x(1)) / len(serie.points)
        each = height * 0.8 / len(self.series)
        top = self.view.x(x) - height * 0.9 + each * serie.index
        start, end = self.view.y(0), self.view.y(value)
        return f"M{start:.1f} {top:.1f}H{end:.1f}v{each * 0.9:.1f}H{start:.1f}z"


def bars(title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]], width: int = WIDE) -> SafeString:
    """One stacked column for each label, of which as many are written as there is room for."""
    every = label_every(len(labels), width // 110)
    chart = _Stacks(
        **_PLAIN, width=width, height=HEIGHT, x_labels_major_every=every, show_minor_x_labels=False, max_scale=6
    )
    return _drawn(chart, title, labels, series)


narrow = partial(bars, width=NARROW)


def rows(title: str, labels: Sequence[str], series: Mapping[str, Sequence[int]]) -> SafeString:
    """A few lying bars for each label, from the top down; room for long words beside them."""
    style = pygal.style.Style(label_font_size=15, major_label_font_size=15)
    chart = _Rows(**_PLAIN, width=NARROW, height=max(HEIGHT, 24 + 36 * len(labels)), style=style, max_scale=4)
    upwards = {name: values[::-1] for name, values in series.items()}
    return _drawn(chart, title, labels[::-1], upwards)


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
