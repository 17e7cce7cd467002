"""A replay asks each request once, whatever happens in between, and keeps what it must know for a report."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server.cli.app import app
from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.completion import Prediction
from lsp_server.replay.answering import Answered, Plan
from lsp_server.replay.run import Identity, choose, replay
from lsp_server.settings import Settings
from lsp_server.telemetry.record import Decision, GroundTruth, Outcome, Record, Request
from lsp_server.telemetry.sources.recorded import Recorded, recorded
from lsp_server.telemetry.store import Store

IDENTITY = Identity("m", "f" * 64, "m", "c")
PLAN = Plan(Settings())


def record(number: int, prefix: str | None = "x = ") -> Record:
    suffix = None if prefix is None else "\n"
    return Record(
        f"r{number}",
        1000.0 + number,
        "context",
        request=Request(language="python", prefix=prefix and f"# {number}\n{prefix}", suffix=suffix),
        decision=Decision(held_out=number == 1),
        outcome=Outcome("accepted" if number == 2 else "not_shown"),
        truths=(GroundTruth(30.0, state="valid", line=str(number)),),
    )


REQUESTS = [recorded(record(number)) for number in range(5)]


class Engine:
    """Says the last character of the comment, and remembers what it was asked; dies after so many answers."""

    def __init__(self, dies_after: int = 99) -> None:
        self.asked: list[str] = []
        self.dies_after = dies_after

    def __call__(self, cases: Iterable[Case], plan: Plan) -> Iterator[Answered]:
        for case in cases:
            if len(self.asked) == self.dies_after:
                raise RuntimeError("killed")
            self.asked.append(case.prefix)
            text = case.prefix.splitlines()[0][-1]
            error = "broken" if text == "3" else ""
            prediction = Prediction("" if error else text, 0.5, 1, "stop")
            yield case, {"latency_ms": None if error else 7.0, "error": error, "prediction": asdict(prediction)}


def test_answers_are_records_that_know_what_they_stand_for(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        tally = replay(REQUESTS, IDENTITY, PLAN, Engine(), store)
        answers = list(store)
    assert (tally.answered, tally.errors, tally.without_code, tally.finished_before) == (5, 1, 0, 0)
    assert [a.replay.of for a in answers if a.replay] == ["r0", "r1", "r2", "r3", "r4"]
    assert [a.replay.held_out for a in answers if a.replay] == [False, True, False, False, False]
    assert [a.replay.result for a in answers if a.replay][2] == "accepted"
    assert [a.generations[0].candidates[0].suggestion for a in answers] == ["0", "1", "2", None, "4"]
    assert (answers[3].generations[0].error, answers[3].generations[0].stages_ms) == ("broken", {})
    assert all(a.truths[0].line == str(number) for number, a in enumerate(answers))
    assert all(a.outcome.result == "not_shown" for a in answers)


def test_a_replay_of_a_replay_stands_for_the_request_itself(tmp_path: Path) -> None:
    asked = [*REQUESTS, recorded(replace(record(6), origin="evaluation"))]
    with Store(tmp_path / "s.sqlite") as store, Store(tmp_path / "t.sqlite") as again:
        replay(asked, IDENTITY, PLAN, Engine(), store)
        tally = replay(map(recorded, store), replace(IDENTITY, label="n", configuration="d"), PLAN, Engine(), again)
        first, second = [answer.replay for answer in store], [answer.replay for answer in again]
    assert tally.answered == 6
    assert [found and replace(found, label="n", configuration="d") for found in first] == second
    assert [found.of for found in second if found] == ["r0", "r1", "r2", "r3", "r4", "r6"]
    assert [found.origin for found in second if found] == ["dragoman"] * 5 + ["evaluation"]


def test_a_killed_replay_goes_on_and_asks_nothing_twice(tmp_path: Path) -> None:
    first, second = Engine(dies_after=3), Engine()
    with Store(tmp_path / "s.sqlite") as store, pytest.raises(RuntimeError, match="killed"):
        replay(REQUESTS, IDENTITY, PLAN, first, store)
    with Store(tmp_path / "s.sqlite") as store:
        tally = replay(REQUESTS, IDENTITY, PLAN, second, store)
        assert len(store) == 5
    assert (len(first.asked), len(second.asked), tally.finished_before) == (3, 2, 3)
    assert not set(first.asked) & set(second.asked)


def test_another_way_of_answering_or_a_changed_request_is_asked(tmp_path: Path) -> None:
    changed = [recorded(record(0, prefix="y = ")), *REQUESTS[1:]]
    with Store(tmp_path / "s.sqlite") as store:
        replay(REQUESTS, IDENTITY, PLAN, Engine(), store)
        assert replay(changed, IDENTITY, PLAN, Engine(), store).answered == 1
        assert replay(REQUESTS, replace(IDENTITY, configuration="d"), PLAN, Engine(), store).answered == 5
        assert len(store) == 11


def test_what_was_recorded_without_code_is_counted(tmp_path: Path) -> None:
    with Store(tmp_path / "s.sqlite") as store:
        tally = replay([recorded(record(0, prefix=None)), REQUESTS[1]], IDENTITY, PLAN, Engine(), store)
    assert (tally.answered, tally.without_code) == (1, 1)


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    def source() -> Iterator[Recorded]:
        yield recorded(record(9, prefix=None))
        yield from REQUESTS

    def ids(limit: int | None, seed: int) -> list[str]:
        total, chosen = choose(source, limit, seed)
        names = [request.record.id for request in chosen]
        assert total == len(names)
        return names

    assert ids(None, 0) == ids(6, 0) == ["r9", "r0", "r1", "r2", "r3", "r4"]
    assert ids(3, 1) == ids(3, 1)
    assert ids(3, 1) == sorted(ids(3, 1))
    assert "r9" not in ids(5, 0)
    assert len({tuple(ids(2, seed)) for seed in range(20)}) > 1


def test_without_ray_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # pyright: ignore[reportArgumentType] - as if it were not installed
    cases, out = tmp_path / "cases.jsonl", tmp_path / "out.sqlite"
    case = {"id": "1", "language": "python", "prefix": "x = ", "suffix": "", "expected": "1"}
    cases.write_text(json.dumps(case))
    command = ["replay", cases, "--out", out, "--engine", "ray", "--model", "http://127.0.0.1:9/v1#far"]
    result = CliRunner().invoke(app, list(map(str, command)))
    assert result.exit_code == 2 and "Ray is not installed" in result.stderr
    assert not out.exists()
