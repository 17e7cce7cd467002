"""Uploads go on where they stood, send what changed, give way to a collector that says no, and never send too much."""

import gzip
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from lsp_server.telemetry.record import Outcome, Record, Request
from lsp_server.telemetry.serial import from_json
from lsp_server.telemetry.store import Store
from lsp_server.telemetry.upload import Uploader, UploadError, UploadThread

Answer = Callable[[list[dict[str, Any]]], httpx.Response]


class Collector:
    """Keeps what comes, and answers as it is told."""

    def __init__(self, answer: Answer = lambda _: httpx.Response(200)) -> None:
        self.answer = answer
        self.batches: list[list[dict[str, Any]]] = []
        self.headers: httpx.Headers | None = None

    @property
    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self.handle))

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.headers = request.headers
        batch = [json.loads(line) for line in gzip.decompress(request.content).splitlines()]
        self.batches.append(batch)
        return self.answer(batch)

    @property
    def ids(self) -> list[list[str]]:
        return [[entry["record"]["id"] for entry in batch] for batch in self.batches]


def store_of(path: Path, *ids: str, **more: Any) -> Path:
    with Store(path) as store:
        store.put([Record(key, 1.0, request=Request(language="go"), **more) for key in ids])
    return path


def uploader(path: Path, collector: Collector, consent: Any = "context", address: str = "http://c") -> Uploader:
    return Uploader(path, address, "secret", consent, collector.client)


def test_what_changed_is_sent_and_nothing_else(tmp_path: Path) -> None:
    path, collector = store_of(tmp_path / "s.sqlite", "a", "b"), Collector()
    assert uploader(path, collector).upload().sent == 2
    assert uploader(path, collector).upload().sent == 0
    with Store(path) as store:
        store.put([Record("b", 1.0, outcome=Outcome("accepted")), Record("c", 2.0)])
    assert uploader(path, collector).upload().sent == 2
    assert collector.ids == [["a", "b"], ["b", "c"]]
    assert collector.headers is not None and collector.headers["authorization"] == "Bearer secret"
    revisions = [entry["revision"] for batch in collector.batches for entry in batch]
    assert revisions == sorted(revisions)
    assert from_json(json.dumps(collector.batches[1][0]["record"])).outcome.result == "accepted"


def test_another_collector_gets_everything(tmp_path: Path) -> None:
    path, collector = store_of(tmp_path / "s.sqlite", "a"), Collector()
    uploader(path, collector).upload()
    assert uploader(path, collector, address="http://other").upload().sent == 1


@pytest.mark.parametrize("count", [1, 3], ids=["shorter", "longer"])
def test_a_store_that_took_the_place_of_another_is_sent_whole(tmp_path: Path, count: int) -> None:
    path, collector = store_of(tmp_path / "s.sqlite", "a", "b"), Collector()
    uploader(path, collector).upload()
    path.rename(tmp_path / "aside.sqlite")
    store_of(path, *(f"new-{i}" for i in range(count)))
    assert uploader(path, collector).upload().sent == count
    assert uploader(path, collector).upload().sent == 0


@pytest.mark.parametrize(("revision", "sent"), [(2, 1), (3, 0), (4, 3)])
def test_a_mark_that_does_not_say_whose_it_is_is_believed_where_it_may_be_true(
    tmp_path: Path, revision: int, sent: int
) -> None:
    path, collector = store_of(tmp_path / "s.sqlite", "a", "b", "c"), Collector()
    mark = json.dumps({"address": "http://c/v1/records", "revision": revision})
    path.with_name("s.sqlite.uploaded.json").write_text(mark, encoding="utf-8")
    assert uploader(path, collector).upload().sent == sent
    assert uploader(path, collector).upload().sent == 0


def test_days_without_a_network_lose_nothing(tmp_path: Path) -> None:
    path = store_of(tmp_path / "s.sqlite", *(f"{n:03}" for n in range(450)))
    left = [200, 503, 200, 200]

    def answer(_: list[dict[str, Any]]) -> httpx.Response:
        return httpx.Response(left.pop(0), headers={"Retry-After": "7"})

    collector = Collector(answer)
    with pytest.raises(UploadError, match="said no") as failure:
        uploader(path, collector).upload()
    assert failure.value.retry_after_s == 7
    assert uploader(path, collector).upload().sent == 250
    sent = [key for ids, ok in zip(collector.ids, (True, False, True, True), strict=True) if ok for key in ids]
    assert sent == [f"{n:03}" for n in range(450)]


def test_without_a_connection_it_says_so(tmp_path: Path) -> None:
    def broken(_: list[dict[str, Any]]) -> httpx.Response:
        raise httpx.ConnectError("no route")

    with pytest.raises(UploadError, match="cannot be reached: ConnectError"):
        uploader(store_of(tmp_path / "s.sqlite", "a"), Collector(broken)).upload()


