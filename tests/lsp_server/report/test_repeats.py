"""A suggestion that was shown with every key is one suggestion."""

from collections.abc import Sequence
from dataclasses import replace

from lsp_server.report import figures
from lsp_server.report.observations import Gatherer, Table
from lsp_server.report.offpolicy import arms
from lsp_server.report.reading import row_of_record
from lsp_server.report.repeats import counted_once
from lsp_server.telemetry.record import Candidate, Decision, Generation, Outcome, Record, Request, Result


def record(key: str, result: Result, of: str = "", decision: Decision | None = None) -> Record:
    accepted = 4 if result == "accepted" else 0
    return Record(
        key,
        1_700_000_000.0,
        "context",
        request=Request(user=key, inserted_chars=10),
        decision=replace(decision or Decision(), cached_from=of),
        generations=(Generation(model="m", candidates=(Candidate(id="c", suggestion="abcd", suggestion_chars=4),)),),
        outcome=Outcome(result, candidate="c", accepted_chars=accepted),
    )


def table(records: Sequence[Record]) -> Table:
    gatherer = Gatherer()
    for one in records:
        gatherer.add(row_of_record(one))
    return counted_once(gatherer.finish())


def counted(records: Sequence[Record]) -> tuple[float | None, int, float | None, dict[str, int]]:
    """Acceptance, of how many, completed code, and results that there are."""
    found = table(records)
    units, _ = figures.clusters(found)
    acceptance = figures.acceptance(found, units, 0)
    completed = figures.ratio_of_completed_code(found, units, 0)
    results = {name: number for name, number in figures.outcomes(found).items() if number}
    return acceptance.value, acceptance.n, completed.value, results


def test_the_first_record_counts_and_what_was_typed_counts_at_all_of_them() -> None:
    accepted = [record("a", "accepted"), record("a1", "accepted", "a"), record("a2", "accepted", "a")]
    rejected = [record("b", "rejected"), record("b1", "rejected", "b")]
    found = counted([*accepted, *rejected])
    assert found == (50, 2, 100 * 4 / 50, {"accepted": 1, "rejected": 1})
    assert counted([*rejected[::-1], *accepted[::-1]]) == found


def test_an_acceptance_that_only_a_later_record_knows_of_is_not_lost() -> None:
    came_back = [record("a", "rejected"), record("a1", "rejected", "a"), record("a2", "accepted", "a")]
    assert counted(came_back) == (100, 1, 100 * 4 / 30, {"accepted": 1})
    kept_back = [record("a", "not_shown"), record("a1", "accepted", "a"), record("a2", "accepted", "a")]
    assert counted(kept_back) == (100, 1, 100 * 4 / 30, {"not_shown": 1, "accepted": 1})


def test_without_the_first_record_none_counts() -> None:
    assert counted([record("a1", "rejected", "a"), record("a2", "accepted", "a")]) == (None, 0, 0, {})


def test_a_shadow_is_left_out_with_its_record() -> None:
    shadow = Generation(shadow=True, model="n", candidates=(Candidate(id="s", suggestion="abcd", suggestion_chars=4),))
    again = record("a1", "accepted", "a")
    found = table([record("a", "accepted"), replace(again, generations=(*again.generations, shadow))])
    assert found["again"].tolist() == [False, True, True]
    assert found["accepted_chars"].tolist() == [4, 0, 0]


def test_an_arm_answered_one_request_with_one_suggestion() -> None:
    drawn = Decision(arm="a", propensity=0.5)
    found = table([record("a", "rejected", decision=drawn), record("a1", "rejected", "a", decision=drawn)])
    assert [arm["requests"] for arm in arms(found, found["user"], 0)] == [1]
