"""What import rules share: the result, and looking for files by what a name may stand for."""

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lsp_server.context.workspace import Workspace


@dataclass(frozen=True)
class Imported:
    """A file that an import leads to."""

    path: str
    """Relative to the workspace folder."""
    names: tuple[str, ...] = ()
    """What is imported from it; empty if anything it defines may be meant."""


def first_file(workspace: Workspace, candidates: Iterable[str]) -> str | None:
    """The first of these paths that is a file."""
    return next((path for path in map(posixpath.normpath, candidates) if workspace.is_file(path)), None)


def imported_names(clause: str) -> tuple[str, ...]:
    """`a, b as c, type D` as `a`, `b`, `D`."""
    clause = re.sub(r"#[^\n]*|//[^\n]*", "", clause)
    found = (re.match(r"\s*(?:type\s+)?([\w$]+)", part) for part in clause.strip(" \t\n(){}").split(","))
    return tuple(name.group(1) for name in found if name)


def table(value: dict[str, Any], key: str) -> dict[str, Any]:
    """The table under `key`; empty if there is none."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


_TYPE_NAME = re.compile(r"\b[A-Z]\w+")


def siblings(text: str, path: str, workspace: Workspace, endings: tuple[str, ...]) -> Iterator[Imported]:
    """Files beside this one that are named after a type that it mentions: one package, no import needed."""
    folder = posixpath.dirname(path)
    beside = set(workspace.listing(folder))
    for name in dict.fromkeys(_TYPE_NAME.findall(text)):
        for ending in endings:
            if name + ending in beside and workspace.is_file(posixpath.join(folder, name + ending)):
                yield Imported(posixpath.join(folder, name + ending), (name,))
