"""A model that is brought in before an editor has said which one it wants."""

from typing import Any, cast

import pytest

from lsp_server.engine.early import EarlyModel
from lsp_server.settings import ModelSettings
from models import NEVER, Cancellation, Generator, ModelError

EXPECTED = ModelSettings(name="expected")


class Named:
    """A model of which no more is wanted than its name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Shelf:
    """Loads models and remembers which."""

    def __init__(self, *, must_fetch: bool = False) -> None:
        self.loaded: list[Named] = []
        self._must_fetch = must_fetch

    def __call__(self, settings: ModelSettings, progress: Any, _cancellation: Cancellation) -> Generator:
        if self._must_fetch:
            progress(0.0, "fetching")
        if settings.name == "missing":
            raise ModelError("There is no model called missing.")
        model = Named(settings.name)
        self.loaded.append(model)
        return cast(Generator, model)


def ignore(_fraction: float, _what: str) -> None:
    """Progress that nobody watches."""


def test_the_expected_model_is_loaded_once() -> None:
    shelf = Shelf()
    load = EarlyModel(shelf, EXPECTED)
    model = load(EXPECTED, ignore, NEVER)
    assert shelf.loaded == [model]
    load(EXPECTED, ignore, NEVER)
    assert len(shelf.loaded) == 2, "whoever asks again wants it loaded anew"


def test_another_model_takes_its_place() -> None:
    shelf = Shelf()
    load = EarlyModel(shelf, EXPECTED)
    assert load(ModelSettings(name="other"), ignore, NEVER).name == "other"
    assert [(model.name, model.closed) for model in shelf.loaded] == [("expected", True), ("other", False)]
    assert load(EXPECTED, ignore, NEVER).name == "expected"


def test_nothing_is_fetched_before_somebody_can_see_it() -> None:
    shelf = Shelf(must_fetch=True)
    load = EarlyModel(shelf, EXPECTED)
    seen: list[str] = []
    load(EXPECTED, lambda _fraction, what: seen.append(what), NEVER)
    assert (seen, len(shelf.loaded)) == (["fetching"], 1)


def test_a_failure_is_told_to_whoever_asks() -> None:
    load = EarlyModel(Shelf(), ModelSettings(name="missing"))
    with pytest.raises(ModelError, match="no model called missing"):
        load(ModelSettings(name="missing"), ignore, NEVER)
