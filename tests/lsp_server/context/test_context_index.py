"""The index as a server uses it: told of documents, asked at cursors."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import pytest

from lsp_server.completion.request import CompletionRequest
from lsp_server.context import ContextIndex
from lsp_server.context.index import LINE_GROUP, MAX_DOCUMENTS
from lsp_server.context.worker import Worker

BILLING = ["def charge_customer(account, amount_in_cents):\n", "    account.ledger.append(amount_in_cents)\n"]
WEATHER = ["def forecast_rainfall(station, hours):\n", "    return station.model.predict(hours)\n"]


def asking(text: str, path: str = "main.py") -> CompletionRequest:
    return CompletionRequest(text, "\n", "python", path=path)


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ContextIndex]:
    made = ContextIndex(str(tmp_path))
    yield made
    made.close()


def shown(index: ContextIndex, request: CompletionRequest, budget_chars: int = 2_000) -> list[str]:
    assert index.settle()
    return [snippet.path for snippet in index.snippets(request, budget_chars)]


def test_open_documents_are_searched_for_what_stands_around_the_cursor(index: ContextIndex) -> None:
    index.document_opened("billing.py", BILLING)
    index.document_opened("weather.py", WEATHER)
    assert shown(index, asking("account = find()\ncharge_customer(account, ")) == ["billing.py"]
    assert shown(index, asking("rain = forecast_rainfall(station, ", path="other.py")) == ["weather.py"]
    assert shown(index, asking("zebra = ", path="third.py")) == []


def test_what_imports_lead_to_is_known_without_being_open(index: ContextIndex, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "billing.py").write_text("import os\n\n\n" + "".join(BILLING), encoding="utf-8")
    lines = ["from lib.billing import charge_customer\n", "\n", "charge_customer(\n"]
    index.document_opened("main.py", lines)
    index.document_focused("main.py", lines, 2)
    assert index.settle()
    (snippet,) = index.snippets(asking("".join(lines).rstrip("\n")))
    assert snippet.path == "lib/billing.py"
    assert "def charge_customer(account, amount_in_cents)" in snippet.text


def test_an_import_that_is_typed_is_followed(index: ContextIndex, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "billing.py").write_text("".join(BILLING), encoding="utf-8")
    lines = ["\n", "\n"]
    index.document_opened("main.py", lines)
    index.document_focused("main.py", lines)
    assert shown(index, asking("charge_customer(")) == []
    lines[0] = "from lib.billing import charge_customer\n"
    index.document_changed("main.py", lines, 0)
    assert shown(index, asking(lines[0] + "charge_customer(")) == ["lib/billing.py"]


def test_files_beside_the_one_in_focus_are_read(index: ContextIndex, tmp_path: Path) -> None:
    (tmp_path / "billing.py").write_text("".join(BILLING), encoding="utf-8")
    (tmp_path / "ignored.py").write_text("".join(BILLING), encoding="utf-8")
    (tmp_path / ".gitignore").write_text("ignored.py\n", encoding="utf-8")
    index.document_focused("main.py", ["\n"])
    assert shown(index, asking("charge_customer(account, ")) == ["billing.py"]


def test_an_edit_elsewhere_is_seen_once_the_user_has_left_it(index: ContextIndex) -> None:
    index.document_opened("billing.py", ["\n"])
    index.document_opened("main.py", ["\n"])
    index.document_focused("billing.py", ["\n"])
    index.document_changed("billing.py", BILLING, 1)
    index.document_focused("main.py", ["\n"])
    assert shown(index, asking("charge_customer(account, ")) == ["billing.py"]


def test_a_far_part_of_the_same_file_is_shown_and_a_near_one_is_not(index: ContextIndex) -> None:
    filler = [f"value_{number} = {number}\n" for number in range(200)]
    lines = [*BILLING, *filler, *WEATHER]
    index.document_opened("main.py", lines)
    near = "".join(lines[-5:]) + "charge_customer(account, forecast_rainfall("
    assert index.settle()
    text = "\n".join(snippet.text for snippet in index.snippets(asking(near)))
    assert "def charge_customer" in text
    assert "def forecast_rainfall" not in text


def test_a_closed_document_is_remembered_for_a_while(index: ContextIndex) -> None:
    index.document_opened("billing.py", BILLING)
    index.document_closed("billing.py")
    assert shown(index, asking("charge_customer(account, ")) == ["billing.py"]
    for number in range(MAX_DOCUMENTS):
        index.document_opened(f"d{number}.py", [f"word_{number} = {number}\n"])
    assert "billing.py" not in shown(index, asking("word_7 = word_8", path="b.py"))


def test_secrets_prose_and_ignored_files_are_never_shown(index: ContextIndex, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("private.py\n", encoding="utf-8")
    for path in ("private.py", ".env", "notes.txt", "data.json", "server.key", ""):
        index.document_opened(path, BILLING)
        index.document_focused(path, BILLING)
        index.document_changed(path, BILLING, 1)
    index.document_focused("main.py", ["\n"])
    assert shown(index, asking("charge_customer(account, amount_in_cents")) == []


def test_the_answer_keeps_still_while_a_line_is_typed(index: ContextIndex) -> None:
    index.document_opened("billing.py", BILLING)
    index.document_opened("weather.py", WEATHER)
    assert index.settle()
    above = "\n" * LINE_GROUP
    first = index.snippets(asking(above + "charge_customer("))
    assert first
    for typed in ("charge_customer(account, ", "charge_customer(account, forecast_rainfall(station, hours"):
        assert index.snippets(asking(above + typed)) is first


def test_a_refresh_fits_the_answer_to_the_cursor(index: ContextIndex) -> None:
    index.document_opened("billing.py", BILLING)
    index.document_opened("weather.py", WEATHER)
    assert index.settle()
    assert [item.path for item in index.snippets(asking("charge_customer(account"))] == ["billing.py"]
    request = asking("forecast_rainfall(station, hours")
    assert [item.path for item in index.snippets(request)] == ["billing.py"]
    assert [item.path for item in index.snippets(request, refresh=True)] == ["weather.py"]


def test_another_document_or_budget_is_another_question(index: ContextIndex) -> None:
    index.document_opened("billing.py", BILLING)
    assert shown(index, asking("charge_customer(account")) == ["billing.py"]
    assert shown(index, asking("charge_customer(account"), budget_chars=50) == []
    assert shown(index, asking("charge_customer(account", path="billing.py")) == ["billing.py"]
    assert shown(index, replace(asking("".join(BILLING)), path="billing.py")) == []


def test_the_budget_holds(index: ContextIndex) -> None:
    for number in range(30):
        index.document_opened(f"d{number}.py", [f"def common_name_{number}(shared, words):\n", "    pass\n"] * 20)
    assert index.settle()
    for budget in (0, 100, 1_000, 4_000):
        snippets = index.snippets(asking("common_name_3(shared, words"), budget)
        assert sum(len(snippet.text) + len(snippet.path) for snippet in snippets) <= budget


def test_a_request_never_waits_for_indexing(index: ContextIndex) -> None:
    index.document_opened("billing.py", BILLING)
    assert index.settle()
    lines = [
        f"def function_{number}(argument_{number % 7}): return compute_{number % 100}\n" for number in range(6_000)
    ]
    for number in range(5):
        index.document_opened(f"large{number}.py", lines)
    waits: list[float] = []
    for number in range(50):
        started = perf_counter()
        index.snippets(asking(f"charge_customer(account)\n{'x = 1' + chr(10)}" * number))
        waits.append(perf_counter() - started)
    assert sorted(waits)[25] < 0.1  # a millisecond or two; the margin is for a busy machine
    assert index.settle(60)


def test_huge_and_odd_documents_are_taken_as_they_are(index: ContextIndex) -> None:
    index.document_opened("huge.py", ["x = 1\n"] * 200_000)
    index.document_opened("minified.js", ["a=b;" * 2_000_000])
    index.document_opened("odd.py", ["\ud800 = '\0'\n", "\r\n", ""])
    index.document_opened("empty.py", [])
    for path in ("huge.py", "minified.js", "odd.py", "empty.py", "unknown.py"):
        index.document_changed(path, [], 10_000)
        index.document_saved(path)
        index.document_closed(path)
    assert isinstance(shown(index, asking("x = 1")), list)


def test_without_a_folder_open_documents_are_still_searched() -> None:
    index = ContextIndex()
    index.document_opened("billing.py", BILLING)
    index.document_focused("main.py", ["import billing\n"])
    assert shown(index, asking("charge_customer(account")) == ["billing.py"]
    index.close()


def test_told_and_asked_at_the_same_time(index: ContextIndex) -> None:
    def ask(start: int) -> int:
        requests = [asking(f"common_{number % 9}(shared" + "\n" * number) for number in range(start, start + 200)]
        return len([index.snippets(request, 500) for request in requests])

    with ThreadPoolExecutor(3) as pool:
        askers = [pool.submit(ask, start) for start in range(3)]
        for number in range(200):
            index.document_opened(f"d{number % 11}.py", [f"def common_{number % 9}(shared): pass\n"] * 30)
        assert [asker.result(60) for asker in askers] == [200, 200, 200]
    assert index.settle(60)


def test_a_job_that_fails_ends_no_other(caplog: pytest.LogCaptureFixture) -> None:
    done: list[int] = []
    worker = Worker("test")
    worker.submit("bad", lambda: done.append(1 // 0))
    worker.submit("good", lambda: done.append(1))
    assert worker.settle(10)
    assert done == [1]
    assert "bad" in caplog.text
    worker.close()
    worker.submit("late", lambda: done.append(2))
    assert worker.settle(10)
    assert done == [1]


def test_only_the_latest_of_jobs_with_one_key_is_run() -> None:
    gate = threading.Event()
    done: list[str] = []
    worker = Worker("test")
    worker.submit("gate", lambda: done.append("gate") if gate.wait(10) else None)
    for number in range(5):
        worker.submit("a", lambda number=number: done.append(f"a{number}"))
    assert not worker.settle(0.01)
    gate.set()
    assert worker.settle(10)
    assert done == ["gate", "a4"]
    worker.close()
