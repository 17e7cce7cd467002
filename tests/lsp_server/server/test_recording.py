"""A scripted editor at the real server: exactly the records that its user's doings should leave, and nothing else."""

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from wire import Json, Wire, connected, edit, inline_params

from lsp_server.telemetry import Record, Store
from lsp_server.telemetry.features import NAMES
from lsp_server.telemetry.show_filter import ShowFilter, save_filter

pytestmark = pytest.mark.slow  # each starts processes of its own

KILLS = int(os.environ.get("DRAGOMAN_KILLS", "20"))
SECRET = "ghp_planted0secret0planted0secret0pla1234"
PLANTED = ("planted_code", "planted_name", "planted_folder", "planted_suggestion")


class Editor:
    """One document, edited as an editor would."""

    def __init__(self, wire: Wire, uri: str) -> None:
        self.wire = wire
        self.uri = uri
        self.version = 1

    def edit(self, line: int, character: int, text: str, end: tuple[int, int] | None = None) -> None:
        self.version += 1
        self.wire.change(self.uri, self.version, edit(line, character, text, end))

    def type(self, line: int, character: int, text: str) -> None:
        for i, key in enumerate(text):
            self.edit(line, character + i, key)

    async def ask(self, line: int, character: int, kind: int = 2) -> list[Json]:
        params = inline_params(self.uri, line, character, kind)
        return (await self.wire.request("textDocument/inlineCompletion", params))["items"]

    async def accept(self, item: Json) -> None:
        start, end = item["range"]["start"], item["range"]["end"]
        self.edit(start["line"], start["character"], item["insertText"], (end["line"], end["character"]))
        await self.wire.request("workspace/executeCommand", item["command"])

    def tell(self, method: str, **more: Any) -> None:
        self.wire.notify(f"textDocument/{method}", {"textDocument": {"uri": self.uri}, **more})


@asynccontextmanager
async def recording(
    environment: dict[str, str], consent: str, folder: Path | None = None, stderr: Path | None = None, **more: Any
) -> AsyncGenerator[Wire, None]:
    telemetry = {"consent": consent, "truthDelaysS": [1.5, 5.0, 600.0], **more}
    options = {"dragoman": {"telemetry": telemetry, "log": {"level": "debug"}, "completion": {"prefetch": False}}}
    async with connected(env=environment, stderr=stderr) as wire:
        await wire.initialize(
            options=options,
            folders=[folder] if folder else None,
            clientInfo={"name": "Scripted", "version": "1.0"},
        )
        await wire.ready()
        yield wire


def records(environment: dict[str, str]) -> list[Record]:
    path = Path(environment["DRAGOMAN_HOME"]) / "data" / "telemetry.sqlite"
    if not path.exists():
        return []
    with Store(path) as store:
        return list(store)


async def truth_taken(environment: dict[str, str], after_s: float) -> None:
    """Wait until the store holds the ground truth of a delay."""
    while after_s not in {truth.after_s for record in records(environment) for truth in record.truths}:
        await asyncio.sleep(0.05)


