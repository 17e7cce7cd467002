"""Settings that an editor gives, takes back and gets wrong; a model that comes, fails and is tried again."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest
from wire import INLINE, SCRIPTED, Json, Wire, connected, inline_params

pytestmark = pytest.mark.slow  # each starts processes of its own

URI = "untitled:Untitled-1"
PULL: Json = {**INLINE, "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}}}


def shown(wire: Wire) -> list[str]:
    return [m["params"]["message"] for m in wire.heard if m.get("method") == "window/showMessage"]


def statuses(wire: Wire) -> list[Json]:
    return [m["params"] for m in wire.heard if m.get("method") == "didChangeStatus"]


async def answer_pull(wire: Wire, section: Any) -> None:
    """Answer the next `workspace/configuration`."""
    asked = await wire.hear(lambda message: message.get("method") == "workspace/configuration")
    assert asked["params"]["items"] == [{"section": "dragoman"}]
    wire.heard.remove(asked)
    wire.send({"jsonrpc": "2.0", "id": asked["id"], "result": [section]})


async def status(wire: Wire) -> Json:
    return await wire.request("workspace/executeCommand", {"command": "dragoman.status"})


async def test_the_model_comes_while_the_editor_works(fresh: Wire) -> None:
    """A slow model is told of with a reason and progress, and a request meanwhile is answered when it is there."""
    capabilities = {**INLINE, "window": {"workDoneProgress": True}}
    await fresh.initialize(capabilities, {"dragoman": {"model": {"name": "slow"}}})
    create = await fresh.hear(lambda message: message.get("method") == "window/workDoneProgress/create")
    fresh.send({"jsonrpc": "2.0", "id": create["id"], "result": None})
    fresh.open(URI, "echo word")
    assert (await fresh.texts(URI, 0, 9))[0] == "(word)"
    seen = statuses(fresh)
    assert seen[0] == {"kind": "Normal", "busy": True, "message": "Loading slow"}
    assert any(s["kind"] == "Warning" and s["busy"] and "fetching" in s["message"] for s in seen)
    assert seen[-1] == {"kind": "Normal", "busy": False, "message": "scripted is ready"}
    token = create["params"]["token"]
    kinds = [m["params"]["value"]["kind"] for m in fresh.heard if m.get("method") == "$/progress"]
    assert {m["params"]["token"] for m in fresh.heard if m.get("method") == "$/progress"} == {token}
    assert kinds[0] == "begin" and kinds[-1] == "end" and set(kinds) == {"begin", "report", "end"}


async def test_a_model_that_fails_does_not_take_the_server_with_it(fresh: Wire) -> None:
    await fresh.initialize(options={"dragoman": {"model": {"name": "missing"}}})
    await fresh.ready()
    error = {"kind": "Error", "busy": False, "message": "There is no model called missing. Choose another."}
    assert statuses(fresh)[-1] == error
    fresh.open(URI, "echo word")
    assert await fresh.texts(URI, 0, 9) == []
    fresh.forget()
    await fresh.request("workspace/executeCommand", {"command": "dragoman.restartModel"})
    await fresh.ready()
    assert statuses(fresh)[-1] == error
    fresh.forget()
    fresh.notify("workspace/didChangeConfiguration", {"settings": {"dragoman": {"model": {"name": "another"}}}})
    await fresh.ready()
    assert (await fresh.texts(URI, 0, 9))[0] == "(word)"
    assert await status(fresh) == {
        "kind": "Normal",
        "busy": False,
        "message": "scripted is ready",
        "model": "scripted",
        "documents": 1,
    }


async def test_a_model_that_fails_at_work_is_a_warning_until_it_works_again(fresh: Wire) -> None:
    await fresh.initialize()
    await fresh.ready()
    fresh.open(URI, "please fail")
    assert await fresh.texts(URI, 0, 11) == []
    warning = {"kind": "Warning", "busy": False, "message": "The script says so. Take the word out."}
    assert statuses(fresh)[-1] == warning
    fresh.change(URI, 2, {"text": "echo word"})
    assert (await fresh.texts(URI, 0, 9))[0] == "(word)"
    assert statuses(fresh)[-1]["kind"] == "Normal"


async def test_settings_are_pulled_and_pulled_again_when_they_change(fresh: Wire) -> None:
    await fresh.initialize(PULL)
    await answer_pull(fresh, {"completion": {"invokedCandidates": 2}})
    registration = await fresh.hear(lambda message: message.get("method") == "client/registerCapability")
    fresh.send({"jsonrpc": "2.0", "id": registration["id"], "result": None})
    methods = [entry["method"] for entry in registration["params"]["registrations"]]
    assert methods == ["workspace/didChangeConfiguration"]
    await fresh.ready()
    fresh.open(URI, "echo word")
    assert len(await fresh.texts(URI, 0, 9)) == 2
    fresh.notify("workspace/didChangeConfiguration", {"settings": None})
    await answer_pull(fresh, {"completion": {"invokedCandidates": 1}})
    fresh.change(URI, 2, {"text": "echo other"})
    await asyncio.sleep(0.1)
    assert len(await fresh.texts(URI, 0, 10)) == 1


async def test_a_request_that_overtakes_the_settings_is_answered_by_them(fresh: Wire) -> None:
    await fresh.initialize(PULL)
    fresh.open(URI, "echo word")
    early = asyncio.create_task(fresh.texts(URI, 0, 9))
    await asyncio.sleep(0.2)
    assert not early.done()
    await answer_pull(fresh, {"completion": {"invokedCandidates": 1}})
    assert len(await early) == 1


async def test_an_editor_that_refuses_to_be_asked(fresh: Wire) -> None:
    await fresh.initialize(PULL)
    asked = await fresh.hear(lambda message: message.get("method") == "workspace/configuration")
    fresh.send({"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32603, "message": "no"}})
    await fresh.ready()
    fresh.open(URI, "echo word")
    assert (await fresh.texts(URI, 0, 9))[0] == "(word)"


async def test_wrong_settings_are_shown_once_by_name_and_the_defaults_kept(fresh: Wire) -> None:
    wrong = {"completion": {"maxLineTokens": "many", "colour": "red", "invokedCandidates": 1}, "model": {"treads": 2}}
    await fresh.initialize(options={"dragoman": wrong, "editorInfo": {"name": "x"}, "completion": {"prefetch": False}})
    await fresh.ready()
    await fresh.hear(lambda _: len(shown(fresh)) >= 4)
    messages = shown(fresh)
    assert len(messages) == 4
    assert any("dragoman.completion.maxLineTokens" in m and "a whole number from 1 to 512" in m for m in messages)
    assert any("dragoman.completion.colour" in m and "no such setting" in m for m in messages)
    assert any("Did you mean dragoman.model.threads?" in m for m in messages)
    assert any("looked for under `dragoman`" in m for m in messages)
    fresh.open(URI, "echo word")
    assert len(await fresh.texts(URI, 0, 9)) == 1, "the right ones among them count"
    fresh.notify("workspace/didChangeConfiguration", {"settings": {"http": {}, "telemetry": {}}})
    fresh.notify("workspace/didChangeConfiguration", {"settings": {"dragoman": {"completion": {"colour": "red"}}}})
    await fresh.texts(URI, 0, 9)
    again = shown(fresh)[4:]
    assert len(again) == 1 and "the editor's configuration" in again[0], (
        "another source, so another message; no repeats"
    )


async def test_models_that_no_setting_names_any_more_are_freed(server_environment: dict[str, str]) -> None:
    """An arm's model while it is at work, and with it the work; the first model is replaced."""
    command = f"""
import sys
sys.path.insert(0, {str(SCRIPTED.parent)!r})
import scripted_server
from lsp_server.server import create_server
from lsp_server.server.transport import serve_stdio
made = []
def load(settings, *_):
    made.append((settings.name, scripted_server.ScriptedGenerator()))
    return made[-1][1]
def make():
    server = create_server(load)
    @server.command("test.models")
    def models(*_):
        return [(name, "closed" if model.closed else "busy" if model.prompts else "idle") for name, model in made]
    return server
sys.exit(serve_stdio(make))
"""

    def settings(model: str, *arms: str, consent: str = "metrics") -> Json:
        return {"dragoman": {"model": {"name": model}, "telemetry": {"consent": consent, "arms": arms}}}

    async with connected(sys.executable, "-c", command, env=server_environment) as wire:

        async def until(*wanted: list[str]) -> None:
            while await wire.request("workspace/executeCommand", {"command": "test.models"}) != [*wanted]:
                await asyncio.sleep(0.05)

        await wire.initialize(options=settings("one", "second 1 model.name=two"))
        await wire.ready()
        wire.open(URI, "slow 60000 echo word")
        asked = wire.ask_inline(URI, 0, 20, kind=1)
        await asyncio.wait_for(until(["one", "idle"], ["two", "busy"]), 10)
        wire.notify("workspace/didChangeConfiguration", {"settings": settings("one", "second 1 model.name=two")})
        await until(["one", "idle"], ["two", "busy"])
        wire.notify("workspace/didChangeConfiguration", {"settings": settings("one", "third 1 model.name=three")})
        assert (await wire.answer(asked))["result"]["items"] == []
        await asyncio.wait_for(until(["one", "idle"], ["two", "closed"]), 10)
        wire.change(URI, 2, {"text": "echo word"})
        assert (await wire.texts(URI, 0, 9))[0] == "(word)"
        await until(["one", "idle"], ["two", "closed"], ["three", "busy"])
        again = settings("four", "third 1 model.name=three", consent="off")
        wire.notify("workspace/didChangeConfiguration", {"settings": again})
        closed = [["one", "closed"], ["two", "closed"], ["three", "closed"]]
        await asyncio.wait_for(until(*closed, ["four", "idle"]), 10)
        assert await wire.leave() == 0


