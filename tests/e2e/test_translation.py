"""Translation through the real server, with the real model and the real judge."""

from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types as lsp
from pytest_lsp import LanguageClient

pytestmark = [pytest.mark.e2e, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]

MILLISECONDS = "function elapsed(start, end) {\n    return (end - start) * 1000;\n}\n"


def plain(value: Any) -> Any:
    """What pygls makes of JSON, as JSON again."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value


async def translated(client: LanguageClient, path: Path, text: str, language: str, **argument: Any) -> Any:
    client.text_document_did_open(lsp.DidOpenTextDocumentParams(lsp.TextDocumentItem(path.as_uri(), language, 1, text)))
    params = lsp.ExecuteCommandParams("dragoman.translate", [{"uri": path.as_uri(), **argument}])
    return plain(await client.workspace_execute_command_async(params))


async def test_the_model_writes_where_rules_do_not_reach_and_nobody_runs_it_untrusted(
    client: LanguageClient, tmp_path: Path
) -> None:
    answer = await translated(client, tmp_path / "elapsed.js", MILLISECONDS, "javascript", to="go")
    assert (answer["origin"], answer["verdict"]["status"]) == ("model", "unchecked")
    assert answer["model"] == "smollm2-135m"
    assert "func elapsed(" in answer["text"]


async def test_with_trust_the_verdict_rests_on_tests(client: LanguageClient, tmp_path: Path) -> None:
    client.protocol.notify("dragoman/workspaceTrust", {"trusted": True})
    tests = "assert elapsed(1.0, 3.5) == 2500.0\n"
    answer = await translated(client, tmp_path / "e.js", MILLISECONDS, "javascript", to="python", tests=tests)
    client.protocol.notify("dragoman/workspaceTrust", {"trusted": False})
    if answer["verdict"]["stage"] == "sandbox":
        pytest.skip(answer["verdict"]["evidence"])
    assert answer["verdict"]["status"] == "verified", answer["verdict"]
    assert answer["text"].startswith("def elapsed(start, end):\n")