async def test_type_accept_edit_save_close(server_environment: dict[str, str], tmp_path: Path) -> None:
    """The whole life of a suggestion, with one that was rejected and one that was never made."""
    folder = tmp_path / "project"
    folder.mkdir()
    async with recording(server_environment, "context", folder) as wire:
        uri = (folder / "app.py").as_uri()
        wire.open(uri, "x = 1\n\n")
        editor = Editor(wire, uri)
        editor.type(1, 0, "echo word")
        (item,) = await editor.ask(1, 9)
        assert item["insertText"] == "(word)"
        editor.tell("didShowCompletion", item=item)
        await editor.accept(item)
        editor.edit(0, 0, "# 😀 above\n")
        await truth_taken(server_environment, 1.5)
        editor.edit(2, 10, "W", (2, 11))
        await truth_taken(server_environment, 5.0)
        editor.tell("didSave")
        editor.edit(3, 0, "echo other")
        (other,) = await editor.ask(3, 10)
        editor.tell("didShowCompletion", item=other)
        editor.type(3, 10, "!")
        await editor.ask(3, 11)
        editor.tell("didClose")
        assert await wire.leave() == 0

    accepted, rejected, last = records(server_environment)
    assert accepted.request.prefix == "x = 1\necho word"
    assert (accepted.request.line, accepted.request.column, accepted.request.typed_chars) == (1, 9, 9)
    assert accepted.request.editor == "Scripted 1.0" and accepted.request.version == 10
    assert accepted.generations[0].candidates[0].suggestion == "(word)"
    assert accepted.generations[0].candidates[0].logprobs == (-0.1, -0.1, -0.1)
    assert accepted.outcome.result == "accepted" and accepted.outcome.known_from == "client"
    assert (accepted.outcome.accepted_chars, accepted.outcome.shown_from) == (6, "client")
    assert [(t.after_s, t.moment, t.state, t.text) for t in accepted.truths if t.moment == "delay"] == [
        (1.5, "delay", "valid", "(word)"),
        (5.0, "delay", "edited", "(Word)"),
        (600.0, "delay", "closed", None),
    ]
    assert [(t.moment, t.state, t.line) for t in accepted.truths if t.moment != "delay"] == [
        ("save", "edited", "(Word)"),
        ("close", "edited", "(Word)"),
    ]
    assert rejected.outcome.result == "rejected" and rejected.outcome.known_from == "edits"
    assert [(t.moment, t.state, t.text) for t in rejected.truths if t.moment == "close"] == [("close", "valid", "!")]
    assert [t.after_s for t in rejected.truths if t.moment == "delay"] == [1.5, 5.0, 600.0]
    assert rejected.truths[-1].state == "closed"
    assert last.request.prefix is not None and last.request.prefix.endswith("other!")
    assert all(record.finished and record.consent == "context" for record in (accepted, rejected, last))
    assert len({record.request.run for record in (accepted, rejected, last)}) == 1


async def test_a_part_accepted_behind_an_item_of_the_editors_own_list(server_environment: dict[str, str]) -> None:
    """What of the item is typed is known from the document as it was asked about, and not as it is when the answer
    comes."""
    async with recording(server_environment, "metrics") as wire:
        editor = Editor(wire, "untitled:a")
        wire.open(editor.uri, "slow 100 app")
        word = {"start": {"line": 0, "character": 9}, "end": {"line": 0, "character": 12}}
        selected = {"range": word, "text": "append"}
        asked = wire.ask_inline(editor.uri, 0, 12, 2, selectedCompletionInfo=selected)
        editor.type(0, 12, "e")
        (item,) = (await wire.answer(asked))["result"]["items"]
        assert item["insertText"] == "append(append)"
        editor.edit(0, 13, "nd")
        editor.tell("didPartiallyAcceptCompletion", item=item, acceptedLength=6)
        assert await wire.leave() == 0
    (record,) = records(server_environment)
    assert (record.outcome.result, record.outcome.known_from) == ("partly_accepted", "client")
    assert (record.outcome.typed_chars, record.outcome.accepted_chars, record.outcome.parts) == (1, 2, (3,))


async def test_a_request_that_is_cancelled_at_once_is_recorded_as_such(
    server_environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "stderr.log"
    async with recording(server_environment, "metrics", stderr=log) as wire:
        wire.open("untitled:a", "echo word")
        asked = {"jsonrpc": "2.0", "id": 1, "method": "textDocument/inlineCompletion"}
        cancelled = {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 1}}
        wire.send({**asked, "params": inline_params("untitled:a", 0, 9)}, cancelled)
        assert (await wire.answer(1))["error"]["code"] == -32800
        assert await wire.leave() == 0
    (record,) = records(server_environment)
    assert (record.decision.reason, record.outcome.result) == ("cancelled", "not_shown")
    assert "never awaited" not in log.read_text(encoding="utf-8")


