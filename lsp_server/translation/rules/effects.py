"""What functions do to what they are given: which parameters they change in place, and how.

A language that passes copies must be told; a language that passes references need not.
"""

from collections.abc import Callable

from lsp_server.translation.rules.loops import CHANGES
from lsp_server.translation.rules.scopes import rebinds
from lsp_server.translation.rules.tree import (
    Class,
    Expr,
    Function,
    Program,
    Stmt,
    all_expressions,
    all_statements,
    assignments,
    members,
)

GROWING = frozenset(["append", "extend", "insert", "remove", "pop", "clear", "add", "delete", "poplast", "appendstr"])
"""What changes how much a collection holds."""
SELF = "self"
_INSIDE = "inside"
_GROWN_INSIDE = "grown inside"
"""What was done to an item of a collection, or to an item of an item."""
_Note = Callable[[Expr, str], None]


class Effects:
    """Names that functions change, by the functions' identity; `self` stands for a method's object."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._changed: dict[int, dict[str, set[str]]] = {}
        functions = [(function, piece) for piece in program.pieces.values() for function in members(piece)]
        for _ in range(4):
            for function, piece in functions:
                self._changed[id(function)] = self._of(function, piece if isinstance(piece, Class) else None)

    def of(self, function: Function) -> set[str]:
        """Names of what it changes in place, local variables among them."""
        return set(self._changed.get(id(function), {}))

    def grows(self, function: Function, label: str) -> bool:
        """Whether it changes how much a collection holds."""
        return bool(self._changed.get(id(function), {}).get(label, set()) & GROWING)

    def changes(self, function: Function, label: str) -> bool:
        """Whether it changes something in place."""
        return label in self._changed.get(id(function), {})

    def changes_items(self, function: Function, label: str, *, growing: bool = False) -> bool:
        """Whether it changes the items of a collection in place, or how much they hold."""
        return (_GROWN_INSIDE if growing else _INSIDE) in self._changed.get(id(function), {}).get(label, set())

    def rebinds(self, function: Function, label: str) -> bool:
        """Whether it gives a name another value."""
        return rebinds(function.body, label)

    def _of(self, function: Function, owner: Class | None) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}

        def note(place: Expr, how: str) -> None:
            root = root_of(place)
            if not root:
                return
            if place.op not in ("name", "self"):
                if how in GROWING or how == _GROWN_INSIDE:
                    found.setdefault(root, set()).add(_GROWN_INSIDE)
                how = _INSIDE
            found.setdefault(root, set()).add(how)

        for statement in all_statements(function.body):
            self._statement(statement, note)
        for expression in all_expressions(function.body):
            if expression.op == "poplast":
                note(expression.args[0], "poplast")
            elif expression.op in ("call", "method", "static", "new"):
                self._call(expression, owner, note)
        for loop in reversed(list(all_statements(function.body))):  # the inner ones first
            kind = function.variables.get(loop.name, loop.type).kind
            if loop.op == "foreach" and kind in ("list", "set", "map") and loop.name not in function.copied:
                for how in tuple(found.get(loop.name, ())):
                    note(Expr("index", loop.exprs[:1]), how)
        return found

    @staticmethod
    def _statement(statement: Stmt, note: _Note) -> None:
        if statement.op in CHANGES or statement.op == "delete":
            note(statement.exprs[0], statement.op)
            if statement.exprs[0].op == "index" and statement.op in CHANGES:
                note(statement.exprs[0].args[0], "put")
        for place, _ in assignments(statement):
            if place.op in ("index", "field"):
                grows = place.op == "index" and place.args[0].type.kind == "map"
                note(place.args[0], "put" if not grows else "insert")

    def _call(self, expression: Expr, owner: Class | None, note: _Note) -> None:
        function, arguments = called_function(self._program, expression, owner)
        if function is None:
            return
        changed = self._changed.get(id(function), {})
        if expression.op == "method" and SELF in changed:
            note(expression.args[0], "put")
        for (label, _), argument in zip(function.parameters, arguments, strict=False):
            own = label in function.copied or self.rebinds(function, label)
            for how in changed.get(label, set()) if not own else ():
                note(argument, how)


def called_function(program: Program, expression: Expr, owner: Class | None) -> tuple[Function | None, list[Expr]]:
    """What a call calls, and its arguments without the object."""
    if expression.op == "call":
        return program.functions.get(expression.value), expression.args
    if expression.op == "new":
        return program.classes[expression.value].constructor, expression.args
    if expression.op == "static":
        holder, method = expression.value
        return program.classes[holder].methods.get(method), expression.args
    holder = owner if expression.args[0].op == "self" else program.classes.get(expression.args[0].type.name)
    return (holder.methods.get(expression.value) if holder else None), expression.args[1:]


def root_of(place: Expr) -> str:
    """The variable that a place is in: `a` of `a[0].b`."""
    while place.op in ("index", "field") and place.args:
        place = place.args[0]
    return SELF if place.op == "self" else str(place.value) if place.op == "name" else ""
