"""The language between languages as C++: values are copied, so what a function changes is handed over by reference."""

from lsp_server.translation.rules.brace import INDENT, BraceWriter, loop_source
from lsp_server.translation.rules.cpp_templates import TEMPLATES
from lsp_server.translation.rules.lower import SORTED
from lsp_server.translation.rules.templating import ADD, COND, LESS, MULTIPLY, PRIMARY, UNARY, WHOLE
from lsp_server.translation.rules.tree import Class, Expr, Function, Stmt, Unsupported
from lsp_server.translation.types import CHAR, FLOAT, INT, STR, UNKNOWN, Type

_COLLECTIONS = ("list", "set", "map")


class CppWriter(BraceWriter):
    language = "cpp"
    main = "int main()"
    none = "nullptr"
    templates = TEMPLATES

    # --- units ---

    def type_text(self, kind: Type) -> str:
        return super().type_text(self.by_reference(kind, "std::shared_ptr<{}>"))

    def signature(self, function: Function, called: str) -> str:
        before = "static " if function.kind == "static" else ""
        return f"{before}{self.returns(function)} {called}({self.parameters(function)})"

    def constructor(self, made: Class, function: Function) -> str:
        return f"{self.names.type(made.name)}({self.parameters(function)})"

    def class_lines(self, made: Class) -> list[str]:
        first, *rest = super().class_lines(made)
        return [first, "public:", *rest[:-1], "};"]

    def field_line(self, kind: Type, name: str) -> str:
        zero = {"int": " = 0", "long": " = 0", "float": " = 0", "bool": " = false"}.get(kind.kind, "")
        return f"{self.needed_type(kind)} {name}{zero};"

    def parameter(self, name: str, kind: Type, function: Function) -> str:
        label = next((own for own, _ in function.parameters if self.name(own) == name), name)
        changed = kind.kind in _COLLECTIONS and label in self.scope.effects.of(function)
        by_reference = changed and not self.scope.effects.rebinds(function, label)
        return f"{self.needed_type(kind)}{'&' if by_reference else ''} {name}"

    def constant(self, statement: Stmt) -> str:
        place, value = statement.exprs
        kind = self.kind_of(place.value)
        return f"const {self.needed_type(kind)} {self.names.constant(place.value)} = {self.expr(value, COND, kind)};"

    # --- expressions ---

    def _slot(self, mark: str, argument: Expr, args: list[Expr]) -> str:
        text = super()._slot(mark, argument, args)
        return f"std::string({text})" if mark in ("", "T") and argument.op == "str" else text

    def static_text(self, owner: str, method: str) -> str:
        return f"{self.names.type(owner)}::{method}"

    def method_text(self, receiver: Expr, method: str, arguments: str) -> str:
        return f"{self.expr(receiver, PRIMARY)}->{method}({arguments})"

    def made(self, label: str, arguments: str) -> str:
        return f"std::make_shared<{self.names.type(label)}>({arguments})"

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type if args else UNKNOWN
        if kind == "self":
            return "this", PRIMARY
        if kind == "field":
            return f"{self.expr(args[0], PRIMARY)}->{self.field_text(expression)}", PRIMARY
        if kind in ("list", "map"):
            return self._literal_collection(expression), PRIMARY
        if kind in ("min", "max"):
            given = f"<{self.needed_type(expression.type)}>" if args[0].type != args[1].type else ""
            wanted = expression.type
            return (
                f"std::{kind}{given}({self.expr(args[0], COND, wanted)}, {self.expr(args[1], COND, wanted)})",
                PRIMARY,
            )
        if kind in ("/", "cdiv"):
            whole = kind == "/" and all(part.type.kind in WHOLE for part in args)
            left = f"(double) {self.expr(args[0], UNARY)}" if whole else self.expr(args[0], MULTIPLY)
            return f"{left} / {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "pow" and expression.type.kind in WHOLE:
            return f"py_pow({self.expr(args[0], COND)}, {self.expr(args[1])})", PRIMARY
        if kind in ("floor", "ceil"):
            return f"{'(int) ' if expression.type == INT else ''}std::{kind}({self.expr(args[0])})", UNARY
        if kind in ("isdigit", "isalpha", "isupper", "islower", "isspace", "isalnum"):
            if first == CHAR:
                return f"std::{kind}((unsigned char) {self.expr(args[0], UNARY)}) != 0", LESS - 1
            return f"py_{kind}({self.expr(args[0], COND, STR)})", PRIMARY
        if kind == "slice":
            end = "py_end" if args[2].op == "none" else self.expr(args[2])
            return f"py_slice({self.expr(args[0])}, {self.expr(args[1])}, {end})", PRIMARY
        if kind == "sum":
            text = self.expr(args[0], PRIMARY)
            zero = {"float": "0.0", "long": "0LL"}.get(expression.type.kind, "0")
            return f"std::accumulate({text}.begin(), {text}.end(), {zero})", PRIMARY
        if kind == "filled":
            item = self.expr(args[1], COND, expression.type.of[0])
            return f"{self.needed_type(expression.type)}({self.expr(args[0])}, {item})", PRIMARY
        return self._copies(expression)

    def _copies(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type if args else UNKNOWN
        if kind in ("keys", "listof") and first.kind == "map" and expression.value == SORTED:
            return f"py_keys({self.expr(args[0])})", PRIMARY
        if kind in ("keys", "values", "items", "mapof") or (kind == "listof" and first.kind == "map"):
            raise Unsupported("the order of a map")
        if kind == "listof" and first == expression.type:
            return self.expr(args[0], PRIMARY), PRIMARY
        if kind == "repeat" and first.kind == "list" and args[0].op == "list" and len(args[0].args) == 1:
            item = self.expr(args[0].args[0], COND, expression.type.of[0])
            if first.of and first.of[0].kind in _COLLECTIONS:
                raise Unsupported("a list that holds one list several times")
            return f"{self.needed_type(expression.type)}({self.expr(args[1])}, {item})", PRIMARY
        return None

    def _literal_collection(self, expression: Expr) -> str:
        kind, args = expression.type, expression.args
        if kind.kind == "tuple":
            items = ", ".join(self.expr(part, COND, inner) for part, inner in zip(args, kind.of, strict=True))
            return f"{self.needed_type(kind)}({items})"
        if expression.op == "list":
            inside = kind.of[0] if kind.of else UNKNOWN
            items = ", ".join(self.expr(part, COND, inside) for part in args)
        else:
            texts = [self.expr(part, COND, kind.of[place % 2]) for place, part in enumerate(args)]
            items = ", ".join(f"{{{key}, {value}}}" for key, value in zip(texts[::2], texts[1::2], strict=True))
        return f"{self.needed_type(kind)}{{{items}}}"

    def concat(self, parts: list[Expr]) -> tuple[str, int]:
        texts: list[str] = []
        for place, part in enumerate(parts):
            text = self.expr(part, ADD if place == 0 else MULTIPLY, STR)
            plain = part.op == "str" and place < 2 and all(other.op == "str" for other in parts[:place])
            texts.append(f"std::string({text})" if plain and place == 0 else text)
        return " + ".join(texts), ADD

    def convert(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        if wanted == FLOAT and expression.op == "int":
            return f"{expression.value}.0", PRIMARY
        return super().convert(expression, wanted)

    def conditional(self, args: list[Expr], wanted: Type) -> str:
        if wanted == STR:
            texts = [
                f"std::string({self.expr(part)})" if part.op == "str" else self.expr(part, LESS, STR)
                for part in args[1:]
            ]
            return f"{self.truth(args[0], 1)} ? {texts[0]} : {texts[1]}"
        return super().conditional(args, wanted)

    def binary(self, kind: str, args: list[Expr], level: int) -> tuple[str, int]:
        if all(part.op == "str" for part in args):
            raise Unsupported("two literals compared")
        if kind in ("<", "<=", ">", ">=") and {"size"} & {part.op for part in args}:
            raise Unsupported("sizes")
        return super().binary(kind, args, level)

    # --- statements ---

    def printed(self, text: Expr, *, line: bool) -> str:
        parts = [part for part in text.args if not (part.op == "str" and not part.value)]
        shown: list[str] = []
        for part in parts:
            inner = part.args[0] if part.op == "tostr" else part
            plain = inner.type.kind in (*WHOLE, "str", "char")
            shown.append(self.expr(inner if plain else part, MULTIPLY))
        return " << ".join(["std::cout", *shown, *(['"\\n"'] if line else [])])

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        text = self.type_text(kind) if kind.kind != "void" else ""
        if not text:
            if value is None or value == "nullptr":
                raise Unsupported("a variable of unknown type")
            text = "auto"
        if value == f"{text}{{}}":
            return f"{text} {name};"
        zero = {"int": " = 0", "long": " = 0", "float": " = 0", "bool": " = false", "char": " = ' '"}
        return f"{text} {name}{f' = {value}' if value is not None else zero.get(kind.kind, '')};"

    def each_header(self, statement: Stmt) -> str:
        what, over = loop_source(statement)
        if what == "keys":
            raise Unsupported("the order of a map")
        kind = self.kind_of(statement.name)
        changed = kind.kind in _COLLECTIONS and statement.name in self.scope.effects.of(self.function)
        reference = "&" if changed else ""
        return f"for ({self.type_text(kind) or 'auto'}{reference} {self.name(statement.name)} : {self.expr(over)})"

    def place(self, place: Expr) -> str:
        if place.op == "index" and place.args[0].type.kind == "map":
            holder, key = place.args
            return f"{self.expr(holder, PRIMARY)}[{self.expr(key, COND, holder.type.of[0])}]"
        return super().place(place)

    def change(self, statement: Stmt) -> list[str]:
        if statement.op == "put" and statement.exprs[0].type.kind not in ("list", "map"):
            raise Unsupported("a change of something unknown")
        return super().change(statement)

    def sorted_plainly(self, place: Expr, item: Type, *, reverse: bool) -> str:
        if not item.known or item.kind in ("map", "set", "named"):
            raise Unsupported("a sort of something that is not plain")
        text = self.expr(place, PRIMARY)
        if reverse:
            return f"std::sort({text}.rbegin(), {text}.rend())"
        return f"std::sort({text}.begin(), {text}.end())"

    def sorted_by(
        self, place: Expr, item: Type, names: tuple[str, str], keys: list[tuple[str, str, Expr]], *, reverse: bool
    ) -> list[str]:
        text, kind, (a, b) = self.expr(place, PRIMARY), self.needed_type(item), names
        lines = self.first_unequal(keys, reverse=reverse)
        header = f"std::stable_sort({text}.begin(), {text}.end(), [&](const {kind}& {a}, const {kind}& {b}) {{"
        return [header, *(INDENT + line for line in lines), "});"]
