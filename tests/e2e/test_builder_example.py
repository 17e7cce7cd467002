"""The paper's motivating example from end to end: the real model, the real decoder, the real server of each language.

The builder is defined in another file. The model alone, which has not seen that file, invents a member of it; under
monitors it writes one that there is.
"""

import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.completion.request import CompletionRequest
from lsp_server.completion.service import CompletionService
from lsp_server.documents import Text
from lsp_server.monitoring import Monitoring
from lsp_server.settings import CompletionSettings, MonitoringSettings, Settings
from models import Generator
from monitors import MonitorError, Supervisor
from monitors.install import install, install_host
from tests.monitors.projects import INHERITED, PROJECTS, Project, lay_out

NAMES = [name for name in PROJECTS if not name.startswith("python with") or name.endswith("jedi")]
UP_WITHIN_S = 180
# A busy machine gets the same answers: nothing here is cut off by a clock.
SETTINGS = Settings(
    completion=CompletionSettings(max_invoked_time_ms=100_000), monitors=MonitoringSettings(budget_ms=10_000)
)


@pytest.fixture(scope="module")
def generator() -> Iterator[Generator]:
    from models.catalog import DEFAULT_MODEL
    from models.loading import load_generator

    made = load_generator(DEFAULT_MODEL)
    yield made
    made.close()


@pytest.fixture(scope="session")
def analysers(request: pytest.FixtureRequest) -> Path:
    """A folder of installed analysers, kept between runs."""
    kept = os.environ.get("DRAGOMAN_TEST_ANALYSERS")
    home = Path(kept) if kept else request.config.cache.mkdir("analysers")
    try:
        install_host(home)
    except MonitorError as error:
        pytest.skip(error.message)
    return home


def first_word(text: str) -> str:
    match = re.match(r"\w*", text)
    return match.group() if match is not None else ""


def member(service: CompletionService, asked: CompletionRequest, generator: Generator, settings: Settings) -> str:
    result = service.complete(asked, generator, settings)
    return first_word(result.suggestions[0].text) if result.suggestions else ""


def request(project: Project, root: Path) -> CompletionRequest:
    text = Text(project.prefix + project.suffix)
    asked = request_at(text, len(project.prefix), Source(project.language, project.path, str(root)))
    return replace(asked, trigger="invoked")


@pytest.mark.e2e
@pytest.mark.timeout(400)
@pytest.mark.parametrize("name", NAMES)
def test_the_model_writes_a_member_that_exists(
    name: str, tmp_path: Path, analysers: Path, generator: Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = PROJECTS[name]
    if project.language == "go" and shutil.which("gopls") is None:
        pytest.skip("gopls is not on the path")
    lay_out(project, tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    try:
        install(project.analyser or project.language, analysers)
    except MonitorError as error:
        pytest.skip(error.message)
    asked = request(project, tmp_path)
    settings = replace(SETTINGS, monitors=replace(SETTINGS.monitors, python_analyser=project.analyser or "auto"))

    alone = member(CompletionService(), asked, generator, settings)
    existing = project.members | INHERITED.get(project.language, frozenset())
    assert alone not in existing, "the example shows nothing: the model knows the member"

    with Monitoring(make=partial(Supervisor, home=analysers)) as monitoring:
        service = CompletionService(monitors=monitoring)
        monitoring.start(asked, settings.monitors)
        end = time.monotonic() + UP_WITHIN_S
        while True:  # until the server has read the project
            result = service.complete(asked, generator, settings)
            at_cursor = [finding for finding in result.findings if finding.start == 0]
            if any(finding.outcome == "constrained" for finding in at_cursor):
                break
            assert time.monotonic() < end, at_cursor
            time.sleep(0.5)
        assert first_word(result.suggestions[0].text) in existing, (alone, result.suggestions)
