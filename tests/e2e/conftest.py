"""The real server with the real default model, behind a real client."""

import asyncio
import sys
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types as lsp
from pytest_lsp import ClientServerConfig, LanguageClient, make_test_lsp_client

READY_TIMEOUT_S = 900
CAPABILITIES = lsp.ClientCapabilities(
    text_document=lsp.TextDocumentClientCapabilities(inline_completion=lsp.InlineCompletionClientCapabilities()),
    workspace=lsp.WorkspaceClientCapabilities(configuration=True),
    window=lsp.WindowClientCapabilities(work_done_progress=True),
)
# Answers that depend on nothing but the text: no snippets of the other tests' documents, no analysis, no clock.
SETTINGS = {
    "monitors": {"enabled": False},
    "context": {"crossFile": False},
    "completion": {"maxAutomaticTimeMs": 60_000, "maxInvokedTimeMs": 120_000},
}


@pytest.fixture(scope="session", autouse=True)
def model() -> None:
    """The default model, fetched and converted before the first server starts, if it is not there."""
    from models.catalog import DEFAULT_MODEL
    from models.loading import load_generator

    load_generator(DEFAULT_MODEL).close()


class Statuses:
    """What the server said of its model."""

    def __init__(self, client: LanguageClient) -> None:
        self.seen: list[Any] = []
        self._settled = asyncio.Event()

        def note(status: Any) -> None:
            self.seen.append(status)
            if not status.busy:
                self._settled.set()

        client.feature("didChangeStatus")(note)

    async def settled(self) -> Any:
        """The first status that is not busy."""
        await asyncio.wait_for(self._settled.wait(), READY_TIMEOUT_S)
        return self.seen[-1]


@pytest.fixture
def fresh_client() -> tuple[LanguageClient, Statuses, lsp.ClientCapabilities]:
    """A client that is not connected yet, what it will hear of the model, and what it will say that it can do."""
    client = make_test_lsp_client()
    return client, Statuses(client), CAPABILITIES


@pytest_lsp.fixture(
    config=ClientServerConfig([sys.executable, "-m", "lsp_server", "serve", "--stdio"], make_test_lsp_client),
    scope="module",
)
async def client(lsp_client: LanguageClient) -> Any:
    """A client that shook hands with a server whose model is ready."""
    statuses = Statuses(lsp_client)
    lsp_client.set_configuration(SETTINGS, section="dragoman")
    await lsp_client.initialize_session(lsp.InitializeParams(capabilities=CAPABILITIES))
    assert (await statuses.settled()).kind == "Normal"
    yield
    await lsp_client.shutdown_session()
