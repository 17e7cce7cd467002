"""A whole report as plain data: what the page shows and `--json` prints."""

from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from lsp_server.report import figures
from lsp_server.report.calibration import calibration
from lsp_server.report.conclusions import conclusions
from lsp_server.report.gathering import gather
from lsp_server.report.intervals import mean
from lsp_server.report.observations import SILENCE, Column, Table
from lsp_server.report.offpolicy import arms

Json = dict[str, Any]
MOST_SERIES = 6
"""Models or arms that are shown, those with the most answers; more cannot be told apart in a plot."""


def build_report(paths: Sequence[Path], seed: int, on_part: Callable[[float], None] = lambda _: None) -> Json:
    """Read all sources and work everything out. The same records and seed give the same report. Raises `UserError`."""
    table, sample = gather(paths, on_part)
    units, unit = figures.clusters(table)
    series = series_of(table)
    report: Json = {
        "sources": [path.name for path in paths],
        "requests": len(np.unique(table["request"])),
        "answers": int(_asked(table).sum()),
        "scored_share": round(sample, 4),
        "cluster": unit,
        "clusters": len(np.unique(units)),
        "seed": seed,
        "days": _days(table),
        "series": series,
        "online": online(table, units, seed),
        "truth": truth(table, units, series, seed),
        "latency_ms": {name: figures.latency(_of(table, name)[0]) for name in series},
        "faults": {name: figures.faults(_of(table, name)[0]) for name in series},
        "examples": table.examples,
    }
    report["conclusions"] = conclusions(report)
    return report


def series_of(table: Table) -> list[str]:
    """Models, arms and replays by the number of their answers."""
    counts = np.bincount(table["series"], minlength=len(table.words["series"]))
    order = [table.words["series"][code] for code in np.argsort(-counts, kind="stable") if counts[code]]
    return [name for name in order if name != SILENCE.model][:MOST_SERIES]


def online(table: Table, units: Column, seed: int) -> Json:
    """What users saw and did; empty where nobody saw anything, as in an evaluation."""
    own = ~table["replayed"]
    live, units = table.where(own), units[own]
    if not live["shown"].any():
        return {}

    def accepted(part: Table, of: str = "request_") -> Json:
        own_units, _ = figures.clusters(part)
        return {
            "shown": int(part[f"{of}shown"].sum()),
            "acceptance": figures.acceptance(part, own_units, seed, of=of).to_json(),
            "ratio_of_completed_code": figures.ratio_of_completed_code(part, own_units, seed).to_json(),
        }

    seen = live.where(live["shown"])
    return {
        "requests": int(live["first"].sum()),
        "held_out": int((live["held_out"] & live["first"] & ~live["again"]).sum()),
        "shown_at_once": round(len(seen) / max(int(live["request_shown"].sum()), 1), 2),
        "outcomes": figures.outcomes(live),
        **accepted(live),
        "by_series": figures.breakdown(live.where(_asked(live)), "series", lambda part: accepted(part, "")),
        **{
            f"by_{column}": figures.breakdown(live, column, accepted)
            for column in ("language", "trigger", "editor", "user")
        },
        "by_day": figures.over_time(live, units, seed),
        "persistence": figures.persistence(live, units, seed),
        "calibration": calibration(seen["confidence"], seen["accepted"].astype(np.float64)),
        "arms": arms(live, units, seed),
    }


def truth(table: Table, units: Column, series: Sequence[str], seed: int) -> Json:
    """What models wrote beside what stood there later; empty where no ground truth was recorded."""
    if not table["has_truth"].any():
        return {}

    def scored(part: Table) -> Json:
        return figures.scores(part, figures.clusters(part)[0], seed)

    by_series: Json = {}
    shown = table.where(table["has_truth"])
    lines = {column: figures.largest(shown, column) for column in ("language", "trigger")}
    for name in series:
        part, own = _of(table, name, units)
        judged = part.where(part["has_truth"])
        by_series[name] = {
            "answers": len(part),
            "failed": int(part["failed"].sum()),
            **figures.scores(part, own, seed),
            "by_influence": figures.by_influence(part, own, seed),
            "by_language": figures.breakdown(judged, "language", scored, lines["language"]),
            "by_trigger": figures.breakdown(judged, "trigger", scored, lines["trigger"]),
            "calibration": calibration(judged["confidence"], judged["exact_match"] / 100.0),
        }
    return {
        "series": by_series,
        "common_subset": figures.common_subset(table, list(series), seed),
        "paired": [found for a, b in combinations(series, 2) if (found := figures.paired(table, a, b, seed))],
        "gap": _gap(table, seed),
    }


def _gap(table: Table, seed: int) -> Json:
    """Exact match by language offline (cases) and online (users' requests), asked again or not; empty with one kind."""
    kinds = [place for place, word in enumerate(table.words["origin"]) if word == "evaluation"]
    offline = np.isin(table["origin"], kinds)
    judged = table["has_truth"] & _asked(table)
    if not (judged & offline).any() or not (judged & ~offline).any():
        return {}

    def both(part: Table) -> Json:
        units, _ = figures.clusters(part)
        far = np.isin(part["origin"], kinds)
        return {
            "offline": mean(part["exact_match"][far], units[far], seed).to_json(),
            "online": mean(part["exact_match"][~far], units[~far], seed).to_json(),
        }

    return figures.breakdown(table.where(judged), "language", both)


def _asked(table: Table) -> Column:
    """The rows in which a model answered."""
    silent = [code for code, name in enumerate(table.words["series"]) if name == SILENCE.model]
    return ~np.isin(table["series"], silent)


def _of(table: Table, name: str, units: Column | None = None) -> tuple[Table, Column]:
    chosen = table["series"] == table.words["series"].index(name)
    return table.where(chosen), chosen if units is None else units[chosen]


def _days(table: Table) -> list[int]:
    """First and last day, in days since 1970; empty where no time was recorded."""
    days = table["day"][table["day"] > 0]
    return [int(days.min()), int(days.max())] if len(days) else []
