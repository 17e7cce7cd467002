"""Nothing finished is lost, whatever happened to the process that wrote it."""

import json
from pathlib import Path

import pytest

from lsp_server.evaluation.journal import Journal, configuration_hash


def test_rows_outlive_the_process_and_belong_to_their_configuration(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "r.json.partial.jsonl"
    with Journal(path, "a") as journal:
        journal.append("1", {"prediction": "x"})
        assert journal.get("1") == {"case": "1", "configuration": "a", "prediction": "x"}
    with Journal(path, "a") as again, Journal(path, "b") as other:
        assert again.get("1") == {"case": "1", "configuration": "a", "prediction": "x"}
        assert other.get("1") is None


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_last_line_torn_at_any_byte_costs_only_its_own_case(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "partial.jsonl"
    with Journal(path, "a") as journal:
        journal.append("1", {"prediction": "x"})
        journal.append("2", {"prediction": "y"})
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])

    with Journal(path, "a") as journal:
        assert journal.get("2") is None
        torn_into_the_first = cut > len(whole.splitlines()[1]) + 1
        assert (journal.get("1") is None) == torn_into_the_first
        journal.append("2", {"prediction": "z"})
    assert [json.loads(line)["prediction"] for line in path.read_text().splitlines()][-1] == "z"


def test_lines_that_are_not_rows_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "partial.jsonl"
    path.write_bytes(b'\xff\xfe\n[]\n{"case": 1}\n{"case": "1", "configuration": "a", "prediction": "x"}\n')
    with Journal(path, "a") as journal:
        row = journal.get("1")
        assert row is not None
        assert row["prediction"] == "x"


def test_finishing_leaves_the_rows_of_others(tmp_path: Path) -> None:
    path = tmp_path / "partial.jsonl"
    with Journal(path, "a") as a:
        a.append("1", {})
    with Journal(path, "b") as b:
        b.append("1", {})
        b.finish()
    with Journal(path, "a") as a:
        assert a.get("1") is not None
        a.finish()
    assert not path.exists()


def test_the_configuration_hash_does_not_depend_on_the_order_of_keys() -> None:
    assert configuration_hash({"a": 1, "b": [2]}) == configuration_hash({"b": [2], "a": 1})
    assert configuration_hash({"a": 1}) != configuration_hash({"a": 2})
