"""The engine of the model in the settings, and one beside it for each other model that a comparison asks for.

Only the first tells the editor how it is: whoever compares models has agreed to their cost, and an arm whose model does
not come answers with nothing.
"""

import logging
from collections.abc import Callable

from lsp_server.engine.engine import Engine, Load
from lsp_server.engine.status import Status
from lsp_server.logs import event
from lsp_server.settings import ModelSettings

logger = logging.getLogger(__name__)


class Engines:
    """Engines by the model that they run."""

    def __init__(self, load: Load, on_status: Callable[[Status], None] = lambda _: None) -> None:
        self._load = load
        self.main = Engine(load, on_status)
        self._beside: dict[ModelSettings, Engine] = {}
        self._compared: frozenset[ModelSettings] = frozenset()

    def of(self, settings: ModelSettings) -> Engine:
        """The engine that runs a model; begins to bring it in where there is none and it is compared.

        What is asked by settings of a while ago brings no model back: the engine for it refuses all work.
        """
        if self.main.wanted is None or self.main.wanted == settings:
            return self.main
        if settings in self._beside:
            return self._beside[settings]
        engine = Engine(self._load)
        if settings not in self._compared:
            engine.close()
            return engine
        logger.info(event("another model is wanted", running=len(self._beside) + 1))
        self._beside[settings] = engine
        engine.start(settings)
        return engine

    def keep_only(self, compared: frozenset[ModelSettings]) -> list[Engine]:
        """Let only these run beside the first, from now on. The engines of all others, which are still to be closed."""
        self._compared = compared
        gone = [settings for settings in self._beside if settings not in compared or settings == self.main.wanted]
        return [self._beside.pop(settings) for settings in gone]

    def close(self) -> None:
        """Stop everything and free the models. Blocking."""
        for engine in (self.main, *self._beside.values()):
            engine.close()
