"""Figures against numbers worked out by hand, and the laws of honest counting."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.errors import UserError
from lsp_server.report import figures
from lsp_server.report.build import build_report
from lsp_server.report.calibration import calibration
from lsp_server.report.intervals import ratio
from lsp_server.report.observations import Gatherer, Table, merged
from lsp_server.report.offpolicy import arms
from lsp_server.report.reading import row_of_record
from lsp_server.telemetry.record import (
    Candidate,
    Decision,
    Generation,
    GroundTruth,
    Match,
    Outcome,
    Record,
    Replay,
    Request,
    Result,
)
from lsp_server.telemetry.store import Store


def record(key: str, said: str = "x", truth: str | None = "x", result: Any = "rejected", **more: Any) -> Record:
    candidate = Candidate(
        id=f"{key}:0" if said else "",
        text=said,
        suggestion=said or None,
        suggestion_chars=len(said) or None,
        confidence=more.pop("confidence", 0.5),
    )
    accepted = result in ("accepted", "partly_accepted")
    return Record(
        key,
        more.pop("time", 1_700_000_000.0),
        "context",
        request=Request(user=more.pop("user", key), language=more.pop("language", "python"), inserted_chars=10),
        generations=(Generation(model=more.pop("model", "m"), candidates=(candidate,)),),
        outcome=Outcome(result, candidate=candidate.id, accepted_chars=len(said) if accepted else 0),
        truths=more.pop("truths", () if truth is None else (GroundTruth(30.0, state="valid", line=truth),)),
        **more,
    )


def table(records: Sequence[Record]) -> Table:
    gatherer = Gatherer()
    for one in records:
        gatherer.add(row_of_record(one))
    return gatherer.finish()


def units(of: Table) -> Any:
    return figures.clusters(of)[0]


def test_acceptance_is_of_what_was_seen_and_decided() -> None:
    results = ["accepted", "partly_accepted", "rejected", "superseded", "typed_through", "not_shown", "unknown"]
    found = table([record(f"{i}", result=result) for i, result in enumerate(results)])
    estimate = figures.acceptance(found, units(found), 0)
    assert (estimate.value, estimate.n) == (40.0, 5)
    assert figures.outcomes(found) == dict.fromkeys(results, 1)


def test_completed_code_counts_what_was_typed_without_suggestions_too() -> None:
    found = table([record("a", "abcd", result="accepted"), record("b", result="rejected"), record("c", "", None)])
    assert figures.ratio_of_completed_code(found, units(found), 0).value == pytest.approx(100 * 4 / 30)


def test_an_empty_prediction_is_wrong_unless_as_published() -> None:
    found = table([record("a"), record("b", "y"), record("c", "", result="not_shown"), record("d", truth=None)])
    scores = figures.scores(found, units(found), 0)
    assert scores["cases"] == 3
    assert scores["coverage"]["value"] == pytest.approx(200 / 3, abs=1e-3)
    assert scores["exact_match"]["value"] == pytest.approx(100 / 3, abs=1e-3)
    assert scores["as_published"]["exact_match"]["value"] == 50


def test_without_text_the_matches_of_the_recorder_count() -> None:
    without = [
        GroundTruth(30.0, state="valid", chars=3, matches=(Match("a:0", True, 1.0, 1),)),
        GroundTruth(30.0, state="valid", chars=3, matches=(Match("b:0", False, 0.25, 0),)),
    ]
    records = [record(key, truths=(truth,)) for key, truth in zip("ab", without, strict=True)]
    bare = [replace(r, generations=tuple(map(_without_text, r.generations))) for r in records]
    scores = figures.scores(table(bare), units(table(bare)), 0)
    assert (scores["cases"], scores["exact_match"]["value"], scores["edit_similarity"]["value"]) == (2, 50, 62.5)
    assert scores["bleu4"]["value"] is None


def _without_text(generation: Generation) -> Generation:
    return replace(generation, candidates=(replace(generation.candidates[0], text=None, suggestion=None),))


def test_two_models_that_said_the_same_are_accepted_together() -> None:
    both = record("a", "x", result="accepted")
    other = Generation(model="n", candidates=(Candidate(id="n:0", text="x", suggestion="x", suggestion_chars=1),))
    found = table([replace(both, generations=(*both.generations, other))])
    assert found["accepted"].tolist() == [True, True]
    assert figures.acceptance(found, units(found), 0).n == 1  # one request
    assert figures.acceptance(found, units(found), 0, of="").n == 2


def test_a_request_is_accepted_also_where_nobody_knows_whose_text_it_was() -> None:
    known = record("a", result="accepted")
    unnamed = replace(known, outcome=Outcome("accepted", accepted_chars=1))
    found = table([unnamed, record("b", "", result="accepted"), record("c")])
    assert figures.acceptance(found, units(found), 0).value == 50
    assert figures.acceptance(found, units(found), 0, of="").value == 0


def test_truths_are_kept_apart_by_who_had_a_hand_in_them() -> None:
    cases: list[tuple[str, Result, bool]] = [
        ("a", "accepted", False),
        ("b", "rejected", False),
        ("c", "accepted", True),
    ]
    replayed = [
        record(key, result="not_shown", replay=Replay(key, result=result, held_out=held, label="m"))
        for key, result, held in cases
    ]
    found = figures.by_influence(table(replayed), units(table(replayed)), 0)
    assert {name: line["cases"] for name, line in found.items()} == {"held_out": 1, "shown": 1, "accepted": 1}


def test_deleted_code_is_an_outcome_and_what_nobody_saw_is_not() -> None:
    truths = [
        (GroundTruth(15.0, state="valid", matches=(Match("a:0", True, 1.0, 4),)),),
        (GroundTruth(15.0, state="deleted"),),
        (GroundTruth(15.0, state="unknown"),),
        (GroundTruth(15.0, state="edited", matches=(Match("d:0", False, 0.5, 2),)),),
    ]
    records = [record(k, "abcd", result="accepted", truths=t) for k, t in zip("abcd", truths, strict=True)]
    first = figures.persistence(table(records), units(table(records)), 0)[0]
    assert (first["after_s"], first["accepted"], first["looked_at"]) == (15, 4, 3)
    assert first["deleted"]["value"] == pytest.approx(100 / 3, abs=1e-3)
    assert first["kept"]["value"] == pytest.approx(50)


def test_the_common_subset_is_what_every_model_answered() -> None:
    records = [record("a", model="m"), record("b", "y", model="m"), record("c", "", model="m")]
    replays = [
        record(f"r{key}", said, result="not_shown", replay=Replay(of=key, label="n"))
        for key, said in (("a", ""), ("b", "x"), ("c", "x"))
    ]
    found = table([*records, *replays])
    common = figures.common_subset(found, ["m", "n"], 0)
    assert common["cases"] == 1
    assert {name: s["exact_match"]["value"] for name, s in common["series"].items()} == {"m": 0, "n": 100}


def test_paired_differences_are_found_where_they_are() -> None:
    records = [record(f"{i}", "x" if i % 2 else "y", model="m") for i in range(60)]
    replays = [record(f"r{i}", "x", result="not_shown", replay=Replay(of=f"{i}", label="n")) for i in range(60)]
    found = table([*records, *replays])
    pair = figures.paired(found, "m", "n", 0)
    assert (pair["requests"], pair["exact_match"]["value"]) == (60, 50)
    assert 0 < pair["exact_match"]["low"] < 50 < pair["exact_match"]["high"]
    assert figures.paired(found, "m", "m", 0)["exact_match"]["value"] == 0


def test_calibration_of_a_perfect_and_of_a_boastful_model() -> None:
    confidence = np.repeat([0.25, 0.75], 400)
    honest = np.concatenate([np.tile([1, 0, 0, 0], 100), np.tile([1, 1, 1, 0], 100)]).astype(float)
    found = calibration(confidence, honest)
    assert (found["ece"], found["brier"], found["brier_of_base_rate"]) == (0, 0.1875, 0.25)
    boastful = calibration(np.full(100, 0.9), np.zeros(100))
    assert (boastful["ece"], boastful["brier"]) == (0.9, 0.81)
    assert calibration(np.full(5, 0.9), np.zeros(5)) == {}


def test_an_arm_that_was_drawn_unevenly_is_weighted_back() -> None:
    """Easy requests were sent to this arm four times as often as hard ones; accepted are the easy ones only."""
    easy = [record(f"e{i}", result="accepted", decision=Decision(arm="a", propensity=0.8)) for i in range(80)]
    hard = [record(f"h{i}", result="rejected", decision=Decision(arm="a", propensity=0.2)) for i in range(20)]
    found = table([*easy, *hard])
    (arm,) = arms(found, units(found), 0)
    assert arm["acceptance"]["value"] == pytest.approx(80)
    assert arm["weighted_acceptance"]["value"] == pytest.approx(50)
    assert arm["effective_sample"] == round((80 / 0.8 + 20 / 0.2) ** 2 / (80 / 0.64 + 20 / 0.04))
    assert arms(table([record("x")]), np.array([0]), 0) == []


def test_a_request_stays_with_its_arm_when_its_model_was_not_asked(tmp_path: Path) -> None:
    """An arm that is given up more often must not look better for it, and silence is no model."""
    shadow = Generation("s", shadow=True, model="n", candidates=(Candidate(id="s:0", suggestion="x"),))
    decisions = [Decision(arm=arm, propensity=0.5) for arm in "ab"]
    records = [
        record(f"{i}", result="accepted" if i % 4 < 2 else "rejected", decision=decisions[i % 2]) for i in range(80)
    ]
    for i, generations in enumerate([(), (shadow,)] * 20):
        silent = record(f"b{i}", result="not_shown", decision=decisions[1])
        records.append(replace(silent, generations=generations, outcome=Outcome("not_shown")))
    with Store(tmp_path / "s.sqlite") as store:
        store.put(records)
    report = build_report([tmp_path / "s.sqlite"], 0)
    lines = [(a["arm"], a["requests"], a["accepted_per_request"]["value"]) for a in report["online"]["arms"]]
    assert lines == [("a", 40, 50), ("b", 80, 25)]
    assert report["series"] == ["a (m)", "b (m)", "s (n)"]
    assert list(report["online"]["by_series"]) == report["series"]


def test_the_worst_cases_are_the_worst_in_whatever_order_they_come() -> None:
    sure = [0.01] * 11 + [0.95] + [0.9] * 40 + [0.99]
    records = [record(f"{i}", "zzzz", "abcd", confidence=confidence) for i, confidence in enumerate(sure)]
    assert [e["confidence"] for e in table(records).examples] == [0.99, 0.95] + [0.9] * 10
    assert [e["confidence"] for e in table(records[::-1]).examples] == [0.99, 0.95] + [0.9] * 10


def test_intervals_grow_with_what_users_have_in_common() -> None:
    values = np.repeat([0.0, 100.0], 500)
    ones = np.ones(1000)
    alone = ratio(values, ones, np.arange(1000), 0)
    together = ratio(values, ones, np.arange(1000) // 100, 0)
    assert alone.low is not None and alone.high is not None and together.low is not None and together.high is not None
    assert alone.low < 50 < alone.high
    assert together.high - together.low > 5 * (alone.high - alone.low)
    assert ratio(values, ones, np.arange(1000) // 500, 0).low is None


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(1)
    hits = 0
    for _ in range(100):
        sample = (rng.random(400) < 0.3) * 100.0
        estimate = ratio(sample, np.ones(400), np.arange(400), 0)
        assert estimate.low is not None and estimate.high is not None
        hits += estimate.low <= 30 <= estimate.high
    assert hits >= 88


@given(st.lists(st.sampled_from(["python", "go", "c", ""]), max_size=12), st.integers(0, 12))
def test_tables_in_parts_are_the_table_in_one(languages: list[str], cut: int) -> None:
    records = [record(f"{i}", language=language) for i, language in enumerate(languages)]
    whole, parts = table(records), merged([table(records[:cut]), table(records[cut:])])
    words = [[t.words["language"][code] for code in t["language"]] for t in (whole, parts)]
    assert words[0] == words[1]
    assert whole["request"].tolist() == parts["request"].tolist()


def test_a_store_is_reported_on_from_end_to_end(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        store.put([record(f"{i}", result="accepted" if i % 4 == 0 else "rejected") for i in range(40)])
    report = build_report([tmp_path / "s.sqlite"], 0)
    assert (report["requests"], report["answers"], report["cluster"]) == (40, 40, "users")
    assert report["online"]["acceptance"]["value"] == 25
    assert report == build_report([tmp_path / "s.sqlite"], 0)


def test_an_empty_store_is_an_error(tmp_path: Path) -> None:
    Store(tmp_path / "s.sqlite").close()
    with pytest.raises(UserError, match="no records"):
        build_report([tmp_path / "s.sqlite"], 0)


def reported(folder: Path, records: Sequence[Record]) -> Any:
    with Store(folder / "s.sqlite") as store:
        store.put(records)
    return build_report([folder / "s.sqlite"], 0)


def replayed(said: str, of: Record, label: str, configuration: str = "c") -> Record:
    again = Replay(of.id, origin=of.origin, label=label, configuration=configuration)
    return record(f"{configuration} {label} {of.id}", said, result="not_shown", replay=again, origin="replay")


def test_a_replay_of_what_a_user_asked_is_no_evaluation_case(tmp_path: Path) -> None:
    live, cases = ([record(f"{origin}{i}", origin=origin) for i in range(30)] for origin in ("dragoman", "evaluation"))
    replays = [replayed("y", one, "n") for one in live]
    assert reported(tmp_path, [*live, *replays])["truth"]["gap"] == {}
    gap = reported(tmp_path, [*cases, *(replayed("y", one, "n") for one in cases)])["truth"]["gap"]["python"]
    assert [(gap[kind]["value"], gap[kind]["n"]) for kind in ("offline", "online")] == [(50, 60), (50, 60)]


def test_replays_of_one_name_and_two_configurations_are_two_series(tmp_path: Path) -> None:
    live = [record(f"{i}") for i in range(30)]
    old, new = ([replayed(said, one, "n", said * 40) for one in live] for said in ("x", "z"))
    assert reported(tmp_path, [*live, *old])["series"] == ["m", "n"]
    report = reported(tmp_path, new)
    found = {name: series["exact_match"]["value"] for name, series in report["truth"]["series"].items()}
    assert found == {"m": 100, "n xxxxxxxx": 100, "n zzzzzzzz": 0}
    assert report["truth"]["common_subset"]["cases"] == 30
    assert {example["series"] for example in report["examples"]} == {"n zzzzzzzz"}


def test_a_breakdown_names_what_is_frequent_and_keeps_the_rest() -> None:
    languages = ["go"] * 30 + ["c"] * 25 + ["rust"] * 3
    found = table([record(f"{i}", language=language) for i, language in enumerate(languages)])

    def size(part: Table) -> dict[str, Any]:
        return {"n": len(part)}

    assert figures.breakdown(found, "language", size) == {"go": {"n": 30}, "c": {"n": 25}, "(others)": {"n": 3}}
    assert list(figures.breakdown(found, "language", size, ["rust", "go", "php"])) == ["rust", "go", "(others)"]
