"""Requests whose model is changed while they are answered."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from scripted_server import ScriptedGenerator

from lsp_server.completion.cache import SuggestionCache
from lsp_server.completion.request import CompletionRequest
from lsp_server.completion.service import CompletionService
from lsp_server.engine import Engines
from lsp_server.engine.engine import Progress
from lsp_server.server.completing import Completer
from lsp_server.settings import ModelSettings, Settings
from models import Cancellation, Generator


@pytest.fixture
def loaded() -> list[str]:
    """The models that were brought in."""
    return []


@pytest.fixture
def engines(loaded: list[str]) -> Iterator[Engines]:
    def load(settings: ModelSettings, _: Progress, _cancellation: Cancellation) -> Generator:
        loaded.append(settings.name)
        return ScriptedGenerator()

    engines = Engines(load)
    yield engines
    engines.close()


@pytest.mark.parametrize("compared", [False, True])
@pytest.mark.parametrize("prefetch", [False, True])
async def test_an_answer_under_way_brings_no_old_model_back(
    engines: Engines, loaded: list[str], prefetch: bool, compared: bool
) -> None:
    old = Settings(model=ModelSettings(name="old"))
    old = replace(old, completion=replace(old.completion, prefetch=prefetch))
    completer = Completer(engines, CompletionService(cache=SuggestionCache()))
    engines.main.start(old.model)
    request = CompletionRequest("x = 1\nslow 200 echo a", "", "python", uri="file:///a.py")
    answer = asyncio.ensure_future(completer.complete("inline", request, old))
    await asyncio.sleep(0.1)
    engines.main.start(ModelSettings(name="new"))
    engines.keep_only(frozenset({old.model} if compared else ()))
    assert [suggestion.text for suggestion in (await answer).suggestions] == ["(a)"]
    await asyncio.to_thread(engines.main.submit("wait", lambda _generator, _cancellation: None).future.result, 5)
    assert loaded == ["old", "new"]
    completer.close()
