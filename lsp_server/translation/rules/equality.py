"""What is equal to what, where the target tells values apart by another measure than the source.

Python compares lists, tuples and data classes by what they hold. JavaScript asks whether they are one and the same
object wherever it looks for one of them or takes it as a key, and no target gets a comparison for a data class.
"""

from collections.abc import Iterator

from lsp_server.translation.rules.tree import (
    Expr,
    Function,
    Program,
    Unsupported,
    all_expressions,
    all_statements,
)
from lsp_server.translation.types import UNKNOWN, Type

_DYNAMIC = ("javascript", "typescript")
_COMPARED = frozenset(["==", "!=", "<", "<=", ">", ">=", "min", "max", "minof", "maxof"])
_SEARCHING = frozenset(["contains", "indexof", "count", "remove"])
"""What looks for a value among others."""
_KEYED = _SEARCHING | {"index", "getor", "add", "append", "delete", "put"}
"""What looks for a value in a set, or for a key in a map."""
_HELD = frozenset(["list", "tuple", "set", "map"])


def check_equality(function: Function, program: Program, source: str, target: str) -> None:
    """Raises `Unsupported` where the target would take equal values for different ones."""
    for kind in _compared(function):
        parts = list(_parts(kind))
        if any(part.kind == "named" and _is_compared_by_fields(part, program, source) for part in parts):
            raise Unsupported("objects that are compared by their fields")
    if target in _DYNAMIC and source not in _DYNAMIC:
        for kind in _looked_for(function):
            if any(part.kind in _HELD for part in _parts(kind)):
                raise Unsupported("a collection that is looked for")


def _is_compared_by_fields(kind: Type, program: Program, source: str) -> bool:
    """A class that the file does not show may be anything in Python, where it may say itself what is equal."""
    holder = program.classes.get(kind.name)
    return holder.by_fields if holder is not None else source == "python"


def _parts(kind: Type) -> Iterator[Type]:
    yield kind
    for inner in kind.of:
        yield from _parts(inner)


def _compared(function: Function) -> Iterator[Type]:
    """Types of all that is compared, in whatever way."""
    yield from _looked_for(function)
    for expression in all_expressions(function.body):
        if expression.op in _COMPARED and not any(part.op == "none" for part in expression.args):
            yield from (part.type for part in expression.args)


def _looked_for(function: Function) -> Iterator[Type]:
    for expression in all_expressions(function.body):
        yield from _sought(expression.op, expression.args)
    for statement in all_statements(function.body):
        yield from _sought(statement.op, statement.exprs)


def _sought(kind: str, args: list[Expr]) -> Iterator[Type]:
    """Types of the values that an operation looks for, from what it is given and from what it looks at."""
    if kind == "map":
        yield from (part.type for part in args[::2])
    if kind == "setof":
        yield _first(args[0].type)
    if kind == "mapof":  # of another map, or of pairs
        yield _first(args[0].type if args[0].type.kind == "map" else _first(args[0].type))
    if kind not in _KEYED or len(args) < 2:
        return
    holder = args[0].type.kind
    if holder in ("set", "map") or (kind in _SEARCHING and holder in ("list", "tuple", "unknown")):
        yield from (_first(args[0].type), args[1].type)


def _first(kind: Type) -> Type:
    return kind.of[0] if kind.of else UNKNOWN
