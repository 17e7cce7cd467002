"""`dragoman.translate` on the wire: what is answered, what is refused, how it ends before its time."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from wire import INLINE, Wire

pytestmark = pytest.mark.slow  # each starts processes of its own

Json = dict[str, Any]
GCD = "def gcd(a: int, b: int) -> int:\n    while b:\n        a, b = b, a % b\n    return a\n"
LONG = "\n".join(f"def f{number}(a: int) -> int:\n    # step\n    return a + {number}\n" for number in range(750))


def command(uri: str, to: str, token: str | None = None, **more: Any) -> Json:
    params: Json = {"command": "dragoman.translate", "arguments": [{"uri": uri, "to": to, **more}]}
    return params if token is None else {**params, "workDoneToken": token}


async def start(wire: Wire, folder: Path, trusted: bool | None = None, capabilities: Json | None = None) -> None:
    options = {} if trusted is None else {"workspaceTrusted": trusted}
    await wire.initialize({**INLINE, **(capabilities or {})}, options=options, folders=[folder])
    await wire.ready()


async def refused(wire: Wire, params: Json) -> Json:
    answer = await wire.answer(wire.ask("workspace/executeCommand", params))
    return answer["error"]


def progress(wire: Wire, token: str) -> list[Json]:
    return [
        m["params"]["value"] for m in wire.heard if m.get("method") == "$/progress" and m["params"]["token"] == token
    ]


async def test_an_untrusted_workspace_gets_code_that_nobody_ran(fresh: Wire, tmp_path: Path) -> None:
    await start(fresh, tmp_path, trusted=False)
    uri = (tmp_path / "gcd.py").as_uri()
    fresh.open(uri, GCD)
    answer = await fresh.request("workspace/executeCommand", command(uri, "js", run=True))
    assert answer["text"].startswith("function gcd(a, b) {\n    while (b !== 0) {")
    assert (answer["verdict"]["status"], answer["verdict"]["stage"]) == ("unchecked", "permission")
    assert answer["verdict"]["hint"]
    assert (answer["sourceLanguage"], answer["targetLanguage"], answer["origin"]) == ("python", "javascript", "rules")
    assert answer["suggestedUri"] == (tmp_path / "gcd.js").as_uri()
    assert answer["units"][0]["range"]["start"] == {"line": 0, "character": 0}
    assert list(tmp_path.iterdir()) == [], "nothing is written"
    marked = await fresh.hear(lambda m: m.get("method") == "textDocument/publishDiagnostics")
    assert [(d["source"], d["code"]) for d in marked["params"]["diagnostics"]] == [("dragoman", "unchecked")]
    fresh.forget()
    fresh.change(uri, 2, {"text": GCD + "\n"})
    cleared = await fresh.hear(lambda m: m.get("method") == "textDocument/publishDiagnostics")
    assert cleared["params"]["diagnostics"] == []


async def test_trust_may_come_later_and_then_the_verdict_has_evidence(fresh: Wire, tmp_path: Path) -> None:
    await start(fresh, tmp_path, trusted=False)
    uri = (tmp_path / "gcd.js").as_uri()
    fresh.open(uri, "function gcd(a, b) { while (b) { [a, b] = [b, a % b]; } return a; }\n", "javascript")
    fresh.notify("dragoman/workspaceTrust", {"trusted": True})
    tests = "assert gcd(12, 18) == 6\n"
    answer = await fresh.request("workspace/executeCommand", command(uri, "python", tests=tests))
    assert answer["verdict"]["stage"] in ("", "sandbox"), answer["verdict"]
    if answer["verdict"]["stage"] == "":
        assert answer["verdict"]["status"] == "verified"


async def test_progress_goes_on_the_clients_token_and_units_come_as_they_are_done(fresh: Wire, tmp_path: Path) -> None:
    await start(fresh, tmp_path)
    uri = (tmp_path / "two.py").as_uri()
    fresh.open(uri, GCD + "\n\n" + GCD.replace("gcd", "other_gcd"))
    params = command(uri, "javascript", token="mine", partialResultToken="parts")
    answer = await fresh.request("workspace/executeCommand", params)
    said = progress(fresh, "mine")
    assert (said[0]["kind"], said[-1]["kind"]) == ("begin", "end")
    assert any("(unit 2 of 2)" in str(value.get("message")) for value in said)
    parts = progress(fresh, "parts")
    assert [(part["index"], part["count"], part["name"]) for part in parts] == [(0, 2, "gcd"), (1, 2, "other_gcd")]
    assert [part["text"] for part in parts] == [unit["text"] for unit in answer["units"]]
    assert "function otherGcd" in answer["text"]


async def test_what_cannot_be_translated_is_refused_with_words(fresh: Wire, tmp_path: Path) -> None:
    await start(fresh, tmp_path)
    python, unknown, broken = ((tmp_path / name).as_uri() for name in ("a.py", "story", "broken.py"))
    fresh.open(python, GCD)
    fresh.open(unknown, "Once upon a time\n", "plaintext")
    fresh.open(broken, "def f(:\n    return\n")
    for params, words in (
        (command(unknown, "rust"), "cannot tell"),
        (command(python, "klingon"), "Nothing can be translated to 'klingon'"),
        (command(python, "python"), "Python already"),
        (command(broken, "rust"), "syntax error in line 1"),
        (command((tmp_path / "missing.py").as_uri(), "rust"), "cannot be read"),
        (command(python, "rust", **{"from": "latin"}), "'latin' is not a language"),
    ):
        error = await refused(fresh, params)
        assert error["code"] == -32803
        assert words in error["message"]
    assert (await refused(fresh, {"command": "dragoman.translate", "arguments": [1]}))["code"] == -32602
    assert (await refused(fresh, {"command": "dragoman.translate"}))["code"] == -32602
    assert await fresh.request("workspace/executeCommand", command(python, "javascript"))


async def test_a_selection_is_grown_to_the_definition_around_it(fresh: Wire, tmp_path: Path) -> None:
    await start(fresh, tmp_path)
    uri = (tmp_path / "two.py").as_uri()
    fresh.open(uri, "# ä\n" + GCD + "\n\n" + GCD.replace("gcd", "other"))
    place = {"start": {"line": 8, "character": 2}, "end": {"line": 8, "character": 4}}
    answer = await fresh.request("workspace/executeCommand", command(uri, "javascript", range=place))
    assert [unit["name"] for unit in answer["units"]] == ["other"]
    assert answer["range"] == {"start": {"line": 7, "character": 0}, "end": {"line": 10, "character": 12}}


async def test_a_long_file_is_cancelled_in_the_middle_and_leaves_nothing(fresh: Wire, tmp_path: Path) -> None:
    assert LONG.count("\n") >= 2_999
    await start(fresh, tmp_path)
    uri = (tmp_path / "long.py").as_uri()
    fresh.open(uri, LONG)
    asked = fresh.ask("workspace/executeCommand", command(uri, "rust", token="t", partialResultToken="p"))
    await fresh.hear(lambda m: m.get("method") == "$/progress" and m["params"]["value"].get("index") == 3)
    fresh.notify("$/cancelRequest", {"id": asked})
    assert (await fresh.answer(asked))["error"]["code"] == -32800
    done = len(progress(fresh, "p"))
    assert done < 100, "who cancels is heard before the work has run ahead"
    await asyncio.sleep(0.5)
    assert len(progress(fresh, "p")) <= done + 1, "nothing goes on"
    assert list(tmp_path.iterdir()) == []
    assert await fresh.request("workspace/executeCommand", {"command": "dragoman.status"})


async def test_a_long_file_is_translated_unit_by_unit(fresh: Wire, tmp_path: Path) -> None:
    await start(fresh, tmp_path)
    uri = (tmp_path / "long.py").as_uri()
    fresh.open(uri, LONG)
    answer = await fresh.request("workspace/executeCommand", command(uri, "javascript", partialResultToken="p"))
    assert [value["index"] for value in progress(fresh, "p")] == list(range(750))
    assert answer["text"].count("\nfunction f") + answer["text"].startswith("function f") == 750
    assert answer["text"].count("// step") == 0 or answer["text"].count("// step") == 750


async def test_the_progress_may_be_cancelled_too(fresh: Wire, tmp_path: Path) -> None:
    await start(fresh, tmp_path)
    uri = (tmp_path / "long.py").as_uri()
    fresh.open(uri, LONG)
    asked = fresh.ask("workspace/executeCommand", command(uri, "rust", token="t", partialResultToken="p"))
    await fresh.hear(lambda m: m.get("method") == "$/progress" and m["params"]["value"].get("index") == 1)
    fresh.notify("window/workDoneProgress/cancel", {"token": "t"})
    assert (await fresh.answer(asked))["error"]["code"] == -32800


async def test_code_actions_offer_every_other_language_and_open_a_new_document(fresh: Wire, tmp_path: Path) -> None:
    (tmp_path / "gcd.js").write_text("taken\n", encoding="utf-8")
    edits = {"workspaceEdit": {"documentChanges": True, "resourceOperations": ["create"]}}
    await start(fresh, tmp_path, capabilities={"workspace": edits, "window": {"showDocument": {"support": True}}})
    uri = (tmp_path / "gcd.py").as_uri()
    fresh.open(uri, GCD)
    place = {"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 4}}
    asked = {"textDocument": {"uri": uri}, "range": place, "context": {"diagnostics": []}}
    actions = await fresh.request("textDocument/codeAction", asked)
    titles = ["Java", "C++", "JavaScript", "TypeScript", "Go", "Rust", "C#"]
    assert [action["title"] for action in actions] == [f"Translate to {title}" for title in titles]
    assert {action["kind"] for action in actions} == {"refactor.rewrite.dragoman"}
    other = {**asked, "context": {"diagnostics": [], "only": ["quickfix"]}}
    assert await fresh.request("textDocument/codeAction", other) == []
    chosen = fresh.ask("workspace/executeCommand", actions[2]["command"] | {"title": None})
    edit = await fresh.hear(lambda m: m.get("method") == "workspace/applyEdit")
    create, change = edit["params"]["edit"]["documentChanges"]
    assert create["uri"] == (tmp_path / "gcd_2.js").as_uri() == change["textDocument"]["uri"]
    assert create["options"] == {"overwrite": False, "ignoreIfExists": False}
    assert "function gcd" in change["edits"][0]["newText"]
    fresh.send({"jsonrpc": "2.0", "id": edit["id"], "result": {"applied": True}})
    shown = await fresh.hear(lambda m: m.get("method") == "window/showDocument")
    fresh.send({"jsonrpc": "2.0", "id": shown["id"], "result": {"success": True}})
    assert "result" in await fresh.answer(chosen)
    assert (tmp_path / "gcd.js").read_text(encoding="utf-8") == "taken\n"


async def test_no_offer_where_nothing_can_be_translated(fresh: Wire, tmp_path: Path) -> None:
    await start(fresh, tmp_path)
    uri = (tmp_path / "notes.md").as_uri()
    fresh.open(uri, "# Notes\n", "markdown")
    place = {"start": {"line": 0, "character": 0}, "end": {"line": 0, "character": 0}}
    asked = {"textDocument": {"uri": uri}, "range": place, "context": {"diagnostics": []}}
    assert await fresh.request("textDocument/codeAction", asked) == []


async def test_leaving_in_the_middle_is_quick(fresh: Wire, tmp_path: Path) -> None:
    await start(fresh, tmp_path)
    uri = (tmp_path / "long.py").as_uri()
    fresh.open(uri, LONG)
    fresh.ask("workspace/executeCommand", command(uri, "rust", partialResultToken="p"))
    await fresh.hear(lambda m: m.get("method") == "$/progress")
    assert await asyncio.wait_for(fresh.leave(), 30) == 0
