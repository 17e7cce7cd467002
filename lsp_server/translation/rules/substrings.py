"""JavaScript's `substring` and `substr` as slices.

`substring` takes what is below zero as zero, and swaps its ends where they are the wrong way round; `substr` counts
what is below zero from the end. A slice does neither, so where such ends cannot be ruled out they are seen to.
"""

from lsp_server.translation.rules.scopes import rebinds
from lsp_server.translation.rules.signs import Signs
from lsp_server.translation.rules.templating import is_pure
from lsp_server.translation.rules.tree import (
    Expr,
    Function,
    Program,
    Unsupported,
    all_expressions,
    all_statements,
    number,
    op,
)
from lsp_server.translation.types import INT


def settle_substrings(program: Program) -> None:
    """Make slices of them in all functions; those that cannot be are dropped. To be done when types are known."""
    program.each(lambda function, _: _Slices(function).settle())


class _Slices:
    def __init__(self, function: Function) -> None:
        self._function = function
        self._signs = Signs(function)

    def settle(self) -> None:
        for expression in all_expressions(self._function.body):
            if expression.op == "substring":
                expression.args[1:] = self._ordered(*expression.args)
            elif expression.op == "substr":
                expression.args[1:] = self._counted(*expression.args[1:])
            else:
                continue
            expression.op = "slice"

    def _ordered(self, over: Expr, start: Expr, end: Expr) -> list[Expr]:
        start, end = (number(0) if _is_below(place) else place for place in (start, end))
        if start.op == end.op == "int" and start.value > end.value:
            start, end = end, start
        if end.op == "none" or (end.op == "len" and _same(end.args[0], over)):
            return [self._natural(start), Expr("none")]
        if start.op == "int" and start.value == 0:
            return [start, self._natural(end)]
        if self._reaches(end, start):
            return [self._natural(start), self._natural(end)]
        if not (is_pure(start) and is_pure(end)):
            raise Unsupported("a substring of what a call says")
        return [self._natural(_whole("min", start, end)), self._natural(_whole("max", start, end))]

    def _counted(self, start: Expr, length: Expr) -> list[Expr]:
        if _is_below(start):
            if length.op == "none" or (length.op == "int" and length.value >= start.args[0].value):
                return [start, Expr("none")]
        elif self._signs.is_natural(start) and length.op == "none":
            return [start, length]
        elif self._signs.is_natural(start) and self._signs.is_natural(length) and is_pure(start):
            return [start, length if start.op == "int" and start.value == 0 else _whole("+", start, length)]
        raise Unsupported("a substring that may be counted from the end")

    def _natural(self, place: Expr) -> Expr:
        return place if self._signs.is_natural(place) else _whole("max", place, number(0))

    def _reaches(self, end: Expr, start: Expr) -> bool:
        """Whether an end is seen to be no smaller than a start."""
        if _same(end, start):
            return True
        if end.op == "int" and start.op == "int":
            return end.value >= start.value
        if end.op == "+":
            return any(
                _same(one, start) and self._signs.is_natural(other) for one, other in (end.args, reversed(end.args))
            )
        return end.op == "name" and self._counts_from(end.value, start)

    def _counts_from(self, label: str, start: Expr) -> bool:
        """Whether a variable only counts upwards from a place that stays where it is."""
        body = self._function.body
        loops = [one for one in all_statements(body) if one.name == label]
        steady = start.op == "int" or (start.op == "name" and not rebinds(body, start.value))
        upwards = all(one.op == "forrange" and one.exprs[2].op == "int" and one.exprs[2].value > 0 for one in loops)
        return bool(loops) and steady and upwards and all(self._reaches(one.exprs[0], start) for one in loops)


def _is_below(place: Expr) -> bool:
    return place.op == "neg" and place.args[0].op == "int"


def _whole(kind: str, left: Expr, right: Expr) -> Expr:
    found = op(kind, left, right)
    for part in (found, right):
        part.type = part.type if part.type.known else INT
    return found


def _same(left: Expr, right: Expr) -> bool:
    alike = (left.op, left.value, len(left.args)) == (right.op, right.value, len(right.args))
    return alike and all(map(_same, left.args, right.args))