async def test_nothing_is_recorded_without_consent(server_environment: dict[str, str]) -> None:
    async with recording(server_environment, "off") as wire:
        wire.open("untitled:a", "echo word")
        (item,) = await Editor(wire, "untitled:a").ask(0, 9)
        await Editor(wire, "untitled:a").accept(item)
        assert await wire.leave() == 0
    home = Path(server_environment["DRAGOMAN_HOME"])
    assert not [path for path in home.rglob("*") if "telemetry" in path.name]


@pytest.mark.parametrize("consent", ["metrics", "context"])
async def test_what_may_not_be_known_is_nowhere(
    server_environment: dict[str, str], tmp_path: Path, consent: str
) -> None:
    """Strings are planted in code, names, paths and suggestions; every byte on the disk, in the log and on the wire is
    searched for them. Our answers to the editor are suggestions: those may hold what its own document says."""
    folder = tmp_path / "planted_folder"
    folder.mkdir()
    (folder / ".gitignore").write_text("ignored.py\n", encoding="utf-8")
    (tmp_path / "elsewhere" / ".git").mkdir(parents=True)
    (tmp_path / "elsewhere" / ".gitignore").write_text("planted_name.py\n", encoding="utf-8")
    log = tmp_path / "stderr.log"
    async with recording(server_environment, consent, folder, log, exclude=["*.cfg"]) as wire:
        for name in ("planted_name.py", "ignored.py", "planted_name.cfg", "../elsewhere/planted_name.py"):
            uri = (folder / name).resolve().as_uri()
            wire.open(uri, f'planted_code = 1\ntoken = "{SECRET}"\necho ')
            editor = Editor(wire, uri)
            editor.type(2, 5, "planted_suggestion")
            (item,) = await editor.ask(2, 23)
            editor.tell("didShowCompletion", item=item)
            await editor.accept(item)
            editor.type(2, 23 + len(item["insertText"]), " planted_code")
            editor.tell("didSave")
        await truth_taken(server_environment, 1.5)
        assert await wire.leave() == 0
        told = [message for message in wire.heard if message.get("method")]
    home = Path(server_environment["DRAGOMAN_HOME"])
    disk = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    for place in (disk, log.read_bytes(), json.dumps(told).encode()):
        assert SECRET.encode() not in place
        if consent == "metrics" or place is not disk:
            assert not [word for word in PLANTED if word.encode() in place]
        assert b"planted_name" not in place and b"planted_folder" not in place
    (record,) = records(server_environment)
    assert record.outcome.result == "accepted"
    assert record.generations[0].candidates[0].suggestion_chars == len("(planted_suggestion)")
    assert record.truths[0].matches[0].exact
    if consent == "context":
        assert record.request.prefix is not None
        assert "planted_code = 1" in record.request.prefix and '"****' in record.request.prefix


async def test_a_store_that_fails_costs_a_warning_and_no_completion(server_environment: dict[str, str]) -> None:
    store = Path(server_environment["DRAGOMAN_HOME"]) / "data" / "telemetry.sqlite"
    store.parent.mkdir(parents=True)
    store.write_bytes(b"nonsense" * 1000)
    async with recording(server_environment, "metrics") as wire:
        wire.open("untitled:a", "echo word")
        assert [item["insertText"] for item in await Editor(wire, "untitled:a").ask(0, 9)] == ["(word)"]
        warning = await wire.hear(lambda message: message.get("method") == "window/showMessage")
        assert "telemetry store" in warning["params"]["message"]
        assert [item["insertText"] for item in await Editor(wire, "untitled:a").ask(0, 9)] == ["(word)"]
        assert await wire.leave() == 0
        assert len([m for m in wire.heard if m.get("method") == "window/showMessage"]) == 1


