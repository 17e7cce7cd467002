"""Python's variables live as long as their function; those of other languages as long as their block.

A loop's variable that is a variable elsewhere too gets a name of its own, so that each can be declared where it is
used.
"""

from lsp_server.translation.rules.liveness import LOOPS, read_after
from lsp_server.translation.rules.loops import touched
from lsp_server.translation.rules.tree import (
    Expr,
    Function,
    Stmt,
    Unsupported,
    all_expressions,
    all_statements,
    assignments,
    name,
)


def keep_last(function: Function) -> None:
    """Where a loop's variable is looked at after its loop, let the loop count under another name and set it.

    To be done while comprehensions still stand: their variables are gone after them.
    """
    for loop in [statement for statement in all_statements(function.body) if statement.op in LOOPS]:
        if read_after(function.body, loop, loop.name):
            label = loop.name
            loop.name = _fresh(function, label)
            loop.blocks[0].insert(0, Stmt("assign", [name(label), name(loop.name)]))


def check_hidden(function: Function) -> None:
    """Raises `Unsupported` where a loop's variable hides another of its name, which Python would overwrite."""
    for loop in [statement for statement in all_statements(function.body) if statement.op in LOOPS]:
        if read_after(function.body, loop, loop.name):
            raise Unsupported("a loop's variable that hides another")


def separate(function: Function) -> None:
    """Rename variables of loops that are assigned to elsewhere, and compute limits once that a body may change.

    Raises `Unsupported` where a loop changes its own variable: only Python goes on counting regardless.
    """
    _limits(function.body)
    loops = [statement for statement in all_statements(function.body) if statement.op in LOOPS]
    for loop in loops:
        if loop.op == "forrange" and loop.name in set(_assigned(loop.blocks[0])):
            raise Unsupported("a loop that changes what it counts")
    for loop in loops:
        inside = set(map(id, all_statements(loop.blocks[0])))
        others = [s for s in all_statements(function.body) if id(s) not in inside and s is not loop]
        outside = {label for s in others for label in _assigned([s], deep=False)} | set(function.names)
        if loop.name in outside and loop.name not in set(_assigned(loop.blocks[0])):
            _rename(loop, loop.name, _fresh(function, loop.name))


def rebinds(body: list[Stmt], label: str) -> bool:
    """Whether statements give a name another value."""
    return label in set(_assigned(body))


def given_to(function: Function, label: str) -> list[Expr]:
    """What a function gives a variable."""
    found: list[Expr] = []
    for statement in all_statements(function.body):
        if statement.op == "declare" and statement.name == label:
            found += statement.exprs
        pairs = assignments(statement)
        found += [value for place, value in pairs if place.op == "name" and place.value == label]
    return found


def _limits(body: list[Stmt]) -> None:
    for place, statement in reversed(list(enumerate(body))):
        for block in statement.blocks:
            _limits(block)
        if statement.op == "forrange" and touched(statement.blocks[0], "", statement.exprs[1]):
            label = f"{statement.name}_limit"
            body.insert(place, Stmt("assign", [name(label), statement.exprs[1]]))
            statement.exprs[1] = name(label)


def _assigned(body: list[Stmt], *, deep: bool = True) -> list[str]:
    return [
        place.value
        for statement in (all_statements(body) if deep else body)
        for place, _ in assignments(statement)
        if place.op == "name"
    ]


def _rename(loop: Stmt, label: str, other: str) -> None:
    loop.name = other
    for expression in all_expressions(loop.blocks[0]):
        if expression.op == "name" and expression.value == label:
            expression.value = other
    for statement in all_statements(loop.blocks[0]):
        statement.name = other if statement.name == label else statement.name


def _fresh(function: Function, label: str) -> str:
    used = {part.value for part in all_expressions(function.body) if part.op == "name"} | set(function.names)
    used |= {statement.name for statement in all_statements(function.body)}
    comps = [part for part in all_expressions(function.body) if part.op == "comp"]
    used |= {loop.name for part in comps for loop in part.value[1]}
    number = 2
    while f"{label}{number}" in used:
        number += 1
    return f"{label}{number}"