async def test_silence_while_typing_can_be_asked_for(fresh: Wire) -> None:
    await fresh.initialize(options={"dragoman": {"completion": {"disabledLanguages": ["markdown"]}}})
    await fresh.ready()
    fresh.open("untitled:md", "echo word", language="markdown")
    fresh.open("untitled:py", "echo word")
    assert await fresh.texts("untitled:md", 0, 9, kind=2) == []
    assert len(await fresh.texts("untitled:md", 0, 9, kind=1)) == 3
    assert await fresh.texts("untitled:py", 0, 9, kind=2) == ["(word)"]
    fresh.notify("workspace/didChangeConfiguration", {"settings": {"dragoman": {"completion": {"automatic": False}}}})
    fresh.change("untitled:py", 2, {"text": "echo other"})
    assert await fresh.texts("untitled:py", 0, 10, kind=2) == []
    assert len(await fresh.texts("untitled:py", 0, 10, kind=1)) == 3


async def test_a_workspace_file_counts_for_its_folder_and_chooses_no_model(fresh: Wire, tmp_path: Path) -> None:
    inner, other = tmp_path / "inner", tmp_path / "other"
    inner.mkdir()
    other.mkdir()
    (inner / "dragoman.toml").write_text('[completion]\ninvoked_candidates = 1\n[model]\nname = "missing"\n')
    await fresh.initialize(folders=[inner, other])
    await fresh.ready()
    assert statuses(fresh)[-1]["kind"] == "Normal"
    here, there = (inner / "a.py").as_uri(), (other / "a.py").as_uri()
    fresh.open(here, "echo word")
    fresh.open(there, "echo word")
    assert len(await fresh.texts(here, 0, 9)) == 1
    assert [message for message in shown(fresh) if "dragoman.model.name" in message and "may not set this" in message]
    assert len(await fresh.texts(there, 0, 9)) == 3
    (inner / "dragoman.toml").write_text("[completion]\ninvoked_candidates = 2\n")
    fresh.notify("textDocument/didSave", {"textDocument": {"uri": (inner / "dragoman.toml").as_uri()}})
    fresh.change(here, 2, {"text": "echo again"})
    assert len(await fresh.texts(here, 0, 10)) == 2
    removed = {"uri": inner.as_uri(), "name": "inner"}
    fresh.notify("workspace/didChangeWorkspaceFolders", {"event": {"added": [], "removed": [removed]}})
    fresh.change(here, 3, {"text": "echo once more"})
    assert len(await fresh.texts(here, 0, 14)) == 3
    (other / "dragoman.toml").write_text("[completion]\ninvoked_candidates = 1\n")
    change = {"uri": (other / "dragoman.toml").as_uri(), "type": 1}
    fresh.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
    fresh.change(there, 2, {"text": "echo other"})
    assert len(await fresh.texts(there, 0, 10)) == 1