async def test_arms_are_drawn_held_out_and_asked_in_the_shadow(server_environment: dict[str, str]) -> None:
    arms = ["plain 1", "other 1 model.name=second", "unseen shadow model.name=third"]
    async with recording(server_environment, "metrics", arms=arms, holdOut=0.5) as wire:
        answered = 0
        for i in range(24):
            uri = f"untitled:{i}"
            wire.open(uri, f"echo word{i}")
            answered += len(await Editor(wire, uri).ask(0, 9 + len(str(i))))
        while not any(generation.shadow for record in records(server_environment) for generation in record.generations):
            await asyncio.sleep(0.05)
        assert await wire.leave() == 0
    found = records(server_environment)
    assert len(found) == 24
    assert {record.decision.arm for record in found} == {"plain", "other"}
    assert {record.decision.propensity for record in found} == {0.25}
    held_out = [record for record in found if record.decision.held_out]
    assert 0 < len(held_out) < 24 and answered == 24 - len(held_out)
    assert all(record.outcome.result == "not_shown" and record.generations for record in held_out)
    shadows = [g for record in found for g in record.generations if g.shadow]
    assert shadows and {generation.arm for generation in shadows} == {"unseen"}
    assert all(generation.candidates[0].suggestion_chars for generation in shadows)


async def test_what_the_filter_expects_nobody_to_accept_is_kept_back(server_environment: dict[str, str]) -> None:
    path = Path(server_environment["DRAGOMAN_HOME"]) / "data" / "show-filter.json"
    weights = {"language=python": 8.0}
    save_filter(path, ShowFilter(tuple(weights.get(name, 0.0) for name in NAMES), -4.0, 0.5), {})
    async with recording(server_environment, "metrics", showFilter=True) as wire:
        for uri, language in (("untitled:a", "python"), ("untitled:b", "go")):
            wire.open(uri, "echo word", language)
        assert len(await Editor(wire, "untitled:a").ask(0, 9)) == 1
        assert await Editor(wire, "untitled:b").ask(0, 9) == []
        assert len(await Editor(wire, "untitled:b").ask(0, 9, kind=1)) == 3
        assert await wire.leave() == 0
    shown, filtered, asked_for = records(server_environment)
    assert (shown.decision.reason, filtered.decision.reason, asked_for.decision.reason) == ("", "filtered", "")
    assert filtered.decision.filter_score == pytest.approx(0.018, abs=0.001)
    assert filtered.decision.filter_threshold == 0.5 and filtered.outcome.result == "not_shown"
    assert shown.decision.filter == filtered.decision.filter != asked_for.decision.filter


@pytest.mark.timeout(3600)
async def test_a_killed_server_keeps_all_that_it_acknowledged(
    server_environment: dict[str, str], tmp_path: Path
) -> None:
    """The server is killed at random moments; what its log said was recorded is in the store, whole."""
    chance = Random(7)
    log = tmp_path / "log"
    acknowledged: dict[str, int] = {}
    for round_ in range(KILLS):
        async with recording(server_environment, "context", stderr=log) as wire:
            editor = Editor(wire, f"untitled:{round_}")
            wire.open(editor.uri, "")
            worker = asyncio.create_task(_work_without_end(editor))
            if round_ % 4:
                while " recorded " not in log.read_text(encoding="utf-8"):
                    await asyncio.sleep(0.02)
            await asyncio.sleep(chance.uniform(0, 0.8))
            wire.process.send_signal(signal.SIGKILL)
            await wire.process.wait()
            worker.cancel()
        acknowledged |= dict(_acknowledged(log))
        found = {record.id: record for record in records(server_environment)}
        for key, truths in acknowledged.items():
            assert len(found[key].truths) >= truths
            assert found[key].request.prefix is not None
    assert len(acknowledged) > KILLS


def _acknowledged(log: Path) -> Iterator[tuple[str, int]]:
    """The records that a log says are on the disk, and how many ground truths each had."""
    for line in log.read_text(encoding="utf-8").splitlines():
        found = re.search(r" recorded id=(\w+) truths=(\d+)$", line)
        if found:
            yield found[1], int(found[2])


async def _work_without_end(editor: Editor) -> None:
    for line in range(100_000):
        editor.edit(line, 0, f"echo word{line}\n")
        for item in await editor.ask(line, len(f"echo word{line}")):
            await editor.accept(item)
