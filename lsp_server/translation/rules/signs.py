"""Whole numbers that are never below zero: there the two ways to divide, towards zero and downwards, are one."""

from lsp_server.translation.rules.tree import Expr, Function, Stmt, all_expressions, all_statements, assignments

_COUNTS = frozenset(["len", "ord", "abs", "count", "codeat", "isqrt", "gcd"])
_KEEPING = frozenset(["+", "*", "floordiv", "truncdiv", "floormod", "truncmod", "min", "pow", "&", "|", "<<", ">>"])


class Signs:
    """What is known of one function's variables."""

    def __init__(self, function: Function) -> None:
        self._natural = _locals(function)
        given = list(_assignments(function))
        while True:  # take all for natural numbers, and drop those that are given something else
            doubtful = {label for label, value in given if not self.is_natural(value)}
            if not doubtful & self._natural:
                break
            self._natural -= doubtful

    def is_natural(self, expression: Expr) -> bool:
        """Whether a whole number is never below zero."""
        kind, args = expression.op, expression.args
        if kind == "int":
            return expression.value >= 0
        if kind == "name":
            return expression.value in self._natural
        if kind in _COUNTS:
            return True
        if kind == "floormod":
            return self.is_natural(args[1])
        if kind == "max":
            return any(map(self.is_natural, args))
        if kind in _KEEPING:
            return all(map(self.is_natural, args))
        return kind == "cond" and all(map(self.is_natural, args[1:]))


def _locals(function: Function) -> set[str]:
    found = {statement.name for statement in all_statements(function.body) if statement.name}
    found |= {part.value for part in all_expressions(function.body) if part.op == "name"}
    return {label for label in found if function.variables.get(label) is not None} - set(function.names)


def _assignments(function: Function) -> list[tuple[str, Expr]]:
    """Variables with what they are given; a place that cannot be seen through counts as unknown."""
    found: list[tuple[str, Expr]] = []
    unknown = Expr("unknown")
    for statement in all_statements(function.body):
        found += _of(statement, unknown)
    for expression in all_expressions(function.body):
        if expression.op == "comp":
            found += [(loop.name, unknown) for loop in expression.value[1] if loop.op == "foreach"]
            found += [(loop.name, loop.exprs[0]) for loop in expression.value[1] if loop.op == "forrange"]
    return found


def _of(statement: Stmt, unknown: Expr) -> list[tuple[str, Expr]]:
    if statement.op == "declare":
        return [(statement.name, value) for value in statement.exprs]
    if statement.op == "foreach":
        return [(statement.name, unknown)]
    if statement.op == "forrange":
        start, stop, step = statement.exprs
        up = step.op == "int" and step.value > 0
        return [(statement.name, start if up else stop), (statement.name, start)]
    return [(place.value, value) for place, value in assignments(statement) if place.op == "name"]
