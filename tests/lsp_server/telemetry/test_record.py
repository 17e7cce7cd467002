"""Records as JSON: whole round trips, clear refusals, and what older versions wrote."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from lsp_server.telemetry import SCHEMA_VERSION, Record, RecordError, from_json, to_json
from lsp_server.telemetry.serial import MIGRATIONS

SAMPLES = Path(__file__).parent / "samples"


def sample(version: int) -> bytes:
    """A record with every field set, as that version of the schema wrote it. Never to be changed."""
    return (SAMPLES / f"version_{version}.json").read_bytes()


def test_there_is_a_sample_and_a_way_up_from_every_version() -> None:
    assert set(MIGRATIONS) == set(range(1, SCHEMA_VERSION))
    assert {path.name for path in SAMPLES.iterdir()} == {f"version_{v}.json" for v in range(1, SCHEMA_VERSION + 1)}


def test_a_record_goes_up_through_every_version_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it will be: versions 2 and 3 rename a member and fill another."""

    def to_2(old: dict[str, Any]) -> dict[str, Any]:
        return {**old, "schema": 2, "origin": old["origin"] + " 2"}

    def to_3(old: dict[str, Any]) -> dict[str, Any]:
        return {**old, "schema": 3, "finished": not old["finished"]}

    monkeypatch.setattr("lsp_server.telemetry.serial.SCHEMA_VERSION", 3)
    monkeypatch.setattr("lsp_server.telemetry.serial._TODAYS_MARK", b'"schema":3')
    monkeypatch.setattr("lsp_server.telemetry.serial.MIGRATIONS", {1: to_2, 2: to_3})
    record = from_json(sample(1))
    assert (record.schema, record.origin, record.finished) == (3, "dragoman 2", False)
    with pytest.raises(RecordError, match="up to 3"):
        from_json(b'{"id": "a", "time": 1, "schema": 4}')


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION + 1))
def test_records_of_every_version_can_be_read(version: int) -> None:
    record = from_json(sample(version))
    assert record.schema == SCHEMA_VERSION
    assert record.request.prefix == "def f(x):\n    return "
    assert record.generations[0].candidates[0].logprobs == (-0.1, -2.5)
    assert record.generations[1].shadow
    assert record.outcome.result == "accepted"
    assert [truth.state for truth in record.truths] == ["valid", "edited", "closed"]
    assert record.truths[0].matches[0].exact
    assert from_json(to_json(record)) == record


def test_the_sample_of_todays_version_sets_every_field() -> None:
    """A field that was added without a new version, or that the sample forgets, is seen here."""
    written = msgspec.json.decode(sample(SCHEMA_VERSION))
    assert msgspec.json.decode(to_json(from_json(sample(SCHEMA_VERSION)))) == written


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"", "no telemetry record"),
        (b"{", "no telemetry record"),
        (b"[]", "no schema version"),
        (b'{"id": "a", "time": 1}', "no schema version"),
        (b'{"id": "a", "time": 1, "schema": true}', "no schema version"),
        (b'{"id": "a", "time": 1, "schema": 99}', "schema version 99"),
        (b'{"id": 7, "time": 1, "schema": 1}', "$.id"),
        (b'{"id": "a", "time": 1, "schema": 1, "outcome": {"result": "eaten"}}', "$.outcome.result"),
        (b"\xff\xfe", "no telemetry record"),
    ],
)
def test_what_is_no_record_is_refused_in_words(line: bytes, message: str) -> None:
    with pytest.raises(RecordError) as raised:
        from_json(line)
    assert message in raised.value.message
    assert raised.value.hint


def test_unknown_members_are_ignored() -> None:
    assert from_json(b'{"id": "a", "time": 1, "schema": 1, "later": {"x": 1}}') == Record("a", 1.0)
