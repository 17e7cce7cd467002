"""Layers of settings laid over each other. What is unknown, ill-typed or not allowed is reported and left out; the rest
counts."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from lsp_server.settings.leaves import Leaf, Path, leaves, snake_case
from lsp_server.settings.tree import Settings

if TYPE_CHECKING:
    from cattrs import Converter


@dataclass(frozen=True)
class Layer:
    """What one source says."""

    origin: str
    """Where it comes from, in words a user knows: `the environment`, a file's path, `initializationOptions`."""
    values: Mapping[str, Any]
    """Nested tables; names may be spelt `maxLineTokens`, `max-line-tokens` or `max_line_tokens`, and keys may hold
    dots."""
    trusted: bool = True
    """False for files that come with somebody's code: they may only set what the tree marks with `workspace=True`."""


@dataclass(frozen=True)
class SettingProblem:
    """A setting that was left out."""

    name: str
    origin: str
    reason: str

    def __str__(self) -> str:
        return f"Setting {self.name} ({self.origin}): {self.reason}"


@dataclass(frozen=True)
class Merged:
    settings: Settings = field(default_factory=Settings)
    problems: tuple[SettingProblem, ...] = ()


def merge(layers: Iterable[Layer]) -> Merged:
    """Lay each layer over those before it, the defaults below them all."""
    tree: dict[str, Any] = {}
    problems: list[SettingProblem] = []
    for layer in layers:
        for path, value in _flatten(layer.values, ()):
            reason = _objection(path, value, layer)
            if reason:
                problems.append(SettingProblem(".".join(("dragoman", *path)), layer.origin, reason))
            else:
                _put(tree, tuple(map(snake_case, path)), value)
    return Merged(_converter().structure(tree, Settings), tuple(problems))


def _flatten(values: Mapping[str, Any], above: Path) -> Iterator[tuple[Path, Any]]:
    """Path and value of everything that is set; editors send null for what is not."""
    for key, value in values.items():
        path = (*above, *str(key).split("."))
        if isinstance(value, Mapping):
            yield from _flatten(value, path)
        elif value is not None:
            yield path, value


def _objection(path: Path, value: Any, layer: Layer) -> str:
    """Why this value is left out; empty if it is not."""
    leaf = leaves().get(tuple(map(snake_case, path)))
    if leaf is None:
        return "there is no such setting." + _near_names(path)
    if not layer.trusted and not leaf.workspace:
        return "a file inside a workspace may not set this; set it in your editor or in your own config.toml."
    if not _well_typed(leaf, value):
        return f"it must be {leaf.expectation}, not {json.dumps(value, default=str)}. It is left out."
    return ""


def _near_names(path: Path) -> str:
    known = {leaf.name.lower(): leaf.name for leaf in leaves().values()}
    near = get_close_matches(".".join(("dragoman", *path)).lower(), known, n=1, cutoff=0.7)
    return f" Did you mean {known[near[0]]}?" if near else ""


def _well_typed(leaf: Leaf, value: Any) -> bool:
    from cattrs.errors import CattrsError

    try:
        return leaf.accepts(_converter().structure(value, leaf.type))
    except (CattrsError, TypeError):
        return False


def _put(tree: dict[str, Any], path: Path, value: Any) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


@cache
def _converter() -> "Converter":
    """A converter that refuses what cattrs would bend: `"false"` is not a boolean, 1.5 not a whole number."""
    from cattrs import Converter

    converter = Converter(forbid_extra_keys=True)
    converter.register_structure_hook(bool, lambda value, _: _exactly(value, bool))
    converter.register_structure_hook(int, lambda value, _: _exactly(value, int))
    converter.register_structure_hook(float, lambda value, _: float(_exactly(value, float, int)))
    converter.register_structure_hook(str, lambda value, _: _exactly(value, str))
    converter.register_structure_hook_func(
        lambda kind: kind == tuple[str, ...], lambda value, _: tuple(_items(value, str))
    )
    converter.register_structure_hook_func(
        lambda kind: kind == tuple[float, ...], lambda value, _: tuple(map(float, _items(value, float, int)))
    )
    return converter


def _exactly(value: Any, *types: type) -> Any:
    if type(value) not in types:
        raise TypeError(value)
    return value


def _items(value: Any, *types: type) -> list[Any]:
    if type(value) not in (list, tuple):
        raise TypeError(value)
    return [_exactly(item, *types) for item in value]
