"""A program with one operator changed, in every way there is: what a slip of the pen makes of it.

First-order mutants (DeMillo, Lipton, Sayward: *Hints on test data selection*, 1978), read off the syntax tree, so that
they exist for every language with a grammar. Each class of operators is exchanged among itself, so a mutant of a
mutant can be the program that it came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from lsp_server.languages import Language
from lsp_server.languages.parsing import parse

if TYPE_CHECKING:
    from tree_sitter import Node

MOST = 90
_PARSE_MS = 3_000.0
_PLACES = (
    "binary", "comparison", "boolean", "assign", "augmented", "update", "unary", "not_operator", "infix", "inc", "dec",
)  # fmt: skip
"""What the types of nodes that hold an operator have in them, whatever the grammar."""
_ORDER = ("<", "<=", ">", ">=", "==", "!=")
_STRICT_ORDER = ("<", "<=", ">", ">=", "===", "!==")
_ARITHMETIC = ("+", "-", "*", "/", "%")
_PYTHON = ("+", "-", "*", "//", "/", "%", "**")
_CLASSES: tuple[tuple[str, ...], ...] = (
    ("&&", "||"),
    ("and", "or"),
    ("in", "not in"),
    ("is", "is not"),
    ("+=", "-=", "*=", "/=", "%="),
    ("++", "--"),
    ("&", "|", "^"),
    ("&=", "|=", "^="),
    ("<<", ">>"),
    ("??", "||"),
)
_BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_PREFIXES = ("!", "not", "-", "~")
"""Those that can be left out."""


@dataclass(frozen=True)
class Mutant:
    """A program that differs from another one in one operator."""

    text: str
    line: int
    """From 1."""
    before: str
    after: str
    """Empty where the operator was left out."""

    def __str__(self) -> str:
        return (
            f"`{self.after}` for `{self.before}` in line {self.line}"
            if self.after
            else (f"no `{self.before}` in line {self.line}")
        )


def mutants_of(text: str, language: Language, most: int = MOST) -> list[Mutant]:
    """Up to `most` mutants, each place in turn; a boundary (`<` and `<=`) comes first at its place."""
    raw = text.encode()
    tree = parse(raw, language, limit_ms=_PARSE_MS, polite=True)
    if tree is None:
        return []
    rows = [list(_at(node, raw, language.id)) for node in _operators(tree.root_node)]
    turns = zip_longest(*rows)
    return [mutant for turn in turns for mutant in turn if mutant is not None][:most]


def _operators(root: Node) -> Iterator[Node]:
    open_nodes = [root]
    while open_nodes:
        node = open_nodes.pop()
        open_nodes += reversed(node.children)
        parent = node.parent
        if not node.is_named and parent is not None and any(word in parent.type for word in _PLACES):
            yield node


def _at(node: Node, raw: bytes, language: str) -> Iterator[Mutant]:
    before = " ".join((node.text or b"").decode("utf-8", "replace").split())
    line = node.start_point[0] + 1
    for after in _others(before, node, language):
        changed = raw[: node.start_byte] + after.encode() + raw[node.end_byte :]
        yield Mutant(changed.decode("utf-8", "replace"), line, before, after)


def _others(operator: str, node: Node, language: str) -> list[str]:
    parent = node.parent
    prefix = parent is not None and ("unary" in parent.type or parent.type == "not_operator")
    if prefix:
        return [""] if operator in _PREFIXES else []
    strict = language in ("javascript", "typescript")
    arithmetic = _PYTHON if language == "python" else (*_ARITHMETIC, "**") if strict else _ARITHMETIC
    if operator == "=":
        return []
    order = _STRICT_ORDER if strict and operator not in ("==", "!=") else _ORDER
    classes = (order, arithmetic, *_CLASSES)
    found = [other for each in classes if operator in each for other in each if other != operator]
    nearest = _BOUNDARY.get(operator)
    ordered = [nearest, *found] if nearest else found
    return list(dict.fromkeys(ordered))
