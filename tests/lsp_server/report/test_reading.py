"""Sources with something wrong in them, or with little in them, are reported on as far as they go."""

import json
import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lsp_server.errors import UserError
from lsp_server.report.build import build_report
from lsp_server.report.page import render
from lsp_server.telemetry.record import Candidate, Generation, GroundTruth, Outcome, Record
from lsp_server.telemetry.store import Store


def record(number: int, **more: Any) -> Record:
    said = Candidate(f"{number}:0", suggestion="x", suggestion_chars=1, confidence=0.5)
    return Record(
        f"{number}",
        more.pop("time", 1_700_000_000.0),
        "context",
        generations=more.pop("generations", (Generation(model="m", candidates=(said,)),)),
        outcome=Outcome("rejected", candidate=said.id),
        truths=(GroundTruth(30.0, state="valid", line="x"),),
        **more,
    )


def stored(folder: Path, records: Sequence[Record]) -> Path:
    with Store(folder / "s.sqlite") as store:
        store.put(records)
    return folder / "s.sqlite"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"{", b""),
        (b'"schema":1', b'"schema":99'),
        (b'"rejected"', b'"eaten"'),
        (b'"valid"', b'"gone"'),
        (b"python", b"\xff\xfe"),
    ],
)
def test_a_record_that_cannot_be_read_is_passed_over(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, old: bytes, new: bytes
) -> None:
    path = stored(tmp_path, [replace(record(i), origin="python") for i in range(30)])
    database = sqlite3.connect(path)
    (body,) = database.execute("SELECT body FROM records WHERE id = '3'").fetchone()
    assert old in body
    database.execute("UPDATE records SET body = ? WHERE id = '3'", (body.replace(old, new, 1),))
    database.commit()
    database.close()
    with caplog.at_level(logging.WARNING):
        assert build_report([path], 0)["requests"] == 29
    assert "record passed over id=3" in caplog.text


def test_a_store_that_is_broken_in_the_middle_is_an_error_in_words(tmp_path: Path) -> None:
    path = stored(tmp_path, [record(i) for i in range(1000)])
    whole = path.read_bytes()
    half = len(whole) // 2
    path.write_bytes(whole[:half] + b"\xff" * 40_960 + whole[half + 40_960 :])
    with pytest.raises(UserError, match=r"s\.sqlite cannot be read as a telemetry store"):
        build_report([path], 0)


@pytest.mark.parametrize("time", [9e11, 1e300, -1e300])
def test_a_time_beyond_the_calendar_is_its_end(tmp_path: Path, time: float) -> None:
    path = stored(tmp_path, [*(record(i) for i in range(30)), *(record(100 + i, time=time) for i in range(30))])
    report = build_report([path], 0)
    assert report["days"] == ([19_675, 2_932_896] if time > 0 else [19_675, 19_675])
    assert f"2023-11-14 to {'9999-12-31' if time > 0 else '2023-11-14'}" in render(report)


def test_cases_without_predictions_have_no_scores(tmp_path: Path) -> None:
    case = {"language": "python", "prefix": "x = ", "suffix": "", "expected": "1"}
    cases = tmp_path / "cases.jsonl"
    cases.write_text("".join(json.dumps({**case, "id": f"{i}"}) + "\n" for i in range(30)))
    report = build_report([cases], 0)
    assert (report["requests"], report["answers"], report["series"]) == (30, 0, [])
    assert 'id="scores"' not in render(report)
    # They are not models that were wrong offline, either.
    assert build_report([cases, stored(tmp_path, [record(i) for i in range(30)])], 0)["truth"]["gap"] == {}


def test_a_store_where_no_model_was_asked_is_a_page(tmp_path: Path) -> None:
    report = build_report([stored(tmp_path, [record(i, generations=()) for i in range(30)])], 0)
    assert (report["requests"], report["answers"]) == (30, 0)
    assert "30 requests" in render(report)
