"""C++ copies what it is given and what it assigns, where a target has a reference to the same collection.

Where one of the two is changed afterwards, the copy is written out. What is passed by reference and set anew cannot
be said in the targets at all.
"""

from lsp_server.translation.rules.aliasing import PLACES, blocks, kept
from lsp_server.translation.rules.effects import Effects, root_of
from lsp_server.translation.rules.liveness import read_after
from lsp_server.translation.rules.tree import Expr, Function, Program, Stmt, Unsupported, all_statements, name
from lsp_server.translation.types import Type

_COPIES = {"list": "listof", "set": "setof", "map": "mapof"}


def write_copies(program: Program) -> None:
    """Write out the copies that a program in C++ makes; what cannot be copied is dropped with the reason."""
    effects = Effects(program)
    program.each(lambda function, _: _Copies(function, effects).write())


class _Copies:
    def __init__(self, function: Function, effects: Effects) -> None:
        self._function = function
        self._effects = effects
        self._changed = effects.of(function)

    def write(self) -> None:
        function = self._function
        for label in function.shared:
            in_place = label in self._changed and function.variables.get(label, Type("")).kind == "str"
            if in_place or self._effects.rebinds(function, label):
                raise Unsupported("something passed by reference that is set anew")
        for block in blocks(function.body):
            for statement in block:
                self._stored(statement)
        for loop in [one for one in all_statements(function.body) if one.op == "foreach"]:
            self._begin(loop.name, loop.blocks[0])
        for label in function.names:
            self._begin(label, function.body)

    def _stored(self, statement: Stmt) -> None:
        for holder, value in kept(statement) if statement.op != "assigns" else ():
            if value.type.kind not in _COPIES or value.op not in PLACES:
                continue
            root = root_of(value)
            moved = value.op == "name" and root not in self._function.shared
            if {holder, root} & self._changed and not (moved and not read_after(self._function.body, statement, root)):
                self._check(holder, value.type)
                self._check(root, value.type)
                value.args = [Expr(value.op, value.args, value.value, value.type)]
                value.op, value.value = _COPIES[value.type.kind], None

    def _begin(self, label: str, body: list[Stmt]) -> None:
        """Let a block begin with a copy of what it is given, if it changes that."""
        kind = self._function.variables.get(label, Type(""))
        if label in self._function.copied and label in self._changed and kind.kind in _COPIES:
            self._check(label, kind)
            given, place = name(label), name(label)
            given.type = place.type = kind
            body.insert(0, Stmt("assign", [place, Expr(_COPIES[kind.kind], [given], type=kind)]))

    def _check(self, label: str, kind: Type) -> None:
        """A copy holds the same items: they must be no collections that are changed."""
        if kind.name == "array":
            raise Unsupported("a copy of an array")
        if self._effects.changes_items(self._function, label) and any(part.kind in _COPIES for part in kind.of):
            raise Unsupported("a copy of what holds collections")
