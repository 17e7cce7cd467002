"""Loops that Python takes over several things, written as counting through the places of one: what must hold there."""

from lsp_server.translation.rules.loops import CHANGES
from lsp_server.translation.rules.scopes import rebinds
from lsp_server.translation.rules.tree import (
    Expr,
    Function,
    Stmt,
    Unsupported,
    all_expressions,
    all_statements,
    op,
)


def walked(source: Expr, place: Expr) -> Expr:
    """The item at a place of what a loop goes over."""
    found = op("index", source, place)
    found.value = True
    return found


def check_walk(over: Expr, body: list[Stmt]) -> None:
    """Raises `Unsupported` where a loop changes what it goes over: Python looked at that once, we look again."""
    names = {part.value for part in over.walk() if part.op == "name"}
    changed = {
        statement.exprs[0].value
        for statement in all_statements(body)
        if (statement.op in CHANGES or statement.op == "delete") and statement.exprs[0].op == "name"
    }
    if names & changed or any(rebinds(body, label) for label in names):
        raise Unsupported("a loop that changes what it goes over")


def check_places(function: Function) -> None:
    """Raises `Unsupported` where a loop goes through the places of what has none."""
    for expression in all_expressions(function.body):
        if expression.op == "index" and expression.value is True and expression.args[0].type.kind in ("map", "set"):
            raise Unsupported("a map or set by places")
