"""Copies of a collection of collections: Python's hold the same items, some targets' hold copies of them.

A slice or `list(rows)` in C++ and Rust copies every row; in Go rows part when one of them grows. Where a row is
changed through a copy, such a function is refused.
"""

from collections.abc import Iterator

from lsp_server.translation.rules.aliasing import kept
from lsp_server.translation.rules.effects import Effects, root_of
from lsp_server.translation.rules.tree import Expr, Function, Unsupported, all_statements

_PARTED = {"cpp": ("list", "set", "map"), "rust": ("list", "set", "map"), "go": ("list",)}
_COPYING = frozenset(["slice", "listof", "sorted", "reversed", "step", "+", "repeat", "values"])


def check_copies(function: Function, effects: Effects, target: str) -> None:
    """Raises `Unsupported` where what is changed in a copy would not be changed in what was copied."""
    kinds = _PARTED.get(target)
    if kinds is None:
        return

    def check(label: str) -> None:
        if effects.changes_items(function, label, growing=target == "go"):
            raise Unsupported("a copy whose items are changed")

    for statement in all_statements(function.body):
        for holder, value in kept(statement):
            for source in _copied(value):
                if value.type.of and value.type.of[-1].kind in kinds:
                    check(holder)
                    check(root_of(source))
        if statement.op == "foreach" and function.variables.get(statement.name, statement.type).kind in kinds:
            own = effects.grows if target == "go" else effects.changes
            apart = target == "go" or any(_copied(statement.exprs[0]))
            if apart and own(function, statement.name):
                raise Unsupported("an item of a copy that is changed")


def _copied(value: Expr) -> Iterator[Expr]:
    """What an expression copies the items of."""
    if value.op not in _COPYING:
        return
    for part in value.args:
        yield part
        yield from _copied(part)
