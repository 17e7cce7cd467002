"""Records on the disk, found again by id and by time."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from math import nan
from pathlib import Path

import pytest

from lsp_server.telemetry import Candidate, Generation, Outcome, Record, RecordError, Store
from lsp_server.telemetry.store import StoreError


def test_what_was_put_is_there_for_the_next_reader(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "store.sqlite"
    with Store(path) as store:
        store.put([Record("a", 1.0), Record("b", 3.0), Record("c", 2.0)])
        store.put([Record("a", 1.0, outcome=Outcome("accepted"))])
    with Store(path, create=False) as store:
        assert len(store) == 3
        assert [record.id for record in store] == ["a", "c", "b"]
        assert [record.id for record in store.records(1.5, 3.0)] == ["c"]
        found = store.get("a")
        assert found is not None and found.outcome.result == "accepted"
        assert store.get("z") is None


def test_many_records_of_one_moment_are_all_read(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        store.put(Record(f"{i:04}", 5.0) for i in range(1234))
        assert [record.id for record in store] == [f"{i:04}" for i in range(1234)]


def test_what_changed_is_told_once_and_again_when_it_changes(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        a, b = Record("a", 1.0), Record("b", 2.0)
        store.put([a, b])
        told = store.changed_since(0)
        assert [record.id for _, record in told] == ["a", "b"]
        store.put([replace(a, outcome=Outcome("rejected"))])
        ((revision, changed),) = store.changed_since(told[-1][0])
        assert changed.outcome.result == "rejected"
        store.delete()
        store.put([b])
        assert [record.id for _, record in store.changed_since(revision)] == ["b"]


def test_what_was_written_once_and_deleted_since_stays_deleted(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as server, Store(tmp_path / "store") as purge:
        a, b, c = (Record(key, time) for key, time in (("a", 1.0), ("b", 2.0), ("c", 3.0)))
        server.put([a, b])
        assert purge.delete(before=1.5) == 1
        last = server.revision
        changed = [replace(record, outcome=Outcome("accepted")) for record in (a, b)]
        assert server.put([*changed, c], written={"a", "b"})
        assert [(record.id, record.outcome.result) for record in purge] == [("b", "accepted"), ("c", "not_shown")]
        assert [record.id for _, record in purge.changed_since(last)] == ["b", "c"]


def test_deleting_takes_the_bytes_out_of_the_files(tmp_path: Path) -> None:
    path = tmp_path / "store"
    with Store(path) as store:
        store.put([Record("planted-old", 1.0), Record("planted-new", 2.0)])
        assert store.delete(before=1.5) == 1
        written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert b"planted-old" not in written
        assert b"planted-new" in written
        assert store.delete() == 1
        assert len(store) == 0


def test_a_store_is_known_from_one_that_took_its_place(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store, Store(tmp_path / "other") as other:
        store.put([Record("a", 1.0), Record("b", 2.0)])
        assert store.identity != other.identity
        identity = store.identity
        store.delete()
        assert (store.revision, other.revision) == (2, 0)
    with Store(tmp_path / "store") as store:
        assert store.identity == identity


def test_a_store_without_a_number_of_its_own_gets_one(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        store.put([Record("a", 1.0)])
    with closing(sqlite3.connect(tmp_path / "store")) as database, database:
        database.execute("DELETE FROM counters WHERE name = 'identity'")
    with Store(tmp_path / "store") as one, Store(tmp_path / "store") as other:
        assert one.identity == other.identity > 0
        assert len(one) == one.revision == 1


def test_rows_that_cannot_be_read_are_passed_over_and_stay(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    damaged = Record("damaged", 1.0, generations=(Generation(candidates=(Candidate("c", logprobs=(nan,)),)),))
    newer = [Record(f"newer-{i}", 2.0, schema=99) for i in range(5)]
    with Store(tmp_path / "store") as store:
        store.put([damaged, *newer, Record("good", 3.0)])
        for _ in range(2):
            assert [record.id for record in store] == ["good"]
            assert [record.id for record in store.unfinished(10.0)] == ["good"]
            assert [record.id for _, record in store.changed_since(0, limit=2)] == ["good"]
        assert store.changed_since(store.changed_since(0)[-1][0]) == []
        with pytest.raises(RecordError):
            store.get("damaged")
        assert len(store) == 7
    warned = [message for message in caplog.messages if "passed over" in message]
    assert len(warned) == 6 and sum("id=damaged" in message for message in warned) == 1


def test_a_store_that_is_not_there_or_is_none_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no telemetry store"):
        Store(tmp_path / "none", create=False)
    broken = tmp_path / "broken"
    broken.write_bytes(b"this is no database" * 100)
    with pytest.raises(StoreError, match="cannot be used"):
        Store(broken)