async def test_the_list_is_offered_to_editors_without_ghost_text(server_environment: dict[str, str]) -> None:
    async def offered(capabilities: Json, wanted: str) -> tuple[bool, bool]:
        async with connected(env=server_environment) as wire:
            options = {"dragoman": {"completion": {"completionList": wanted}}}
            result = await wire.initialize(capabilities, options)
            return "completionProvider" in result, "inlineCompletionProvider" in result

    plain: Json = {"textDocument": {"completion": {}}}
    assert await offered(plain, "auto") == (True, True)
    assert await offered(INLINE, "auto") == (False, True)
    assert await offered(INLINE, "always") == (True, True)
    assert await offered(plain, "never") == (False, True)


async def test_an_item_of_the_list_replaces_the_word_it_belongs_to(fresh: Wire) -> None:
    await fresh.initialize({"textDocument": {"completion": {}}})
    await fresh.ready()
    fresh.open(URI, "x = 'é😀' + echo_word")
    params = inline_params(URI, 0, 21)
    del params["context"]
    result = await fresh.request("textDocument/completion", params)
    (item,) = result["items"]
    assert result["isIncomplete"] is True
    assert item["textEdit"]["newText"] == item["filterText"] == "echo_word(echo_word)"
    assert item["label"] == "echo_word(echo_word)"
    assert item["textEdit"]["range"] == {"start": {"line": 0, "character": 12}, "end": {"line": 0, "character": 21}}
    assert item["command"]["command"] == "dragoman.didAccept"