def test_a_record_that_is_refused_stops_no_other(tmp_path: Path) -> None:
    def answer(batch: list[dict[str, Any]]) -> httpx.Response:
        wrong = [n for n, entry in enumerate(batch, start=1) if entry["record"]["id"] == "b"]
        error = {"message": "no", "lines": [{"line": n} for n in wrong]}
        return httpx.Response(422 if wrong else 200, json={"error": error})

    path, collector = store_of(tmp_path / "s.sqlite", "a", "b", "c"), Collector(answer)
    done = uploader(path, collector).upload()
    assert (done.sent, done.refused) == (2, 1)
    assert collector.ids == [["a", "b", "c"], ["a", "c"]]
    assert uploader(path, collector).upload().sent == 0


def test_a_record_that_cannot_be_read_stops_no_other(tmp_path: Path) -> None:
    path, collector = store_of(tmp_path / "s.sqlite", "a"), Collector()
    store_of(path, "newer", schema=99)
    store_of(path, "b")
    assert uploader(path, collector).upload().sent == 2
    assert uploader(path, collector).upload().sent == 0
    assert collector.ids == [["a", "b"]]


def test_a_refusal_that_names_nothing_ends_the_attempt(tmp_path: Path) -> None:
    path = store_of(tmp_path / "s.sqlite", "a")
    for error in ({"message": "no"}, {"message": "no", "lines": [{"line": 77}]}):
        collector = Collector(lambda _, error=error: httpx.Response(422, json={"error": error}))
        with pytest.raises(UploadError, match="said no: no"):
            uploader(path, collector).upload()


def test_batches_shrink_until_they_fit(tmp_path: Path) -> None:
    def answer(batch: list[dict[str, Any]]) -> httpx.Response:
        return httpx.Response(413 if len(batch) > 3 or batch[0]["record"]["id"] == "g" else 200)

    path, collector = store_of(tmp_path / "s.sqlite", *"abcdefgh"), Collector(answer)
    done = uploader(path, collector).upload()
    assert (done.sent, done.refused) == (7, 1)  # `g` alone is too large


def test_a_narrower_consent_holds_for_what_was_recorded_before(tmp_path: Path) -> None:
    path, collector = tmp_path / "s.sqlite", Collector()
    with Store(path) as store:
        store.put([Record("a", 1.0, "context", request=Request(prefix="planted_name = 1", suffix=""))])
    uploader(path, collector, "metrics").upload()
    assert "planted" not in json.dumps(collector.batches)
    assert collector.batches[0][0]["record"]["consent"] == "metrics"
    (tmp_path / "s.sqlite.uploaded.json").unlink()
    assert uploader(path, collector, "off").upload().sent == 0


def test_an_address_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(UploadError, match="no address"):
        uploader(tmp_path / "s.sqlite", Collector(), address="collector.example")


def test_the_thread_warns_once_waits_and_goes_on(tmp_path: Path) -> None:
    path, warnings = store_of(tmp_path / "s.sqlite", "a"), list[str]()
    left = [503, 503, 401, 200]
    collector = Collector(lambda _: httpx.Response(left.pop(0) if len(left) > 1 else left[0]))
    thread = UploadThread(uploader(path, collector), warnings.append, period_s=0.01, back_off_s=(0.01, 0.02))
    deadline = time.monotonic() + 30
    while len(collector.batches) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    thread.close(timeout_s=30)
    assert len(collector.batches) == 4
    assert len(warnings) == 1
    assert "said no" in warnings[0]


def test_waits_grow_and_obey_the_collector(tmp_path: Path) -> None:
    thread = UploadThread(uploader(tmp_path / "none.sqlite", Collector()), lambda _: None, back_off_s=(5, 900))
    thread.close(timeout_s=30)
    waits = [thread._wait_s(n, None) for n in (1, 3, 20)]  # pyright: ignore[reportPrivateUsage]
    assert 2.5 <= waits[0] <= 7.5
    assert 10 <= waits[1] <= 30
    assert 450 <= waits[2] <= 1350
    assert thread._wait_s(1, 600) == 600  # pyright: ignore[reportPrivateUsage]


def test_only_newer_versions_of_records_travel(tmp_path: Path) -> None:
    """A record that changes while it is uploaded is sent again with its new revision."""
    path = store_of(tmp_path / "s.sqlite", "a")

    def answer(batch: list[dict[str, Any]]) -> httpx.Response:
        if len(collector.batches) == 1:
            with Store(path) as store:
                store.put([replace(from_json(json.dumps(batch[0]["record"])), outcome=Outcome("rejected"))])
        return httpx.Response(200)

    collector = Collector(answer)
    uploader(path, collector).upload()
    assert [batch[0]["record"]["outcome"]["result"] for batch in collector.batches] == ["not_shown", "rejected"]
    assert collector.batches[1][0]["revision"] > collector.batches[0][0]["revision"]
