"""Statements of the languages with braces."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from lsp_server.translation.rules.resolve import is_constants
from lsp_server.translation.rules.templating import ADD, COND
from lsp_server.translation.rules.tree import Class, Expr, Function, Stmt, Unsupported, members, op
from lsp_server.translation.rules.writer import Writer
from lsp_server.translation.types import STR, UNKNOWN, Type

INDENT = "    "
_BEGIN_WITH_MAIN = ("java", "cpp", "c", "csharp", "go", "rust")


class BraceWriter(Writer):
    """What Java, C#, C++, JavaScript, TypeScript, Go and Rust have in common."""

    end = ";"
    condition = "({})"
    """How what is tested stands after `if`."""
    key_level = ADD
    """How tightly a key binds where a sort compares two."""
    main = ""
    """The first line of the function where a program begins; empty where a file simply runs."""

    # --- types ---

    def by_reference(self, kind: Type, form: str) -> Type:
        """`kind` for a language that reaches objects of the file's own classes through something else, in `form`."""
        return _by_reference(kind, form, frozenset(self.names.type(label) for label in self.program.classes))

    # --- units ---

    def unit(self, piece: Class | Function) -> str:
        """The text of a whole unit."""
        if isinstance(piece, Class):
            return "\n".join(self.class_lines(piece)) + "\n"
        return "\n".join(self.function_lines(piece)) + "\n"

    def function_lines(self, function: Function) -> list[str]:
        if function.kind == "statements":
            if is_constants(function):
                return [self.constant(statement) for statement in function.body]
            return self.program_lines(function)
        if function.name == "main" and not function.parameters and self.main:
            return self.program_lines(function)
        self.function = function
        called = self.names.function(function.name)
        lines = self.definition(self.signature(function, called), function)
        begins = function.name == "main" and not function.parameters and self.scope.source in _BEGIN_WITH_MAIN
        return [*lines, "", f"{called}();"] if begins and not self.main else lines

    def program_lines(self, function: Function) -> list[str]:
        """Where the program begins."""
        if self.main:
            return self.definition(self.main, function)
        return self.lines(function)

    def definition(self, header: str, function: Function) -> list[str]:
        self.function = function
        return [f"{header} {{", *(INDENT + line for line in self.lines(function)), "}"]

    def lines(self, function: Function) -> list[str]:
        """The lines of a function's body."""
        self.function = function
        return self.block(function.body)

    @abstractmethod
    def signature(self, function: Function, called: str) -> str:
        """A function or method up to its brace, under its name in the target."""

    @abstractmethod
    def constructor(self, made: Class, function: Function) -> str:
        """What makes an object, up to its brace."""

    def field_lines(self, made: Class) -> list[str]:
        """The fields of a class, declared."""
        return [self.field_line(kind, self.names.field(made.name, field)) for field, kind in made.fields.items()]

    def field_line(self, kind: Type, name: str) -> str:
        return f"{self.needed_type(kind)} {name};"

    def class_lines(self, made: Class) -> list[str]:
        """A class with its fields first."""
        lines = [f"class {self.names.type(made.name)} {{", *(INDENT + line for line in self.field_lines(made))]
        for function in members(made):
            self.function = function
            if function.kind == "constructor":
                header = self.constructor(made, function)
            else:
                header = self.signature(function, self.method_name(made, function))
            gap = [""] if len(lines) > 1 else []
            lines += [*gap, *(INDENT + line if line else "" for line in self.definition(header, function))]
        return [*lines, "}"]

    def method_name(self, made: Class, function: Function) -> str:
        label = next(label for label, method in made.methods.items() if method is function)
        return self.names.member(made.name, label)

    def parameters(self, function: Function) -> str:
        return ", ".join(self.parameter(self.name(label), kind, function) for label, kind in function.parameters)

    def parameter(self, name: str, kind: Type, function: Function) -> str:
        return f"{self.needed_type(kind)} {name}"

    def returns(self, function: Function) -> str:
        """The type of what a function gives back."""
        text = "void" if function.returns.kind == "void" else self.type_text(function.returns)
        if not text:
            raise Unsupported("a result of unknown type")
        return text

    @abstractmethod
    def constant(self, statement: Stmt) -> str:
        """A variable of the file, which nobody changes."""

    # --- statements ---

    def block(self, statements: Sequence[Stmt]) -> list[str]:
        return [line for statement in statements for line in self.statement(statement)]

    def statement(self, statement: Stmt) -> list[str]:
        kind, exprs = statement.op, statement.exprs
        if kind in ("break", "continue"):
            return [kind + self.end]
        if kind == "return":
            return [self.returned(exprs[0]) + self.end] if exprs else ["return" + self.end]
        if kind == "declare":
            return [self._declare(statement)]
        if kind == "assign":
            return [self.assign(exprs[0], exprs[1]) + self.end]
        if kind == "augment":
            return [self.augment(exprs[0], exprs[1]) + self.end]
        if kind == "assigns":
            return self.assigns(statement)
        if kind == "if":
            return self._if(statement)
        if kind == "while":
            return self.braced(self.while_header(exprs[0]), statement.blocks[0])
        if kind == "forrange":
            return self.braced(self.range_header(statement), statement.blocks[0])
        if kind == "foreach":
            return self.braced(self.each_header(statement), statement.blocks[0])
        if kind == "do":
            return [self.expr(exprs[0]) + self.end]
        if kind in ("print", "write"):
            text = Expr("concat", self.parts(exprs[0].args), type=STR)
            return [self.printed(text, line=kind == "print") + self.end]
        if kind == "raise":
            return [self.raised(exprs[0]) + self.end]
        if kind == "sort":
            return self.sort(statement)
        return self.change(statement)

    def returned(self, value: Expr) -> str:
        return f"return {self.expr(value, COND, self.function.returns)}"

    @abstractmethod
    def printed(self, text: Expr, *, line: bool) -> str:
        """Writes a text to the standard output."""

    def raised(self, message: Expr) -> str:
        return self.templated("raise", [message])[0]

    def change(self, statement: Stmt) -> list[str]:
        """A statement that changes its first expression."""
        if statement.op == "appendstr":
            statement = Stmt("appendstr", [statement.exprs[0], *self.parts(statement.exprs[1:])])
        return [self.templated(statement.op, statement.exprs)[0] + self.end]

    def sort(self, statement: Stmt) -> list[str]:
        """A list in order; by keys where the second expression after the place gives some."""
        place, *order = statement.exprs
        reverse = bool(order and order[0].value)
        item = place.type.of[0] if place.type.of else UNKNOWN
        if len(order) < 2:
            return [self.sorted_plainly(place, item, reverse=reverse) + self.end]
        function = order[1]
        body = function.args[0]
        keys = body.args if body.op == "list" else [body]
        a, b = names = self.pair()
        own = function.value[0]
        compared = [(self._key(key, own, a), self._key(key, own, b), key) for key in keys]
        if any(key.type.kind not in ("int", "long", "float", "str", "char") for key in keys):
            raise Unsupported("a sort by something that is not plain")
        return self.sorted_by(place, item, names, compared, reverse=reverse)

    def pair(self) -> tuple[str, str]:
        """Names for the two items that a sort compares."""
        return self.names.unused(self.function, "a"), self.names.unused(self.function, "b")

    def _key(self, key: Expr, variable: str, label: str) -> str:
        before = self.names.rename(self.function, variable, label)
        try:
            return self.expr(key, self.key_level)
        finally:
            self.names.rename(self.function, variable, before)

    @abstractmethod
    def sorted_plainly(self, place: Expr, item: Type, *, reverse: bool) -> str:
        """A statement that sorts a list of plain values."""

    def sorted_by(
        self, place: Expr, item: Type, names: tuple[str, str], keys: list[tuple[str, str, Expr]], *, reverse: bool
    ) -> list[str]:
        """Statements that sort a list, keeping the order of equals; `keys` are the keys of two items, each as text."""
        raise Unsupported("a sort by keys")

    def first_unequal(self, keys: list[tuple[str, str, Expr]], *, reverse: bool) -> list[str]:
        """The body of a comparison that is true where the first item goes before the second."""
        lines: list[str] = []
        for number, (a, b, _) in enumerate(keys):
            test = f"return {a} {'>' if reverse else '<'} {b}{self.end}"
            unequal = self.condition.format(f"{a} != {b}")
            lines += [test] if number == len(keys) - 1 else [f"if {unequal} {{", f"{INDENT}{test}", "}"]
        return lines

    # --- assignments ---

    def assign(self, place: Expr, value: Expr) -> str:
        return self.set_text(place, self.expr(value, COND, place.type))

    def augment(self, place: Expr, value: Expr) -> str:
        """`x += y`, where that is the same."""
        right = value.args[1]
        same = value.op in ("+", "-", "*") and value.type == place.type and place.type.kind in ("int", "long", "float")
        if not same and not (value.op == "+" and place.type == STR):
            return self.assign(place, value)
        wanted = place.type if right.type.kind != "bool" else UNKNOWN
        return self.augmented(place, value.op, self.expr(right, COND, wanted))

    def augmented(self, place: Expr, sign: str, value: str) -> str:
        return f"{self.place(place)} {sign}= {value}"

    def place(self, place: Expr) -> str:
        """Something to assign to."""
        return self.expr(place)

    def assigns(self, statement: Stmt) -> list[str]:
        """Several at once: the values are computed before anything is assigned."""
        half = len(statement.exprs) // 2
        places, values = statement.exprs[:half], statement.exprs[half:]
        lines: list[str] = []
        late: list[tuple[Expr, str]] = []
        for place_, (place, value) in enumerate(zip(places, values, strict=True)):
            if place_ == half - 1 and not _needed_later(place, [part for part, _ in late]):
                lines.append(self.assign(place, value) + self.end)
                continue
            held = self.names.fresh(self.function, "next")
            lines.append(self.held(held, place.type, self.expr(value, COND, place.type)))
            late.append((place, held))
        return lines + [self.set_text(place, held) + self.end for place, held in late]

    def held(self, name: str, kind: Type, value: str) -> str:
        """A variable for a value on its way."""
        return self.declare(name, kind, value)

    def set_text(self, place: Expr, value: str) -> str:
        """`place = value`, where the value is text already."""
        return f"{self.place(place)} = {value}"

    @abstractmethod
    def declare(self, name: str, kind: Type, value: str | None) -> str:
        """A variable of a kind, with its first value if it has one."""

    def _declare(self, statement: Stmt) -> str:
        kind = self.kind_of(statement.name)
        if statement.type.known and kind.kind == "unknown":
            kind = statement.type
        value = self.expr(statement.exprs[0], COND, kind) if statement.exprs else None
        return self.declare(self.name(statement.name), kind, value)

    # --- blocks ---

    def while_header(self, test: Expr) -> str:
        return f"while ({self.truth(test)})"

    def if_header(self, test: Expr) -> str:
        return f"if {self.condition.format(self.truth(test))}"

    def _if(self, statement: Stmt) -> list[str]:
        lines = self.braced(self.if_header(statement.exprs[0]), statement.blocks[0])
        other = statement.blocks[1]
        if not other:
            return lines
        rest = self._if(other[0]) if len(other) == 1 and other[0].op == "if" else self.braced("", other)
        return [*lines[:-1], f"}} else {rest[0].lstrip()}", *rest[1:]]

    def braced(self, header: str, block: list[Stmt]) -> list[str]:
        inside = [INDENT + line for line in self.block(block)]
        return [f"{header} {{", *inside, "}"]

    def range_header(self, statement: Stmt) -> str:
        """A loop that counts. The limit is computed once in Python: where the body may change it, it has no name."""
        start, stop, step = statement.exprs
        variable = self.name(statement.name)
        by = step_of(step)
        counts = {1: f"{variable}++", -1: f"{variable}--"}.get(by, f"{variable} {'+' if by > 0 else '-'}= {abs(by)}")
        sign = "<" if by > 0 else ">"
        first = self.loop_variable(variable, self.kind_of(statement.name), self.expr(start))
        return f"for ({first}; {variable} {sign} {self.expr(stop, ADD)}; {counts})"

    def loop_variable(self, name: str, kind: Type, start: str) -> str:
        return self.declare(name, kind, start).removesuffix(self.end)

    @abstractmethod
    def each_header(self, statement: Stmt) -> str:
        """The first line of a loop over the items of something."""


