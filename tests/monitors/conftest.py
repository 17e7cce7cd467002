import os
from pathlib import Path

import pytest

from monitors.errors import MonitorError
from monitors.install import install_host
from tests.lsp_server.collector.conftest import postgres

__all__ = ["host_home", "postgres"]


@pytest.fixture(scope="session")
def host_home(request: pytest.FixtureRequest) -> Path:
    """A folder with the analysis host's own libraries, installed once and kept between runs of the tests."""
    kept = os.environ.get("DRAGOMAN_TEST_ANALYSERS")
    home = Path(kept) if kept else request.config.cache.mkdir("analysers")
    try:
        install_host(home)
    except MonitorError as error:
        pytest.skip(f"the analysis host's libraries cannot be installed here: {error.message}")
    return home
