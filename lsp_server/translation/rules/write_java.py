"""The language between languages as Java: lists are `List`, or arrays where a declaration says so."""

from lsp_server.translation.rules.brace import INDENT, loop_source
from lsp_server.translation.rules.in_class import InClassWriter
from lsp_server.translation.rules.java_templates import TEMPLATES
from lsp_server.translation.rules.templating import ADD, COND, LESS, MULTIPLY, PRIMARY, UNARY, WHOLE
from lsp_server.translation.rules.tree import Class, Expr, Function, Stmt, Unsupported
from lsp_server.translation.types import CHAR, FLOAT, INT, LONG, STR, UNKNOWN, Type

_BOXES = {"int": "Integer", "long": "Long", "float": "Double", "char": "Character", "bool": "Boolean", "str": "String"}
_OF_CHARACTERS = {
    "isdigit": "isDigit",
    "isalpha": "isLetter",
    "isupper": "isUpperCase",
    "islower": "isLowerCase",
    "isspace": "isWhitespace",
    "isalnum": "isLetterOrDigit",
}
_SUMS = {"float": "mapToDouble(Double::doubleValue)", "long": "mapToLong(Long::longValue)"}


class JavaWriter(InClassWriter):
    language = "java"
    main = "public static void main(String[] args)"
    constant_words = "static final"
    templates = TEMPLATES

    # --- units ---

    def signature(self, function: Function, called: str) -> str:
        owner = "" if function.kind == "method" else "static "
        return f"public {owner}{self.returns(function)} {called}({self.parameters(function)})"

    def constructor(self, made: Class, function: Function) -> str:
        return f"{self.names.type(made.name)}({self.parameters(function)})"

    # --- expressions ---

    def whole(self, value: int) -> str:
        return super().whole(value) + ("L" if abs(value) >= 2**31 else "")

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        if kind == "self":
            return "this", PRIMARY
        if kind == "field":
            return f"{self.expr(args[0], PRIMARY)}.{self.field_text(expression)}", PRIMARY
        if kind == "list":
            return self._list(expression), PRIMARY
        if kind == "map":
            return self._map(expression), PRIMARY
        if kind in ("==", "!=") and not all(part.type.known or part.op == "none" for part in args):
            raise Unsupported("a comparison of something unknown")
        if kind in ("==", "!=") and self._by_equals(args):
            left, right = args
            wanted = self.common_text(args)
            text = f"{self.expr(left, PRIMARY, wanted)}.equals({self.expr(right, COND, wanted)})"
            return (text, PRIMARY) if kind == "==" else (f"!{text}", UNARY)
        if kind in ("<", "<=", ">", ">=") and STR in (args[0].type, args[1].type) and self.common_text(args) == STR:
            return f"{self.expr(args[0], PRIMARY, STR)}.compareTo({self.expr(args[1], COND, STR)}) {kind} 0", LESS
        if kind == "/" and FLOAT in (args[0].type, args[1].type):
            return f"{self.expr(args[0], MULTIPLY)} / {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "pow" and expression.type.kind in WHOLE:
            return f"({self.type_text(expression.type)}) Math.pow({self.expr(args[0])}, {self.expr(args[1])})", UNARY
        if kind in ("floor", "ceil"):
            cast = "(int) " if expression.type == INT else ""
            return f"{cast}Math.{kind}({self.expr(args[0])})", UNARY
        if kind in _OF_CHARACTERS:
            return self._of_characters(_OF_CHARACTERS[kind], args[0]), PRIMARY
        if kind == "sum":
            mapped = _SUMS.get(expression.type.kind, "mapToInt(Integer::intValue)")
            return f"{self.expr(args[0], PRIMARY)}.stream().{mapped}.sum()", PRIMARY
        if kind == "filled":
            return self._filled(expression), PRIMARY
        if kind == "slice" and args[0].type.kind in ("list", "str"):
            end = "null" if args[2].op == "none" else self.expr(args[2])
            return f"Py.slice({self.expr(args[0])}, {self.expr(args[1])}, {end})", PRIMARY
        return None

    def _list(self, expression: Expr) -> str:
        kind = expression.type
        if kind.kind != "list" or not kind.known:
            if not expression.args:
                return "new ArrayList<>()"
            raise Unsupported("a list of several kinds")
        inside = kind.of[0]
        items = ", ".join(self.expr(part, COND, inside) for part in expression.args)
        if kind.name == "array":
            return f"new {self.type_text(inside)}[]{{{items}}}"
        return f"new ArrayList<>(Arrays.asList({items}))" if items else "new ArrayList<>()"

    def _map(self, expression: Expr) -> str:
        args = expression.args
        if not args:
            return "new LinkedHashMap<>()"
        key, value = (expression.type.of[0], expression.type.of[1])
        pairs = [self.expr(part, COND, value if place % 2 else key) for place, part in enumerate(args)]
        return f"Py.map({', '.join(pairs)})" if self.needed_type(expression.type) else ""

    def _filled(self, expression: Expr) -> str:
        times, item = expression.args
        if item.type.kind in ("list", "map", "set"):
            return f"Py.filled({self.expr(times)}, () -> {self.expr(item)})"
        box = _BOXES.get(item.type.kind, "")
        value = self.expr(item, COND, expression.type.of[0])
        return f"new ArrayList<>(Collections.{f'<{box}>' if box else ''}nCopies({self.expr(times)}, {value}))"

    def _of_characters(self, call: str, argument: Expr) -> str:
        if argument.type == CHAR:
            return f"Character.{call}({self.expr(argument)})"
        if call in ("isUpperCase", "isLowerCase"):
            return f"Py.{call[:2]}{call[2:].removesuffix('Case')}({self.expr(argument, COND, STR)})"
        text = self.expr(argument, PRIMARY, STR)
        return f"(!{text}.isEmpty() && {text}.chars().allMatch(Character::{call}))"

    def _by_equals(self, args: list[Expr]) -> bool:
        kinds = [part.type.kind for part in args]
        if "none" in (part.op for part in args) or self.common_text(args) == CHAR:
            return False
        boxed = all(self._is_boxed(part) for part in args)
        return bool({"str", "list", "map", "set"} & set(kinds)) or boxed

    @staticmethod
    def _is_boxed(part: Expr) -> bool:
        if part.op == "index":
            return part.args[0].type.kind in ("list", "map") and part.args[0].type.name != "array"
        return part.op in ("poplast", "getor", "minof", "maxof") or part.type.kind == "optional"

    def convert(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        if wanted == FLOAT and expression.type in (INT, LONG):
            if expression.op == "int":
                return f"{expression.value}.0", PRIMARY
            return f"(double) {self.expr(expression, UNARY)}", UNARY
        if wanted == LONG and expression.op == "int":
            return f"{expression.value}L", PRIMARY if expression.value >= 0 else UNARY
        if wanted == LONG and expression.type == INT:
            return f"(long) {self.expr(expression, UNARY)}", UNARY
        if wanted == INT and expression.type == LONG and expression.op != "int":
            return f"(int) {self.expr(expression, UNARY)}", UNARY
        return super().convert(expression, wanted)

    def concat(self, parts: list[Expr]) -> tuple[str, int]:
        texts: list[str] = []
        for place, part in enumerate(parts):
            inner = part.args[0] if part.op == "tostr" else part
            if inner.type.kind in (*WHOLE, "char", "str") and place > 0 and len(parts) > 1:
                texts.append(self.expr(inner, MULTIPLY))
            else:
                texts.append(self.expr(part, ADD, STR))
        return " + ".join(texts), ADD

    # --- statements ---

    def printed(self, text: Expr, *, line: bool) -> str:
        given = "" if not text.args and line else self.expr(text, COND, STR)
        only = text.args[0] if len(text.args) == 1 else None
        if only is not None and only.op == "tostr" and only.args[0].type.kind in (*WHOLE, "char", "str"):
            given = self.expr(only.args[0])
        return f"System.out.print{'ln' if line else ''}({given})"

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        text = self.type_text(kind)
        if not text or kind.kind == "void":
            if value is None or value in ("null", "new ArrayList<>()"):
                raise Unsupported("a variable of unknown type")
            return f"var {name} = {value};"
        if value is None:
            value = {"bool": "false", "int": "0", "long": "0", "float": "0", "char": "' '"}.get(kind.kind, "null")
        return f"{text} {name} = {value};"

    def each_header(self, statement: Stmt) -> str:
        what, over = loop_source(statement)
        text = self.expr(over, PRIMARY)
        text = {"chars": f"{text}.toCharArray()", "keys": f"{text}.keySet()"}.get(what, text)
        return f"for ({self.type_text(self.kind_of(statement.name)) or 'var'} {self.name(statement.name)} : {text})"

    def set_text(self, place: Expr, value: str) -> str:
        if place.op == "index" and place.args[0].type.name != "array":
            holder, key = place.args
            if holder.type.kind == "map":
                return f"{self.expr(holder, PRIMARY)}.put({self.expr(key, COND, holder.type.of[0])}, {value})"
            return f"{self.expr(holder, PRIMARY)}.set({self.expr(key)}, {value})"
        return f"{self.expr(place)} = {value}"

    def augmented(self, place: Expr, sign: str, value: str) -> str:
        if place.op == "index" and place.args[0].type.name != "array":
            return self.set_text(place, f"{self.expr(place)} {sign} {value if value.isalnum() else f'({value})'}")
        return super().augmented(place, sign, value)

    def change(self, statement: Stmt) -> list[str]:
        exprs = statement.exprs
        if statement.op == "put":
            value = self.expr(exprs[2], COND, exprs[0].type.of[-1] if exprs[0].type.of else UNKNOWN)
            item = Expr("index", exprs[:2], type=exprs[2].type)
            return [self.set_text(item, value) + ";"]
        if statement.op == "remove":
            boxed = f"(Object) {self.expr(exprs[1], UNARY, exprs[0].type.of[0] if exprs[0].type.of else UNKNOWN)}"
            return [f"{self.expr(exprs[0], PRIMARY)}.remove({boxed});"]
        return super().change(statement)

    def sorted_plainly(self, place: Expr, item: Type, *, reverse: bool) -> str:
        if item.kind not in (*WHOLE, "float", "str", "char", "bool"):
            raise Unsupported("a sort of something that is not plain")
        if place.type.name == "array":
            if reverse:
                raise Unsupported("an array backwards")
            return f"Arrays.sort({self.expr(place)})"
        if reverse:
            return f"{self.expr(place, PRIMARY)}.sort(Collections.reverseOrder())"
        return f"Collections.sort({self.expr(place)})"

    def sorted_by(
        self, place: Expr, item: Type, names: tuple[str, str], keys: list[tuple[str, str, Expr]], *, reverse: bool
    ) -> list[str]:
        lines: list[str] = []
        for number_, (a, b, key) in enumerate(keys):
            first, second = (b, a) if reverse else (a, b)
            box = _BOXES[key.type.kind]
            compare = f"({first}).compareTo({second})" if box == "String" else f"{box}.compare({first}, {second})"
            if number_ < len(keys) - 1:
                held = self.names.fresh(self.function, "order")
                lines += [f"int {held} = {compare};", f"if ({held} != 0) {{", f"{INDENT}return {held};", "}"]
            else:
                lines.append(f"return {compare};")
        text = self.expr(place, PRIMARY)
        if len(lines) == 1:
            return [f"{text}.sort(({', '.join(names)}) -> {lines[0].removeprefix('return ').removesuffix(';')});"]
        return [f"{text}.sort(({', '.join(names)}) -> {{", *(INDENT + line for line in lines), "});"]
