"""The real way to a model, for the server and the command line."""

from lsp_server.engine.engine import Progress
from lsp_server.settings import ModelSettings
from models import NEVER, Cancellation, Generator


def load_model(
    settings: ModelSettings,
    progress: Progress,
    cancellation: Cancellation = NEVER,
    *,
    reproducible: bool = False,
) -> Generator:
    """The model that the settings ask for, fetched and converted first if need be. Raises `ModelError`, `Cancelled`.

    `reproducible`: an answer does not depend on what was asked before.
    """
    from models.loading import load_generator

    return load_generator(
        settings.name,
        threads=settings.threads or None,
        device=settings.device,
        progress=progress,
        cancellation=cancellation,
        reproducible=reproducible,
    )
