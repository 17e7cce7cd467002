"""A receiver of unknown type, from end to end: the real model, jedi, and a project whose other file tells the names."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.completion.service import CompletionService
from lsp_server.documents import Text
from lsp_server.monitoring import Monitoring
from lsp_server.settings import CompletionSettings, MonitoringSettings, Settings
from models import Generator

READ_WITHIN_S = 60
SETTINGS = Settings(
    completion=CompletionSettings(max_invoked_time_ms=100_000),
    monitors=MonitoringSettings(budget_ms=10_000, python_analyser="jedi"),
)
ELSEWHERE = """\
def bill(parcel, account):
    if parcel.was_refused:
        account.credit(parcel.postage_due)
    return account


def route(parcel):
    if parcel.was_refused:
        return None
    return parcel.destination
"""
HERE = """\
import logging

log = logging.getLogger(__name__)


def deliver(parcel, courier):
    if parcel."""
BELOW = "\n        return None\n    courier.take(parcel)\n"


@pytest.fixture(scope="module")
def generator() -> Iterator[Generator]:
    from models.catalog import DEFAULT_MODEL
    from models.loading import load_generator

    made = load_generator(DEFAULT_MODEL)
    yield made
    made.close()


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_the_model_is_told_what_the_project_names(tmp_path: Path, generator: Generator) -> None:
    (tmp_path / "billing.py").write_text(ELSEWHERE)
    asked = request_at(Text(HERE + BELOW), len(HERE), Source("python", "delivery.py", str(tmp_path)))
    asked = replace(asked, trigger="invoked", extent="line")

    alone = CompletionService().complete(asked, generator, SETTINGS).suggestions
    assert not any(suggestion.text.startswith("was_refused") for suggestion in alone), "the example shows nothing"

    with Monitoring() as monitoring:
        service = CompletionService(monitors=monitoring)
        end = time.monotonic() + READ_WITHIN_S
        while True:  # until the project's files are read
            result = service.complete(asked, generator, SETTINGS)
            (finding,) = [one for one in result.findings if (one.monitor, one.start) == ("dereference", 0)]
            if finding.outcome == "advised":
                break
            assert time.monotonic() < end, finding
            time.sleep(0.2)
        assert result.suggestions[0].text.startswith("was_refused"), (alone, result.suggestions)
        assert finding.reason, "nothing is forbidden here"
