"""What tests of several folders need: a generator that needs no model."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def scripted_generator() -> Any:
    """The generator behind the scripted server, which see."""
    path = Path(__file__).parent / "server" / "scripted_server.py"
    spec = spec_from_file_location("scripted_server", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ScriptedGenerator()


@pytest.fixture(autouse=True)
def without_analysis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unit tests start no analysis host: whoever needs monitors asks for them."""
    monkeypatch.setenv("DRAGOMAN_MONITORS_ENABLED", "false")
