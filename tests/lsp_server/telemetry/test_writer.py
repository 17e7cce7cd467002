"""The thread that writes: nothing is lost while the disk fails, and nobody waits for it."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from lsp_server.telemetry import Consent, Outcome, Record, Request, Store
from lsp_server.telemetry.redaction import Redactor
from lsp_server.telemetry.writer import Writer


class Full(Store):
    """A store that may not grow until `mended`: SQLite then fails as it does on a full disk."""

    mended = Event()

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        if not self.mended.is_set():
            self._database.execute("PRAGMA max_page_count = 1")


class Awaited(Store):
    """A store that says when it is about to be written."""

    reached = Event()

    def put(self, records: Iterable[Record], **more: Any) -> bool:
        self.reached.set()
        return super().put(records, **more)


class Odd(Store):
    """A store that fails as nobody thought of, twice."""

    left = 2

    def put(self, records: Iterable[Record], **more: Any) -> bool:
        if Odd.left:
            Odd.left -= 1
            raise ZeroDivisionError
        return super().put(records, **more)


def read(path: Path) -> list[Record]:
    with Store(path, create=False) as store:
        return list(store)


def test_records_are_written_and_the_newest_version_counts(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "store", warn=pytest.fail)
    for i in range(50):
        writer.put(Record(f"{i:02}", float(i)), "metrics")
    writer.put(Record("07", 7.0, outcome=Outcome("accepted")), "metrics")
    assert writer.flush()
    writer.put(Record("08", 8.0, outcome=Outcome("rejected")), "metrics")
    writer.close()
    records = read(tmp_path / "store")
    assert [record.id for record in records] == [f"{i:02}" for i in range(50)]
    assert (records[7].outcome.result, records[8].outcome.result) == ("accepted", "rejected")


@pytest.mark.parametrize(("consent", "prefix"), [("metrics", None), ("context", "x = 1")])
def test_the_consent_has_its_say_before_the_disk(tmp_path: Path, consent: Consent, prefix: str | None) -> None:
    writer = Writer(tmp_path / "store", warn=pytest.fail)
    writer.put(Record("a", 1.0, request=Request(prefix="x = 1")), consent)
    writer.put(Record("b", 1.0, request=Request(prefix="x = 1")), "off")
    writer.close()
    (record,) = read(tmp_path / "store")
    assert (record.id, record.consent, record.request.prefix) == ("a", consent, prefix)


def test_a_full_disk_costs_one_warning_and_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.telemetry.writer.RETRY_S", (0.1, 0.2))
    Full.mended.clear()
    warnings: list[str] = []
    writer = Writer(tmp_path / "store", warnings.append, open_store=Full)
    for i in range(5):
        writer.put(Record(str(i), float(i), request=Request(prefix="x" * 50_000)), "context")
        assert not writer.flush(0.1)
    assert not writer.flush(1)
    assert len(warnings) == 1 and "disk is full" in warnings[0]
    Full.mended.set()
    writer.put(Record("5", 5.0), "metrics")
    assert writer.flush(10)
    writer.close()
    assert [record.id for record in read(tmp_path / "store")] == list("012345")


def test_a_corrupt_file_is_left_as_it_is_and_what_is_recorded_waits(tmp_path: Path) -> None:
    path = tmp_path / "store"
    path.write_bytes(b"not a database" * 500)
    warnings: list[str] = []
    writer = Writer(path, warnings.append)
    writer.put(Record("a", 1.0), "metrics")
    assert not writer.flush(0.5)
    assert len(warnings) == 1 and "Move it aside" in warnings[0]
    assert path.read_bytes() == b"not a database" * 500
    path.unlink()
    writer.close()
    assert [record.id for record in read(path)] == ["a"]


def test_a_locked_file_is_waited_for_off_the_event_loop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.telemetry.store.BUSY_TIMEOUT_S", 0.2)
    path = tmp_path / "store"
    Store(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    warnings: list[str] = []
    writer = Writer(path, warnings.append)
    writer.put(Record("a", 1.0), "metrics")
    assert not writer.flush(1.0)
    assert len(warnings) == 1 and "locked" in warnings[0]
    other.execute("ROLLBACK")
    other.close()
    assert writer.flush(10)
    writer.close()
    assert [record.id for record in read(path)] == ["a"]


@pytest.mark.parametrize("busy_s", [0.05, 30.0], ids=["after it failed", "while it waits for the file"])
def test_what_was_forgotten_is_never_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, busy_s: float) -> None:
    monkeypatch.setattr("lsp_server.telemetry.store.BUSY_TIMEOUT_S", busy_s)
    path, failed = tmp_path / "store", Event()
    Store(path).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    Awaited.reached.clear()
    writer = Writer(path, lambda _: failed.set(), open_store=Awaited)
    writer.put(Record("a", 1.0), "context")
    assert Awaited.reached.wait(10)
    assert busy_s > 1 or failed.wait(10)
    writer.forget()
    other.execute("ROLLBACK")
    other.close()
    writer.put(Record("b", 1.0), "context")
    assert writer.flush(10)
    writer.close()
    assert [record.id for record in read(path)] == ["b"]


def test_what_was_forgotten_on_its_way_past_the_consent_is_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, forgotten = Event(), Event()

    def mask(_: Redactor, texts: list[str], **__: object) -> list[str]:
        reached.set()
        forgotten.wait(10)
        return texts

    monkeypatch.setattr(Redactor, "mask", mask)
    writer = Writer(tmp_path / "store", warn=pytest.fail)
    writer.put(Record("a", 1.0, request=Request(prefix="x = 1")), "context")
    assert reached.wait(10)
    writer.forget()
    forgotten.set()
    writer.put(Record("b", 1.0), "metrics")
    writer.close()
    assert [record.id for record in read(tmp_path / "store")] == ["b"]


def test_two_servers_write_one_store(tmp_path: Path) -> None:
    writers = [Writer(tmp_path / "store", warn=pytest.fail) for _ in range(2)]
    for i in range(100):
        for number, writer in enumerate(writers):
            writer.put(Record(f"{number}-{i:03}", float(i)), "metrics")
    for writer in writers:
        assert writer.flush(20)
        writer.close()
    assert len(read(tmp_path / "store")) == 200


def test_what_was_purged_is_not_written_again(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "store", warn=pytest.fail)
    writer.put(Record("a", 1.0, request=Request(prefix="planted")), "context")
    assert writer.flush()
    with Store(tmp_path / "store") as other:
        assert other.delete() == 1
    writer.put(Record("a", 1.0, request=Request(prefix="planted"), outcome=Outcome("accepted")), "context")
    writer.put(Record("b", 2.0), "context")
    writer.close()
    assert [record.id for record in read(tmp_path / "store")] == ["b"]


def test_a_store_in_the_place_of_a_broken_one_gets_what_the_other_had(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsp_server.telemetry.writer.RETRY_S", (0.1, 0.2))
    monkeypatch.setattr(Odd, "left", 0)
    failed = Event()
    writer = Writer(tmp_path / "store", lambda _: failed.set(), open_store=Odd)
    writer.put(Record("a", 1.0), "metrics")
    assert writer.flush()
    Odd.left = 10**9
    writer.put(Record("a", 1.0, outcome=Outcome("accepted")), "metrics")
    assert failed.wait(10)
    (tmp_path / "store").rename(tmp_path / "aside")
    Odd.left = 0
    assert writer.flush(10)
    writer.close()
    assert [record.outcome.result for record in read(tmp_path / "store")] == ["accepted"]


def test_what_a_killed_server_left_unfinished_is_finished_by_the_next(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        store.put([Record("a", 1.0), Record("b", 2.0, finished=True)])
    writer = Writer(tmp_path / "store", warn=pytest.fail, delays_s=(15.0, 30.0))
    writer.close()
    records = read(tmp_path / "store")
    assert [record.finished for record in records] == [True, True]
    assert [(truth.after_s, truth.state) for truth in records[0].truths] == [(15.0, "unknown"), (30.0, "unknown")]
    assert records[1].truths == ()


def test_a_record_of_another_server_that_cannot_be_read_stops_nothing(tmp_path: Path) -> None:
    with Store(tmp_path / "store") as store:
        store.put([Record("newer", 1.0, schema=99), Record("a", 2.0)])
    writer = Writer(tmp_path / "store", warn=pytest.fail)
    writer.put(Record("b", 3.0), "metrics")
    assert writer.flush()
    writer.close()
    assert [(record.id, record.finished) for record in read(tmp_path / "store")] == [("a", True), ("b", False)]


def test_a_fault_of_our_own_costs_one_warning_and_no_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.telemetry.writer.RETRY_S", (0.1, 0.2))
    Odd.left = 2
    warnings: list[str] = []
    writer = Writer(tmp_path / "store", warnings.append, open_store=Odd)
    writer.put(Record("a", 1.0), "metrics")
    assert writer.flush(10)
    writer.close()
    assert len(warnings) == 1 and "ZeroDivisionError" in warnings[0]
    assert [record.id for record in read(tmp_path / "store")] == ["a"]


def test_what_waits_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lsp_server.telemetry.writer.MAX_WAITING", 3)
    monkeypatch.setattr("lsp_server.telemetry.writer.GATHER_S", 5.0)
    writer = Writer(tmp_path / "store", warn=pytest.fail)
    for i in range(10):
        writer.put(Record(str(i), float(i)), "metrics")
    assert list(writer._waiting) == list("789")  # pyright: ignore[reportPrivateUsage]
    writer.close()
    assert [record.id for record in read(tmp_path / "store")] == list("789")


def test_what_is_no_json_holds_nothing_up(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "store", warn=pytest.fail)
    writer.put(Record("a", 1.0, request=Request(prefix="half of a pair: \ud800", suffix="")), "context")
    writer.put(Record("b", 1.0), "metrics")
    assert writer.flush()
    writer.close()
    assert [record.id for record in read(tmp_path / "store")] == ["b"]


def test_what_cannot_be_made_safe_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object, **__: object) -> list[str]:
        raise RuntimeError("a detector broke")

    monkeypatch.setattr("lsp_server.telemetry.redaction.Redactor.mask", break_down)
    writer = Writer(tmp_path / "store", warn=pytest.fail)
    writer.put(Record("a", 1.0, request=Request(prefix="x = 1")), "context")
    writer.put(Record("b", 1.0), "metrics")
    writer.close()
    assert [record.id for record in read(tmp_path / "store")] == ["b"]
