"""The report as one HTML page that needs nothing else: no network, no script, no font."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from html import escape
from importlib.resources import files
from typing import Any

from lsp_server.report import html
from lsp_server.report.online import online_sections
from lsp_server.report.truth import truth_sections

Json = Mapping[str, Any]


def render(report: Json) -> str:
    """The whole page."""
    sections = [
        html.section(
            "conclusions",
            "What may be concluded",
            html.bullets(report["conclusions"]["may"], "may"),
            html.heading("What may not be concluded") if report["conclusions"]["may_not"] else "",
            html.bullets(report["conclusions"]["may_not"], "maynot"),
        ),
        *(online_sections(report) if report["online"] else []),
        *(truth_sections(report) if report["truth"] else []),
        _latency(report),
        _faults(report),
        _examples(report),
        _definitions(report),
    ]
    body = "".join(sections)
    style = (files("lsp_server.report") / "page.css").read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Completions: {escape(', '.join(report['sources']))}</title><style>{style}</style></head>"
        f"<body>{_head(report)}{_contents(sections)}{_cards(report)}{body}</body></html>\n"
    )


def date(day: int) -> str:
    """A day of the calendar, from days since 1970."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%Y-%m-%d")


def _head(report: Json) -> str:
    when = f", {date(report['days'][0])} to {date(report['days'][1])}" if report["days"] else ""
    return (
        "<h1>Completions, shown and replayed</h1>"
        f'<p class="soft">{report["requests"]:,} requests{when}, from {escape(", ".join(report["sources"]))}. '
        f"Intervals are 95%, drawing {escape(report['cluster'])} again ({report['clusters']:,}); seed "
        f"{report['seed']}.</p>"
    )


def _contents(sections: list[str]) -> str:
    names: list[str] = []
    for section in sections:
        if section:
            key = section.split('id="', 1)[1].split('"', 1)[0]
            title = section.split("<h2>", 1)[1].split("</h2>", 1)[0]
            names.append(f'<a href="#{key}">{title}</a>')
    return f"<nav>{''.join(names)}</nav>"


def _cards(report: Json) -> str:
    cards: list[str] = [html.card(f"{report['requests']:,}", "requests", f"{report['answers']:,} answers of models")]
    if online := report["online"]:
        for key, what in (("acceptance", "accepted of what was seen"), ("ratio_of_completed_code", "completed code")):
            if online[key]["value"] is not None:
                cards.append(html.card(f"{online[key]['value']:.1f}%", what, _bounds(online[key])))
    if report["truth"] and (scored := report["truth"]["series"]):
        best = max(scored, key=lambda name: scored[name].get("exact_match", {}).get("value") or 0.0)
        found = scored[best].get("exact_match", {})
        if found.get("value") is not None:
            cards.append(html.card(f"{found['value']:.1f}%", "exact match, empties wrong", best))
            coverage = scored[best]["coverage"]
            cards.append(html.card(f"{coverage['value']:.1f}%", "coverage", f"{best} wrote something"))
    return f'<div class="cards">{"".join(cards)}</div>'


def _bounds(estimate: Json) -> str:
    return "" if estimate["low"] is None else f"95% {estimate['low']:.1f} to {estimate['high']:.1f}"


def _latency(report: Json) -> str:
    rows: list[list[html.Cell]] = []
    for name, stages in report["latency_ms"].items():
        for place, (stage, line) in enumerate(stages.items()):
            percentiles = [float(line[key]) for key in ("p50", "p90", "p95", "p99")]
            rows.append([name if place == 0 else "", stage, line["n"], *percentiles])
    if not rows:
        return ""
    head = ["model", "stage", "answers", "median", "90%", "95%", "99%"]
    note = "Milliseconds. Stages that nobody recorded are left out."
    return html.section("latency", "Time", html.paragraph(note, "note"), html.table(head, rows, text_columns=2))


def _faults(report: Json) -> str:
    named = list(dict.fromkeys(fault for faults in report["faults"].values() for fault in faults))
    if not named:
        return ""
    series = [name for name, faults in report["faults"].items() if faults]
    totals = {name: sum(report["faults"][name].values()) for name in series}
    rows = [
        [fault, *(_share(report["faults"][name].get(fault, 0), totals[name]) for name in series)] for fault in named
    ]
    note = (
        "By the classes of the Code4Me study, as far as the first difference tells; the study sorted by hand. "
        "Percent of the faults of each model."
    )
    head = ["class", *(f"{name} ({totals[name]:,})" for name in series)]
    return html.section("faults", "What went wrong", html.paragraph(note, "note"), html.table(head, rows))


def _share(part: int, whole: int) -> html.Cell:
    return 100.0 * part / whole if part else None


def _examples(report: Json) -> str:
    if not report["examples"]:
        return ""
    rows: list[list[html.Cell]] = [
        [
            e["series"],
            e["language"],
            html.code(e["before"]),
            html.code(e["said"]),
            html.code(e["truth"]),
            f"{e['confidence']:.0%}",
            e["fault"],
        ]
        for e in report["examples"]
    ]
    head = ["model", "language", "before the cursor", "it wrote", "what stood there", "sure", "class"]
    inside = html.table(head, rows, text_columns=7).replace('<td class="text"><code>', '<td class="code"><code>')
    note = "What a model was surest of and farthest from."
    return html.section("worst", "Worst cases", html.paragraph(note, "note"), html.folded("Show the code", inside))


def _definitions(report: Json) -> str:
    lines = [
        "Accepted: taken whole or in part, of suggestions that were seen and whose end is known.",
        "Completed code: characters of accepted suggestions, of all that was added to documents meanwhile. Acceptance "
        "alone rises when less is shown.",
        "Scores compare the first line of what was written with the rest of the line as it stood about 30 seconds "
        "later (in evaluation cases: with what was cut out). Both are stripped, as in the Code4Me study.",
        "Exact match: equal. Edit similarity: rapidfuzz's ratio. BLEU-4: as nltk's, smoothing method 2. METEOR: as "
        "nltk's, without WordNet. ROUGE-L: F1. The last three on words and single marks, not on InCoder's tokens, so "
        "they do not compare with the paper's.",
        "Empties wrong: a model that wrote nothing was wrong. Common subset: requests that every compared model "
        "answered. As published: the study's way, empties left out; each model then has other, easier cases.",
        "Confidence: geometric mean of the probabilities of the tokens before temperature and masks.",
    ]
    return html.section("definitions", "Definitions", html.bullets(lines, "plain"))
