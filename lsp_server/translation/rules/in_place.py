"""`xs += ys` of a list, which changes the list itself: whoever else has it sees that."""

from lsp_server.translation.rules.resolve import drop_dangling
from lsp_server.translation.rules.tree import Function, Program, Stmt, Unsupported, all_statements
from lsp_server.translation.types import Type


def extend_in_place(program: Program) -> None:
    """Say of Python's lists, once their types are known, that they are extended."""
    program.each(lambda function, _: _extend(function))
    drop_dangling(program)


def _extend(function: Function) -> None:
    for statement in all_statements(function.body):
        place = statement.exprs[0] if statement.op == "augment" else None
        if place is not None and place.type.kind == "list":
            _change(statement, place.type)


def _change(statement: Stmt, kind: Type) -> None:
    place, whole = statement.exprs
    if whole.op != "+":
        raise Unsupported("a list that is repeated in place")
    added = whole.args[1]
    if added.type.kind not in ("list", "unknown"):
        raise Unsupported("a list that is extended by something else")
    if added.op != "list":
        statement.op, statement.exprs = "extend", [place, added]
    elif not added.value:  # a tuple that a tuple is added to becomes another
        added.type = kind
        one = len(added.args) == 1
        statement.op, statement.exprs = ("append", [place, *added.args]) if one else ("extend", [place, added])
