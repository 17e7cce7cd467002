"""Whether the members that were written exist, asked of a checker that had no part in writing them.

Each text is put, under a name of its own, beside the file that it belongs to, in a copy of the project that is thrown
away; the project itself is not touched. What the checker says about the generated stretch is counted.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitors import Document, View

TIMEOUT_S = 3600.0
_LINKED = frozenset({"node_modules", ".venv", "venv"})
"""Folders of a project that are large and not its own: linked, not copied."""
_LEFT_OUT = frozenset({".git", ".hg", "__pycache__", ".mypy_cache", ".pytest_cache"})
MOST_FILES = 30_000
"""A project with more files is not copied, and so not checked."""


@dataclass(frozen=True)
class Written:
    """A document with a generated stretch in it."""

    root: str
    path: str
    language: str
    prefix: str
    text: str
    suffix: str


@dataclass(frozen=True)
class Unresolved:
    """What a checker says about one generated stretch."""

    members: int
    """Names after a dereference that it does not know."""
    first: bool
    """Whether the very first word is one of them."""


@dataclass(frozen=True)
class Checker:
    """A program that finds members that do not exist."""

    name: str
    languages: frozenset[str]
    programs: tuple[str, ...]
    """Where it may be found, the first one counts."""
    arguments: tuple[str, ...]
    faults: re.Pattern[str]
    """Finds `file`, `line` and `column` (from 1) of each unknown member in what it prints."""

    @property
    def program(self) -> str | None:
        """The one on this machine."""
        path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
        return next((found for name in self.programs if (found := shutil.which(name, path=path))), None)


_PLACE = r"(?P<file>[^\n:()]+):(?P<line>\d+):(?P<column>\d+)"
CHECKERS = (
    Checker(
        "pyright",
        frozenset({"python"}),
        ("pyright",),
        (),
        re.compile(rf"{_PLACE} - error: (?:(?!\n[^\n]*:\d+:\d+ - ).)*?\(reportAttributeAccessIssue\)", re.DOTALL),
    ),
    Checker(
        "ty",
        frozenset({"python"}),
        ("ty",),
        ("check", "--output-format", "concise"),
        re.compile(rf"{_PLACE}: error\[unresolved-attribute\]"),
    ),
    Checker(
        "tsc",
        frozenset({"typescript", "javascript"}),
        ("tsc",),
        ("--noEmit", "--skipLibCheck", "--allowJs", "--checkJs", "--target", "esnext", "--moduleResolution", "node"),
        re.compile(r"^(?P<file>[^\n(]+)\((?P<line>\d+),(?P<column>\d+)\): error TS(?:2339|2551|2576|2694):", re.M),
    ),
    Checker(
        "clang",
        frozenset({"c", "cpp"}),
        ("clang++", "clang"),
        ("-fsyntax-only", "-ferror-limit=0", "-fno-caret-diagnostics", "-I."),
        re.compile(rf"^{_PLACE}: error: no (?:member|type) named ", re.M),
    ),
)


def checker_for(language: str, other_than: str = "") -> Checker | None:
    """One that is on this machine, and is not the analyser that guided the writing."""
    fitting = (c for c in CHECKERS if language in c.languages and c.name != other_than)
    return next((checker for checker in fitting if checker.program), None)


def unresolved_members(checker: Checker, texts: Sequence[Written]) -> list[Unresolved | None]:
    """What `checker` says of each; `None` where it could not be asked."""
    found: list[Unresolved | None] = [None] * len(texts)
    by_root: dict[str, list[int]] = defaultdict(list)
    for index, written in enumerate(texts):
        by_root[written.root].append(index)
    for root, indices in by_root.items():
        with tempfile.TemporaryDirectory(prefix="dragoman-check-") as scratch:
            copy = Path(scratch, "project")
            if not _copy(Path(root), copy):
                continue
            files: dict[Written, Path] = {}
            for index in indices:
                if texts[index] not in files:
                    files[texts[index]] = _put(copy, texts[index], index)
            places = _ask(checker, copy, [str(path.relative_to(copy)) for path in files.values()])
            if places is None:
                continue
            for index in indices:
                found[index] = _inside(texts[index], places.get(files[texts[index]].name, ()))
    return found


def _copy(root: Path, copy: Path) -> bool:
    """A project's files as links to the same data, which nobody writes to."""
    count = 0
    for folder, names, files in os.walk(root):
        here = copy / Path(folder).relative_to(root)
        here.mkdir(parents=True, exist_ok=True)
        for name in [name for name in names if name in _LINKED]:
            (here / name).symlink_to(Path(folder, name))
        names[:] = [name for name in names if name not in _LINKED | _LEFT_OUT]
        count += len(files)
        if count > MOST_FILES:
            return False
        for name in files:
            (here / name).symlink_to(Path(folder, name))
    return count > 0


def _put(copy: Path, written: Written, index: int) -> Path:
    original = copy / written.path
    path = original.with_name(f"{original.stem}_dragoman{index}{original.suffix}")
    path.parent.mkdir(parents=True, exist_ok=True)
    # A bracket that the line leaves open would swallow what the rest of the document defines.
    view = View(Document(str(original), written.language, written.prefix, written.suffix), written.text)
    path.write_text(view.place(len(view.text)).text, encoding="utf-8")
    return path


def _ask(checker: Checker, folder: Path, files: Sequence[str]) -> Mapping[str, list[tuple[int, int]]] | None:
    """Lines and columns of unknown members, by the name of the file; `None` if the checker did not run."""
    program = checker.program
    if program is None:
        return None
    command = [program, *checker.arguments, *files]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    places: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for match in checker.faults.finditer(done.stdout + done.stderr):
        places[Path(match["file"].strip()).name].append((int(match["line"]), int(match["column"])))
    return places


def _inside(written: Written, places: Sequence[tuple[int, int]]) -> Unresolved:
    lines = (written.prefix + written.text).split("\n")
    start, end = len(written.prefix), len(written.prefix) + len(written.text)
    offsets = {offset for offset in _offsets(lines, places) if start <= offset < end}
    return Unresolved(len(offsets), start in offsets)


def _offsets(lines: Sequence[str], places: Sequence[tuple[int, int]]) -> Iterator[int]:
    """Offsets of the places that lie in `lines`. Columns count UTF-16 units, as most checkers do."""
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    for line, column in places:
        if line <= len(lines):
            before = lines[line - 1].encode("utf-16-le")[: 2 * (column - 1)].decode("utf-16-le", "ignore")
            yield starts[line - 1] + len(before)
