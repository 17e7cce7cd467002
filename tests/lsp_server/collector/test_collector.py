"""What is taken, what is refused and how it is said; nothing that is sent makes the collector fail."""

import asyncio
import gzip
import json
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_server.collector.access import RateLimit, Tokens, new_token
from lsp_server.collector.batch import RefusedError, read_batch, unpack
from lsp_server.collector.database import Database
from lsp_server.collector.export import export_to
from lsp_server.collector.web import Limits, make_application
from lsp_server.errors import UserError
from lsp_server.telemetry import Decision, Outcome, Record, Replay, Request, Store, from_json, to_json
from lsp_server.telemetry.identity import new_id


class Collector:
    """A collector without a socket."""

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder / 'c.sqlite'}"
        self.token = new_token(folder / "tokens", "team@1")
        self.database = Database(self.url)
        self.tokens = Tokens(folder / "tokens")
        self.limits = limits or Limits(requests_per_minute=1e9, burst=10**9)
        self.application = make_application(self.database, self.tokens, self.limits)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        async def go() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.application)
            async with httpx.AsyncClient(transport=transport, base_url="http://c") as client:
                return await client.request(method, path, **more)

        return asyncio.run(go())

    def send(self, body: bytes, token: str | None = None, **headers: str) -> httpx.Response:
        authorization = {"Authorization": f"Bearer {self.token if token is None else token}"}
        return self.ask("POST", "/v1/records", content=body, headers={**authorization, **headers})

    def stored(self) -> dict[str, Record]:
        return {record.id: record for record in map(from_json, (body for _, body in self.database.bodies()))}


@pytest.fixture
def collector(tmp_path: Path) -> Collector:
    return Collector(tmp_path)


def record(key: str = "a", **more: Any) -> Record:
    return Record(key, 1_700_000_000.0, request=Request(language="go"), **more)


def lines(*records: Record, revision: int = 1) -> bytes:
    return b"\n".join(b'{"revision":%d,"record":%s}' % (revision, to_json(one)) for one in records)


def error(answer: httpx.Response) -> Mapping[str, Any]:
    return answer.json()["error"]


def test_a_record_is_kept_once_whatever_is_sent_again(collector: Collector) -> None:
    assert collector.send(lines(record("a"), record("b"))).json() == {"stored": 2, "updated": 0, "repeated": 0}
    again = collector.send(gzip.compress(lines(record("b"), record("c"))), **{"Content-Encoding": "gzip"})
    assert again.json() == {"stored": 1, "updated": 0, "repeated": 1}
    assert collector.send(lines(record("d"), record("d"))).json() == {"stored": 1, "updated": 0, "repeated": 1}
    assert collector.stored() == {key: record(key) for key in "abcd"}


def test_the_newest_version_stays_whichever_comes_last(collector: Collector) -> None:
    later = replace(record(), outcome=Outcome("accepted"))
    collector.send(lines(record(), revision=5))
    assert collector.send(lines(later, revision=9)).json()["updated"] == 1
    assert collector.send(lines(record(), revision=5)).json()["repeated"] == 1
    assert collector.stored() == {"a": later}


def test_owners_cannot_touch_each_others_records(collector: Collector) -> None:
    other = new_token(collector.folder / "tokens", "team-2")
    collector.send(lines(record(), revision=1))
    assert collector.send(lines(replace(record(), time=1.0), revision=9), other).json()["stored"] == 1
    assert sorted(owner for owner, _ in collector.database.bodies()) == ["team-2", "team@1"]


@pytest.mark.parametrize("token", ["", "wrong", "ü", "a b"])
def test_a_bad_token_is_refused(collector: Collector, token: str) -> None:
    answer = collector.ask(
        "POST", "/v1/records", content=lines(record()), headers={"Authorization": f"Bearer {token}".encode()}
    )
    assert (answer.status_code, error(answer)["code"]) == (401, "token")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert collector.ask("POST", "/v1/records", content=lines(record())).status_code == 401
    assert collector.stored() == {}


