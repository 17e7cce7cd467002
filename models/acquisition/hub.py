"""Weights from the Hugging Face hub, through its own client and into its own cache, which other programs share.

Only safetensors and GGUF are ever fetched: the older `.bin` files are pickles, and reading one runs whatever it says.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

from models.acquisition.progress import Progress
from models.catalog.entry import HubSource
from models.decoding.cancellation import NEVER, Cancellation
from models.errors import Cancelled, ModelError

WEIGHTS = ["*.safetensors", "*.safetensors.index.json"]
DESCRIPTION = [
    *("*config.json", "tokenizer*", "vocab*", "merges.txt", "special_tokens_map.json", "added_tokens.json"),
    "chat_template.jinja",
]


def fetch_snapshot(source: HubSource, *, progress: Progress, cancellation: Cancellation = NEVER) -> Path:
    """The folder of a repository's safetensors, or its one GGUF file where the source names one.

    What is in the hub's cache is taken without asking the network. Raises `ModelError` and `Cancelled`.
    """
    import huggingface_hub as hub
    from huggingface_hub import errors

    patterns = [source.file] if source.file else [*WEIGHTS, *DESCRIPTION]
    what: dict[str, Any] = {"repo_id": source.repository, "revision": source.revision, "allow_patterns": patterns}
    with suppress(errors.LocalEntryNotFoundError, errors.HFValidationError):
        folder = Path(hub.snapshot_download(**what, local_files_only=True))
        if _found(folder, source):
            return folder / source.file
    _quiet()
    try:
        files = hub.HfApi().list_repo_files(source.repository, revision=source.revision)
        _check(files, source)
        folder = Path(hub.snapshot_download(**what, tqdm_class=_reporter(progress, source.repository, cancellation)))
        return folder / source.file
    except errors.GatedRepoError as error:
        raise ModelError(
            f"The hub shows {source.repository} only to those who accepted its licence.",
            f"Accept it on huggingface.co/{source.repository}, then log in with `hf auth login`.",
        ) from error
    except (errors.RepositoryNotFoundError, errors.HFValidationError) as error:
        raise ModelError(
            f"The hub has no model '{source.repository}'.", "Check the spelling, or log in if it is private."
        ) from error
    except errors.RevisionNotFoundError as error:
        raise ModelError(
            f"{source.repository} has no revision '{source.revision}'.", "Try 'main', or look at its branches and tags."
        ) from error
    except (ModelError, Cancelled):
        raise
    except Exception as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(
            f"{source.repository} could not be fetched from the hub: {reason}",
            "Check the network (HF_ENDPOINT and HTTPS_PROXY are honoured), or fetch the folder elsewhere and give "
            "its path instead of the name.",
        ) from error


def _found(folder: Path, source: HubSource) -> bool:
    return (folder / source.file).is_file() if source.file else any(folder.glob("*.safetensors"))


def _check(files: Sequence[str], source: HubSource) -> None:
    """Refuse what we would fetch for nothing. Raises `ModelError` that says what could be asked for instead."""
    gguf = [name for name in files if name.endswith(".gguf")]
    if source.file:
        if source.file not in files:
            raise ModelError(
                f"{source.repository} has no file '{source.file}'.",
                f"It has {', '.join(gguf[:8])}." if gguf else "It has no GGUF file; give the repository alone.",
            )
        return
    if any(name.endswith(".safetensors") and "/" not in name for name in files):
        return
    if gguf:
        raise ModelError(
            f"{source.repository} holds GGUF files; one must be named.",
            "Add one with its name: " + ", ".join(f"{source.repository}/{name}" for name in gguf[:8]),
        )
    raise ModelError(
        f"{source.repository} has no safetensors at revision '{source.revision}'.",
        "Weights in other formats are not loaded, because reading a pickle runs code; look for a converted revision "
        "such as refs/pr/1 on its page and add it with --revision.",
    )


def _quiet() -> None:
    """The client writes advice for notebooks to the log; ours is for people at an editor."""
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)


def _reporter(progress: Progress, what: str, cancellation: Cancellation) -> type:
    """A stand-in for the client's progress bar that tells ours, and ends the download when nobody waits for it."""
    from tqdm.auto import tqdm

    class Reporter(tqdm):  # pyright: ignore[reportMissingTypeArgument] - generic only in the stubs
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **{**options, "file": StringIO()})

        def update(self, n: float | None = 1) -> None:
            super().update(n)
            cancellation.raise_if_cancelled()
            if self.unit == "B" and self.total:
                progress(self.n / self.total, f"fetching {what}")

    return Reporter
