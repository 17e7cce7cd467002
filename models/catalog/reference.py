"""What a person may write to mean a model: a name of the catalog, a path, or a server's address."""

import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from models.catalog.catalog import detect_family, family_tables, find_model, guess_family
from models.catalog.entry import Architecture, FileSource, HubSource, ModelEntry, RemoteSource
from models.catalog.fields import entry_from_table, table_from_entry
from models.errors import ModelError

TORCH = "torch:"
UNKNOWN_CONTEXT = 8192
"""Assumed of a server's model; `context_length` in the registry says better."""
UNDESCRIBED = "unknown"
"""Licence of an entry of which nothing is known but where its files are: it is completed from them (`describe`)."""


@dataclass(frozen=True)
class Facts:
    """What a model's files say of it."""

    special_tokens: frozenset[str]
    context_length: int
    begin: str = ""
    """The beginning-of-text token, where the model wants one."""
    licence: str = ""
    chat_template: str = ""
    """The template's own source (Jinja), empty for models that were not taught to converse."""
    architecture: Architecture = "decoder"
    end: str = ""
    """Encoder-decoder models: the token that closes the encoder's side."""
    decoder_begin: str = ""
    """The same: the token with which the decoder's side begins."""


def is_address(reference: str) -> bool:
    """Whether a reference means a model of a server."""
    return reference.startswith(("http://", "https://"))


def resolve_model(reference: str) -> ModelEntry:
    """The entry that `reference` means.

    `http(s)://host/v1#model` is a server; `org/name` and `org/name/file.gguf` are on the hub unless they are here;
    other things with a path separator or ending in `.gguf` are files or folders; anything else is a name of the
    catalog. `torch:` before any but the first means the same weights computed by torch, as they were published: the
    reference that conversions are measured against. Raises `ModelError` when it is none of these.
    """
    if reference.startswith(TORCH):
        return replace(resolve_model(reference.removeprefix(TORCH)), runtime="torch")
    if is_address(reference):
        return remote_entry(reference)
    if not looks_like_path(reference):
        return find_model(reference)
    path = Path(reference).expanduser()
    if path.exists():
        return ModelEntry(name_of(path), FileSource(str(path.absolute())), "decoder", UNKNOWN_CONTEXT, UNDESCRIBED)
    if source := _hub_source(reference):
        name = name_of(Path(source.file or source.repository))
        return ModelEntry(name, source, "decoder", UNKNOWN_CONTEXT, UNDESCRIBED)
    raise ModelError(f"There is no model at {path}.", "Give a GGUF file, or a folder with safetensors or ONNX.")


def looks_like_path(reference: str) -> bool:
    separators = {os.sep, os.altsep or os.sep, "/"}
    return reference.endswith(".gguf") or reference.startswith("~") or any(mark in reference for mark in separators)


def _hub_source(reference: str) -> HubSource | None:
    """`org/name`, or `org/name/path/file.gguf`; `None` for anything else."""
    parts = reference.split("/")
    if len(parts) < 2 or not all(re.fullmatch(r"\w[\w.-]*", part) for part in parts):
        return None
    repository, file = "/".join(parts[:2]), "/".join(parts[2:])
    return HubSource(repository, file=file) if reference.endswith(".gguf") == bool(file) else None


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


def describe(entry: ModelEntry, facts: Facts) -> ModelEntry:
    """`entry`, known by nothing but where its files are, completed from what they say: family, sentinels, template."""
    described = entry if entry.family else with_family(entry, detect_family(facts.special_tokens))
    return replace(
        described,
        architecture=facts.architecture,
        end=described.end or facts.end,
        decoder_begin=described.decoder_begin or facts.decoder_begin,
        stop_tokens=described.stop_tokens or ((facts.end,) if facts.end else ()),
        context_length=facts.context_length or entry.context_length,
        licence=facts.licence or "not stated in its files",
        begin=described.begin or facts.begin,
        chat_template=described.chat_template or detect_chat_template(facts.chat_template),
    )


def detect_chat_template(jinja: str) -> str:
    """The name of our template that writes what a model's own `jinja` source writes; empty if none does."""
    for mark, name in (
        ("<|im_start|>", "chatml"),
        ("<start_of_turn>", "gemma"),
        ("<<SYS>>", "llama2"),
        ("[INST]", "mistral"),
        ("<|EOT|>", "deepseek-coder"),
        ("exceptionally intelligent coding assistant", "starcoder2"),
        ("Question:", "granite-code"),
        ("### Response:", "instruction"),
    ):
        if mark in jinja:
            return name
    return ""


def name_of(path: Path) -> str:
    """A name for the model at `path`: its file's, without what names cannot have."""
    stem = path.stem if path.suffix == ".gguf" else path.name
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("-._").lower() or "model"