def test_a_token_can_be_taken_away(collector: Collector) -> None:
    assert collector.send(lines(record())).status_code == 200
    (collector.folder / "tokens").write_text("# nobody\n")
    assert collector.send(lines(record())).status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "code", "says"),
    [
        (b"{", 400, "malformed_json", "Malformed JSON"),
        (b"\xff\xfe", 400, "malformed_json", "Malformed JSON"),
        (b"[1]", 422, "not_a_record", "Expected `object`"),
        (b'{"revision":1}', 422, "not_a_record", "missing required field `record`"),
        (b'{"revision":1,"record":{"id":"a"}}', 422, "not_a_record", "no schema version"),
        (lines(record()).replace(b'"schema":1', b'"schema":999'), 422, "schema_version", "schema version 999"),
        (lines(record()).replace(b'"schema":1', b'"schema":0'), 422, "schema_version", "no schema version"),
        (lines(record("")), 422, "not_a_record", "`id`"),
        (lines(record("a\x00")), 422, "not_a_record", "`id`"),
        (lines(record(), revision=-1), 422, "not_a_record", "`revision`"),
        (lines(replace(record(), time=-1.0)), 422, "not_a_record", "`time`"),
        (lines(replace(record(), time=2e11)), 422, "not_a_record", "`time`"),
        (lines(record()).replace(b"{", b"{" + b" " * 1_000_000, 1), 422, "not_a_record", "1,000,000 bytes"),
        (lines(record(consent="off")), 422, "consent", "consent"),
        (lines(replace(record(), request=Request(prefix="x = 1"))), 422, "consent", "consent"),
    ],
)
def test_what_is_wrong_is_named(collector: Collector, body: bytes, status: int, code: str, says: str) -> None:
    answer = collector.send(lines(record("good")) + b"\n\n" + body)
    assert (answer.status_code, error(answer)["code"]) == (status, code)
    assert says in error(answer)["message"]
    assert [entry["line"] for entry in error(answer)["lines"]] == [3]
    assert collector.stored() == {}  # all of a batch or nothing


def test_what_is_too_large_is_refused_before_it_is_read(tmp_path: Path) -> None:
    small = Collector(tmp_path, Limits(body_bytes=2000, unpacked_bytes=5000, requests_per_minute=1e9, burst=10**9))
    oversized = small.send(b" " * 2001)
    assert (oversized.status_code, error(oversized)["code"]) == (413, "too_large")
    bomb = small.send(gzip.compress(b" " * 1_000_000), **{"Content-Encoding": "gzip"})
    assert (bomb.status_code, error(bomb)["code"]) == (413, "too_large")
    many = Collector(tmp_path).send(b"\n".join([b"{}"] * 2001))
    assert (many.status_code, error(many)["code"]) == (413, "too_many_records")


