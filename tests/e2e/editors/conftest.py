"""Real editors, the real server, the real default model, and a real Python project."""

from pathlib import Path

import pytest

from scripts import install_editors
from tests.e2e.editors.projects import ARTIFACTS, Project, make_project, slow_command


@pytest.fixture(scope="session")
def nvim() -> Path:
    """Real Neovim, installed if it is missing."""
    return install_editors.neovim()


@pytest.fixture(scope="session")
def artifacts() -> Path:
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    return ARTIFACTS


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """With the server as it is."""
    return make_project(tmp_path, "-m lsp_server")


@pytest.fixture
def slow_project(tmp_path: Path) -> Project:
    return make_project(tmp_path, *slow_command())
