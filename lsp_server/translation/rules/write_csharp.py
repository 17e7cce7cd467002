"""The language between languages as C#: its numbers, texts, lists and dictionaries."""

from lsp_server.translation.rules.brace import loop_source
from lsp_server.translation.rules.csharp_templates import TEMPLATES
from lsp_server.translation.rules.in_class import InClassWriter
from lsp_server.translation.rules.scopes import rebinds
from lsp_server.translation.rules.templating import ADD, COND, LESS, MULTIPLY, PRIMARY, UNARY, WHOLE, quoted
from lsp_server.translation.rules.tree import Class, Expr, Function, Stmt, Unsupported
from lsp_server.translation.types import CHAR, FLOAT, INT, LONG, STR, UNKNOWN, Type


class CSharpWriter(InClassWriter):
    language = "csharp"
    main = "static void Main(string[] args)"
    constant_words = "public static readonly"
    templates = TEMPLATES

    # --- units ---

    def signature(self, function: Function, called: str) -> str:
        word = "" if function.kind == "method" else "static "
        word = "override " if called == "ToString" else word
        return f"public {word}{self.returns(function)} {called}({self.parameters(function)})"

    def constructor(self, made: Class, function: Function) -> str:
        return f"public {self.names.type(made.name)}({self.parameters(function)})"

    def field_line(self, kind: Type, name: str) -> str:
        return f"public {self.needed_type(kind)} {name};"

    # --- expressions ---

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type if args else UNKNOWN
        if kind == "self":
            return "this", PRIMARY
        if kind == "field":
            return f"{self.expr(args[0], PRIMARY)}.{self.field_text(expression)}", PRIMARY
        if kind in ("list", "map"):
            return self._collection(expression), PRIMARY
        if kind in ("/", "cdiv"):
            whole = kind == "/" and all(part.type.kind in WHOLE for part in args)
            left = f"(double) {self.expr(args[0], UNARY)}" if whole else self.expr(args[0], MULTIPLY)
            return f"{left} / {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "pow" and expression.type.kind in WHOLE:
            cast = f"({self.type_text(expression.type)}) "
            return f"{cast}Math.Pow({self.expr(args[0])}, {self.expr(args[1])})", UNARY
        if kind in ("floor", "ceil"):
            call = "Floor" if kind == "floor" else "Ceiling"
            return f"{'(int) ' if expression.type == INT else ''}Math.{call}({self.expr(args[0])})", UNARY
        if kind in _OF_CHARACTERS:
            call = _OF_CHARACTERS[kind]
            if first == CHAR:
                return f"char.{call}({self.expr(args[0])})", PRIMARY
            return f"Py.{call}({self.expr(args[0], COND, STR)})", PRIMARY
        if kind == "slice":
            end = "null" if args[2].op == "none" else self.expr(args[2])
            return f"Py.Slice({self.expr(args[0])}, {self.expr(args[1])}, {end})", PRIMARY
        if kind in ("<", "<=", ">", ">=") and self.common_text(args) == STR:
            return (
                f"string.CompareOrdinal({self.expr(args[0], COND, STR)}, {self.expr(args[1], COND, STR)}) {kind} 0",
                LESS,
            )
        if kind in ("==", "!=") and {"list", "set", "map"} & {part.type.kind for part in args} and args[1].op != "none":
            return self._same(kind, args)
        return None

    def _same(self, kind: str, args: list[Expr]) -> tuple[str, int]:
        if any(part.type.kind != "list" or (part.type.of and part.type.of[0].kind == "list") for part in args):
            raise Unsupported("a comparison of collections")
        text = f"{self.expr(args[0], PRIMARY)}.SequenceEqual({self.expr(args[1])})"
        return (text, PRIMARY) if kind == "==" else (f"!{text}", UNARY)

    def _collection(self, expression: Expr) -> str:
        kind, args = expression.type, expression.args
        if kind.kind == "tuple":
            items = ", ".join(self.expr(part, COND, inner) for part, inner in zip(args, kind.of, strict=True))
            return f"({items})"
        text = self.needed_type(kind)
        if expression.op == "list":
            items = ", ".join(self.expr(part, COND, kind.of[0]) for part in args)
        else:
            texts = [self.expr(part, COND, kind.of[place % 2]) for place, part in enumerate(args)]
            items = ", ".join(f"{{ {key}, {value} }}" for key, value in zip(texts[::2], texts[1::2], strict=True))
        if kind.name == "array":
            return f"new {self.needed_type(kind.of[0])}[] {{ {items} }}"
        return f"new {text} {{ {items} }}" if items else f"new {text}()"

    def convert(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        if wanted == FLOAT and expression.op == "int":
            return f"{expression.value}.0", PRIMARY
        if wanted == INT and expression.type == LONG and expression.op != "int":
            return f"(int) {self.expr(expression, UNARY)}", UNARY
        return super().convert(expression, wanted)

    def concat(self, parts: list[Expr]) -> tuple[str, int]:
        texts: list[str] = []
        for place, part in enumerate(parts):
            inner = part.args[0] if part.op == "tostr" else part
            plain = inner.type.kind in (*WHOLE, "char", "str") and place > 0
            texts.append(self.expr(inner, MULTIPLY) if plain else self.expr(part, MULTIPLY, STR))
        return " + ".join(texts), ADD

    def literal(self, text: str, kind: Type) -> str:
        return quoted(text, "'") if kind == CHAR and len(text) == 1 else quoted(text, '"')

    # --- statements ---

    def printed(self, text: Expr, *, line: bool) -> str:
        only = text.args[0] if len(text.args) == 1 else None
        plain = only is not None and only.op == "tostr" and only.args[0].type.kind in (*WHOLE, "str", "char")
        given = self.expr(only.args[0] if plain and only is not None else text) if text.args else ""
        return f"Console.Write{'Line' if line else ''}({given})"

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        text = self.type_text(kind) if kind.kind != "void" else ""
        if (value is None or value == "null") and not text:
            raise Unsupported("a variable of unknown type")
        zero = f"default({text})"
        return f"{text or 'var'} {name} = {value if value is not None else zero};"

    def each_header(self, statement: Stmt) -> str:
        what, over = loop_source(statement)
        text = self.expr(over, PRIMARY) + (".Keys" if what == "keys" else "")
        if rebinds(statement.blocks[0], statement.name):
            raise Unsupported("a loop whose variable is changed")
        return f"foreach (var {self.name(statement.name)} in {text})"

    def sorted_plainly(self, place: Expr, item: Type, *, reverse: bool) -> str:
        text = self.expr(place, PRIMARY)
        if item.kind not in (*WHOLE, "float", "str", "char"):
            raise Unsupported("a sort of something that is not plain")
        if item == STR:
            order = "string.CompareOrdinal(b, a)" if reverse else "string.CompareOrdinal(a, b)"
            return f"{text}.Sort((a, b) => {order})"
        return f"{text}.Sort((a, b) => b.CompareTo(a))" if reverse else f"{text}.Sort()"

    def sorted_by(
        self, place: Expr, item: Type, names: tuple[str, str], keys: list[tuple[str, str, Expr]], *, reverse: bool
    ) -> list[str]:
        text = self.expr(place, PRIMARY)
        chain = ""
        for number, (a, _, key) in enumerate(keys):
            call = f"{'ThenBy' if number else 'OrderBy'}{'Descending' if reverse else ''}"
            comparer = ", StringComparer.Ordinal" if key.type == STR else ""
            chain += f".{call}({names[0]} => {a}{comparer})"
        if place.op != "name":
            raise Unsupported("a sort in place")
        held = self.names.fresh(self.function, "ordered")
        return [f"var {held} = {text}{chain}.ToList();", f"{text}.Clear();", f"{text}.AddRange({held});"]


_OF_CHARACTERS = {
    "isdigit": "IsDigit",
    "isalpha": "IsLetter",
    "isupper": "IsUpper",
    "islower": "IsLower",
    "isspace": "IsWhiteSpace",
    "isalnum": "IsLetterOrDigit",
}
