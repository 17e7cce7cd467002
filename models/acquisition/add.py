"""Taking up a model that the catalog does not have: found, fetched, converted, described, and written down."""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from models.acquisition.acquire import acquire, shelf_of
from models.acquisition.progress import Progress, silent
from models.acquisition.store import Store, folder_size
from models.catalog.catalog import builtin_models, load_catalog
from models.catalog.entry import HubSource, ModelEntry, RemoteSource
from models.catalog.reference import UNDESCRIBED, name_of, resolve_model, with_family
from models.catalog.registry import register, unregister
from models.decoding.cancellation import NEVER, Cancellation
from models.errors import ModelError
from models.folders import model_cache

NO_FAMILY = "none"
"""Said in place of a family: prompt with the text before the cursor and nothing else."""
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*")


@dataclass(frozen=True)
class Wishes:
    """What the user says of a model; empty means: find out."""

    name: str = ""
    family: str = ""
    """A family of the catalog, whose sentinels and separators are used; or `none`."""
    licence: str = ""
    chat_template: str = ""
    revision: str = ""
    """Of a hub repository."""
    remote: RemoteSource | None = None
    """Everything about a server but its URL and model, which stand in the reference."""


def add_model(
    reference: str, wishes: Wishes, *, progress: Progress = silent, cancellation: Cancellation = NEVER
) -> ModelEntry:
    """Make the model that `reference` means ready to use, and known by a name.

    A bare name of the catalog is fetched and converted, and nothing is written down. Raises `ModelError` and
    `Cancelled`; the registry is then as it was.
    """
    found = resolve_model(reference)
    if wishes == Wishes() and found == load_catalog().get(found.name):
        return acquire(found, progress=progress, cancellation=cancellation).entry
    entry = _wished(found, wishes)
    if not isinstance(entry.source, RemoteSource):
        entry = acquire(entry, progress=progress, cancellation=cancellation).entry
    if entry.licence == UNDESCRIBED:
        entry = replace(entry, licence="not stated")
    entry = replace(
        entry,
        licence=wishes.licence or entry.licence,
        chat_template=wishes.chat_template or entry.chat_template,
    )
    register(entry)
    return entry


def remove_model(name: str) -> tuple[bool, int]:
    """Forget the user's model `name` and delete its files; of a model of the catalog only the files.

    Returns whether it was the user's, and the bytes freed. Raises `ModelError` when there is nothing to remove. The
    user's own file or folder, and the hub's cache, stay.
    """
    entry: ModelEntry | None = None
    with suppress(ModelError):  # the user's own list cannot be read: what is wrong in it may be this very model
        entry = load_catalog().get(name)
    shelf = shelf_of(entry) if entry else name_of(Path(f"{name}.gguf"))
    freed = Store(model_cache()).remove(shelf)
    was_users = unregister(name)
    if not was_users and not freed:
        if name in builtin_models():
            raise ModelError(f"{name} has no files on this machine.", "It stays in the list: it is Dragoman's own.")
        raise ModelError(f"No model of yours is called '{name}'.", "`dragoman models list` shows them.")
    return was_users, freed


def size_on_disk(entry: ModelEntry) -> int:
    """Bytes that the model takes on this machine, converted and fetched; 0 if it is not here, or is the user's own."""
    size = folder_size(model_cache() / shelf_of(entry))
    if isinstance(entry.source, HubSource):
        from huggingface_hub.constants import HF_HUB_CACHE

        size += folder_size(Path(HF_HUB_CACHE) / f"models--{entry.source.repository.replace('/', '--')}" / "blobs")
    return size


def _wished(entry: ModelEntry, wishes: Wishes) -> ModelEntry:
    """`entry` with its name, source and family as the user wants them; raises `ModelError` for impossible ones."""
    from models.prompting.chat import TEMPLATES

    name = wishes.name or name_of(Path(f"{entry.name.rpartition('/')[2]}.gguf"))
    if not wishes.name and name in builtin_models():
        raise ModelError(f"'{name}' is the name of one of Dragoman's own models.", "Choose another one with --name.")
    if not NAME.fullmatch(name):
        raise ModelError(f"'{name}' cannot be a model's name.", "Use letters, digits, and . _ : - in between.")
    if wishes.chat_template and wishes.chat_template not in TEMPLATES:
        raise ModelError(f"There is no chat template '{wishes.chat_template}'.", f"There are {', '.join(TEMPLATES)}.")
    source = entry.source
    if wishes.revision:
        if not isinstance(source, HubSource):
            raise ModelError("Only models of the hub have revisions.", "Leave --revision out.")
        source = replace(source, revision=wishes.revision)
    if wishes.remote is not None and isinstance(source, RemoteSource):
        source = replace(wishes.remote, url=source.url, model=source.model)
    entry = replace(entry, name=name, source=source)
    if wishes.family == NO_FAMILY:
        return replace(entry, family=NO_FAMILY, fim=None, repository_separator="", file_separator="")
    return with_family(entry, wishes.family)
