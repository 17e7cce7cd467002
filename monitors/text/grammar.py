"""Whether a fragment can still become a program: tree-sitter's parsers as judges of prefixes.

A tree-sitter parser reads a fragment from left to right and stops at the first token that nothing which began so can
contain; what it does then (recovery) is of no use here, but *where* it stops is exactly the answer. It tells that only
to its logger, so that is where we listen. A fragment that breaks off is fine: the parser then stops at the end.
"""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any

_GRAMMARS: dict[str, tuple[str, str]] = {
    "python": ("tree_sitter_python", "language"),
    "javascript": ("tree_sitter_javascript", "language"),
    "javascriptreact": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "typescriptreact": ("tree_sitter_typescript", "language_tsx"),
    "java": ("tree_sitter_java", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "csharp": ("tree_sitter_c_sharp", "language"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "php": ("tree_sitter_php", "language_php"),
    "ruby": ("tree_sitter_ruby", "language"),
    "kotlin": ("tree_sitter_kotlin", "language"),
    "scala": ("tree_sitter_scala", "language"),
    "lua": ("tree_sitter_lua", "language"),
    "sql": ("tree_sitter_sql", "language"),
}
LANGUAGES = frozenset(_GRAMMARS) - {"sql"}
"""Language ids whose grammar can judge fragments. SQL's takes one dialect for all."""

_PLACE = re.compile(r"process version:\d+, version_count:\d+, state:\d+, row:(\d+), col:(\d+)")


_THREAD = threading.local()
"""A judge of each language for each thread: parsers cannot be shared."""


@dataclass(frozen=True)
class Fault:
    """The first token that cannot be."""

    after: int
    """Where the last good token ends, in code points."""
    start: int
    """Where the bad one begins."""


class Fragments:
    """Judges fragments of one language. Not thread-safe; keeps the last beginning that it read, parsed."""

    def __init__(self, language: str) -> None:
        """Raises `KeyError` where there is no grammar."""
        from tree_sitter import Parser

        self._parser: Any = Parser(_load(language))
        self._beginning = ""
        self._tree: Any = None

    def fault(self, text: str, beginning: int = 0) -> Fault | None:
        """The first fault of `text`, read up to its end; `None` if it can go on to become a program.

        `text[:beginning]` is what later calls will share: it is parsed once.
        """
        data = text.encode("utf-8", "replace")
        tree = self._parsed(text[:beginning], len(data))
        places: list[tuple[int, int]] = []
        stopped: list[tuple[int, int]] = []

        def listen(_: Any, message: str) -> None:
            if stopped:
                return
            if message.startswith("process"):
                match = _PLACE.match(message)
                if match is not None:
                    places.append((int(match.group(1)), int(match.group(2))))
            elif message.startswith("resume"):
                stopped.append(max(places, default=(0, 0)))

        self._parser.logger = listen
        try:
            self._parser.parse(data, tree) if tree is not None else self._parser.parse(data)
        finally:
            self._parser.logger = None
        if not stopped:
            return None
        after = len(data[: _offset(data, stopped[0])].decode("utf-8", "replace"))
        rest = text[after:]
        visible = len(rest) - len(rest.lstrip())
        return Fault(after, after + visible) if rest.strip() else None

    def _parsed(self, beginning: str, end: int) -> Any:
        """The tree of `beginning`, told that the text goes on up to the byte `end`."""
        if not beginning:
            return None
        data = beginning.encode("utf-8", "replace")
        if beginning != self._beginning or self._tree is None:
            self._tree = self._parser.parse(data)
            self._beginning = beginning
        tree = self._tree.copy()
        last = (data.count(b"\n"), len(data) - (data.rfind(b"\n") + 1))
        tree.edit(len(data), len(data), end, last, last, (last[0] + 1, 0))
        return tree


def fragments(language: str) -> "Callable[[str, int], Fault | None]":
    """`Fragments.fault` for `language`, of a judge that the calling thread has for itself."""
    return _of_thread(language).fault


def _of_thread(language: str) -> Fragments:
    judges: dict[str, Fragments] = _THREAD.__dict__.setdefault("judges", {})
    if language not in judges:
        judges[language] = Fragments(language)
    return judges[language]


@lru_cache(maxsize=32)
def _load(language: str) -> Any:
    from tree_sitter import Language

    module, function = _GRAMMARS[language]
    capsule: object = getattr(import_module(module), function)()
    return Language(capsule)


@lru_cache(maxsize=4)
def kinds(language: str) -> frozenset[str]:
    """The names of all kinds of nodes in a grammar. Raises `KeyError` where there is none."""
    grammar = _load(language)
    return frozenset(filter(None, (grammar.node_kind_for_id(i) for i in range(grammar.node_kind_count))))


@lru_cache(maxsize=32)
def keywords(language: str) -> frozenset[str]:
    """The words that a grammar treats as its own. Raises `KeyError` where there is no grammar."""
    grammar = _load(language)
    names = (grammar.node_kind_for_id(i) for i in range(grammar.node_kind_count) if not grammar.node_kind_is_named(i))
    return frozenset(name for name in names if name and re.fullmatch(r"[^\W\d]\w*", name))


def _offset(data: bytes, place: tuple[int, int]) -> int:
    position = 0
    for _ in range(place[0]):
        position = data.find(b"\n", position) + 1
    return position + place[1]
