"""Whatever arrives, every request is answered, and the next one is answered rightly."""

import json
from typing import Any

import pytest
from wire import Wire, inline_params

pytestmark = pytest.mark.asyncio(loop_scope="module")
URI = "untitled:Untitled-1"


async def works(wire: Wire) -> None:
    """The server still completes."""
    wire.open(URI, "x = 1\necho word")
    assert await wire.texts(URI, 1, 9) == ["(word)", "(word1)", "(word2)"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"not json",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"1",
        b"null",
        b"[]",
        b'"text"',
        b"[1, 2]",
        b"{}",
        b'{"jsonrpc": "1.0", "id": 7, "method": "shutdown"}',
        b'{"jsonrpc": "2.0"}',
        b'{"jsonrpc": "2.0", "id": {"a": 1}, "method": "shutdown"}',
        b'{"jsonrpc": "2.0", "id": true, "method": "shutdown"}',
        b'{"jsonrpc": "2.0", "id": 1.5, "method": "shutdown"}',
        b'{"jsonrpc": "2.0", "method": 5}',
        b'{"jsonrpc": "2.0", "id": ' + b"9" * 5000 + b', "method": "x"}',
    ],
)
async def test_what_is_no_message_is_refused_and_forgotten(wire: Wire, body: bytes) -> None:
    wire.forget()
    wire.send_body(body)
    refusal = await wire.hear(lambda message: "error" in message)
    assert refusal["id"] is None or body.startswith(b'{"jsonrpc": "1.0"')
    assert refusal["error"]["code"] in (-32700, -32600)
    await works(wire)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\r\n\r\n",
        b"garbage\r\n\r\n",
        b"Content-Length: nonsense\r\n\r\n",
        b"Content-Length: -5\r\n\r\n",
        b"Content-Length: 99999999999999999999999999\r\n\r\n",
        b"\x00\xff" * 5000 + b"\r\n\r\n",
        b"{'no': 'header'}",
    ],
)
async def test_garbage_between_messages_is_skipped(wire: Wire, garbage: bytes) -> None:
    wire.send_bytes(garbage)
    await works(wire)


async def test_headers_in_any_case_and_order_and_in_pieces(wire: Wire) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": "x", "method": "no/such"}).encode()
    header = b"content-type: application/vscode-jsonrpc; charset=utf-8\r\nCONTENT-LENGTH:%d\r\n\r\n" % len(body)
    for byte in header + body:
        wire.send_bytes(bytes([byte]))
    assert (await wire.answer("x"))["error"]["code"] == -32601
    await works(wire)


async def test_a_batch_is_taken_one_by_one(wire: Wire) -> None:
    completion = {
        "jsonrpc": "2.0",
        "id": 2,
        "method": "textDocument/inlineCompletion",
        "params": inline_params(URI, 0, 0),
    }
    wire.send([{"jsonrpc": "2.0", "id": 1, "method": "no/such"}, 5, completion])
    assert (await wire.answer(1))["error"]["code"] == -32601
    assert "result" in await wire.answer(2)


async def test_unknown_methods(wire: Wire) -> None:
    for method in ("no/such", "textDocument/hover", "$/optional", ""):
        assert (await wire.answer(wire.ask(method, {})))["error"]["code"] == -32601
        wire.notify(method, {})
    await works(wire)


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("textDocument/inlineCompletion", None),
        ("textDocument/inlineCompletion", {}),
        ("textDocument/inlineCompletion", []),
        ("textDocument/inlineCompletion", "text"),
        ("textDocument/inlineCompletion", inline_params(URI, 0, 0, kind=0)),
        ("textDocument/inlineCompletion", inline_params(URI, -1, 0)),
        ("textDocument/inlineCompletion", inline_params(URI, 2**31, 0)),
        ("textDocument/inlineCompletion", {**inline_params(URI, 0, 0), "position": {"line": "one", "character": 0}}),
        ("textDocument/inlineCompletion", {**inline_params(URI, 0, 0), "textDocument": "a.py"}),
        ("textDocument/completion", {"textDocument": {"uri": URI}}),
        ("workspace/executeCommand", {}),
        ("workspace/executeCommand", {"command": "no.such"}),
    ],
)
async def test_invalid_params_get_an_answer(wire: Wire, method: str, params: Any) -> None:
    error = (await wire.answer(wire.ask(method, params)))["error"]
    assert error["code"] == -32602
    assert "Traceback" not in json.dumps(error)
    await works(wire)


async def test_notifications_with_invalid_params_are_ignored(wire: Wire) -> None:
    wire.notify("textDocument/didOpen", {"textDocument": 5})
    wire.notify("textDocument/didChange", None)
    wire.notify("textDocument/didChange", {"textDocument": {"uri": URI}, "contentChanges": 7})
    wire.notify("workspace/didChangeConfiguration", "nonsense")
    wire.notify("textDocument/didFocus", "nonsense")
    wire.notify("textDocument/didShowCompletion", [1, 2])
    wire.notify("textDocument/didPartiallyAcceptCompletion", {"item": None, "acceptedLength": "many"})
    wire.notify("$/cancelRequest", {"id": "never sent"})
    wire.notify("$/cancelRequest", {})
    await works(wire)


async def test_an_exception_in_a_handler_is_an_error_without_its_traceback(wire: Wire) -> None:
    wire.open("untitled:2", "crash")
    error = (await wire.answer(wire.ask_inline("untitled:2", 0, 5, kind=1)))["error"]
    assert error == {"code": -32603, "message": "RuntimeError: the script says so"}
    await works(wire)


async def test_members_beyond_the_specification_do_no_harm(wire: Wire) -> None:
    """What clients written for copilot-language-server send."""
    wire.open(URI, "x = 1\necho word")
    params = inline_params(URI, 1, 9, kind=2)
    params["textDocument"]["version"] = 1
    params["formattingOptions"] = {"tabSize": 4, "insertSpaces": True}
    params["data"] = {"anything": [1]}
    result = await wire.request("textDocument/inlineCompletion", params)
    assert [item["insertText"] for item in result["items"]] == ["(word)"]
