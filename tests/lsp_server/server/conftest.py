"""A scripted server on the other end of a wire."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio
from wire import Wire, connected


def without_this_machine(home: Path) -> dict[str, str]:
    """An environment with nothing of this machine's own settings, and without processes that analyse."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    return {**clean, "DRAGOMAN_HOME": str(home), "DRAGOMAN_MONITORS_ENABLED": "false"}


@pytest.fixture
def server_environment(tmp_path: Path) -> dict[str, str]:
    return without_this_machine(tmp_path / "home")


@pytest_asyncio.fixture
async def fresh(server_environment: dict[str, str]) -> AsyncGenerator[Wire, None]:
    """A server of one's own, not yet initialized."""
    async with connected(env=server_environment) as wire:
        yield wire


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def wire(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Wire, None]:
    """One server for the tests of a module, initialized and ready. They use different documents."""
    async with connected(env=without_this_machine(tmp_path_factory.mktemp("home"))) as wire:
        await wire.initialize()
        await wire.ready()
        yield wire
