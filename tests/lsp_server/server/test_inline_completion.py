"""Ghost text over the wire: what is asked, what is answered, and who is answered with nothing."""

import json
import time
from typing import Any

import pytest
from wire import Json, Wire, edit, inline_params

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def items(wire: Wire, uri: str, line: int, character: int, kind: int = 1, **context: Any) -> list[Json]:
    params = inline_params(uri, line, character, kind, **context)
    return (await wire.request("textDocument/inlineCompletion", params))["items"]


def logged(wire: Wire, name: str) -> list[str]:
    """Log lines of one event."""
    lines = [m["params"]["message"] for m in wire.heard if m.get("method") == "window/logMessage"]
    return [line for line in lines if line.startswith(f"{name} ")]


async def test_one_suggestion_while_typing_and_up_to_three_by_key(wire: Wire) -> None:
    wire.open("untitled:one", "x = 1\necho word")
    assert [item["insertText"] for item in await items(wire, "untitled:one", 1, 9, kind=2)] == ["(word)"]
    wire.open("untitled:three", "x = 1\necho word")
    assert len(await items(wire, "untitled:three", 1, 9, kind=1)) == 3


async def test_an_item_says_where_it_goes_and_how_it_is_accepted(wire: Wire) -> None:
    wire.open("untitled:item", "echo word")
    (item, *_) = await items(wire, "untitled:item", 0, 9)
    end = {"line": 0, "character": 9}
    assert item["range"] == {"start": end, "end": end}
    assert item["command"]["command"] == "dragoman.didAccept"
    (identity,) = item["command"]["arguments"]
    wire.forget()
    wire.notify("textDocument/didShowCompletion", {"item": item})
    wire.notify("textDocument/didPartiallyAcceptCompletion", {"item": item, "acceptedLength": 3})
    await wire.request("workspace/executeCommand", {"command": "dragoman.didAccept", "arguments": [identity]})
    assert logged(wire, "shown") == [f"shown id={identity}"]
    assert logged(wire, "partly") == [f"partly accepted id={identity} length=3"]
    assert logged(wire, "accepted") == [f"accepted id={identity}"]


async def test_the_text_is_what_the_edits_made_of_it(wire: Wire) -> None:
    uri = "untitled:edits"
    wire.open(uri, "a = 1\r\nb = '😀'\r\necho ")
    wire.change(uri, 2, edit(2, 5, "w"), edit(2, 6, "ord"))
    wire.change(uri, 3, edit(1, 5, "é😀", end=(1, 7)), edit(0, 0, "# top\r\n"))
    (first, *_) = await items(wire, uri, 3, 9)
    assert first["insertText"] == "(word)"
    assert (await wire.texts(uri, 2, 9))[0] == "('é😀')"


async def test_an_edit_after_the_question_does_not_change_the_answer(wire: Wire) -> None:
    """The question is about the document as it was when the question was sent."""
    uri = "untitled:after"
    wire.open(uri, "slow 30 word")
    asked = wire.ask_inline(uri, 0, 12, kind=1)
    wire.change(uri, 2, {"text": "nothing of that is left"})
    assert (await wire.answer(asked))["result"]["items"][0]["insertText"] == "(word)"
    assert (await wire.texts(uri, 0, 23))[0] == "(left)"


async def test_a_newer_request_takes_the_place_of_an_older(wire: Wire) -> None:
    uri = "untitled:newer"
    wire.open(uri, "slow 5000 old")
    older = wire.ask_inline(uri, 0, 13, kind=1)
    wire.change(uri, 2, {"text": "echo new"})
    start = time.monotonic()
    newer = wire.ask_inline(uri, 0, 8, kind=1)
    assert (await wire.answer(older))["result"] == {"items": []}
    assert (await wire.answer(newer))["result"]["items"][0]["insertText"] == "(new)"
    assert time.monotonic() - start < 3, "the decoder must not finish what nobody wants"


async def test_other_documents_are_not_disturbed(wire: Wire) -> None:
    wire.open("untitled:first", "slow 200 first")
    wire.open("untitled:second", "echo second")
    first = wire.ask_inline("untitled:first", 0, 14, kind=1)
    second = wire.ask_inline("untitled:second", 0, 11, kind=1)
    assert (await wire.answer(first))["result"]["items"][0]["insertText"] == "(first)"
    assert (await wire.answer(second))["result"]["items"][0]["insertText"] == "(second)"


async def test_cancelling_reaches_the_decoder(wire: Wire) -> None:
    uri = "untitled:cancel"
    wire.open(uri, "slow 5000 word")
    asked = wire.ask_inline(uri, 0, 14, kind=1)
    start = time.monotonic()
    wire.notify("$/cancelRequest", {"id": asked})
    assert (await wire.answer(asked))["error"]["code"] == -32800
    wire.change(uri, 2, {"text": "echo word"})
    assert (await wire.texts(uri, 0, 9))[0] == "(word)"
    assert time.monotonic() - start < 3


async def test_what_was_typed_of_a_suggestion_needs_no_model(wire: Wire) -> None:
    uri = "untitled:typed"
    wire.open(uri, "echo word")
    await wire.texts(uri, 0, 9, kind=2)
    wire.change(uri, 2, edit(0, 9, "(wo"))
    wire.forget()
    assert await wire.texts(uri, 0, 12, kind=2) == ["rd)"]
    (line,) = logged(wire, "completion")
    assert "source=cache" in line