async def test_the_units_of_columns_are_agreed(server_environment: dict[str, str]) -> None:
    text = "x = 'é😀' ; echo word"
    ends = {"utf-8": len(text.encode()), "utf-16": len(text.encode("utf-16-le")) // 2, "utf-32": len(text)}
    for encoding, end in ends.items():
        async with connected(env=server_environment) as wire:
            capabilities: Json = {**INLINE, "general": {"positionEncodings": [encoding]}}
            assert (await wire.initialize(capabilities))["positionEncoding"] == encoding
            await wire.ready()
            wire.open(URI, text)
            wire.change(
                URI,
                2,
                {
                    "range": {"start": {"line": 0, "character": end - 4}, "end": {"line": 0, "character": end}},
                    "text": "é😀",
                },
            )
            result = await wire.request("textDocument/inlineCompletion", inline_params(URI, 0, 99))
            item = result["items"][0]
            units = {"utf-8": 6, "utf-16": 3, "utf-32": 2}[encoding]
            assert item["insertText"] == "(é😀)"
            assert item["range"]["start"] == {"line": 0, "character": end - 4 + units}


async def test_a_notebooks_cell_knows_the_cells_above(fresh: Wire) -> None:
    await fresh.initialize({**INLINE, "notebookDocument": {"synchronization": {}}})
    await fresh.ready()
    cells = [{"kind": 2, "document": "nb:1"}, {"kind": 1, "document": "nb:2"}, {"kind": 2, "document": "nb:3"}]
    documents = [
        {"uri": "nb:1", "languageId": "python", "version": 1, "text": "first = 1"},
        {"uri": "nb:2", "languageId": "markdown", "version": 1, "text": "# title"},
        {"uri": "nb:3", "languageId": "python", "version": 1, "text": ""},
    ]
    notebook = {"uri": "file:///n.ipynb", "notebookType": "jupyter-notebook", "version": 1, "cells": cells}
    fresh.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": documents})
    assert (await fresh.texts("nb:3", 0, 0))[0] == "(nothing)"
    fresh.notify(
        "notebookDocument/didChange",
        {
            "notebookDocument": {"uri": "file:///n.ipynb", "version": 2},
            "change": {
                "cells": {
                    "structure": {
                        "array": {"start": 2, "deleteCount": 0, "cells": [{"kind": 2, "document": "nb:4"}]},
                        "didOpen": [{"uri": "nb:4", "languageId": "python", "version": 1, "text": "echo four"}],
                    },
                    "textContent": [
                        {
                            "document": {"uri": "nb:3", "version": 2},
                            "changes": [{"text": "echo three"}],
                        }
                    ],
                }
            },
        },
    )
    assert (await fresh.texts("nb:3", 0, 10))[0] == "(three)"
    assert (await fresh.texts("nb:4", 0, 9))[0] == "(four)"
    closing = [{"uri": "nb:3"}, {"uri": "nb:4"}, {"uri": "nb:1"}, {"uri": "nb:2"}]
    fresh.notify(
        "notebookDocument/didClose",
        {"notebookDocument": {"uri": "file:///n.ipynb"}, "cellTextDocuments": closing},
    )
    assert (await status(fresh))["documents"] == 0


async def test_focus_and_pauses_let_the_model_read_ahead(server_environment: dict[str, str]) -> None:
    """What is warmed shows in the scripted model's record, which a command of the test's own server tells."""
    command = f"""
import sys
sys.path.insert(0, {str(SCRIPTED.parent)!r})
import scripted_server
from lsp_server.server import create_server
from lsp_server.server.transport import serve_stdio
model = scripted_server.ScriptedGenerator()
def make():
    server = create_server(lambda *_: model)
    @server.command("test.warmed")
    def warmed(*_):
        return [prompt.prefix for prompt in model.warmed]
    @server.command("test.asked")
    def asked(*_):
        return [prompt.prefix for prompt in model.prompts]
    return server
sys.exit(serve_stdio(make))
"""
    async with connected(sys.executable, "-c", command, env=server_environment) as wire:
        await wire.initialize()
        await wire.ready()
        wire.open(URI, "x = 1\necho word")
        wire.change(
            URI, 2, {"range": {"start": {"line": 1, "character": 9}, "end": {"line": 1, "character": 9}}, "text": "s"}
        )

        async def record(name: str) -> list[str]:
            return await wire.request("workspace/executeCommand", {"command": f"test.{name}"})

        async def until(name: str, wanted: str) -> None:
            while wanted not in await record(name):
                await asyncio.sleep(0.05)

        await asyncio.wait_for(until("warmed", "x = 1\necho words"), 10)
        assert (await wire.texts(URI, 1, 10, kind=2)) == ["(words)"]
        await asyncio.wait_for(until("asked", "x = 1\necho words(words)"), 10)
        wire.open("untitled:2", "y = 2\n")
        wire.notify("textDocument/didFocus", {"textDocument": {"uri": URI}})
        wire.notify("textDocument/didFocus", {})
        count = (await record("warmed")).count("x = 1\necho words")
        await asyncio.sleep(0.5)
        assert (await record("warmed")).count("x = 1\necho words") == count + 1
