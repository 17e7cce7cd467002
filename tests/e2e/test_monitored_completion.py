"""The paper's motivating example, whole: the real model, the real language server, a builder that another file defines.

The model alone invents members of a type that it has not seen; under monitors it names one that there is.
"""

import os
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.completion.service import CompletionService
from lsp_server.documents.text import Text
from lsp_server.monitoring import Monitoring
from lsp_server.settings import MonitoringSettings, Settings
from models import Generator
from models.catalog import DEFAULT_MODEL
from models.loading import load_generator
from monitors import MonitorError, Supervisor
from monitors.install import install
from tests.monitors.projects import PROJECTS, lay_out

PATIENCE_S = 120.0
"""How long a language server may take to start."""


@pytest.fixture(scope="module")
def generator() -> Iterator[Generator]:
    made = load_generator(DEFAULT_MODEL)
    yield made
    made.close()


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest) -> Path:
    """A folder of analysers, kept between runs of the tests."""
    kept = os.environ.get("DRAGOMAN_TEST_ANALYSERS")
    return Path(kept) if kept else request.config.cache.mkdir("analysers")


@pytest.mark.e2e
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["python with jedi", "typescript", "cpp", "java"])
def test_a_member_that_exists_instead_of_one_that_does_not(
    name: str, tmp_path: Path, home: Path, generator: Generator
) -> None:
    project = PROJECTS[name]
    lay_out(project, tmp_path)
    try:
        install(project.analyser or project.language, home)
    except MonitorError as error:
        pytest.skip(error.message)
    text = Text(project.prefix + project.suffix)
    source = Source(project.language, project.path, str(tmp_path))
    request = request_at(text, len(project.prefix), source, trigger="invoked", extent="line", max_tokens=12)
    request = replace(request, max_time_ms=60_000)
    watching = MonitoringSettings(only=("dereference",), budget_ms=5000)
    if project.analyser == "jedi":
        watching = replace(watching, python_analyser="jedi")
    settings = Settings(monitors=watching)

    alone = CompletionService().complete(request, generator, settings)
    assert first_word(alone.suggestions[0].text) not in project.members  # else nothing is shown below

    with Monitoring(make=partial(Supervisor, home=home)) as monitoring:
        monitoring.start(request, watching)
        until = time.monotonic() + PATIENCE_S
        while True:
            result = CompletionService(monitors=monitoring).complete(request, generator, settings)
            if any(f.outcome == "constrained" for f in result.findings) or time.monotonic() > until:
                break
            time.sleep(0.5)
    assert first_word(result.suggestions[0].text) in project.members, result.findings
    assert result.interventions.masked_steps > 0


def first_word(text: str) -> str:
    found = re.match(r"\w+", text)
    return found.group() if found else ""
