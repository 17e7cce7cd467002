"""Two names for one collection, where the target would make two of it.

Python, Java, JavaScript and C# pass references; C++ and Rust copy, and Go's slices part when one of them grows. Where
a collection that is known by two names is changed, a copy would not do the same: such a function is refused.
"""

from collections.abc import Iterator

from lsp_server.translation.rules.effects import Effects, root_of
from lsp_server.translation.rules.liveness import read_after
from lsp_server.translation.rules.tree import Expr, Function, Stmt, Unsupported

_COPIED = {"cpp": ("list", "set", "map"), "rust": ("list", "set", "map", "named"), "go": ("list",)}
_KEEPING = ("append", "insert", "put", "add")
PLACES = ("name", "field", "index")


def check_aliases(function: Function, effects: Effects, target: str) -> None:
    """Raises `Unsupported` where a copy would be changed instead of what was meant."""
    kinds = _COPIED.get(target)
    if kinds is None:
        return
    for label, kind in function.parameters:
        if kind.kind in kinds and label in effects.of(function):
            grown = target == "go" and effects.grows(function, label)
            if (effects.rebinds(function, label) or grown) and not _set_anew(function.body, label):
                raise Unsupported("a parameter that is changed in place")
    for block in blocks(function.body):
        for statement in block:
            for holder, value in kept(statement):
                if value.type.kind in kinds and value.op in PLACES:
                    _check(function, effects, target, holder, value, statement)


def _check(function: Function, effects: Effects, target: str, holder: str, value: Expr, statement: Stmt) -> None:
    names = {holder, root_of(value)} - {""}
    changed = {label for label in names if label in effects.of(function)}
    if target == "go":
        changed = {label for label in changed if effects.grows(function, label)}
    moved = value.op == "name" and not read_after(function.body, statement, value.value)
    if changed and not moved:
        raise Unsupported("a collection with two names that is changed")


def _set_anew(block: list[Stmt], label: str) -> bool:
    """Whether the first statement that knows a name gives it another value."""
    for statement in block:
        if _mentions(statement, label):
            return _rebinds(statement, label)
    return True


def _rebinds(statement: Stmt, label: str) -> bool:
    if statement.op == "declare" and statement.name == label:
        return True
    plain = statement.op == "assign" and statement.exprs[0].op == "name" and statement.exprs[0].value == label
    return plain and statement.exprs[1].op not in PLACES


def _mentions(statement: Stmt, label: str) -> bool:
    return any(
        inner.name == label
        or any(part.op == "name" and part.value == label for expr in inner.exprs for part in expr.walk())
        for inner in statement.walk()
    )


def kept(statement: Stmt) -> Iterator[tuple[str, Expr]]:
    """What a statement stores, with the root of where it is stored."""
    if statement.op == "declare" and statement.exprs:
        yield statement.name, statement.exprs[0]
    elif statement.op == "assign":
        yield root_of(statement.exprs[0]), statement.exprs[1]
    elif statement.op == "assigns":
        half = len(statement.exprs) // 2
        if {root_of(part) for part in statement.exprs[:half]} != {root_of(part) for part in statement.exprs[half:]}:
            yield from ((root_of(a), b) for a, b in zip(statement.exprs[:half], statement.exprs[half:], strict=True))
    elif statement.op in _KEEPING:
        yield from ((root_of(statement.exprs[0]), part) for part in statement.exprs[1:])
    for expression in statement.exprs:
        for part in expression.walk():
            if part.op in ("list", "map"):
                yield from (("", inner) for inner in part.args)


def blocks(body: list[Stmt]) -> Iterator[list[Stmt]]:
    yield body
    for statement in body:
        for block in statement.blocks:
            yield from blocks(block)
