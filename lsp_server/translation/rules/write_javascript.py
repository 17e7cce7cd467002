"""The language between languages as JavaScript and TypeScript."""

from lsp_server.translation.rules.brace import BraceWriter
from lsp_server.translation.rules.javascript_templates import TEMPLATES
from lsp_server.translation.rules.scopes import given_to, rebinds
from lsp_server.translation.rules.templating import COND, EQUAL, MULTIPLY, PRIMARY, WHOLE, quoted
from lsp_server.translation.rules.tree import Class, Expr, Function, Stmt, Unsupported
from lsp_server.translation.types import CHAR, STR, UNKNOWN, Type

_EXACT = 2**53
_LARGE = 94_906_265
"""The root of the largest whole number that is exact."""


class JavaScriptWriter(BraceWriter):
    language = "javascript"
    spelled = {"and": "&&", "or": "||", "not": "!", "==": "===", "!=": "!=="}  # noqa: RUF012 - read only
    templates = TEMPLATES
    key_level = MULTIPLY  # one is subtracted from the other

    # --- units ---

    def signature(self, function: Function, called: str) -> str:
        word = {"method": "", "static": "static "}.get(function.kind, "function ")
        return f"{word}{called}({self.parameters(function)}){self.result(function)}"

    def result(self, function: Function) -> str:
        return ""

    def constructor(self, made: Class, function: Function) -> str:
        return f"constructor({self.parameters(function)})"

    def field_lines(self, made: Class) -> list[str]:
        return []

    def parameter(self, name: str, kind: Type, function: Function) -> str:
        return name

    def constant(self, statement: Stmt) -> str:
        place, value = statement.exprs
        kind = self.kind_of(place.value)
        return f"const {self.names.constant(place.value)}{self.annotation(kind)} = {self.expr(value, COND, kind)};"

    # --- expressions ---

    def type_text(self, kind: Type) -> str:
        return ""

    def whole(self, value: int) -> str:
        if abs(value) > _EXACT:
            raise Unsupported("a number that JavaScript does not hold exactly")
        return str(value)

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type.kind if args else ""
        if kind == "self":
            return "this", PRIMARY
        if kind == "field":
            return f"{self.expr(args[0], PRIMARY)}.{self.field_text(expression)}", PRIMARY
        if kind == "list":
            return f"[{', '.join(map(self.expr, args))}]", PRIMARY
        if kind == "map":
            pairs = [f"[{self.expr(k)}, {self.expr(v)}]" for k, v in zip(args[::2], args[1::2], strict=True)]
            return (f"new Map([{', '.join(pairs)}])" if pairs else "new Map()"), PRIMARY
        if kind == "floormod" and self._is_too_large(args):
            raise Unsupported("a product that JavaScript does not hold exactly")
        if kind == "slice":
            end = "" if args[2].op == "none" else f", {self.expr(args[2])}"
            return f"{self.expr(args[0], PRIMARY)}.slice({self.expr(args[1])}{end})", PRIMARY
        if kind == "sorted":
            keys = ".keys()" if first == "map" else ""
            return f"[...{self.expr(args[0], PRIMARY)}{keys}]{self._sorting(expression, args[1:])}", PRIMARY
        if kind in ("repeat", "filled"):
            return self._repeated(expression)
        if kind == "+" and STR not in (args[0].type, args[1].type) and expression.type.kind == "unknown":
            raise Unsupported("a sum of something unknown")
        if kind in ("==", "!=") and {"list", "map", "set", "tuple"} & {part.type.kind for part in args}:
            return self._compared(kind, args), EQUAL
        if kind in ("<", "<=", ">", ">=") and first in ("list", "tuple", "set"):
            raise Unsupported("lists in order")
        if kind in ("min", "max", "minof", "maxof") and expression.type.kind not in (
            *WHOLE,
            "float",
            "bool",
            "unknown",
        ):
            raise Unsupported("the extreme of what are no numbers")
        return None

    @staticmethod
    def _is_too_large(args: list[Expr]) -> bool:
        """Whether a remainder is taken of a product that may have been rounded."""
        product = any(part.op in ("*", "pow", "<<") for part in args[0].walk())
        modulus = args[1]
        return product and (modulus.op == "name" or (modulus.op == "int" and modulus.value > _LARGE))

    def _compared(self, kind: str, args: list[Expr]) -> str:
        inside = {inner.kind for part in args for inner in part.type.of}
        if "set" in {part.type.kind for part in args} | inside or "map" in {part.type.kind for part in args} | inside:
            raise Unsupported("a comparison of sets or maps")
        return f" {self.spelled[kind]} ".join(f"JSON.stringify({self.expr(part)})" for part in args)

    def _repeated(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        times, item = (args[0], args[1]) if kind == "filled" else (args[1], args[0])
        if kind == "repeat":
            if item.type.kind in ("str", "char"):
                return None
            if item.op != "list" or len(item.args) != 1 or item.args[0].type.kind in ("list", "map", "set"):
                raise Unsupported("a repeated list")
            item = item.args[0]
        if item.type.kind in ("list", "map", "set"):
            return f"Array.from({{ length: {self.expr(times)} }}, () => {self.expr(item)})", PRIMARY
        return f"new Array({self.expr(times)}).fill({self.expr(item)})", PRIMARY

    def literal(self, text: str, kind: Type) -> str:
        return quoted(text, '"')

    def bits(self, expression: Expr) -> tuple[str, int]:
        if any(part.type.kind not in ("int", "bool") for part in expression.args):
            raise Unsupported("bits beyond the 32 that JavaScript knows")
        if any(self._is_wide(part, frozenset()) for part in expression.args):
            raise Unsupported("bits beyond the 32 that JavaScript knows")
        return super().bits(expression)

    def _is_wide(self, value: Expr, known: frozenset[str]) -> bool:
        """Whether a number is made from one of more than 32 bits; `known` are variables that were looked into."""
        for part in value.walk():
            if part.op == "int" and abs(part.value) >= 2**32:
                return True
            if part.op in ("<<", "pow") and part.args[1].op == "int" and part.args[1].value >= 31:
                return True
            if part.op == "name" and part.value not in known:
                given = [item for piece in (self.function, *self._constants()) for item in given_to(piece, part.value)]
                if any(self._is_wide(item, known | {part.value}) for item in given):
                    return True
        return False

    def _constants(self) -> list[Function]:
        pieces = self.program.pieces.values()
        return [piece for piece in pieces if isinstance(piece, Function) and piece.kind == "statements"]

    def shown(self, expression: Expr) -> tuple[str, int]:
        value = expression.args[0]
        if expression.value in ("javascript", "typescript"):
            return f"String({self.expr(value)})", PRIMARY
        if value.type.kind in ("float", "list", "set", "map", "tuple", "optional") and expression.value is None:
            return self._as_python_shows(self.expr(value), value.type), PRIMARY
        return super().shown(expression)

    def _as_python_shows(self, text: str, kind: Type, depth: int = 0) -> str:
        """JavaScript does not tell `1` from `1.0`: the type has to say how a value is shown."""
        if kind.kind == "float":
            return f"pyFloat({text})"
        if kind.kind == "bool":
            return f'({text} ? "True" : "False")'
        if kind in (STR, CHAR):
            return f"pyQuoted({text})"
        if kind.kind in WHOLE:
            return f"String({text})"
        if kind.kind in ("list", "set") and kind.known:
            item = f"item{depth or ''}"
            shown = f"(({item}) => {self._as_python_shows(item, kind.of[0], depth + 1)})"
            return f"py{kind.kind.capitalize()}({text}, {shown})"
        if kind.kind == "map" and kind.known:
            names = f"key{depth or ''}", f"value{depth or ''}"
            shown = [
                f"(({n}) => {self._as_python_shows(n, k, depth + 1)})" for n, k in zip(names, kind.of, strict=True)
            ]
            return f"pyMap({text}, {', '.join(shown)})"
        raise Unsupported("a value as text")

    def concat(self, parts: list[Expr]) -> tuple[str, int]:
        pieces: list[str] = []
        for part in parts:
            if part.op == "str":
                pieces.append(quoted(part.value, "`").replace("${", "\\${")[1:-1])
            else:
                inner = (
                    part.args[0] if part.op == "tostr" and part.args[0].type.kind in (*WHOLE, "str", "char") else part
                )
                pieces.append(f"${{{self.expr(inner)}}}")
        return f"`{''.join(pieces)}`", PRIMARY

    # --- statements ---

    def printed(self, text: Expr, *, line: bool) -> str:
        only = text.args[0] if len(text.args) == 1 else None
        plain = only is not None and only.op == "tostr" and _logs_as_text(only.args[0])
        given = self.expr(only.args[0] if plain and only is not None else text) if text.args else ""
        return f"console.log({given})" if line else f"process.stdout.write({self.expr(text)})"

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        return f"let {name}{self.annotation(kind)}{f' = {value}' if value is not None else ''};"

    def loop_variable(self, name: str, kind: Type, start: str) -> str:
        return f"let {name} = {start}"

    def annotation(self, kind: Type) -> str:
        return ""

    def each_header(self, statement: Stmt) -> str:
        over = statement.exprs[0]
        inner = over.args[0] if over.op in ("keys", "chars", "listof") else over
        if inner.type.kind == "unknown" and inner is not over:
            raise Unsupported("a loop over something unknown")
        keys = ".keys()" if inner.type.kind == "map" else ""
        level = PRIMARY if keys else COND
        word = "let" if rebinds(statement.blocks[0], statement.name) else "const"
        return f"for ({word} {self.name(statement.name)} of {self.expr(inner, level)}{keys})"

    def set_text(self, place: Expr, value: str) -> str:
        if place.op == "index" and place.args[0].type.kind == "map":
            holder, key = place.args
            return f"{self.expr(holder, PRIMARY)}.set({self.expr(key)}, {value})"
        return f"{self.expr(place)} = {value}"

    def augmented(self, place: Expr, sign: str, value: str) -> str:
        if place.op == "index" and place.args[0].type.kind == "map":
            return self.set_text(place, f"{self.expr(place)} {sign} {value if value.isalnum() else f'({value})'}")
        return super().augmented(place, sign, value)

    def sorted_plainly(self, place: Expr, item: Type, *, reverse: bool) -> str:
        order = [Expr("bool", value=reverse)]
        return f"{self.expr(place, PRIMARY)}{self._sorting(place, order)}"

    def _sorting(self, place: Expr, order: list[Expr]) -> str:
        """JavaScript sorts by text unless it is told otherwise."""
        if len(order) > 1:
            function = order[1]
            body = function.args[0]
            keys = body.args if body.op == "list" else [body]
            a, b = self.pair()
            texts = [(self._key(key, function.value[0], a), self._key(key, function.value[0], b)) for key in keys]
            kinds = [key.type.kind for key in keys]
            return f".sort(({a}, {b}) => {self._orders(texts, kinds, reverse=bool(order[0].value))})"
        reverse = bool(order and order[0].value)
        item = STR if place.type == STR else place.type.of[0] if place.type.of else UNKNOWN
        if item in (STR, CHAR):
            return ".sort().reverse()" if reverse else ".sort()"
        if item.kind not in (*WHOLE, "float"):
            raise Unsupported("a sort of something that is not plain")
        return f".sort((a, b) => {'b - a' if reverse else 'a - b'})"

    def sorted_by(
        self, place: Expr, item: Type, names: tuple[str, str], keys: list[tuple[str, str, Expr]], *, reverse: bool
    ) -> list[str]:
        order = self._orders([(a, b) for a, b, _ in keys], [key.type.kind for _, _, key in keys], reverse=reverse)
        return [f"{self.expr(place, PRIMARY)}.sort(({', '.join(names)}) => {order});"]

    @staticmethod
    def _orders(texts: list[tuple[str, str]], kinds: list[str], *, reverse: bool) -> str:
        orders: list[str] = []
        for (a, b), kind in zip(texts, kinds, strict=True):
            first, second = (b, a) if reverse else (a, b)
            if kind in (*WHOLE, "float"):
                orders.append(f"{first} - {second}")
            elif kind in ("str", "char"):
                orders.append(f"({first} < {second} ? -1 : {first} > {second} ? 1 : 0)")
            else:
                raise Unsupported("a sort by something that is not plain")
        return " || ".join(orders)


def _logs_as_text(value: Expr) -> bool:
    """Whether `console.log` writes a value as `String` does: of a number it shows the sign of zero (`-0`, `0 * -1`)."""
    return value.type.kind in ("str", "char") or (value.type.kind in WHOLE and value.op in ("int", "len"))


class TypeScriptWriter(JavaScriptWriter):
    language = "typescript"

    def type_text(self, kind: Type) -> str:
        return BraceWriter.type_text(self, kind)

    def annotation(self, kind: Type) -> str:
        return f": {self.type_text(kind) or 'any'}"

    def field_lines(self, made: Class) -> list[str]:
        return [f"{self.names.field(made.name, field)}{self.annotation(kind)};" for field, kind in made.fields.items()]

    def parameter(self, name: str, kind: Type, function: Function) -> str:
        return f"{name}{self.annotation(kind)}"

    def result(self, function: Function) -> str:
        return f": {'void' if function.returns.kind == 'void' else self.type_text(function.returns) or 'any'}"
