"""Ghost text of the real model, as an editor would see it."""

import asyncio
import time

import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcRequestCancelled
from pytest_lsp import LanguageClient

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(900)]

SHAPES = '''\
"""Shapes and their areas."""

import math
from dataclasses import dataclass


@dataclass
class Circle:
    radius: float

    def area(self) -> float:
        """The area of the circle."""
        return math.pi * self.radius ** 2


@dataclass
class Square:
    side: float

    def area(self) -> float:
        """The area of the square."""
        return '''


def open_document(client: LanguageClient, uri: str, text: str, language: str = "python") -> None:
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, language, 1, text)))


def end_of(text: str) -> lsp.Position:
    lines = text.split("\n")
    return lsp.Position(len(lines) - 1, len(lines[-1].encode("utf-16-le")) // 2)


async def complete(
    client: LanguageClient, uri: str, position: lsp.Position, *, automatic: bool = False
) -> list[lsp.InlineCompletionItem]:
    kinds = lsp.InlineCompletionTriggerKind
    result = await client.text_document_inline_completion_async(
        lsp.InlineCompletionParams(
            context=lsp.InlineCompletionContext(kinds.Automatic if automatic else kinds.Invoked),
            text_document=lsp.TextDocumentIdentifier(uri),
            position=position,
        )
    )
    assert isinstance(result, lsp.InlineCompletionList)
    return list(result.items)


async def test_a_line_is_completed_sensibly(client: LanguageClient) -> None:
    open_document(client, "file:///shapes.py", SHAPES)
    items = await complete(client, "file:///shapes.py", end_of(SHAPES))
    assert 1 <= len(items) <= 3
    assert "self.side" in str(items[0].insert_text)
    assert all("\n" not in str(item.insert_text) for item in items)
    assert len({str(item.insert_text) for item in items}) == len(items)


async def test_a_half_typed_word_is_continued(client: LanguageClient) -> None:
    text = SHAPES.removesuffix("return ") + "retu"
    open_document(client, "file:///half.py", text)
    (item,) = await complete(client, "file:///half.py", end_of(text), automatic=True)
    assert str(item.insert_text).startswith("rn ")


async def test_the_same_question_has_the_same_answer(client: LanguageClient) -> None:
    texts: set[str] = set()
    for uri in ("file:///same1.py", "file:///same2.py"):
        open_document(client, uri, SHAPES)
        texts.add(str((await complete(client, uri, end_of(SHAPES)))[0].insert_text))
    assert len(texts) == 1


async def test_typing_what_was_suggested_costs_no_model(client: LanguageClient) -> None:
    uri = "file:///through.py"
    open_document(client, uri, SHAPES)
    (item,) = await complete(client, uri, end_of(SHAPES), automatic=True)
    suggestion = str(item.insert_text)
    position = end_of(SHAPES)
    for version, character in enumerate(suggestion[:-1], 2):
        change = lsp.TextDocumentContentChangePartial(range=lsp.Range(position, position), text=character)
        identifier = lsp.VersionedTextDocumentIdentifier(version, uri)
        client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))
        position = lsp.Position(position.line, position.character + 1)
        start = time.monotonic()
        (rest,) = await complete(client, uri, position, automatic=True)
        assert rest.insert_text == suggestion[version - 1 :]
        assert time.monotonic() - start < 0.5


async def test_cancelling_stops_the_decoder(client: LanguageClient) -> None:
    uri = "file:///cancel.py"
    text = SHAPES * 20
    open_document(client, uri, text)
    asked = asyncio.ensure_future(complete(client, uri, end_of(text)))
    await asyncio.sleep(0.1)
    (msg_id,) = [key for key, future in client.protocol._request_futures.items() if not future.done()]  # pyright: ignore[reportPrivateUsage] - pygls tells it nowhere else
    start = time.monotonic()
    client.cancel_request(lsp.CancelParams(msg_id))
    with pytest.raises(JsonRpcRequestCancelled):
        await asked
    assert time.monotonic() - start < 1
    open_document(client, "file:///after.py", SHAPES)
    assert await complete(client, "file:///after.py", end_of(SHAPES))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("javascript", "function add(a, b) {\n  return a "),
        ("go", "package main\n\nfunc add(a int, b int) int {\n\treturn "),
        ("rust", "fn add(a: i32, b: i32) -> i32 {\n    a "),
        ("java", "class A {\n    int add(int a, int b) {\n        return a "),
        ("plaintext", "The quick brown fox jumps over the lazy "),
    ],
)
async def test_other_languages(client: LanguageClient, language: str, text: str) -> None:
    uri = f"file:///sample.{language}"
    open_document(client, uri, text, language)
    items = await complete(client, uri, end_of(text))
    assert items and str(items[0].insert_text).strip()
