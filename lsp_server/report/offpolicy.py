"""What each arm of an A/B test would have reached if it had answered everybody.

Each request is weighted by one over the odds with which its arm was drawn (Horvitz and Thompson 1952), and the weights
of an arm are made to sum to one (Hájek 1971), which costs a little bias and saves much variance. Right only where the
odds were recorded and none was 0; the effective sample size says how much the weighting costs.
"""

from typing import Any

import numpy as np

from lsp_server.report.intervals import ratio
from lsp_server.report.observations import Column, Table

Json = dict[str, Any]


def arms(table: Table, units: Column, seed: int) -> list[Json]:
    """Acceptance by the arm that was drawn, answered or not, as counted and weighted; empty where none was drawn."""
    drawn = np.array([bool(word) for word in table.words["arm"]])[table["arm"]]
    drawn &= table["first"] & ~table["replayed"] & ~table["held_out"] & ~table["again"]
    online, units = table.where(drawn), units[drawn]
    if not len(online) or (online["propensity"] >= 1).all():
        return []
    lines: list[Json] = []
    for code in np.unique(online["arm"]):
        chosen = online["arm"] == code
        arm, own = online.where(chosen), units[chosen]
        propensity = arm["propensity"].astype(np.float64)
        possible = propensity > 0
        weights = np.where(possible, 1 / np.where(possible, propensity, 1.0), 0.0)
        accepted, shown = arm["request_accepted"] * 100.0, arm["request_shown"].astype(np.float64)
        lines.append(
            {
                "arm": online.words["arm"][code],
                "requests": len(arm),
                "propensity": [round(float(propensity.min()), 4), round(float(propensity.max()), 4)],
                "effective_sample": round(float(weights.sum() ** 2 / max((weights**2).sum(), 1e-12))),
                "acceptance": ratio(accepted, shown, own, seed).to_json(),
                "weighted_acceptance": ratio(weights * accepted, weights * shown, own, seed).to_json(),
                "accepted_per_request": ratio(weights * accepted, weights, own, seed).to_json(),
            }
        )
    return lines
