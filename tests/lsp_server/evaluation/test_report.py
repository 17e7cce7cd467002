"""Reports are whole, and refused before the work rather than after it."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from lsp_server.errors import UserError
from lsp_server.evaluation.report import check_writable, provenance, to_json, write_report


def test_a_report_replaces_the_old_one_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "r.json"
    for value in ("old", "new \ud800 é"):
        write_report(path, {"value": value})
    assert json.loads(path.read_bytes()) == {"value": "new \ud800 é"}
    assert list(path.parent.iterdir()) == [path]
    assert to_json({}) == "{}\n"


def test_a_place_that_cannot_take_the_report_is_named_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="is a folder"):
        check_writable(tmp_path)
    with pytest.raises(UserError, match="cannot be made: "):
        check_writable(tmp_path / "file" / "r.json")
    check_writable(tmp_path / "new" / "r.json")


def test_provenance_says_enough_to_run_it_again(tmp_path: Path) -> None:
    cases = tmp_path / "cases.jsonl"
    cases.write_text("{}")
    said = provenance(cases, seed=3)
    assert said["file_sha256"] == sha256(b"{}").hexdigest()
    assert said["seed"] == 3
    assert said["versions"]["dragoman"]
    assert said["date"].endswith("+00:00")
    assert said["command"]
