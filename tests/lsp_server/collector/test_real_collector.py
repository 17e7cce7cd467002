"""The whole way: stores of fifty users, real uploaders, a real collector that is killed, a real PostgreSQL."""

import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import httpx
import pytest

from lsp_server.collector.access import new_token
from lsp_server.collector.database import Database
from lsp_server.telemetry import Outcome, Record, Request, Store, from_json
from lsp_server.telemetry.upload import Uploader, UploadError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

USERS, RECORDS = 50, 30


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Collector:
    """`dragoman collect` as a process."""

    def __init__(self, url: str, tokens: Path) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        options = ("--database", url, "--tokens", str(tokens), "--port", str(self.port))
        self.command = [sys.executable, "-m", "lsp_server", "collect", *options, "--requests-per-minute", "100000"]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = monotonic() + 120
        while monotonic() < deadline:
            try:
                if httpx.get(f"{self.address}/health", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                assert self.process.poll() is None, "the collector did not start"
                sleep(0.1)
        raise AssertionError("the collector never was ready")

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


def record(user: int, number: int, result: str = "rejected") -> Record:
    request = Request(user=f"u{user}", language="python", prefix="x" * 500, suffix="")
    return Record(f"{user}-{number}", 1e9 + number, "context", request=request, outcome=Outcome(result))  # pyright: ignore[reportArgumentType]


def test_every_record_arrives_once_although_the_collector_is_killed(postgres: str, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    secrets = [new_token(tokens, f"u{user}") for user in range(USERS)]
    stores = [tmp_path / f"{user}.sqlite" for user in range(USERS)]
    for user, path in enumerate(stores):
        with Store(path) as store:
            store.put([record(user, number) for number in range(RECORDS)])
    collector = Collector(postgres, tokens)
    killed = Event()

    def upload(user: int, *, again: bool) -> None:
        """Until all is sent, whatever happens meanwhile; in small batches, and every second user sends all again."""
        with httpx.Client() as client:
            while True:
                try:
                    Uploader(stores[user], collector.address, secrets[user], "context", client).upload()
                    if not again:
                        return
                    again = False
                    stores[user].with_name(f"{stores[user].name}.uploaded.json").unlink()
                    with Store(stores[user]) as store:  # and some have grown meanwhile
                        store.put([record(user, number, "accepted") for number in range(0, RECORDS, 3)])
                    killed.wait(60)
                except UploadError:
                    sleep(0.2)

    try:
        with ThreadPoolExecutor(USERS) as pool:
            running = [pool.submit(upload, user, again=user % 2 == 0) for user in range(USERS)]
            for _ in range(2):
                sleep(1.0)
                collector.kill()
                collector.start()
                killed.set()
            for future in running:
                future.result(timeout=300)
        metrics = httpx.get(f"{collector.address}/metrics", timeout=30).text
    finally:
        collector.kill()

    assert "dragoman_collector_database_up 1.0" in metrics
    database = Database(postgres)
    kept = {(owner, found.id): found for owner, found in ((o, from_json(body)) for o, body in database.bodies())}
    assert database.count() == len(kept) == USERS * RECORDS
    database.close()
    for user in range(USERS):
        for number in range(RECORDS):
            grown = user % 2 == 0 and number % 3 == 0
            assert kept[f"u{user}", f"{user}-{number}"] == record(user, number, "accepted" if grown else "rejected")


def test_a_collector_without_tokens_or_port_says_so(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lsp_server", "collect", "--database", f"sqlite:///{tmp_path / 'c.sqlite'}"]
    missing = subprocess.run([*command, "--tokens", str(tmp_path / "no")], capture_output=True, text=True, check=False)
    assert (missing.returncode, "--new-token" in missing.stderr) == (2, True)
    new_token(tmp_path / "tokens", "me")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        options = ("--tokens", str(tmp_path / "tokens"), "--port", str(taken.getsockname()[1]))
        busy = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert (busy.returncode, "--port" in busy.stderr) == (2, True)
