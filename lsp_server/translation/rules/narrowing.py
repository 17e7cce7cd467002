"""Whole numbers that their source narrows to 32 bits, for targets whose numbers have no such bound."""

from lsp_server.translation.rules.tree import Expr, Program, all_expressions, members, number, op
from lsp_server.translation.types import CHAR, FLOAT, INT, LONG, Type

TYPED = ("java", "cpp", "c", "csharp")
"""Languages in which what is stored becomes what the place is declared to hold."""
_SCRIPTS = ("javascript", "typescript")


def stored(value: Expr, wanted: Type) -> Expr:
    """A value as a place of this type holds it: fractions lose their end, characters are numbers."""
    kind = value.type
    whole = wanted in (INT, LONG)
    made = "toint" if whole and kind == FLOAT else "ord" if whole and kind == CHAR else ""
    if wanted == CHAR and kind in (INT, LONG):
        made = "chr"
    if not made:
        return value
    found = op(made, value)
    found.type = CHAR if made == "chr" else INT
    return found


def narrow(program: Program, source: str, target: str) -> None:
    """Compute what a cast to `int` keeps of 64 bits, and what JavaScript's `| 0` does; types have to be known."""
    casts = source in TYPED and target not in TYPED
    bits = source in _SCRIPTS and target not in _SCRIPTS
    for piece in program.pieces.values():
        for function in members(piece):
            for expression in all_expressions(function.body):
                first = expression.args[0] if expression.args else expression
                if casts and expression.op == "toint" and expression.value == "int" and first.type == LONG:
                    if not _fits(first):
                        _wrap(expression, first)
                elif bits and is_to_32_bits(expression):
                    _wrap(expression, first)


def is_to_32_bits(expression: Expr) -> bool:
    """Whether it is JavaScript's `x | 0`."""
    return expression.op == "|" and expression.args[1].op == "int" and expression.args[1].value == 0


def is_half(value: Expr) -> bool:
    """Whether a fraction is a part of sums, as in `(low + high) / 2 | 0`, and so no larger than they are."""
    return value.op == "/" and not any(part.op in ("*", "<<", "pow") for part in value.walk())


def _fits(value: Expr) -> bool:
    """Whether a whole number is seen to have 32 bits."""
    if value.op in ("truncmod", "floormod"):
        modulus = value.args[1]
        return modulus.op == "int" and modulus.value <= 2**31
    return value.op == "&" and any(part.op == "int" and 0 <= part.value < 2**31 for part in value.args)


def _wrap(expression: Expr, value: Expr) -> None:
    if value.type == FLOAT:
        value = op("toint", value)
        value.type = LONG
    above = op("+", value, number(2**31))
    rest = op("floormod", above, number(2**32))
    above.type = rest.type = rest.args[1].type = above.args[1].type = LONG
    half = number(2**31)
    half.type = LONG
    expression.op, expression.args, expression.value = "-", [rest, half], None
