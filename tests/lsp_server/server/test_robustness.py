"""A thousand edits, completions and cancellations, mixed with nonsense: no crash, no wrong answer, no growing
memory."""

import random
from dataclasses import dataclass

import psutil
import pytest
from wire import Json, Wire

pytestmark = pytest.mark.slow  # each starts processes of its own

STEPS = 1000
DOCUMENTS = 4
WORDS = ("alpha", "beta", "größe", "名前", "😀", "gamma_delta", "x", "half\ud83d")
NONSENSE = (
    b"{",
    b"[]",
    b'{"jsonrpc": "2.0", "id": 1.5, "method": "x"}',
    b'{"jsonrpc": "2.0", "method": "no/such"}',
    b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {}}',
)


@dataclass
class Model:
    """A document as the editor has it."""

    uri: str
    lines: list[str]
    version: int = 1

    def units(self, line: int, column: int) -> int:
        return len(self.lines[line][:column].encode("utf-16-le", "surrogatepass")) // 2

    def position(self, line: int, column: int) -> Json:
        return {"line": line, "character": self.units(line, column)}

    def replace(self, line: int, start: int, end: int, text: str) -> Json:
        """Change one line, maybe into several; the change as LSP writes it."""
        change = {"range": {"start": self.position(line, start), "end": self.position(line, end)}, "text": text}
        content = self.lines[line]
        self.lines[line : line + 1] = (content[:start] + text + content[end:]).split("\n")
        return change

    def expected(self, line: int) -> str:
        """What the scripted model writes at the end of a line."""
        words = self.lines[line].split()
        return f"({words[-1] if words else 'nothing'})".replace("\ud83d", "\ufffd")


class Run:
    """One random life of an editor."""

    def __init__(self, wire: Wire, seed: int) -> None:
        self.wire = wire
        self.random = random.Random(seed)
        self.models = [Model(f"file:///robust{i}.txt", ["first line", "echo start"]) for i in range(DOCUMENTS)]
        self.asked: dict[int, tuple[str, str]] = {}
        """Request ids with the document and the only text that may be suggested."""
        self.cancelled: set[int] = set()

    def step(self) -> None:
        model = self.random.choice(self.models)
        action = self.random.random()
        if action < 0.5:
            self.edit(model)
        elif action < 0.8:
            self.ask(model)
        elif action < 0.9 and self.asked:
            victim = self.random.choice(list(self.asked)[-5:])
            self.cancelled.add(victim)
            self.wire.notify("$/cancelRequest", {"id": victim})
        elif action < 0.95:
            self.wire.send_body(self.random.choice(NONSENSE))
        else:
            self.wire.ask_inline(model.uri, 10_000, 10_000)

    def edit(self, model: Model) -> None:
        changes: list[Json] = []
        for _ in range(self.random.randint(1, 3)):
            line = self.random.randrange(len(model.lines))
            start = self.random.randint(0, len(model.lines[line]))
            end = self.random.randint(start, len(model.lines[line]))
            text = self.random.choice(["", "\n", " ", *(f" {word} " for word in WORDS), "\n".join(WORDS[:3])])
            changes.append(model.replace(line, start, end, text))
        model.version += 1
        self.wire.change(model.uri, model.version, *changes)

    def ask(self, model: Model) -> None:
        line = self.random.randrange(len(model.lines))
        end = model.units(line, len(model.lines[line]))
        kind = self.random.choice((1, 2))
        self.asked[self.wire.ask_inline(model.uri, line, end, kind)] = (model.uri, model.expected(line))

    async def check(self) -> tuple[int, int]:
        """Every request has one answer, and no answer is wrong; how many were answered with text, and with nothing."""
        full = empty = 0
        for msg_id, (_, expected) in self.asked.items():
            answer = await self.wire.answer(msg_id)
            if "error" in answer:
                assert answer["error"]["code"] == -32800 and msg_id in self.cancelled, answer
                continue
            texts = [item["insertText"] for item in answer["result"]["items"]]
            if texts:
                assert texts[0] == expected or expected.endswith(texts[0]), (texts, expected)
                full += 1
            else:
                empty += 1
        return full, empty


def memory(wire: Wire) -> int:
    return psutil.Process(wire.process.pid).memory_info().rss


@pytest.mark.parametrize("seed", [1])
async def test_a_thousand_steps(fresh: Wire, seed: int) -> None:
    options = {"dragoman": {"completion": {"maxDebounceMs": 20}}}
    await fresh.initialize(options=options)
    await fresh.ready()
    run = Run(fresh, seed)
    for model in run.models:
        fresh.open(model.uri, "\n".join(model.lines), language="plaintext")
    await fresh.texts(run.models[0].uri, 0, 5)
    before = memory(fresh)
    for step in range(STEPS):
        run.step()
        if step % 5 == 0 and run.asked:  # else every request would be superseded by the next
            await fresh.answer(max(run.asked))
    full, empty = await run.check()
    assert full > 100 and empty > 20, (full, empty)
    for model in run.models:  # the server's documents are ours, character by character
        model.version += 1
        change = model.replace(0, 0, 0, "")
        end = {"line": len(model.lines) - 1, "character": model.units(-1, len(model.lines[-1]))}
        fresh.change(model.uri, model.version, {**change, "range": {"start": end, "end": end}, "text": " echo end"})
        model.lines[-1] += " echo end"
        last = len(model.lines) - 1
        assert (await fresh.texts(model.uri, last, model.units(last, len(model.lines[last]))))[0] == "(end)"
    assert memory(fresh) < 1.5 * before
    assert await fresh.leave() == 0


async def test_huge_documents_come_and_go(fresh: Wire) -> None:
    """What ten megabytes took is given back."""
    await fresh.initialize()
    await fresh.ready()
    uri = "file:///huge.js"
    before = 0
    for _ in range(4):
        fresh.open(uri, "x=1;" * 2_500_000 + "\n" + "echo word\n" * 10, language="javascript")
        for i in range(20):
            start = {"line": 0, "character": 1000 * i}
            fresh.change(uri, i + 2, {"range": {"start": start, "end": start}, "text": "ab"})
        assert (await fresh.texts(uri, 5, 9))[0] == "(word)"
        fresh.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        await fresh.texts(uri, 0, 0)
        before = before or memory(fresh)
    assert memory(fresh) < 1.5 * before
