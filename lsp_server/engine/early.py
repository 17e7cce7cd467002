"""The model of a server that has just been started, brought in before an editor asks for it.

Whether it is the right one the editor says later; until then one processor would be idle while the other imports.
"""

from typing import NoReturn

from lsp_server.engine.engine import Load, Progress
from lsp_server.settings import ModelSettings
from models import NEVER, Ahead, Cancellation, Cancelled, Generator, ModelError


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
