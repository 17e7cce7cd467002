"""Parsing with a deadline, and again after an edit for the price of the edit.

A grammar can be slow on what is not its language (random bytes take tree-sitter thirty times longer than code), so
every parse is bounded in bytes and in time; a parse that runs out of time answers `None`.
"""

from __future__ import annotations

import threading
from time import monotonic, sleep
from typing import TYPE_CHECKING

from lsp_server.languages.grammars import load_grammar
from lsp_server.languages.language import Language

if TYPE_CHECKING:
    import tree_sitter

_READ_BYTES = 1 << 14


def parse(
    source: bytes, language: Language, *, limit_ms: float, old: tree_sitter.Tree | None = None, polite: bool = False
) -> tree_sitter.Tree | None:
    """The syntax tree of UTF-8 text, or `None` without a grammar or when `limit_ms` have passed.

    `old` is an edited tree to start from. `polite` lets other threads run between steps of the parser.
    """
    grammar = load_grammar(language.grammar) if language.grammar else None
    if grammar is None:
        return None
    import tree_sitter

    deadline = monotonic() + limit_ms / 1000

    def read(offset: int, _point: tree_sitter.Point) -> bytes:
        return source[offset : offset + _READ_BYTES]

    def out_of_time(_offset: int, _error: bool) -> bool:
        if polite:
            sleep(0)
        return monotonic() > deadline

    parser = tree_sitter.Parser(grammar)
    try:
        if old is None:
            return parser.parse(read, progress_callback=out_of_time)
        return parser.parse(read, old, progress_callback=out_of_time)
    except ValueError:  # "Parsing failed": the progress callback said stop
        return None


class IncrementalParser:
    """Remembers the last tree, because the next text to parse is mostly the last one with a few characters more.

    Safe to call from any thread; calls take turns.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._language: Language | None = None
        self._source = b""
        self._tree: tree_sitter.Tree | None = None

    def parse(self, source: bytes, language: Language, *, limit_ms: float) -> tree_sitter.Tree | None:
        """As `parse`, reusing what the last text and this one share at both ends."""
        with self._lock:
            old = self._tree if language is self._language else None
            if old is not None and source == self._source:
                return old
            if old is not None:
                old = old.copy()  # the last caller may still be reading its tree
                _edit(old, self._source, source)
            tree = parse(source, language, limit_ms=limit_ms, old=old)
            self._language, self._source, self._tree = language, source, tree
            return tree


def _edit(tree: tree_sitter.Tree, old: bytes, new: bytes) -> None:
    """Tell `tree`, the tree of `old`, which bytes `new` has replaced."""
    start = shared_head(old, new)
    tail = shared_tail(old, new, min(len(old), len(new)) - start)
    tree.edit(
        start,
        len(old) - tail,
        len(new) - tail,
        _point(old, start),
        _point(old, len(old) - tail),
        _point(new, len(new) - tail),
    )


def shared_head(a: bytes, b: bytes) -> int:
    """Length of the longest common beginning, found by halving: a few comparisons of slices, not a loop over bytes."""
    low, high = 0, min(len(a), len(b))
    while low < high:
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def shared_tail(a: bytes, b: bytes, limit: int) -> int:
    """Length of the longest common end, at most `limit`."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if a[len(a) - middle : len(a) - low] == b[len(b) - middle : len(b) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _point(source: bytes, offset: int) -> tuple[int, int]:
    return source.count(b"\n", 0, offset), offset - (source.rfind(b"\n", 0, offset) + 1)
