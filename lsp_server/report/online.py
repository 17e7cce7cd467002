"""The sections about what users saw and did."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from lsp_server.report import html, plots
from lsp_server.report.html import figure

Json = Mapping[str, Any]

_OUTCOMES = {
    "accepted": "accepted whole",
    "partly_accepted": "accepted in part",
    "rejected": "rejected",
    "superseded": "superseded by another",
    "typed_through": "typed by hand instead",
    "not_shown": "nothing to see",
    "unknown": "not known",
}
_BREAKDOWNS = {
    "language": "By language",
    "trigger": "By trigger point",
    "series": "By model",
    "editor": "By editor",
    "user": "By user",
}


def online_sections(report: Json) -> list[str]:
    """Acceptance, persistence, calibration against acceptance, and arms."""
    online = report["online"]
    return [_acceptance(online), _arms(online), _persistence(online), _calibration(online)]


def interval(estimate: Json | None) -> plots.Interval | None:
    """An estimate as plots take it; a value without an interval has one of no width."""
    if not estimate or estimate.get("value") is None:
        return None
    value = estimate["value"]
    low, high = estimate["low"], estimate["high"]
    return (value if low is None else low, value, value if high is None else high)


def _acceptance(online: Json) -> str:
    total = sum(online["outcomes"].values())
    rows: list[Sequence[html.Cell]] = [
        [words, online["outcomes"][key], 100.0 * online["outcomes"][key] / total]
        for key, words in _OUTCOMES.items()
        if online["outcomes"][key]
    ]
    if online["held_out"]:
        rows.append(["of these held out by lot", online["held_out"], 100.0 * online["held_out"] / total])
    parts = [html.table(["what became of it", "requests", "%"], rows)]
    if len(online["by_day"]) > 1:
        parts += [html.heading("Acceptance over time"), _over_time(online["by_day"])]
    for column, title in _BREAKDOWNS.items():
        lines = online[f"by_{column}"]
        if len(lines) < 2:
            continue
        shown = [(name, [interval(line["acceptance"])]) for name, line in lines.items() if line["shown"]]
        parts.append(html.heading(title))
        if column in ("language", "trigger"):
            parts.append(plots.dots(shown, ["acceptance"], code=column == "trigger"))
        table = html.table(
            [column if column != "series" else "model", "seen", "accepted, %", "completed code, %"],
            [
                [
                    name[:12] if column == "user" else name,
                    line["shown"],
                    figure(line["acceptance"]),
                    figure(line["ratio_of_completed_code"]),
                ]
                for name, line in lines.items()
            ],
        )
        summary = "Those with the most requests" if column == "user" else "As a table"
        parts.append(html.folded(summary, table) if column in ("language", "trigger", "user") else table)
    return html.section("acceptance", "Acceptance", *parts)


def _over_time(days: Sequence[Json]) -> str:
    points = [(float(d["day"]), i) for d in days if (i := interval(d["acceptance"]))]
    labels = [(float(d["day"]), _date(d["day"])) for d in days]
    return plots.lines([plots.Line("accepted", points)], labels)


def _date(day: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).strftime("%d %b %Y")


def _arms(online: Json) -> str:
    if not online["arms"]:
        return ""
    rows = [
        [
            arm["arm"],
            arm["requests"],
            "–".join(f"{p:.3g}" for p in dict.fromkeys(arm["propensity"])),
            arm["effective_sample"],
            figure(arm["acceptance"]),
            figure(arm["weighted_acceptance"]),
            figure(arm["accepted_per_request"]),
        ]
        for arm in online["arms"]
    ]
    head = ["arm", "requests", "odds", "effective", "accepted, %", "weighted, %", "per request, %"]
    note = (
        "Weighted by one over the odds with which each arm was drawn: what it would have reached had it answered "
        "everybody. The effective number of requests says what the weighting costs. Per request also counts requests "
        "where the arm had nothing to show."
    )
    return html.section("arms", "Arms", html.paragraph(note, "note"), html.table(head, rows))


def _persistence(online: Json) -> str:
    lines = [line for line in online["persistence"] if line["looked_at"]]
    if not lines:
        return ""
    curves = [
        plots.Line(name, [(float(line["after_s"]), i) for line in lines if (i := interval(line[key]))])
        for key, name in (("valid", "stands as accepted"), ("kept", "characters kept"), ("deleted", "deleted"))
    ]
    curves = [curve for curve in curves if curve.points]
    labels = [(float(line["after_s"]), f"{line['after_s']} s") for line in lines]
    rows = [
        [
            f"{line['after_s']} s",
            line["looked_at"],
            *(figure(line[key]) for key in ("valid", "edited", "deleted", "kept")),
        ]
        for line in lines
    ]
    head = ["after", "looked at", "stands, %", "edited, %", "deleted, %", "characters kept, %"]
    note = (
        f"Of {lines[0]['accepted']:,} accepted suggestions. A deleted one counts as deleted, and is not left out; one "
        "whose document was closed in time to hide it is not among those looked at."
    )
    return html.section(
        "persistence",
        "How long accepted code stands",
        html.paragraph(note, "note"),
        plots.legend([curve.name for curve in curves]),
        plots.lines(curves, labels, top_value=100.0),
        html.folded("As a table", html.table(head, rows)),
    )


def _calibration(online: Json) -> str:
    found = online["calibration"]
    if not found:
        return ""
    points = [(p["confidence"], p["frequency"], p["n"]) for p in found["reliability"]]
    text = (
        f"Of {found['n']:,} seen suggestions. Expected calibration error {found['ece']:.3f}; Brier score "
        f"{found['brier']:.3f}, where always saying the base rate of {found['base_rate']:.1%} would give "
        f"{found['brier_of_base_rate']:.3f}. On the dashed line, confidence is the chance of acceptance; people "
        "decline much that is right, so a model may lie below it and still know what it knows."
    )
    return html.section(
        "calibration",
        "Confidence against acceptance",
        html.paragraph(text, "note"),
        plots.reliability([("seen suggestions", points)]),
    )
