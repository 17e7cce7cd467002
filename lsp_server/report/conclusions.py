"""What may be concluded from a report's figures and what may not, in plain words."""

from typing import Any

Json = dict[str, Any]

FEW = 200
"""Requests below which a share is hardly more than a hint."""


def conclusions(report: Json) -> dict[str, list[str]]:
    """Sentences under `may` and `may_not`."""
    may: list[str] = []
    may_not: list[str] = []
    _size(report, may_not)
    if online := report["online"]:
        _online(report, online, may, may_not)
    else:
        may_not.append(
            "Nothing here was shown to anybody: there is no acceptance, no persistence and no ratio of completed code, "
            "and good scores against ground truth need not mean that people would accept more."
        )
    if truth := report["truth"]:
        _truth(truth, may, may_not)
    else:
        may_not.append("No ground truth was recorded, so nothing is said about what the models should have written.")
    return {"may": may, "may_not": may_not}


def _size(report: Json, may_not: list[str]) -> None:
    if report["clusters"] < FEW and report["cluster"] == "requests":
        may_not.append(f"{report['requests']:,} requests are few: differences of several points may be luck.")
    if report["cluster"] != "requests" and report["clusters"] < 20:
        may_not.append(
            f"All of it comes from {report['clusters']} {report['cluster']}. Intervals from so few are too narrow, "
            "and nothing is said about anybody else."
        )
    if report["scored_share"] < 1:
        may_not.append(
            f"BLEU-4, METEOR, ROUGE-L and the classes of fault are of a random {report['scored_share']:.0%} of the "
            "requests; their intervals say what that costs. Everything else is of all."
        )


def _online(report: Json, online: Json, may: list[str], may_not: list[str]) -> None:
    figure = online["acceptance"]
    if figure["low"] is not None:
        may.append(
            f"Of the requests whose answer was seen, {figure['value']:.1f}% ended in acceptance (95% between "
            f"{figure['low']:.1f} and {figure['high']:.1f}, drawing {report['cluster']} again)."
        )
    if online["ratio_of_completed_code"]["value"] is None:
        may_not.append(
            "How much of the code was completed is not known, so a higher acceptance may only mean that less was shown."
        )
    if online["outcomes"].get("unknown"):
        may_not.append(
            f"Of {online['outcomes']['unknown']:,} requests nobody knows what became of them; they are in no share."
        )
    if online["arms"]:
        may.append("Arms were drawn by lot with recorded odds, so their difference in acceptance is their doing.")
    elif online["shown_at_once"] > 1.2:
        may_not.append(
            "Several models' suggestions were shown at once: the acceptance of one is how often it was picked among "
            "them, not how often it would be accepted alone."
        )
    elif len(online["by_series"]) > 1:
        may_not.append(
            "Models were not drawn by lot: who used which, when and for what differs too, so their acceptance does not "
            "tell which one is better."
        )
    if not online["held_out"]:
        may_not.append(
            "There is no hold-out: every ground truth was written by somebody who may have seen a suggestion."
        )


def _truth(truth: Json, may: list[str], may_not: list[str]) -> None:
    biased = [name for name, s in truth["series"].items() if _accepted_share(s) > 0.02]
    if biased:
        may_not.append(
            "Code that stands where a suggestion was accepted is that suggestion: it favours the model that made it "
            f"and speaks against every other. This touches {_listed(biased)}; the table by influence has the rest "
            "apart."
        )
    if any("unknown" in s["by_influence"] for s in truth["series"].values()):
        may_not.append("For some requests it is not known whether anything was shown; they are a line of their own.")
    for pair in truth["paired"]:
        difference = pair["exact_match"]
        if difference["low"] is None:
            continue
        better, worse = (pair["second"], pair["first"]) if difference["value"] > 0 else (pair["first"], pair["second"])
        if difference["low"] > 0 or difference["high"] < 0:
            may.append(
                f"On the same {pair['requests']:,} requests {better} writes the exact text more often than {worse}, by "
                f"{abs(difference['value']):.1f} points (95% {_bounds(difference)})."
            )
        else:
            may_not.append(
                f"Whether {better} or {worse} writes the exact text more often is open: the difference of "
                f"{abs(difference['value']):.1f} points may be luck (95% {_bounds(difference)})."
            )
    uncovered = {n: s["coverage"]["value"] for n, s in truth["series"].items() if (s["coverage"]["value"] or 100) < 90}
    for name, coverage in uncovered.items():
        may_not.append(
            f"{name} wrote something for {coverage:.0f}% of the requests only: its score as published is of the easier "
            "ones and must not be compared with another model's."
        )


def _accepted_share(series: Json) -> float:
    accepted = series["by_influence"].get("accepted", {}).get("cases", 0)
    return accepted / max(series["cases"], 1)


def _bounds(figure: Json) -> str:
    low, high = sorted((abs(figure["low"]), abs(figure["high"])))
    if figure["low"] < 0 < figure["high"]:
        return f"{figure['low']:+.1f} to {figure['high']:+.1f}"
    return f"{low:.1f} to {high:.1f}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
