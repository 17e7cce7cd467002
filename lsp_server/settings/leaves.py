"""The settings tree as a flat list: one leaf for each thing a user can set."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, get_args, get_origin, get_type_hints

from lsp_server.settings.tree import Settings

Path = tuple[str, ...]


@dataclass(frozen=True)
class Leaf:
    """One setting."""

    path: Path
    """Section and name as Python spells them, such as `("completion", "max_line_tokens")`."""
    type: Any
    default: Any
    minimum: float | None
    maximum: float | None
    workspace: bool
    """A `dragoman.toml` may set it."""

    @property
    def name(self) -> str:
        """As an editor's configuration spells it, such as `dragoman.completion.maxLineTokens`."""
        return ".".join(("dragoman", *map(camel_case, self.path)))

    @property
    def environment_variable(self) -> str:
        return "_".join(("dragoman", *self.path)).upper()

    @property
    def choices(self) -> tuple[str, ...]:
        """The words it can be; empty if it is not a choice."""
        return get_args(self.type) if get_origin(self.type) is Literal else ()

    @property
    def expectation(self) -> str:
        """What a value must be, in words that finish the sentence "it must be ..."."""
        if self.choices:
            return "one of " + ", ".join(f'"{choice}"' for choice in self.choices)
        kind = {bool: "true or false", int: "a whole number", float: "a number", str: "a string"}.get(
            self.type, "a list of numbers" if self.type == tuple[float, ...] else "a list of strings"
        )
        if self.minimum is not None:
            kind += f" from {self.minimum:g} to {self.maximum:g}"
        return kind

    def accepts(self, value: Any) -> bool:
        """Whether an already structured value keeps the limits."""
        return self.minimum is None or self.maximum is None or self.minimum <= value <= self.maximum


@cache
def leaves() -> dict[Path, Leaf]:
    """Every setting by its path, in the tree's order."""
    return {leaf.path: leaf for leaf in _walk(Settings, ())}


def _walk(tree: type, above: Path) -> Iterator[Leaf]:
    types = get_type_hints(tree)
    for member in dataclasses.fields(tree):
        path = (*above, member.name)
        if dataclasses.is_dataclass(types[member.name]):
            yield from _walk(types[member.name], path)
        else:
            yield Leaf(path=path, type=types[member.name], default=member.default, **member.metadata)


def camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake_case(name: str) -> str:
    """The Python spelling of `maxLineTokens`, `max-line-tokens` or `max_line_tokens`."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).replace("-", "_")
