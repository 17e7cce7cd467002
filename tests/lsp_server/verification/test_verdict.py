"""Verdicts as data: their order, and the paper's categories."""

from lsp_server.verification import FAULTS, Verdict


def test_a_better_verdict_has_a_higher_rank() -> None:
    worst_first = [
        Verdict("unchecked", "", stage="toolchain"),
        Verdict("failed", "", stage="build"),
        Verdict("failed", "", stage="run"),
        Verdict("failed", "", stage="tests", tests_run=4, tests_agreed=1),
        Verdict("failed", "", stage="tests", tests_run=4, tests_agreed=3),
        Verdict("builds", ""),
        Verdict("verified", "", tests_run=4, tests_agreed=4),
    ]
    ranks = [verdict.rank for verdict in worst_first]
    assert ranks == sorted(set(ranks))


def test_only_what_the_toolchain_accepted_is_built() -> None:
    assert Verdict("failed", "", stage="tests").built
    assert not Verdict("failed", "", stage="build").built
    assert not Verdict("unchecked", "", stage="permission").built


def test_there_are_the_papers_fifteen_categories() -> None:
    assert len(FAULTS) == 15
