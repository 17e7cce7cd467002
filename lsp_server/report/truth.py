"""The sections about what models wrote beside what really stood there later."""

from collections.abc import Mapping, Sequence
from typing import Any

from lsp_server.report import html, plots
from lsp_server.report.html import figure
from lsp_server.report.online import interval

Json = Mapping[str, Any]

SCORES = {
    "exact_match": "exact",
    "edit_similarity": "edit similarity",
    "bleu4": "BLEU-4",
    "rouge_l_f1": "ROUGE-L",
    "meteor": "METEOR",
}
_INFLUENCES = {
    "held_out": "held out by lot",
    "not_shown": "nothing to see",
    "shown": "seen and not accepted",
    "accepted": "a suggestion was accepted",
    "unknown": "not known",
}


def truth_sections(report: Json) -> list[str]:
    """Scores over all, by language and trigger point, by who had a hand in the truth, paired, calibrated."""
    truth = report["truth"]
    series: Json = {name: found for name, found in truth["series"].items() if found["cases"]}
    if not series:  # ground truth alone: no model was asked
        return []
    return [
        _overall(truth, series),
        _breakdown(series, "language", "Scores by language"),
        _breakdown(series, "trigger", "Scores by trigger point"),
        _influence(series),
        _gap(truth["gap"]),
        _calibration(series),
    ]


def _overall(truth: Json, series: Json) -> str:
    head = ["model", "counted", "requests", "coverage, %", *SCORES.values()]
    rows: list[list[html.Cell]] = []
    common = truth["common_subset"]
    for name, found in series.items():
        rows.append(
            [
                name,
                "empties wrong",
                found["cases"],
                figure(found["coverage"], interval=False),
                *(figure(found[score]) for score in SCORES),
            ]
        )
        if common:
            shared = common["series"][name]
            rows.append(["", "common subset", common["cases"], None, *(figure(shared[score]) for score in SCORES)])
        published = found["as_published"]
        rows.append(
            ["", "as published", published["exact_match"]["n"], None, *(figure(published[score]) for score in SCORES)]
        )
    parts = [html.table(head, rows, text_columns=2)]
    if truth["paired"]:
        pairs = [
            [f"{p['second']} over {p['first']}", p["requests"], *(figure(p[score]) for score in SCORES)]
            for p in truth["paired"]
        ]
        parts += [
            html.heading("On the same requests"),
            html.paragraph("Points by which the first is better; luck does not explain an interval without 0.", "note"),
            html.table(["pair", "requests", *SCORES.values()], pairs),
        ]
    return html.section("scores", "Against what stood there later", *parts)


def _breakdown(series: Json, column: str, title: str) -> str:
    names = list(series)
    lines = list(dict.fromkeys(line for found in series.values() for line in found[f"by_{column}"]))
    if len(lines) < 2:
        return ""
    shown = [
        (line, [interval(series[name][f"by_{column}"].get(line, {}).get("exact_match")) for name in names])
        for line in lines
    ]
    rows: list[Sequence[html.Cell]] = []
    for line in lines:
        first = True
        for name in names:
            found = series[name][f"by_{column}"].get(line)
            if not found or not found["cases"]:
                continue
            cells = [figure(found["coverage"], interval=False), *(figure(found[score]) for score in SCORES)]
            rows.append([line if first else "", name, found["cases"], *cells])
            first = False
    head = [column, "model", "requests", "coverage, %", *SCORES.values()]
    return html.section(
        f"by-{column}",
        title,
        html.paragraph("Exact match in percent, empties wrong.", "note"),
        plots.legend(names),
        plots.dots(shown, names, code=column == "trigger"),
        html.folded("All scores as a table", html.table(head, rows, text_columns=2)),
    )


def _influence(series: Json) -> str:
    if all(set(found["by_influence"]) <= {"not_shown"} for found in series.values()):
        return ""
    rows: list[list[html.Cell]] = []
    for name, found in series.items():
        present = [key for key in _INFLUENCES if key in found["by_influence"]]
        for place, key in enumerate(present):
            line = found["by_influence"][key]
            if line["cases"]:
                cells = [figure(line["coverage"], interval=False), *(figure(line[score]) for score in SCORES)]
                rows.append([name if place == 0 else "", _INFLUENCES[key], line["cases"], *cells])
    note = (
        "What stands there later is partly the work of whoever suggested it. Held out by lot, nobody had a hand in it, "
        "and the requests are like all others; where there was nothing to see, nobody had either, but these requests "
        "are of a kind; where something was accepted, its model is right by its own doing."
    )
    head = ["model", "when the truth was written", "requests", "coverage, %", *SCORES.values()]
    return html.section(
        "influence", "Whose truth it is", html.paragraph(note, "note"), html.table(head, rows, text_columns=2)
    )


def _gap(gap: Json) -> str:
    if not gap:
        return ""
    rows = [[name, figure(line["offline"]), figure(line["online"])] for name, line in gap.items()]
    note = "Exact match. In the Code4Me study models reached less than half online of what they reached offline."
    return html.section(
        "gap",
        "Offline and online",
        html.paragraph(note, "note"),
        html.table(["language", "evaluation cases, %", "users' requests, %"], rows),
    )


def _calibration(series: Json) -> str:
    known = {name: found["calibration"] for name, found in series.items() if found["calibration"]}
    if not known:
        return ""
    curves = [
        (name, [(p["confidence"], p["frequency"], p["n"]) for p in found["reliability"]])
        for name, found in known.items()
    ]
    rows = [
        [name, found["n"], f"{found['ece']:.3f}", f"{found['brier']:.3f}", f"{found['brier_of_base_rate']:.3f}"]
        for name, found in known.items()
    ]
    head = ["model", "answers", "ECE", "Brier", "Brier of the base rate"]
    note = (
        "How often the text was exactly right, by how sure the model was. On the dashed line it says what is true. The "
        "size of a point is the number of answers behind it."
    )
    return html.section(
        "calibration-truth",
        "Confidence against exact match",
        html.paragraph(note, "note"),
        plots.legend(list(known)),
        plots.reliability(curves),
        html.table(head, rows),
    )
