"""The model of a process that has just been started, brought in before anybody asks for it.

Whether it is the right one is known later; until then one processor would be idle while the other imports.
"""

import os
from typing import NoReturn

from lsp_server.engine.engine import Load, Progress
from lsp_server.engine.loading import load_model
from lsp_server.settings import ModelSettings, from_environment, from_user_file, merge
from models import NEVER, Ahead, Cancellation, Cancelled, Generator, ModelError
from models.catalog import is_address
from models.loading import import_libraries

_begun: "EarlyModel | None" = None


def begin() -> None:
    """Begin with the model that the environment and the user's file name, if it runs on this machine."""
    global _begun
    settings = merge([from_environment(os.environ), from_user_file()[0]]).settings.model
    if not is_address(settings.name):
        import_libraries()
        _begun = EarlyModel(load_model, settings)


def begun(load: Load) -> Load:
    """What `begin` has begun, once; `load` where it was not called."""
    global _begun
    early, _begun = _begun, None
    return early or load


class EarlyModel:
    """A `Load` that has begun already with what is probably wanted first.

    Only with a model that is on this machine: fetching and converting are left to whoever shows how far they are.
    """

    def __init__(self, load: Load, expected: ModelSettings) -> None:
        self._load = load
        self._expected = expected
        self._model: Ahead[Generator | None] | None = Ahead(self._try)

    def __call__(self, settings: ModelSettings, progress: Progress, cancellation: Cancellation) -> Generator:
        early, self._model = self._model, None
        model = early.result() if early is not None else None
        if model is not None:
            if settings == self._expected:
                return model
            model.close()
        return self._load(settings, progress, cancellation)

    def _try(self) -> Generator | None:
        try:
            return self._load(self._expected, _give_up, NEVER)
        except (Cancelled, ModelError):
            return None  # whoever wants it will hear why


def _give_up(_fraction: float, _what: str) -> NoReturn:
    """There is something to be done that takes its time."""
    raise Cancelled
