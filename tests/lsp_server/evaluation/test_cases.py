"""Reading cases: what is optional, and what each fault is called."""

import json
from pathlib import Path
from typing import Any

import pytest

from lsp_server.errors import UserError
from lsp_server.evaluation.cases import UNNAMED, read_completion_cases, read_predictions

CASE: dict[str, Any] = {"id": "1", "language": "Go", "prefix": "a.", "suffix": ")", "expected": "b"}


def write(tmp_path: Path, *lines: dict[str, Any] | str | bytes) -> Path:
    path = tmp_path / "cases.jsonl"
    encoded = [
        line if isinstance(line, bytes) else (line if isinstance(line, str) else json.dumps(line)).encode()
        for line in lines
    ]
    path.write_bytes(b"\n".join(encoded))
    return path


def test_a_case_may_have_more_than_it_needs(tmp_path: Path) -> None:
    path = write(tmp_path, "\ufeff" + json.dumps(CASE), "", {**CASE, "id": 2, "trigger": ".", "root": "/r", "new": [1]})
    first, second = read_completion_cases(path)
    assert (first.id, first.prefix, first.root, first.trigger) == ("1", "a.", "", "")
    assert (second.id, second.root, second.trigger) == ("2", "/r", ".")


def test_the_content_hash_depends_on_every_field(tmp_path: Path) -> None:
    changed = [{**CASE, name: CASE.get(name, "") + "x"} for name in (*CASE, "root", "path", "trigger")]
    hashes = [read_completion_cases(write(tmp_path, case))[0].content_hash for case in [CASE, *changed]]
    assert len(set(hashes)) == len(hashes)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ({k: v for k, v in CASE.items() if k != "prefix"}, ":2: `prefix` is missing"),
        ({**CASE, "suffix": None}, ":2: `suffix` is missing"),
        ({**CASE, "expected": 3}, ":2: `expected` is a number, not a string"),
        ({**CASE, "expected": " \t"}, ":2: `expected` is blank"),
        ({**CASE, "id": "0"}, ":2: the id '0' was used on line 1"),
        ({**CASE, "root": ["/r"]}, ":2: `root` is a list, not a string"),
        ('{"id": ', ":2: not valid JSON: Expecting value at column 8"),
        ("[1]", ":2: a list, not an object"),
        (b'{"id": "\xff"}', ":2: not UTF-8 at byte 8"),
    ],
)
def test_a_fault_is_named_with_its_line(tmp_path: Path, line: dict[str, Any] | str | bytes, message: str) -> None:
    path = write(tmp_path, {**CASE, "id": "0"}, line)
    with pytest.raises(UserError) as raised:
        read_completion_cases(path)
    assert str(path) + message in raised.value.message
    assert raised.value.hint


def test_a_file_that_is_missing_or_empty_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read: No such file"):
        read_completion_cases(tmp_path / "none.jsonl")
    with pytest.raises(UserError, match="holds no cases"):
        read_completion_cases(write(tmp_path, "", ""))


def test_predictions_come_one_a_line_or_by_model(tmp_path: Path) -> None:
    plain = {"id": "1", "language": "Go", "expected": "b", "prediction": "c"}
    empty = {**plain, "id": "2", "prediction": None}
    assert [p.predictions for p in read_predictions(write(tmp_path, plain, empty))] == [{UNNAMED: "c"}, {UNNAMED: ""}]

    by_model = {**plain, "id": "3", "predictions": {"m": "d", "n": None}}
    assert [p.predictions for p in read_predictions(write(tmp_path, by_model))] == [{"m": "d", "n": ""}]
    with pytest.raises(UserError, match=":2: only some lines have `predictions`"):
        read_predictions(write(tmp_path, plain, by_model))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, ":1: neither `prediction` nor `predictions` is there"),
        ({"prediction": 1.5}, ":1: `prediction` is a number, not a string"),
        ({"predictions": ["x"]}, ":1: `predictions` is not an object"),
        ({"predictions": {}}, ":1: `predictions` is not an object"),
        ({"predictions": {"m": True}}, ":1: `predictions.m` is a boolean, not a string"),
    ],
)
def test_a_faulty_prediction_is_named_with_its_line(tmp_path: Path, fields: dict[str, Any], message: str) -> None:
    path = write(tmp_path, {"id": "1", "language": "Go", "expected": "b", **fields})
    with pytest.raises(UserError) as raised:
        read_predictions(path)
    assert str(path) + message in raised.value.message
