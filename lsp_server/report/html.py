"""The few pieces of HTML that the page is made of; everything that comes from records is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True)
class Markup:
    """Text that is HTML already."""

    text: str


Cell = str | int | float | Markup | None


def table(head: Sequence[str], rows: Iterable[Sequence[Cell]], *, caption: str = "", text_columns: int = 1) -> str:
    """A table whose first `text_columns` columns are words and the others figures. A row whose first cell is not blank
    begins a group where the one before had more than one line."""
    lines: list[str] = []
    follows = False
    for row in rows:
        cells = [
            f'<td class="text">{_cell(value)}</td>' if place < text_columns else f"<td>{_cell(value)}</td>"
            for place, value in enumerate(row)
        ]
        begins = row[0] != ""
        lines.append(f'<tr class="group">{"".join(cells)}</tr>' if begins and follows else f"<tr>{''.join(cells)}</tr>")
        follows = not begins
    names = (
        f'<th class="text">{escape(name)}</th>' if i < text_columns else f"<th>{escape(name)}</th>"
        for i, name in enumerate(head)
    )
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return (
        f'<div class="wide"><table>{title}<thead><tr>{"".join(names)}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def figure(estimate: Json | None, *, interval: bool = True, unit: str = "") -> Markup:
    """A value with its interval in small print, or a dash."""
    if not estimate or estimate.get("value") is None:
        return Markup('<span class="soft">–</span>')
    value = f"{number(estimate['value'])}{unit}"
    if not interval or estimate["low"] is None:
        return Markup(value)
    between = " to " if estimate["low"] < 0 else "–"
    return Markup(f"{value}<small>{number(estimate['low'])}{between}{number(estimate['high'])}</small>")


def number(value: float) -> str:
    """One decimal place, with a real minus sign."""
    return f"{value:.1f}".replace("-", "−")


def card(value: str, what: str, more: str = "") -> str:
    """A large figure with what it is."""
    extra = f"<span>{escape(more)}</span>" if more else ""
    return f'<div class="card"><span>{escape(what)}</span><b>{escape(value)}</b>{extra}</div>'


def section(key: str, title: str, *parts: str) -> str:
    """A part of the page that the contents can lead to; empty where all its parts are."""
    inside = "".join(parts)
    return f'<section id="{key}"><h2>{escape(title)}</h2>{inside}</section>' if inside.strip() else ""


def heading(text: str) -> str:
    return f"<h3>{escape(text)}</h3>"


def paragraph(text: str, kind: str = "") -> str:
    return f'<p class="{kind}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def bullets(lines: Sequence[str], kind: str) -> str:
    return f'<ul class="{kind}">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>' if lines else ""


def folded(summary: str, inside: str) -> str:
    """What only some readers want to see."""
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>" if inside else ""


def code(text: str) -> Markup:
    """Text from somebody's program."""
    return Markup(f"<code>{escape(text)}</code>")


def _cell(value: Cell) -> str:
    if isinstance(value, Markup):
        return value.text
    if value is None:
        return '<span class="soft">–</span>'
    if isinstance(value, float):
        return number(value)
    return f"{value:,}" if isinstance(value, int) else escape(value)
