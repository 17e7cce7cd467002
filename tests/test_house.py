"""The architecture's invariants (docs/architecture.md), checked on the source itself."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("models", "monitors", "lsp_server")
FORBIDDEN = {
    "models": {"monitors", "lsp_server", "pygls", "lsprotocol"},
    "monitors": {"models", "lsp_server", "pygls", "lsprotocol"},
    "lsp_server": set[str](),
}
PICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def sources(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported_packages(path: Path) -> Iterator[tuple[str, int]]:
    """Top-level package of every import in a file, wherever it stands, with its line."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.partition(".")[0], node.lineno
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0], node.lineno


@pytest.mark.parametrize("room", ROOMS)
def test_arrows_go_one_way(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {package}"
        for path in sources(room)
        for package, line in imported_packages(path)
        if package in FORBIDDEN[room]
    ]
    assert not wrong


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_is_pickled(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{line} imports {package}"
        for path in sources(room)
        for package, line in imported_packages(path)
        if package in PICKLERS
    ]
    assert not wrong


@pytest.mark.parametrize("room", ROOMS)
def test_every_folder_says_what_lives_there(room: str) -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in sources(room)
        if path.name == "__init__.py" and not ast.get_docstring(tree_of(path))
    ]
    assert not silent


def test_the_code_map_names_every_folder() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:models|monitors|lsp_server)/[\w/]*?)/?`", page))
    folders = {
        str(path.parent.relative_to(ROOT))
        for room in ROOMS
        for path in sources(room)
        if path.name == "__init__.py" and path.parent != ROOT / room
    }
    assert folders <= named, f"docs/architecture.md does not mention {sorted(folders - named)}"
    assert all((ROOT / name).exists() or (ROOT / f"{name}.py").exists() for name in named)
