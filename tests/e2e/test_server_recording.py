"""A user's hour in a minute, with the real model: typed, accepted, edited, saved, closed; and the records of it."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient

from lsp_server.telemetry import Record, Store
from models.folders import folder

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

SOURCE = "def area(width, height):\n    return width "
SETTINGS = {
    "context": {"crossFile": False},
    "completion": {"maxAutomaticTimeMs": 60_000, "prefetch": False},
    "telemetry": {"consent": "context", "truthDelaysS": [5, 12, 600]},
}


def records(home: Path) -> list[Record]:
    path = home / "data" / "telemetry.sqlite"
    if not path.exists():
        return []
    with Store(path) as store:
        return list(store)


async def truth_taken(home: Path, after_s: float) -> None:
    while after_s not in {truth.after_s for record in records(home) for truth in record.truths}:
        await asyncio.sleep(0.1)


async def test_an_accepted_suggestion_is_followed_to_the_end(
    fresh_client: tuple[LanguageClient, Any, lsp.ClientCapabilities], tmp_path: Path
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "cache").symlink_to(folder("cache"))  # the model lies there
    client, statuses, capabilities = fresh_client
    command = [sys.executable, "-m", "lsp_server", "serve", "--stdio"]
    await client.start_io(*command, env={**os.environ, "DRAGOMAN_HOME": str(home)})
    client.set_configuration(SETTINGS, section="dragoman")
    await client.initialize_session(
        lsp.InitializeParams(capabilities=capabilities, client_info=lsp.ClientInfo("scripted", "1"))
    )
    assert (await statuses.settled()).kind == "Normal"

    uri, version = (tmp_path / "area.py").as_uri(), 1
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "python", 1, SOURCE)))

    def edit(line: int, start: int, end: int, text: str) -> None:
        nonlocal version
        version += 1
        place = lsp.Range(lsp.Position(line, start), lsp.Position(line, end))
        change = lsp.TextDocumentContentChangePartial(range=place, text=text)
        identifier = lsp.VersionedTextDocumentIdentifier(version, uri)
        client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))

    edit(1, 17, 17, "*")
    edit(1, 18, 18, " ")
    answer = await client.text_document_inline_completion_async(
        lsp.InlineCompletionParams(
            context=lsp.InlineCompletionContext(lsp.InlineCompletionTriggerKind.Automatic),
            text_document=lsp.TextDocumentIdentifier(uri),
            position=lsp.Position(1, 19),
        )
    )
    assert isinstance(answer, lsp.InlineCompletionList)
    (item,) = answer.items
    text = str(item.insert_text)
    assert item.command is not None and "height" in text
    shown: dict[str, Any] = {"item": {"command": {"arguments": item.command.arguments}}}
    client.protocol.notify("textDocument/didShowCompletion", shown)
    edit(1, 19, 19, text)
    await client.workspace_execute_command_async(
        lsp.ExecuteCommandParams(item.command.command, arguments=item.command.arguments)
    )
    await truth_taken(home, 5)
    edit(1, 21, 25, "X")
    await truth_taken(home, 12)
    client.text_document_did_save(lsp.DidSaveTextDocumentParams(lsp.TextDocumentIdentifier(uri)))
    client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))
    await client.shutdown_session()

    (record,) = records(home)
    edited = text[:2] + "X" + text[6:]
    assert [(t.after_s, t.state, t.text) for t in record.truths if t.moment == "delay"] == [
        (5, "valid", text),
        (12, "edited", edited),
        (600, "closed", None),
    ]
    assert [(t.moment, t.text) for t in record.truths if t.moment != "delay"] == [("save", edited), ("close", edited)]
    assert (record.outcome.result, record.outcome.known_from) == ("accepted", "client")
    assert record.outcome.accepted_chars == len(text)
    assert (record.request.trigger_kind, record.request.trigger_point) == ("character", "*")
    assert record.request.prefix == SOURCE + "* " and record.request.typed_chars == 2
    (generation,) = record.generations
    assert generation.model == "smollm2-135m" and len(generation.fingerprint) == 64
    assert {"queue", "context", "prefill", "decode", "total"} <= set(generation.stages_ms)
    (candidate,) = generation.candidates
    assert candidate.suggestion == text and candidate.id == record.outcome.candidate
    assert candidate.logprobs and all(value <= 0 for value in candidate.logprobs)
    assert 0 < (candidate.min_confidence or 0) <= (candidate.confidence or 0) <= 1