@pytest.mark.parametrize("line", [b"ab\n", b"\n", b" \n"])
def test_too_many_lines_are_refused_before_they_are_taken_apart(line: bytes) -> None:
    text = line * 1_000_000
    tracemalloc.start()
    try:
        with pytest.raises(RefusedError) as refused:
            read_batch(text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (refused.value.status, refused.value.code) == (413, "too_many_records")
    assert peak < 5_000_000


def test_blank_lines_do_not_count_as_records(collector: Collector) -> None:
    assert collector.send(b"\n" * 2000 + lines(record("a"), record("b")) + b"\n").json()["stored"] == 2


def test_gzip_files_may_follow_one_another_but_not_without_end(collector: Collector) -> None:
    parts = [gzip.compress(lines(record(f"{n}")) + b"\n") for n in range(8)]
    assert collector.send(b"".join(parts), **{"Content-Encoding": "gzip"}).json()["stored"] == 8
    answer = collector.send(b"".join(parts) + gzip.compress(b""), **{"Content-Encoding": "gzip"})
    assert (answer.status_code, error(answer)["code"]) == (400, "malformed_gzip")


@given(size=st.integers(0, 300_000), seed=st.randoms(use_true_random=False))
@settings(max_examples=20, deadline=None)
def test_what_is_unpacked_is_what_was_packed(size: int, seed: Random) -> None:
    text = seed.randbytes(size) + b"x" * size
    assert unpack(gzip.compress(text) + gzip.compress(text), "gzip", 10_000_000) == text + text


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (b"no gzip", "gzip", 400, "malformed_gzip"),
        (gzip.compress(b"{}", mtime=0)[:-6], "gzip", 400, "malformed_gzip"),
        (b"", "gzip", 400, "malformed_gzip"),
        (b"", "br", 415, "encoding"),
    ],
)
def test_encodings(collector: Collector, body: bytes, encoding: str, status: int, code: str) -> None:
    answer = collector.send(body, **{"Content-Encoding": encoding})
    assert (answer.status_code, error(answer)["code"]) == (status, code)


def test_too_many_requests_are_told_when_to_come_back(tmp_path: Path) -> None:
    slow = Collector(tmp_path, Limits(requests_per_minute=1, burst=2))
    statuses = [slow.send(lines(record())).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    answer = slow.send(lines(record()))
    assert 50 < int(answer.headers["retry-after"]) <= 60
    assert error(answer)["code"] == "rate_limit"


def test_a_bucket_fills_again() -> None:
    now = 0.0
    limit = RateLimit(60, 2, lambda: now)
    assert [limit.wait_s("a") for _ in range(3)] == [0, 0, 1]
    assert limit.wait_s("b") == 0
    now = 0.5
    assert limit.wait_s("a") == 0.5
    now = 1.0
    assert limit.wait_s("a") == 0


def test_health_metrics_and_addresses_that_are_none(collector: Collector) -> None:
    collector.send(lines(record()))
    collector.send(b"{")
    assert collector.ask("GET", "/health").json() == {"database": "up"}
    text = collector.ask("GET", "/metrics").text
    assert 'dragoman_collector_records_total{outcome="stored"} 1.0' in text
    assert 'dragoman_collector_refused_total{reason="malformed_json"} 1.0' in text
    assert 'dragoman_collector_requests_total{status="200"} 1.0' in text
    assert "dragoman_collector_database_up 1.0" in text
    assert error(collector.ask("GET", "/nothing"))["code"] == "not_found"
    assert error(collector.ask("GET", "/v1/records"))["code"] == "method"


def test_a_database_that_fails_is_told_and_nothing_is_acknowledged(collector: Collector) -> None:
    (collector.folder / "c.sqlite").unlink()
    collector.database.close()
    (collector.folder / "c.sqlite").mkdir()
    answer = collector.send(lines(record()))
    assert (answer.status_code, error(answer)["code"]) == (503, "unavailable")
    assert collector.ask("GET", "/health").status_code == 503


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def nearly_records(draw: st.DrawFn) -> bytes:
    """A record in which something was replaced by anything."""
    value: dict[str, Any] = {"revision": 1, "record": json.loads(to_json(record(draw(st.text(max_size=5)))))}
    part = draw(st.sampled_from([value, value["record"], value["record"]["request"], value["record"]["outcome"]]))
    part[draw(st.sampled_from(sorted(part)))] = draw(json_values)
    return json.dumps(value).encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=80) | json_values.map(lambda v: json.dumps(v).encode()) | nearly_records(),
    encoding=st.sampled_from(["", "gzip", "GZIP", "deflate", "identity"]),
    wrap=st.booleans(),
)
def test_nothing_that_is_sent_makes_it_fail(collector: Collector, body: bytes, encoding: str, wrap: bool) -> None:
    answer = collector.send(gzip.compress(body) if wrap else body, **{"Content-Encoding": encoding})
    assert answer.status_code < 500
    if answer.status_code != 200:
        assert error(answer)["code"]
        assert error(answer)["message"]


