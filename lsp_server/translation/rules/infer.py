"""Types of everything in a program, as far as they follow from signatures, calls, literals and operations.

Several times over all functions: an empty list is known by what is put into it further below, a parameter by what
callers give, a result by what is returned. What stays unknown is left to the target's own inference (`auto`, `var`).
"""

from dataclasses import replace

from lsp_server.translation.rules.infer_expressions import ExpressionTypes, element
from lsp_server.translation.rules.narrowing import TYPED, stored
from lsp_server.translation.rules.resolve import placed
from lsp_server.translation.rules.tree import Class, Expr, Function, Program, Stmt, Unsupported, members
from lsp_server.translation.types import INT, UNKNOWN, VOID, Type, join, list_of

ROUNDS = 4
_NUMERIC = ("int", "long", "float")


def infer(program: Program, source: str) -> None:
    """Set the types of all expressions, variables, fields, parameters and results."""
    functions = [(function, piece) for piece in program.pieces.values() for function in members(piece)]
    for function, _ in functions:
        function.parameters = [(label, alike(kind)) for label, kind in function.parameters]
        function.returns = alike(function.returns)
        function.open = not function.returns.known
    given = {id(function): dict(function.parameters) for function, _ in functions}
    for _ in range(ROUNDS):
        for function, piece in functions:
            owner = piece if isinstance(piece, Class) else None
            Inference(program, function, owner, source, given).run()
    for function, _ in functions:
        function.parameters = [(label, function.variables.get(label, kind)) for label, kind in function.parameters]


def alike(kind: Type) -> Type:
    """Tuples whose parts are of one type are lists to us, as they are to most languages."""
    parts = tuple(map(alike, kind.of))
    if kind.kind == "tuple" and parts and all(part == parts[0] for part in parts):
        return list_of(parts[0])
    return replace(kind, of=parts)


