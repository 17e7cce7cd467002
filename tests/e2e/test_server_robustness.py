"""Show 7 with the real model: a thousand edits, completions and cancellations, and nonsense between them."""

import asyncio
import random

import psutil
import pytest
from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException
from pytest_lsp import LanguageClient

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(900)]

STEPS = 1000
WORDS = ("value", "return", " ", "\n    ", "(", ")", "größe", "😀", "\ud800", "for i in range(", "\t", "名前", "#")
BASE = "def total(values):\n    result = 0\n    for value in values:\n        result += value\n    return result\n"
CLEAR = "\n\n\ndef mean(values):\n    return sum(values) / "


def position(text: str, offset: int) -> lsp.Position:
    before = text[:offset].split("\n")
    return lsp.Position(len(before) - 1, len(before[-1].encode("utf-16-le", "surrogatepass")) // 2)


def open_document(client: LanguageClient, uri: str, text: str) -> None:
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "python", 1, text)))


async def complete(client: LanguageClient, uri: str, where: lsp.Position, kind: int) -> list[str]:
    result = await client.text_document_inline_completion_async(
        lsp.InlineCompletionParams(
            context=lsp.InlineCompletionContext(lsp.InlineCompletionTriggerKind(kind)),
            text_document=lsp.TextDocumentIdentifier(uri),
            position=where,
        )
    )
    assert isinstance(result, lsp.InlineCompletionList)
    return [str(item.insert_text) for item in result.items]


def memory(client: LanguageClient) -> int:
    process = client._server  # pyright: ignore[reportPrivateUsage] - pygls tells it nowhere else
    assert process is not None
    return psutil.Process(process.pid).memory_info().rss


async def test_a_thousand_steps(client: LanguageClient) -> None:
    client.set_configuration(8, section="dragoman.completion.maxLineTokens")
    client.set_configuration(8, section="dragoman.completion.maxBlockTokens")
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=None))
    chance = random.Random(7)
    texts = {f"file:///robust{i}.py": BASE for i in range(3)}
    versions = dict.fromkeys(texts, 1)
    for uri, text in texts.items():
        open_document(client, uri, text)
        await complete(client, uri, position(text, len(text)), 1)
    before = memory(client)
    pending: list[asyncio.Task[list[str]]] = []
    answered = 0
    for step in range(STEPS):
        uri = chance.choice(list(texts))
        text = texts[uri]
        action = chance.random()
        if action < 0.6:
            start = chance.randint(0, len(text))
            end = min(len(text), start + chance.choice((0, 0, 0, 3)))
            new = chance.choice(WORDS)
            span = lsp.Range(position(text, start), position(text, end))
            change = lsp.TextDocumentContentChangePartial(range=span, text=new)
            versions[uri] += 1
            identifier = lsp.VersionedTextDocumentIdentifier(versions[uri], uri)
            client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))
            texts[uri] = text[:start] + new + text[end:]
        elif action < 0.9:
            where = position(text, chance.randint(0, len(text)))
            pending.append(asyncio.ensure_future(complete(client, uri, where, chance.choice((1, 2)))))
        elif action < 0.97:
            running = [k for k, f in client.protocol._request_futures.items() if not f.done()]  # pyright: ignore[reportPrivateUsage]
            if running:
                client.cancel_request(lsp.CancelParams(chance.choice(running)))
        else:
            pending.append(asyncio.ensure_future(complete(client, uri, lsp.Position(99_999, 99_999), 1)))
        if step % 40 == 0 and pending:
            await asyncio.wait(pending[-1:])
    for outcome in await asyncio.gather(*pending, return_exceptions=True):
        if isinstance(outcome, BaseException):
            assert isinstance(outcome, JsonRpcException) and outcome.code == -32800, outcome
        else:
            answered += bool(outcome)
    assert answered > 10
    for uri, text in texts.items():  # each document is answered as a fresh one with the same text is
        # What is asked leaves no doubt: near ties fall otherwise where a kept cache was filled by other passes.
        end = position(text, len(text))
        change = lsp.TextDocumentContentChangePartial(range=lsp.Range(end, end), text=CLEAR)
        identifier = lsp.VersionedTextDocumentIdentifier(versions[uri] + 1, uri)
        client.text_document_did_change(lsp.DidChangeTextDocumentParams(identifier, [change]))
        fresh = uri.replace("file:///", "file:///fresh/")  # the same name, because the model reads it too
        open_document(client, fresh, text + CLEAR)
        where = position(text + CLEAR, len(text + CLEAR))
        kept, new = await complete(client, uri, where, 1), await complete(client, fresh, where, 1)
        assert kept[:1] == new[:1] != []
    assert memory(client) < 1.5 * before


async def test_ten_megabytes_on_one_line(client: LanguageClient) -> None:
    client.set_configuration(5000, section="dragoman.completion.maxInvokedTimeMs")
    client.workspace_did_change_configuration(lsp.DidChangeConfigurationParams(settings=None))
    before = memory(client)
    text = "x=1;" * 2_500_000
    for round_ in range(3):
        uri = f"file:///minified{round_}.js"
        open_document(client, uri, text + "\nfunction add(a, b) {\n  return a ")
        assert await complete(client, uri, lsp.Position(2, 11), 1)
        await complete(client, uri, lsp.Position(0, 5_000_000), 1)
        client.text_document_did_close(lsp.DidCloseTextDocumentParams(lsp.TextDocumentIdentifier(uri)))
    assert memory(client) < 1.5 * before
