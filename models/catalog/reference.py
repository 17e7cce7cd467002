"""What a person may write to mean a model: a name of the catalog, a path, or a server's address."""

import os
import re
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from models.catalog.catalog import detect_family, family_tables, find_model, guess_family
from models.catalog.entry import FileSource, ModelEntry, RemoteSource
from models.catalog.fields import entry_from_table, table_from_entry
from models.errors import ModelError

UNKNOWN_CONTEXT = 8192
"""Assumed of a server's model; `context_length` in the registry says better."""


def resolve_model(reference: str) -> ModelEntry:
    """The entry that `reference` means.

    `http(s)://host/v1#model` is a server, anything with a path separator or ending in `.gguf` a file or folder,
    anything else a name. Raises `ModelError` when it is none of these.
    """
    if reference.startswith(("http://", "https://")):
        return remote_entry(reference)
    if looks_like_path(reference):
        path = Path(reference).expanduser()
        if not path.exists():
            raise ModelError(f"There is no model at {path}.", "Give a GGUF file, or a folder with safetensors or ONNX.")
        return ModelEntry(name_of(path), FileSource(str(path.absolute())), "decoder", UNKNOWN_CONTEXT, "unknown")
    return find_model(reference)


def looks_like_path(reference: str) -> bool:
    separators = {os.sep, os.altsep or os.sep}
    return reference.endswith(".gguf") or reference.startswith("~") or any(mark in reference for mark in separators)


def remote_entry(url: str) -> ModelEntry:
    """The entry of a server's model, its prompt format guessed from the model's name."""
    parts = urlsplit(url)
    if not parts.hostname or not parts.fragment:
        raise ModelError(
            f"'{url}' does not say which model of which server.", "Write it as http://host:port/v1#name-of-the-model."
        )
    base = parts._replace(fragment="").geturl().rstrip("/")
    entry = ModelEntry(
        parts.fragment, RemoteSource(base, parts.fragment), "decoder", UNKNOWN_CONTEXT, "the server's", description=base
    )
    return with_family(entry, guess_family(parts.fragment))


def with_family(entry: ModelEntry, family: str) -> ModelEntry:
    """`entry` prompted as its family wants; as it is for an empty family. Raises `ModelError` for an unknown one."""
    if not family:
        return entry
    table = family_tables().get(family)
    if table is None:
        raise ModelError(f"No family of models is called '{family}'.", f"There are {', '.join(family_tables())}.")
    return entry_from_table({**table_from_entry(entry), **table, "family": family})


def describe(entry: ModelEntry, special_tokens: Collection[str], begin: str, context_length: int) -> ModelEntry:
    """`entry`, known by nothing but its files, completed from its vocabulary: family, sentinels, chat template."""
    described = with_family(entry, detect_family(special_tokens))
    values = table_from_entry(described)
    values["context_length"] = context_length
    if not described.begin and begin:
        values["begin"] = begin
    if not described.chat_template:
        values["chat_template"] = detect_chat_template(special_tokens)
    return entry_from_table(values)


def detect_chat_template(special_tokens: Collection[str]) -> str:
    """The template whose marks are in a vocabulary; empty if there is none.

    That a model can read them is not to say that it was taught to answer.
    """
    marks = {"<|im_start|>": "chatml", "<start_of_turn>": "gemma", "[INST]": "mistral", "<|EOT|>": "deepseek-coder"}
    return next((template for mark, template in marks.items() if mark in special_tokens), "")


def name_of(path: Path) -> str:
    """A name for the model at `path`: its file's, without what names cannot have."""
    stem = path.stem if path.suffix == ".gguf" else path.name
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._").lower() or "model"