class Inference:
    """One round over one function."""

    def __init__(
        self, program: Program, function: Function, owner: Class | None, source: str, given: dict[int, dict[str, Type]]
    ) -> None:
        self._program = program
        self._function = function
        self._owner = owner
        self._given = given
        self._source = source
        self._types = ExpressionTypes(self._variable, program, owner, source, self._bind, self._called)
        for label, kind in function.parameters:
            function.variables.setdefault(label, kind)

    def run(self) -> None:
        function = self._function
        if function.open:
            function.returns = UNKNOWN
        self._block(function.body)
        if function.open and function.returns == UNKNOWN and not _gives(function.body):
            function.returns = VOID

    def _variable(self, label: str) -> Type:
        return self._function.variables.get(label) or self._program.constants.get(label, UNKNOWN)

    def _block(self, body: list[Stmt]) -> None:
        for statement in body:
            self._statement(statement)
            for block in statement.blocks:
                self._block(block)

    def _statement(self, statement: Stmt) -> None:
        of = self._types.of
        if statement.op in ("foreach", "forrange"):
            self._bind(statement)
        elif statement.op == "declare":
            if statement.type.known:
                self._note(statement.name, alike(statement.type))
            for value in statement.exprs:
                of(value)
                statement.exprs[0] = self._as_stored(value, statement.type)
                self._note(statement.name, statement.exprs[0].type)
        elif statement.op in ("assign", "augment"):
            place, value = statement.exprs
            of(value)
            statement.exprs[1] = value = self._as_stored(value, of(place))
            self._assign(place, alike(statement.type) if statement.type.known else value.type)
            of(value)
        elif statement.op == "assigns":
            half = len(statement.exprs) // 2
            kinds = [of(part) for part in statement.exprs[half:]]
            for place, kind in zip(statement.exprs[:half], kinds, strict=True):
                self._assign(place, kind)
        elif statement.op == "return":
            for value in statement.exprs:
                of(value)
                statement.exprs[0] = self._as_stored(value, UNKNOWN if self._function.open else self._function.returns)
                kind = statement.exprs[0].type
                if self._function.open:
                    self._function.returns = join(self._function.returns, kind)
        else:
            for expression in statement.exprs:
                of(expression)
            if statement.op == "sort" and len(statement.exprs) > 2:
                self._types.with_lambda(statement.exprs[2], [element(statement.exprs[0].type)])
            holder = self._program.classes.get(statement.exprs[0].type.name) if statement.exprs else None
            if holder is not None and statement.op in holder.methods:  # `add` of a class of the file, not of a set
                receiver, *given = statement.exprs
                arguments = placed(given, holder.methods[statement.op])
                statement.exprs = [Expr("method", [receiver, *arguments], value=statement.op)]
                statement.op = "do"
            else:
                self._learn(statement)

    def _bind(self, loop: Stmt) -> None:
        """The variable of a loop, and what is set before its body."""
        if loop.op == "foreach":
            over = self._types.of(loop.exprs[0])
            self._note(loop.name, loop.type if loop.type.known else element(over))
        else:
            kinds = [self._types.of(part) for part in loop.exprs]
            joined = join(*kinds[:2])
            self._note(loop.name, joined if joined.kind in _NUMERIC else INT)

    def _as_stored(self, value: Expr, wanted: Type) -> Expr:
        return stored(value, wanted) if self._source in TYPED else value

    def _called(self, function: Function, arguments: list[Expr], kinds: list[Type]) -> None:
        """What a caller gives says what parameters are."""
        said = self._given.get(id(function), {})
        for place, ((label, _), argument) in enumerate(zip(function.parameters, arguments, strict=False)):
            arguments[place] = self._as_stored(argument, said.get(label, UNKNOWN))
        for (label, _), kind in zip(function.parameters, kinds, strict=False):
            if not said.get(label, UNKNOWN).known:
                function.variables[label] = join(function.variables.get(label, UNKNOWN), kind)

    def _learn(self, statement: Stmt) -> None:
        """What is put into a collection says what it holds."""
        if not statement.exprs:
            return
        holder = statement.exprs[0]
        known = holder.type
        kinds = [part.type for part in statement.exprs[1:]]
        if statement.op in ("append", "insert") and known.kind in ("list", "set", "unknown") and kinds:
            kind = known.kind if known.kind != "unknown" else "list"
            self._hold(holder, Type(kind, (kinds[-1],), known.name))
        elif statement.op == "add" and kinds:
            self._hold(holder, Type("set", (kinds[0],)))
        elif statement.op == "extend" and kinds and kinds[0].kind in ("list", "str"):
            self._hold(holder, list_of(element(kinds[0])))
        elif statement.op == "put" and known.kind == "map" and len(kinds) == 2:
            self._hold(holder, Type("map", (kinds[0], kinds[1])))

    def _hold(self, holder: Expr, kind: Type) -> None:
        """Note the type of a place: of a variable, of a field, of the items of another place."""
        if holder.op == "name":
            self._note(holder.value, kind)
        elif holder.op == "field":
            self._field(holder, kind)
        elif holder.op == "index":
            outer = holder.args[0]
            known = outer.type
            if known.kind == "map":
                self._hold(outer, Type("map", (holder.args[1].type, kind)))
            elif known.kind in ("list", "unknown"):
                self._hold(outer, Type("list", (kind,), known.name))

    def _field(self, place: Expr, kind: Type) -> None:
        owner = self._owner if place.args[0].op == "self" else self._program.classes.get(place.args[0].type.name)
        if owner is None:
            return
        known = owner.fields.get(place.value, UNKNOWN)
        owner.fields[place.value] = known if known.known else join(known, kind)

    def _assign(self, place: Expr, kind: Type) -> None:
        self._types.of(place)
        if place.op == "index" and place.args[0].type.kind == "str":
            raise Unsupported("a text that is changed in place")
        self._hold(place, kind)
        if place.op == "name":
            place.type = self._variable(place.value)

    def _note(self, label: str, kind: Type) -> None:
        variables = self._function.variables
        said = self._given.get(id(self._function), {}).get(label, UNKNOWN)
        if said.known:
            variables[label] = said
        elif label in self._program.constants and label not in variables and not self._function.name:
            self._program.constants[label] = join(self._program.constants[label], kind)
        else:
            variables[label] = join(variables.get(label, UNKNOWN), kind)


def _gives(body: list[Stmt]) -> bool:
    return any(inner.op == "return" and inner.exprs for statement in body for inner in statement.walk())
