"""`dragoman telemetry` and `dragoman export` as a person uses them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lsp_server.cli.app import app
from lsp_server.telemetry import Outcome, Record, Request, Store, from_json
from lsp_server.telemetry.identity import load_key

RECORDS = [
    Record(f"{i:032x}", 1_700_000_000.0 + 86_400 * i, request=Request(language="python"), outcome=Outcome("rejected"))
    for i in range(5)
]


def run(*arguments: str | Path, answer: str = "") -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], input=answer)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path))
    with Store(tmp_path / "data" / "telemetry.sqlite") as store:
        store.put(RECORDS)
    load_key(tmp_path / "data" / "telemetry.key")
    return tmp_path


def test_show_lists_the_latest_and_tells_all_of_one(home: Path) -> None:
    listed = run("telemetry", "show", "--limit", "2")
    assert listed.exit_code == 0
    assert [line.split()[2] for line in listed.stdout.splitlines()] == [record.id for record in RECORDS[3:]]
    one = run("telemetry", "show", RECORDS[0].id)
    assert from_json(json.dumps(json.loads(one.stdout))) == RECORDS[0]
    lines = run("telemetry", "show", "--json").stdout.splitlines()
    assert list(map(from_json, lines)) == RECORDS
    missing = run("telemetry", "show", "nobody")
    assert missing.exit_code == 2 and "There is no record nobody" in missing.stderr


def test_purge_asks_and_takes_the_key_along(home: Path) -> None:
    store, key = home / "data" / "telemetry.sqlite", home / "data" / "telemetry.key"
    assert run("telemetry", "purge", answer="n\n").exit_code == 1
    assert key.exists()
    old = run("telemetry", "purge", "--older-than", "1", "--yes")
    assert old.exit_code == 0 and "5 records deleted" in old.stderr
    assert key.exists() and RECORDS[0].id.encode() not in store.read_bytes()
    assert run("telemetry", "purge", "--yes").exit_code == 0
    assert not key.exists()


def test_export_writes_lines_and_tables(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "records.jsonl"
    assert run("export", "--out", out, "--since", "2023-11-16").exit_code == 0
    assert list(map(from_json, out.read_bytes().splitlines())) == RECORDS[2:]
    assert list(map(from_json, run("export").stdout.splitlines())) == RECORDS
    assert run("export", "--format", "parquet").exit_code == 2
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is an extra")
    assert run("export", "--out", tmp_path / "records.parquet").exit_code == 0
    rows = parquet.read_table(tmp_path / "records.parquet").to_pylist()
    assert [row["id"] for row in rows] == [record.id for record in RECORDS]
    assert rows[0]["request"]["language"] == "python" and rows[0]["generations"] == []


def test_without_a_store_the_way_to_one_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path))
    for command in (["telemetry", "show"], ["telemetry", "train-filter"], ["export"]):
        result = run(*command)
        assert result.exit_code == 2 and "telemetry.consent" in result.stderr