async def test_fast_typing_asks_the_model_once(wire: Wire) -> None:
    uri = "untitled:fast"
    wire.open(uri, "x = 1\n")
    wire.forget()
    asked: list[int] = []
    for i, character in enumerate("echo words"):
        wire.change(uri, i + 2, edit(1, i, character))
        asked.append(wire.ask_inline(uri, 1, i + 1))
    assert (await wire.answer(asked[-1]))["result"]["items"][0]["insertText"] == "(words)"
    for msg_id in asked[:-1]:
        assert (await wire.answer(msg_id))["result"] == {"items": []}
    lines = logged(wire, "completion")
    assert sum("source=model" in line for line in lines) == 1
    assert sum("reason=superseded" in line for line in lines) == len(asked) - 1


async def test_one_line_is_logged_for_a_request_and_never_a_text(wire: Wire) -> None:
    wire.open("untitled:log", "echo confidential")
    wire.forget()
    await wire.texts("untitled:log", 0, 17, kind=1)
    (line,) = logged(wire, "completion")
    assert "trigger=invoked source=model" in line and "total_ms=" in line
    assert "confidential" not in json.dumps([m for m in wire.heard if m.get("method") == "window/logMessage"])


async def test_a_document_that_is_not_open(wire: Wire) -> None:
    assert await items(wire, "untitled:never", 0, 0) == []
    wire.change("untitled:never", 2, edit(0, 0, "x"))
    assert await items(wire, "untitled:never", 0, 1) == []
    wire.change("untitled:never", 3, {"text": "echo whole"})
    assert (await wire.texts("untitled:never", 0, 10))[0] == "(whole)"
    wire.notify("textDocument/didClose", {"textDocument": {"uri": "untitled:never"}})
    assert await items(wire, "untitled:never", 0, 10) == []


async def test_positions_outside_are_the_nearest_inside(wire: Wire) -> None:
    uri = "untitled:outside"
    wire.open(uri, "echo one\necho two")
    assert (await wire.texts(uri, 0, 99))[0] == "(one)"
    (item, *_) = await items(wire, uri, 99, 3)
    assert item["insertText"] == "(two)"
    assert item["range"]["end"] == {"line": 1, "character": 8}


async def test_lone_surrogates(wire: Wire) -> None:
    uri = "untitled:surrogates"
    item = {"uri": uri, "languageId": "python", "version": 1, "text": "x = '\ud800'\necho wo\udfffrd"}
    wire.notify("textDocument/didOpen", {"textDocument": item})
    assert (await wire.texts(uri, 1, 10))[0] == "(wo\ufffdrd)"
    wire.change(uri, 2, edit(1, 7, "\ud83d"), edit(1, 8, "\ude00", end=(1, 9)))
    assert len(await wire.texts(uri, 1, 11)) > 0


@pytest.mark.parametrize("content", ["\0\x01\xff\0binary echo word", "echo wor\0d"])
async def test_binary_documents_are_left_alone(wire: Wire, content: str) -> None:
    wire.open("untitled:binary", content)
    assert await items(wire, "untitled:binary", 0, len(content)) == []


async def test_a_line_of_ten_megabytes(wire: Wire) -> None:
    uri = "untitled:minified"
    wire.open(uri, "x=1;" * 2_500_000 + "\necho word")
    start = time.monotonic()
    for i in range(50):
        wire.change(uri, 2 + i, edit(0, 200_000 * i, "é"))
    assert (await wire.texts(uri, 1, 9))[0] == "(word)"
    wire.change(uri, 60, edit(0, 5_000_000, " ; echo middle\n"))
    assert (await wire.texts(uri, 0, 5_000_014))[0] == "(middle)"
    assert time.monotonic() - start < 10
    wire.notify("textDocument/didClose", {"textDocument": {"uri": uri}})


async def test_what_the_editors_own_list_has_selected_is_gone_on_from(wire: Wire) -> None:
    uri = "untitled:selected"
    wire.open(uri, "x.fo = 1")
    word = {"start": {"line": 0, "character": 2}, "end": {"line": 0, "character": 4}}
    selected = {"range": word, "text": "format map"}
    (item, *_) = await items(wire, uri, 0, 4, selectedCompletionInfo=selected)
    assert item["insertText"] == "format map(map)"
    assert item["range"] == word


async def test_a_model_that_fails_once_answers_with_nothing(wire: Wire) -> None:
    uri = "untitled:fail"
    wire.open(uri, "please fail")
    assert await items(wire, uri, 0, 11) == []
    wire.change(uri, 2, {"text": "echo word"})
    assert (await wire.texts(uri, 0, 9))[0] == "(word)"


async def test_a_suggestion_that_brings_the_closing_bracket_replaces_it(wire: Wire) -> None:
    uri = "untitled:bracket"
    wire.open(uri, "echo print(words)\n")
    (item, *_) = await items(wire, uri, 0, 16)
    assert item["range"]["start"] == {"line": 0, "character": 16}
    assert item["range"]["end"]["character"] in (16, 17)
