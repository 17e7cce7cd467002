"""The language between languages as Go. A character is a string of one; objects are pointers."""

from lsp_server.translation.rules.brace import INDENT, BraceWriter, loop_source
from lsp_server.translation.rules.go_templates import TEMPLATES
from lsp_server.translation.rules.lower import SORTED
from lsp_server.translation.rules.templating import ADD, COND, MULTIPLY, PRIMARY, UNARY, WHOLE, quoted
from lsp_server.translation.rules.tree import Class, Expr, Function, Stmt, Unsupported, all_expressions
from lsp_server.translation.types import CHAR, FLOAT, STR, UNKNOWN, VOID, Type

_TEXTS = (STR, CHAR)


class GoWriter(BraceWriter):
    language = "go"
    main = "func main()"
    none, end, condition = "nil", "", "{}"
    strict_numbers = True
    templates = TEMPLATES

    # --- units ---

    def type_text(self, kind: Type) -> str:
        return super().type_text(self.by_reference(kind, "*{}"))

    def signature(self, function: Function, called: str) -> str:
        receiver = ""
        if function.kind == "method":
            receiver = f"({self._receiver()} *{self._owner}) "
        called = f"{self._owner}{called[:1].upper()}{called[1:]}" if function.kind == "static" else called
        returns = "" if function.returns == VOID else f"{self.returns(function)} "
        return f"func {receiver}{called}({self.parameters(function)}) {returns}".rstrip()

    def constructor(self, made: Class, function: Function) -> str:
        return f"func New{self._owner}({self.parameters(function)}) *{self._owner}"

    def parameter(self, name: str, kind: Type, function: Function) -> str:
        return f"{name} {self.needed_type(kind)}"

    _owner = ""

    def _receiver(self) -> str:
        return f"{self._owner[:1].lower()}_"

    def class_lines(self, made: Class) -> list[str]:
        self._owner = self.names.type(made.name)
        fields = [
            f"{INDENT}{self.names.field(made.name, field)} {self.needed_type(kind)}"
            for field, kind in made.fields.items()
        ]
        lines = [f"type {self._owner} struct {{", *fields, "}"]
        if made.constructor is not None:
            self.function = made.constructor
            header, *body, end = self.definition(self.constructor(made, made.constructor), made.constructor)
            first, last = f"{INDENT}{self._receiver()} := &{self._owner}{{}}", f"{INDENT}return {self._receiver()}"
            lines += ["", header, first, *body, last, end]
        for function in made.methods.values():
            self.function = function
            lines += ["", *self.definition(self.signature(function, self.method_name(made, function)), function)]
        return lines

    def constant(self, statement: Stmt) -> str:
        place, value = statement.exprs
        kind = self.kind_of(place.value)
        return f"var {self.names.constant(place.value)} {self.needed_type(kind)} = {self.expr(value, COND, kind)}"

    def definition(self, header: str, function: Function) -> list[str]:
        lines = super().definition(header, function)
        gives = function.returns != VOID and function.kind in ("function", "method", "static")
        if gives and not _ends(function.body):
            lines.insert(-1, f'{INDENT}panic("unreachable")')
        return lines

    # --- expressions ---

    def static_text(self, owner: str, method: str) -> str:
        return f"{self.names.type(owner)}{method[:1].upper()}{method[1:]}"

    def made(self, label: str, arguments: str) -> str:
        kind = self.names.type(label)
        return f"New{kind}({arguments})" if self.program.classes[label].constructor is not None else f"&{kind}{{}}"

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type if args else UNKNOWN
        if kind == "self":
            return self._receiver(), PRIMARY
        if kind == "field":
            return f"{self.expr(args[0], PRIMARY)}.{self.field_text(expression)}", PRIMARY
        if kind == "list":
            inside = expression.type.of[0] if expression.type.of else UNKNOWN
            if expression.type.kind != "list":
                raise Unsupported("a tuple in Go")
            items = ", ".join(self.expr(part, COND, inside) for part in args)
            return f"{self.needed_type(expression.type)}{{{items}}}", PRIMARY
        if kind == "map":
            of = expression.type.of
            texts = [self.expr(part, COND, of[place % 2]) for place, part in enumerate(args)]
            pairs = ", ".join(f"{key}: {value}" for key, value in zip(texts[::2], texts[1::2], strict=True))
            return f"{self.needed_type(expression.type)}{{{pairs}}}", PRIMARY
        if kind in ("min", "max"):
            wanted = expression.type
            call = f"py{kind.capitalize()}"
            return f"{call}({self.expr(args[0], COND, wanted)}, {self.expr(args[1], COND, wanted)})", PRIMARY
        if kind == "slice":
            end = f"len({self.expr(args[0])})" if args[2].op == "none" else self.expr(args[2])
            call = "pySliceText" if first == STR else "pySlice"
            return f"{call}({self.expr(args[0])}, {self.expr(args[1])}, {end})", PRIMARY
        if kind in ("keys", "listof") and first.kind in ("map", "set") and expression.value == SORTED:
            return f"pyKeys({self.expr(args[0])})", PRIMARY
        if kind in ("listof", "keys", "values", "items", "mapof") and first.kind in ("map", "set"):
            raise Unsupported("the order of a map")
        if kind == "repeat" and first.kind == "list" and first.of and first.of[0].kind in ("list", "map", "set"):
            raise Unsupported("a list that holds one list several times")
        if kind == "poplast":
            return f"pyPop(&{self.expr(args[0], PRIMARY)})", PRIMARY
        if kind in ("==", "!=") and {"list", "set", "map"} & {part.type.kind for part in args} and args[1].op != "none":
            text = f"reflect.DeepEqual({self.expr(args[0])}, {self.expr(args[1])})"
            return (text, PRIMARY) if kind == "==" else (f"!{text}", UNARY)
        return None

    def conditional(self, args: list[Expr], wanted: Type) -> str:
        kind = wanted if wanted.known else args[1].type
        text = self.needed_type(kind)
        yes, no = (self.expr(part, COND, kind) for part in args[1:])
        return f"func() {text} {{ if {self.truth(args[0])} {{ return {yes} }}; return {no} }}()"

    def concat(self, parts: list[Expr]) -> tuple[str, int]:
        if all(
            part.type in _TEXTS and part.op not in ("fixed", "pad", "padleft", "padright") for part in parts
        ) and all(part.op != "tostr" or part.args[0].type in _TEXTS for part in parts):
            return " + ".join(self.expr(part, MULTIPLY, STR) for part in parts), ADD
        pattern, given = "", list[str]()
        for part in parts:
            if part.op == "str":
                pattern += part.value.replace("%", "%%")
                continue
            whole = part.op == "tostr" and part.args[0].type.kind in WHOLE
            pattern += "%d" if whole else "%s"
            given.append(self.expr(part.args[0] if whole else part))
        return f"fmt.Sprintf({', '.join([quoted(pattern, chr(34)), *given])})", PRIMARY

    def bits(self, expression: Expr) -> tuple[str, int]:
        if expression.type == Type("bool"):
            raise Unsupported("bits of truth values in Go")
        return super().bits(expression)

    def literal(self, text: str, kind: Type) -> str:
        return quoted(text, '"')

    # --- statements ---

    def printed(self, text: Expr, *, line: bool) -> str:
        if not line:
            return f"fmt.Print({self.expr(text)})"
        only = text.args[0] if len(text.args) == 1 else None
        plain = only is not None and only.op == "tostr" and only.args[0].type.kind in (*WHOLE, "str", "char")
        return f"fmt.Println({self.expr(only.args[0] if plain and only is not None else text) if text.args else ''})"

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        text = self.type_text(kind)
        if value is None or value == "nil":
            if not text:
                raise Unsupported("a variable of unknown type")
            return f"var {name} {text}"
        return f"var {name} {text} = {value}" if kind == FLOAT else f"{name} := {value}"

    def statement(self, statement: Stmt) -> list[str]:
        lines = super().statement(statement)
        if statement.op == "declare" and not self._is_read(statement.name):
            lines.append(f"_ = {self.name(statement.name)}")
        return lines

    def _is_read(self, label: str) -> bool:
        """Go wants every variable to be looked at: assigning to it does not count."""
        written = {
            id(inner.exprs[0])
            for body in [self.function.body]
            for s in body
            for inner in s.walk()
            if inner.op == "assign"
        }
        return any(
            part.op == "name" and part.value == label and id(part) not in written
            for part in all_expressions(self.function.body)
        )

    def held(self, name: str, kind: Type, value: str) -> str:
        return f"{name} := {value}"

    def loop_variable(self, name: str, kind: Type, start: str) -> str:
        return f"{name} := {start}"

    def range_header(self, statement: Stmt) -> str:
        return _bare(super().range_header(statement))

    def while_header(self, test: Expr) -> str:
        text = self.truth(test)
        return "for" if text == "true" else f"for {text}"

    def each_header(self, statement: Stmt) -> str:
        what, over = loop_source(statement)
        if what == "keys" or over.type.kind == "set":
            raise Unsupported("the order of a map")
        text = self.expr(over)
        text = f'strings.Split({text}, "")' if what == "chars" else text
        read = self._is_read(statement.name)
        return f"for _, {self.name(statement.name)} := range {text}" if read else f"for range {text}"

    def sorted_plainly(self, place: Expr, item: Type, *, reverse: bool) -> str:
        if item.kind not in (*WHOLE, "float", "str", "char"):
            raise Unsupported("a sort of something that is not plain")
        text, (i, j) = self.expr(place, PRIMARY), self._places()
        sign = ">" if reverse else "<"
        return f"sort.SliceStable({text}, func({i}, {j} int) bool {{ return {text}[{i}] {sign} {text}[{j}] }})"

    def _places(self) -> tuple[str, str]:
        """Names for the places of two items that a sort compares."""
        return self.names.unused(self.function, "i"), self.names.unused(self.function, "j")

    def sorted_by(
        self, place: Expr, item: Type, names: tuple[str, str], keys: list[tuple[str, str, Expr]], *, reverse: bool
    ) -> list[str]:
        text, (i, j) = self.expr(place, PRIMARY), self._places()
        lines = [f"{', '.join(names)} := {text}[{i}], {text}[{j}]", *self.first_unequal(keys, reverse=reverse)]
        header = f"sort.SliceStable({text}, func({i}, {j} int) bool {{"
        return [header, *(INDENT + line for line in lines), "})"]


def _ends(body: list[Stmt]) -> bool:
    """Whether Go sees that a body does not come to its end."""
    if not body:
        return False
    last = body[-1]
    if last.op == "if":
        return bool(last.blocks[1]) and all(_ends(block) for block in last.blocks)
    endless = last.op == "while" and last.exprs[0].op == "bool" and last.exprs[0].value is True
    leaves = any(inner.op == "break" for block in last.blocks for statement in block for inner in statement.walk())
    return last.op in ("return", "raise") or (endless and not leaves)


def _bare(line: str) -> str:
    """`for (...)` without the parentheses that Go does not want."""
    start, end = line.index("("), line.rindex(")")
    return f"{line[:start]}{line[start + 1 : end]}{line[end + 1 :]}"
