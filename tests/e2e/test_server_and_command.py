"""Whatever an editor can do, the command line can do through the same functions: so both say the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(900)]

SOURCE = '''\
def area(width, height):
    """The area of a rectangle."""
    return width '''


def run_complete(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DRAGOMAN_COMPLETION_MAX_INVOKED_TIME_MS": "120000"}
    command = [sys.executable, "-m", "lsp_server", "complete", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


async def test_the_server_and_the_command_say_the_same(client: LanguageClient, tmp_path: Path) -> None:
    file = tmp_path / "area.py"
    file.write_text(SOURCE)
    uri = file.as_uri()
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(uri, "python", 1, SOURCE)))
    answer = await client.text_document_inline_completion_async(
        lsp.InlineCompletionParams(
            context=lsp.InlineCompletionContext(lsp.InlineCompletionTriggerKind.Invoked),
            text_document=lsp.TextDocumentIdentifier(uri),
            position=lsp.Position(2, 17),
        )
    )
    assert isinstance(answer, lsp.InlineCompletionList)
    run = run_complete(str(file), "--line", "3", "--column", "18", "--n", "3", "--no-monitors", "--json")
    assert run.returncode == 0, run.stderr
    report = json.loads(run.stdout)
    texts = [completion["text"] for completion in report["completions"]]
    assert texts == [str(item.insert_text) for item in answer.items]
    assert "height" in texts[0]
    assert report["model"] == "smollm2-135m"
    assert all(0 < completion["confidence"] <= 1 and completion["tokens"] > 0 for completion in report["completions"])
    assert {"load", "prefill", "decode", "total"} <= set(report["timings_ms"])


async def test_an_unknown_model_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "area.py"
    file.write_text(SOURCE)
    run = run_complete(str(file), "--line", "3", "--column", "18", "--model", "no-such-model")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert "no-such-model" in run.stderr and "dragoman models list" in run.stderr
