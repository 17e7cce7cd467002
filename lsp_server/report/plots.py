"""Plots as SVG, drawn with a few lines of our own: a page that needs no network and no script, in the reader's colours.

Colours are classes (`s0` to `s5`) that the page's style sheet fills in for light and dark.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

WIDTH = 760
_CHAR = 6.7
"""Width of a character of the labels, generously."""
_CODE_CHAR = 8.2
_LONGEST_LABEL = 26

Interval = tuple[float, float, float]
"""Low, value, high."""
Scale = Callable[[float], float]
"""From a value to a place."""


@dataclass(frozen=True)
class Line:
    """A curve with its band: x, then low, value, high."""

    name: str
    points: Sequence[tuple[float, Interval]]


def dots(
    rows: Sequence[tuple[str, Sequence[Interval | None]]], series: Sequence[str], unit: str = "%", *, code: bool = False
) -> str:
    """Values with whiskers, one group of lines for each label, one colour for each series. `code`: labels are code."""
    if not rows:
        return ""
    left = min(max(len(label) for label, _ in rows), _LONGEST_LABEL) * (_CODE_CHAR if code else _CHAR) + 16
    right, top, step = 58, 8, 13 if len(series) > 1 else 20
    group = step * len(series) + (8 if len(series) > 1 else 2)
    height = top + group * len(rows) + 26
    highest = max((value[2] for _, values in rows for value in values if value), default=1.0)
    ticks = _ticks(0.0, highest)

    def x(value: float) -> float:
        return left + (WIDTH - left - right) * value / ticks[-1]

    kind = "label mono" if code else "label"
    parts = [_grid(ticks, x, top, height - 26, unit)]
    for index, (label, values) in enumerate(rows):
        y = top + group * index
        middle = y + step * len(series) / 2
        shown = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
        parts.append(
            f'<text x="{left - 10:.0f}" y="{middle + 4:.1f}" class="{kind}" text-anchor="end">'
            f"<title>{escape(label)}</title>{escape(shown)}</text>"
        )
        for place, value in enumerate(values):
            if value is None:
                continue
            low, centre, high = value
            line = y + step * (place + 0.5)
            parts.append(
                f'<g class="s{place % 6}"><title>{escape(series[place])}, {escape(label)}: {centre:.1f}{unit} '
                f"({low:.1f} to {high:.1f})</title>"
                f'<line x1="{x(low):.1f}" x2="{x(high):.1f}" y1="{line:.1f}" y2="{line:.1f}" class="whisker"/>'
                f'<circle cx="{x(centre):.1f}" cy="{line:.1f}" r="4" class="dot"/></g>'
            )
            if len(series) == 1:
                parts.append(f'<text x="{x(high) + 8:.1f}" y="{line + 4:.1f}" class="value">{centre:.1f}{unit}</text>')
    return _svg(height, parts)


def lines(
    curves: Sequence[Line], labels: Sequence[tuple[float, str]], unit: str = "%", top_value: float | None = None
) -> str:
    """Curves with bands over an x axis that has the given labels."""
    points = [point for curve in curves for point in curve.points]
    if len(points) < 2:
        return ""
    left, right, top, bottom, height = 46, 24, 10, 28, 250
    first, last = min(x for x, _ in points), max(x for x, _ in points)
    ticks = _ticks(0.0, top_value or max(high for _, (_, _, high) in points))

    def x(value: float) -> float:
        return left + (WIDTH - left - right) * (value - first) / ((last - first) or 1)

    def y(value: float) -> float:
        return height - bottom - (height - top - bottom) * value / ticks[-1]

    parts = [
        f'<line x1="{left}" x2="{WIDTH - right}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" class="grid"/>'
        f'<text x="{left - 8}" y="{y(tick) + 4:.1f}" class="tick" text-anchor="end">{_number(tick)}{unit}</text>'
        for tick in ticks
    ]
    for place, curve in enumerate(curves):
        band = [(x(p), y(high)) for p, (_, _, high) in curve.points]
        band += [(x(p), y(low)) for p, (low, _, _) in reversed(curve.points)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in ((x(p), y(value)) for p, (_, value, _) in curve.points))
        outline = " ".join(f"{a:.1f},{b:.1f}" for a, b in band)
        parts.append(f'<g class="s{place % 6}"><polygon points="{outline}" class="band"/>')
        parts.append(f'<polyline points="{path}" class="curve"/>')
        parts += [
            f'<circle cx="{x(p):.1f}" cy="{y(value):.1f}" r="3" class="dot"><title>{escape(curve.name)}: {value:.1f}'
            f"{unit} ({low:.1f} to {high:.1f})</title></circle>"
            for p, (low, value, high) in curve.points
        ]
        parts.append("</g>")
    parts += _x_labels(labels, x, height - 8)
    return _svg(height, parts)


def reliability(curves: Sequence[tuple[str, Sequence[tuple[float, float, int]]]]) -> str:
    """Confidence against frequency, both 0 to 1; the size of a point is the share of predictions behind it."""
    if not curves:
        return ""
    size, left, top = 340, 52, 10
    height = top + size + 44

    def x(value: float) -> float:
        return left + size * value

    def y(value: float) -> float:
        return top + size * (1 - value)

    parts = [
        f'<line x1="{left}" x2="{left + size}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" class="grid"/>'
        f'<text x="{left - 8}" y="{y(tick) + 4:.1f}" class="tick" text-anchor="end">{tick:.0%}</text>'
        f'<text x="{x(tick):.1f}" y="{top + size + 18}" class="tick" text-anchor="middle">{tick:.0%}</text>'
        for tick in (0, 0.2, 0.4, 0.6, 0.8, 1)
    ]
    parts.append(f'<line x1="{x(0)}" y1="{y(0)}" x2="{x(1)}" y2="{y(1)}" class="ideal"/>')
    parts.append(f'<text x="{left + size / 2}" y="{height - 6}" class="tick" text-anchor="middle">confidence</text>')
    for place, (name, points) in enumerate(curves):
        total = sum(n for _, _, n in points)
        path = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b, _ in points)
        parts.append(f'<g class="s{place % 6}"><polyline points="{path}" class="curve"/>')
        parts += [
            f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="{3 + 14 * (n / total) ** 0.5:.1f}" class="bubble">'
            f"<title>{escape(name)}: said {a:.0%}, was {b:.0%}, {n:,} times</title></circle>"
            for a, b, n in points
        ]
        parts.append("</g>")
    return _svg(height, parts, width=left + size + 20)


def legend(series: Sequence[str]) -> str:
    """Names beside their colours; empty for one series."""
    if len(series) < 2:
        return ""
    names = (f'<span class="key"><i class="s{i % 6}"></i>{escape(name)}</span>' for i, name in enumerate(series))
    return f'<p class="legend">{"".join(names)}</p>'


def _grid(ticks: Sequence[float], x: Scale, top: float, bottom: float, unit: str) -> str:
    return "".join(
        f'<line x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{top}" y2="{bottom}" class="grid"/>'
        f'<text x="{x(tick):.1f}" y="{bottom + 18}" class="tick" text-anchor="middle">{_number(tick)}{unit}</text>'
        for tick in ticks
    )


def _x_labels(labels: Sequence[tuple[float, str]], x: Scale, y: float) -> list[str]:
    """Labels from the left, leaving out those that would touch the one before."""
    parts: list[str] = []
    free_from = 0.0
    for value, text in labels:
        half = len(text) * _CHAR / 2
        place = min(max(x(value), half), WIDTH - half)
        if place - half >= free_from:
            parts.append(f'<text x="{place:.1f}" y="{y}" class="tick" text-anchor="middle">{escape(text)}</text>')
            free_from = place + half + 10
    return parts


def _ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers from `low` to at least `high`."""
    span = max(high - low, 1e-9)
    rough = span / about
    power = 10 ** floor(log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    return [low + step * i for i in range(ceil(span / step - 1e-9) + 1)]


def _number(value: float) -> str:
    return f"{value:.10g}"


def _svg(height: float, parts: Sequence[str], width: float = WIDTH) -> str:
    style = f"max-width:{width:.0f}px"
    return f'<svg viewBox="0 0 {width:.0f} {height:.0f}" style="{style}" role="img">{"".join(parts)}</svg>'
