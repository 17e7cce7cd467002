"""Whole numbers that may outgrow 32 bits: products that pile up, powers, shifts, sums of what was summed.

Python's and JavaScript's whole numbers have no such bound. Where a language has, what may grow gets 64 bits; what
grows beyond those is beyond the rules, which cannot see it.
"""

from collections.abc import Iterator

from lsp_server.translation.rules.tree import (
    Expr,
    Function,
    Program,
    Stmt,
    all_expressions,
    all_statements,
    assignments,
    members,
)
from lsp_server.translation.types import INT, LONG

_BOUND = ("java", "cpp", "csharp")
_UNBOUND = ("python", "javascript", "typescript")
_LARGE = 46_340
"""The root of what 32 bits hold: a remainder of more than this overflows when it is multiplied."""


def widen(program: Program, source: str, target: str) -> None:
    """Give 64 bits to what may grow."""
    if source not in _UNBOUND or target not in _BOUND:
        return
    functions = [function for piece in program.pieces.values() for function in members(piece)]
    for _ in range(4):
        for function in functions:
            for label in _growing(function):
                if function.variables.get(label) == INT:
                    function.variables[label] = LONG
            _spread(function, program)
    for function in functions:
        said = dict(function.parameters)
        function.parameters = [(label, function.variables.get(label, kind)) for label, kind in said.items()]


def _growing(function: Function) -> Iterator[str]:
    if function.returns == INT and any(
        _multiplies_itself(part, function.name) for part in all_expressions(function.body)
    ):
        function.returns = LONG
    loops = [
        statement for statement in all_statements(function.body) if statement.op in ("while", "foreach", "forrange")
    ]
    for loop in loops:
        for statement in all_statements(loop.blocks[0]):
            for place, value in assignments(statement):
                if place.op == "name" and _outgrows(place.value, value, statement):
                    yield place.value


def _outgrows(label: str, value: Expr, statement: Stmt) -> bool:
    if value.op in ("*", "<<", "pow"):
        return any(part.op == "name" and part.value == label for part in value.walk())
    if value.op in ("+", "-") and any(part.op in ("*", "<<") and _names(part, label) for part in value.args):
        return True
    if value.op == "floormod":
        return _is_large(value.args[1]) and any(part.op == "*" for part in value.args[0].walk())
    # a, b = b, a + b
    return statement.op == "assigns" and value.op == "+" and all(part.op == "name" for part in value.args)


def _is_large(modulus: Expr) -> bool:
    return modulus.op != "int" or modulus.value > _LARGE


def _names(value: Expr, label: str) -> bool:
    return any(part.op == "name" and part.value == label for part in value.walk())


def _multiplies_itself(expression: Expr, label: str) -> bool:
    """`n * f(n - 1)` and `f(n - 1) + f(n - 2)`."""
    calls = [part for part in expression.args if part.op == "call" and part.value == label]
    return (expression.op in ("*", "<<") and bool(calls)) or (expression.op == "+" and len(calls) == 2)


def _spread(function: Function, program: Program) -> None:
    """What is computed from 64 bits has 64 bits."""
    for expression in all_expressions(function.body):
        kinds = {part.type for part in expression.args}
        named = expression.op == "name" and function.variables.get(expression.value) == LONG
        called = expression.op == "call" and program.functions[expression.value].returns == LONG
        if named or called or (expression.type == INT and LONG in kinds and expression.op in _CARRYING):
            expression.type = LONG
    for statement in all_statements(function.body):
        for place, value in assignments(statement):
            if value.type == LONG and place.op == "name" and function.variables.get(place.value) == INT:
                function.variables[place.value] = LONG
        declares = statement.op == "declare" and statement.exprs and statement.exprs[0].type == LONG
        if declares and function.variables.get(statement.name) == INT:
            function.variables[statement.name] = LONG
        returns = statement.op == "return" and statement.exprs and statement.exprs[0].type == LONG
        if returns and function.returns == INT:
            function.returns = LONG


_CARRYING = frozenset(
    ["+", "-", "*", "floordiv", "truncdiv", "floormod", "truncmod", "pow", "neg", "abs", "min", "max", "cond"]
)
