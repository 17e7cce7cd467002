"""What a model's files say of it, for models that are in no catalog."""

import json
from pathlib import Path
from typing import Any

from models.catalog.entry import FileSource, ModelEntry
from models.catalog.reference import UNDESCRIBED, Facts, describe
from models.conversion.gguf_weights import GgufFile

CONTROL, USER_DEFINED = 3, 4
"""Kinds of tokens in a GGUF file that text never merges into."""


def described(entry: ModelEntry) -> ModelEntry:
    """The entry of a model that was named by its path, completed from its files; any other as it is."""
    if entry.licence != UNDESCRIBED or not isinstance(entry.source, FileSource):
        return entry
    path = Path(entry.source.path)
    return describe(entry, folder_facts(path) if path.is_dir() else gguf_facts(path))


def gguf_facts(path: Path) -> Facts:
    """From the metadata of a GGUF file. Takes about a second. Raises `ModelError` when it is damaged."""
    file = GgufFile(path)
    tokens: list[str] = file.value("tokenizer.ggml.tokens", [])
    kinds: list[int] = file.value("tokenizer.ggml.token_type", [])
    special = frozenset(token for token, kind in zip(tokens, kinds, strict=False) if kind in (CONTROL, USER_DEFINED))
    begin = file.value("tokenizer.ggml.bos_token_id")
    wants_begin = file.value("tokenizer.ggml.add_bos_token", file.value("tokenizer.ggml.model") == "llama")
    architecture = file.value("general.architecture", "")
    return Facts(
        special_tokens=special,
        context_length=int(file.value(f"{architecture}.context_length", 0)),
        begin=tokens[begin] if wants_begin and begin is not None and begin < len(tokens) else "",
        licence=str(file.value("general.license", "")),
        chat_template=str(file.value("tokenizer.chat_template", "")),
    )


def folder_facts(folder: Path) -> Facts:
    """From the description files of a hub folder. What cannot be read is left empty."""
    config = _read(folder / "config.json")
    tokenizer = _read(folder / "tokenizer_config.json")
    added: list[dict[str, Any]] = _read(folder / "tokenizer.json").get("added_tokens") or []
    begin = tokenizer.get("bos_token") if tokenizer.get("add_bos_token") else ""
    template = tokenizer.get("chat_template", "")
    jinja = folder / "chat_template.jinja"
    names: dict[Any, str] = {token.get("id"): token["content"] for token in added}
    reads_and_writes = config.get("is_encoder_decoder") is True
    return Facts(
        special_tokens=frozenset(names.values()),
        architecture="encoder-decoder" if reads_and_writes else "decoder",
        end=names.get(config.get("eos_token_id"), "") if reads_and_writes else "",
        decoder_begin=names.get(config.get("decoder_start_token_id"), "") if reads_and_writes else "",
        context_length=int(config.get("max_position_embeddings") or config.get("n_positions") or 0),
        begin=str(begin["content"] if isinstance(begin, dict) else begin or ""),
        chat_template=jinja.read_text(encoding="utf-8") if jinja.is_file() else str(template),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
