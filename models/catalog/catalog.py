"""The models that can be asked for by name: ours, with the user's own laid over them."""

import re
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from typing import Any

from models.catalog.entry import ModelEntry, split_sentinels
from models.catalog.fields import entry_from_table
from models.catalog.registry import read_registry
from models.errors import ModelError

DEFAULT_MODEL = "smollm2-135m"


def load_catalog() -> dict[str, ModelEntry]:
    """Every entry by name, ours in the file's order and then the user's; a user's entry replaces ours of the same name.

    Raises `ModelError` when the user's registry cannot be read.
    """
    return {**builtin_models(), **read_registry()}


def find_model(name: str) -> ModelEntry:
    """The entry called `name`. Raises `ModelError` that lists names like it."""
    catalog = load_catalog()
    entry = catalog.get(name) or next((e for n, e in catalog.items() if n.lower() == name.lower()), None)
    if entry is None:
        raise ModelError(f"No model is called '{name}'.", _near_names(name, catalog))
    return entry


@cache
def builtin_models() -> dict[str, ModelEntry]:
    """The entries of `catalog.toml`, without the user's."""
    families = family_tables()
    return {table["name"]: entry_from_table(table, families[table["family"]]) for table in _document()["model"]}


def family_tables() -> Mapping[str, Mapping[str, Any]]:
    """What entries of each family have in common, as plain tables."""
    return {name: {key: table[key] for key in table if key != "names"} for name, table in _document()["family"].items()}


def guess_family(name: str) -> str:
    """The family that a model's name speaks of (`Qwen/Qwen2.5-Coder-7B-AWQ`); empty if it speaks of none."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    families: Mapping[str, Any] = _document()["family"]
    return next((family for family, table in families.items() if re.search("|".join(table["names"]), plain)), "")


def detect_family(special_tokens: Collection[str]) -> str:
    """The family whose sentinels and separators all are in a tokenizer, and which has most; empty if there is none.

    This is how a GGUF file or a hub model that nobody described gets its prompt format.
    """
    present = set(special_tokens)
    matches = {
        family: len(marks) for family, table in family_tables().items() if (marks := _marks(table)) and marks <= present
    }
    return max(matches, key=lambda family: matches[family]) if matches else ""


def _marks(table: Mapping[str, Any]) -> set[str]:
    """The special tokens that tell one family from another."""
    fim: Mapping[str, Any] = table.get("fim", {})
    rows = [fim.get(name, "") for name in ("prefix", "suffix", "middle")]
    rows += [table.get(name, "") for name in ("repository_separator", "file_separator")]
    return {mark for row in rows for mark in split_sentinels(row) if mark.startswith(("<", "[", "▁"))}


@cache
def _document() -> dict[str, Any]:
    return tomllib.loads(resources.files("models.catalog").joinpath("catalog.toml").read_text(encoding="utf-8"))


def _near_names(name: str, catalog: Mapping[str, ModelEntry]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), catalog, n=4, cutoff=0.5)
    near += [other for other in catalog if name.lower() in other and other not in near][: 4 - len(near)]
    known = f"Did you mean {', '.join(near)}?" if near else f"There are {', '.join(list(catalog)[:6])} and others."
    return f"{known} `dragoman models list` shows all; a path to a GGUF file or a server's URL will do as well."