def step_of(step: Expr) -> int:
    """By how much a loop counts. Raises `Unsupported` where that is not known."""
    if step.op == "int" and step.value:
        return int(step.value)
    if step.op == "neg" and step.args[0].op == "int" and step.args[0].value:
        return -int(step.args[0].value)
    raise Unsupported("a step that is not known")


def loop_source(statement: Stmt) -> tuple[str, Expr]:
    """What a loop goes over: `chars` of a text, `keys` of a map, `items` of a list or set."""
    over = statement.exprs[0]
    inner = over.args[0] if over.op in ("chars", "keys", "listof") else over
    kind = inner.type.kind
    if kind == "str":
        return "chars", inner
    if kind == "map":
        return "keys", inner
    if kind not in ("list", "set"):
        raise Unsupported("a loop over something unknown")
    return "items", inner


def _needed_later(place: Expr, others: list[Expr]) -> bool:
    """Whether a place's own parts are among what is assigned before it is."""
    names = {other.value for other in others if other.op == "name"}
    return any(part.op == "name" and part.value in names for argument in place.args for part in argument.walk())


def length_of(expression: Expr) -> Expr:
    found = op("len", expression)
    found.type = Type("int")
    return found


def _by_reference(kind: Type, form: str, classes: frozenset[str]) -> Type:
    if kind.kind == "optional" and kind.of[0].kind == "named":
        kind = kind.of[0]
    if kind.kind == "named" and kind.name in classes:
        return replace(kind, name=form.format(kind.name))
    return replace(kind, of=tuple(_by_reference(part, form, classes) for part in kind.of))
