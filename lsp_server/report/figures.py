"""What a report says in numbers: how often, how sure, how far it may be trusted.

Every share is in percent. Scores count an empty prediction as wrong (the headline), and stand beside the coverage, the
score over the requests that every compared model answered, and the score as the Code4Me study publishes it, where empty
predictions are left out.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from lsp_server.report.intervals import NOTHING, Estimate, mean, ratio
from lsp_server.report.observations import (
    HORIZONS,
    INFLUENCES,
    RESULTS,
    SCORES,
    STAGES,
    STATES,
    Column,
    Table,
)

Json = dict[str, Any]
LEAST = 20
"""Observations that a line of a breakdown needs; the rest is thrown together."""
MOST_LINES = 14
"""Lines of a breakdown."""


def clusters(table: Table) -> tuple[Column, str]:
    """What is drawn together when luck is judged, and its name: users if there are enough, else users' days, else
    requests."""
    users = table["user"].astype(np.int64)
    anonymous = np.array([not word for word in table.words["user"]] or [True])[users]
    if anonymous.all():
        return table["request"].astype(np.int64), "requests"
    if len(np.unique(users[~anonymous])) >= 30:
        named, unit = users, "users"
    else:
        named, unit = users * 100_000 + table["day"], "users' days"
    return np.where(anonymous, table["request"].astype(np.int64) | (1 << 62), named), unit


def acceptance(table: Table, units: Column, seed: int, *, of: str = "request_") -> Estimate:
    """Accepted, whole or in part, of what was seen and decided about: of requests, whichever model was chosen, or, with
    `of` empty, of the answers of one model."""
    seen = table[f"{of}shown"]
    return ratio(table[f"{of}accepted"][seen] * 100.0, np.ones(int(seen.sum())), units[seen], seed)


def ratio_of_completed_code(table: Table, units: Column, seed: int) -> Estimate:
    """Characters that came from accepted suggestions, of all that were added to documents meanwhile.

    Only acceptance and this together say something: the one rises when less is shown, the other falls.
    """
    known = ~np.isnan(table["inserted_chars"]) & table["first"] & ~table["replayed"]
    return ratio(table["accepted_chars"][known] * 100.0, table["inserted_chars"][known], units[known], seed)


def scores(table: Table, units: Column, seed: int) -> Json:
    """Coverage and all scores of rows with a ground truth: empties wrong, and as published."""
    judged = table.where(table["has_truth"])
    if not len(judged):
        return {"cases": 0, "coverage": NOTHING.to_json()}
    known = units[table["has_truth"]]
    answered = ~judged["empty"]
    published = judged.where(answered)
    return {
        "cases": len(judged),
        "coverage": mean(answered * 100.0, known, seed).to_json(),
        **{name: mean(judged[name], known, seed).to_json() for name in SCORES},
        "as_published": {name: mean(published[name], known[answered], seed).to_json() for name in SCORES},
    }


def common_subset(table: Table, series: list[str], seed: int) -> Json:
    """Scores of every series on the requests that all of them answered; empty with fewer than two series."""
    judged = table.where(table["has_truth"] & ~table["empty"])
    rows = [judged.where(judged["series"] == table.words["series"].index(name)) for name in series]
    if len(rows) < 2:
        return {}
    shared = rows[0]["request"]
    for row in rows[1:]:
        shared = np.intersect1d(shared, row["request"])
    if not len(shared):
        return {}
    figures: Json = {"cases": len(shared), "series": {}}
    for name, row in zip(series, rows, strict=True):
        chosen = row.where(np.isin(row["request"], shared))
        units, _ = clusters(chosen)
        figures["series"][name] = {score: mean(chosen[score], units, seed).to_json() for score in SCORES}
    return figures


def paired(table: Table, first: str, second: str, seed: int) -> Json:
    """How much better `second` is than `first` on the same requests, empties wrong; an interval without 0 is a
    difference that luck does not explain."""
    judged = table.where(table["has_truth"])
    sides: list[Table] = []
    for name in (first, second):
        side = judged.where(judged["series"] == table.words["series"].index(name))
        _, places = np.unique(side["request"], return_index=True)
        sides.append(side.where(places))
    shared, left, right = np.intersect1d(sides[0]["request"], sides[1]["request"], return_indices=True)
    if len(shared) < LEAST:
        return {}
    a, b = sides[0].where(left), sides[1].where(right)
    units, _ = clusters(a)
    return {
        "first": first,
        "second": second,
        "requests": len(shared),
        **{name: mean(b[name] - a[name], units, seed).to_json() for name in SCORES},
    }


def breakdown(
    table: Table, by: str, figure: Callable[[Table], Json], lines: Sequence[str] | None = None
) -> dict[str, Json]:
    """A figure for each word of a column, the most frequent first; words with few rows are one line, `(others)`.

    `lines` names the words instead, so that several tables have the same.
    """
    named = largest(table, by) if lines is None else lines
    codes = {word: table.words[by].index(word) for word in named if word in table.words[by]}
    parts = {word: table[by] == code for word, code in codes.items()}
    found = {word: figure(table.where(chosen)) for word, chosen in parts.items() if chosen.any()}
    rest = ~np.isin(table[by], list(codes.values()))
    if rest.any():
        found["(others)"] = figure(table.where(rest))
    return found


def largest(table: Table, by: str) -> list[str]:
    """The most frequent words of a column."""
    codes, counts = np.unique(table[by], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return [table.words[by][int(codes[i])] for i in order if counts[i] >= LEAST][:MOST_LINES]


def outcomes(table: Table) -> dict[str, int]:
    """How many requests had each result, without replays, shadows and suggestions that were shown again."""
    online = table["first"] & ~table["replayed"] & ~table["again"]
    counts = np.bincount(table["result"][online], minlength=len(RESULTS))
    return {name: int(count) for name, count in zip(RESULTS, counts, strict=True)}


def persistence(table: Table, units: Column, seed: int) -> list[Json]:
    """For each horizon, of what was accepted: the share that stands as it was, was edited, was deleted, and is not
    known; and how much of the text is left. What was not looked at is no answer, and is counted."""
    chosen = table["accepted"]
    accepted, units = table.where(chosen), units[chosen]
    lines: list[Json] = []
    for horizon in HORIZONS:
        state, kept = accepted[f"state_{horizon}"], accepted[f"kept_{horizon}"]
        known = (state >= 0) & (state <= STATES.index("deleted"))
        line: Json = {"after_s": horizon, "accepted": len(accepted), "looked_at": int(known.sum())}
        for place, name in enumerate(("valid", "edited", "deleted")):
            line[name] = mean((state[known] == place) * 100.0, units[known], seed).to_json()
        line["kept"] = mean(kept[known] * 100.0, units[known], seed).to_json()
        lines.append(line)
    return lines


def latency(table: Table) -> Json:
    """Median and high percentiles of each stage in milliseconds, of those answers that say."""
    found: Json = {}
    for stage in STAGES:
        values = table[f"stage_{stage}"]
        values = values[~np.isnan(values)]
        if len(values):
            p50, p90, p95, p99 = np.percentile(values, (50, 90, 95, 99)).round(1).tolist()
            found[stage] = {"n": len(values), "p50": p50, "p90": p90, "p95": p95, "p99": p99}
    return found


def by_influence(table: Table, units: Column, seed: int) -> dict[str, Json]:
    """Scores apart for ground truths that nobody had a hand in, that a seen suggestion may have led, and that an
    accepted one wrote."""
    return {
        name: scores(table.where(chosen), units[chosen], seed)
        for place, name in enumerate(INFLUENCES)
        if (chosen := table["influence"] == place).any()
    }


def faults(table: Table) -> dict[str, int]:
    """How often each class of fault was told, of the requests that were looked at closely."""
    counts = np.bincount(table["fault"], minlength=len(table.words["fault"]))
    found = {word: int(counts[place]) for place, word in enumerate(table.words["fault"]) if word and counts[place]}
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def over_time(table: Table, units: Column, seed: int) -> list[Json]:
    """Acceptance by day, or by week or month where there are many days."""
    online = table["request_shown"] & ~table["replayed"]
    shown, units = table.where(online), units[online]
    if not len(shown):
        return []
    span = int(shown["day"].max() - shown["day"].min()) + 1
    width = 1 if span <= 45 else 7 if span <= 400 else 30
    periods = (shown["day"] - shown["day"].min()) // width
    lines: list[Json] = []
    for period in np.unique(periods):
        chosen = periods == period
        if chosen.sum() >= LEAST:
            day = int(shown["day"].min() + period * width)
            lines.append({"day": day, "acceptance": acceptance(shown.where(chosen), units[chosen], seed).to_json()})
    return lines