def test_deep_nesting_is_malformed(collector: Collector) -> None:
    deep = b'{"revision":1,"record":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert collector.send(deep).status_code in (400, 422)


def test_what_was_collected_becomes_a_store(collector: Collector, tmp_path: Path) -> None:
    collector.send(lines(*(record(f"{n}") for n in range(1200))))
    assert export_to(collector.url, tmp_path / "all.sqlite") == 1200
    with Store(tmp_path / "all.sqlite") as store:
        assert {r.id for r in store} == {f"{n}" for n in range(1200)}


def test_records_of_two_owners_with_one_id_are_two_in_the_store(collector: Collector, tmp_path: Path) -> None:
    """Also if the id was exported before a second owner used it."""
    other = new_token(collector.folder / "tokens", "team-2")
    again = replace(record("b"), decision=Decision(cached_from="a"))
    replayed = replace(record("c"), replay=Replay(of="a"))
    collector.send(lines(replace(record("a"), outcome=Outcome("accepted")), again, replayed, record("d")))
    assert export_to(collector.url, tmp_path / "all.sqlite") == 4
    collector.send(lines(replace(record("a"), outcome=Outcome("rejected"))), other)
    for _ in range(2):
        assert export_to(collector.url, tmp_path / "all.sqlite") == 5
    with Store(tmp_path / "all.sqlite") as store:
        kept = {r.id: r for r in store}
    assert {"b", "c", "d"} < set(kept)
    first, second = (next(r for r in kept.values() if r.outcome.result == was) for was in ("accepted", "rejected"))
    assert len({first.id, second.id, "a"}) == 3
    assert {len(first.id), len(second.id)} == {len(new_id())}
    assert kept["b"].decision.cached_from == first.id
    assert kept["c"].replay == Replay(of=first.id)


def no_token(folder: Path) -> object:
    return new_token(folder / "t", "two words")


def no_tokens(folder: Path) -> object:
    return Tokens(folder / "none")


@pytest.mark.parametrize(("make", "complaint"), [(no_tokens, "cannot be read"), (no_token, "cannot be a token's name")])
def test_wrong_tokens_are_named(tmp_path: Path, make: Callable[[Path], object], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        make(tmp_path)


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("nonsense", "no address"),
        ("mysql://h/d", "mysql is not supported"),
        ("sqlite:////proc/none/x.sqlite", "cannot be used"),
    ],
)
def test_wrong_databases_are_named(url: str, complaint: str) -> None:
    with pytest.raises(UserError, match=complaint):
        Database(url)


def test_a_database_in_a_file_is_its_owners(tmp_path: Path) -> None:
    Database(f"sqlite:///{tmp_path / 'd.sqlite'}").close()
    assert (tmp_path / "d.sqlite").stat().st_mode & 0o077 == 0


def test_a_typing_error_is_not_exported(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no database at .*typo\.sqlite"):
        export_to(f"sqlite:///{tmp_path / 'typo.sqlite'}", tmp_path / "x.sqlite")
    assert not list(tmp_path.iterdir())


def test_tokens_are_not_in_their_file(tmp_path: Path) -> None:
    token = new_token(tmp_path / "tokens", "me")
    text = (tmp_path / "tokens").read_text()
    assert token not in text
    assert (tmp_path / "tokens").stat().st_mode & 0o077 == 0
    assert Tokens(tmp_path / "tokens").owner(token) == "me"


def test_a_new_token_has_a_line_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    first = new_token(path, "me")
    path.write_text(path.read_text().rstrip("\n"))
    second = new_token(path, "you")
    assert [Tokens(path).owner(token) for token in (first, second)] == ["me", "you"]
    assert len(path.read_text().splitlines()) == 2
