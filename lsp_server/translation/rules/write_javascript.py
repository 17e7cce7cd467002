"""The language between languages as JavaScript and TypeScript."""

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported, op
from lsp_server.translation.rules.writer import MULTIPLY, PRIMARY, UNARY, Writer, quoted
from lsp_server.translation.types import CHAR, STR, Type


class JavaScriptWriter(Writer):
    language = "javascript"
    spelled = {"and": "&&", "or": "||", "not": "!", "==": "===", "!=": "!=="}  # noqa: RUF012 - read only
    templates = {  # noqa: RUF012 - read only
        "len": "{0}.length",
        "abs": "Math.abs({=0})",
        "min": "Math.min({=0}, {=1})",
        "max": "Math.max({=0}, {=1})",
        "minof": "Math.min(...{0})",
        "maxof": "Math.max(...{0})",
        "sum": "{0}.reduce((total, item) => total + item, 0)",
        "sqrt": "Math.sqrt({=0})",
        "floor": "Math.floor({=0})",
        "ceil": "Math.ceil({=0})",
        "round": "Math.round({=0})",
        "roundhalfup": "Math.round({=0})",
        "tofloat": "Number({=0})",
        "tostr": "String({=0})",
        "tochar": "String.fromCharCode({=0})",
        "tobool": "Boolean({=0})",
        "upper": "{0}.toUpperCase()",
        "lower": "{0}.toLowerCase()",
        "upperchar": "{0}.toUpperCase()",
        "lowerchar": "{0}.toLowerCase()",
        "strip": "{0}.trim()",
        "split": "{0}.split({=1})",
        "words": "{0}.split(/\\s+/).filter((word) => word.length > 0)",
        "chars": '{0}.split("")',
        "join": "{0}.join({=1})",
        "startswith": "{0}.startsWith({=1})",
        "endswith": "{0}.endsWith({=1})",
        "replace": "{0}.split({=1}).join({=2})",
        "find": "{0}.indexOf({=1})",
        "indexof": "{0}.indexOf({=1})",
        "count": "{0}.split({=1}).length - 1",
        "isdigit": "/^[0-9]+$/.test({=0})",
        "isalpha": "/^[A-Za-z]+$/.test({=0})",
        "isalnum": "/^[A-Za-z0-9]+$/.test({=0})",
        "isupper": "/^[^a-z]*[A-Z][^a-z]*$/.test({=0})",
        "islower": "/^[^A-Z]*[a-z][^A-Z]*$/.test({=0})",
        "isspace": "/^\\s+$/.test({=0})",
        "ord": "{0}.charCodeAt(0)",
        "codeat": "{0}.charCodeAt({=1})",
        "chr": "String.fromCharCode({=0})",
        "floordiv": "Math.floor({=0} / {0})",
        "truncdiv": "Math.trunc({=0} / {0})",
        "setof": "new Set({=0})",
        "emptyset": "new Set()",
        "poplast": "{0}.pop()",
        "append!2": "{0}.push({=1})",
        "add!2": "{0}.add({=1})",
        "extend!2": "{0}.push(...{1})",
        "reverse!1": "{0}.reverse()",
        "pop!1": "{0}.pop()",
        "insert!3": "{0}.splice({=1}, 0, {=2})",
        "remove!2": "{0}.splice({0}.indexOf({=1}), 1)",
        "appendstr!2": "{0} += {=1}",
    }

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type.kind if args else ""
        if kind == "list":
            return f"[{', '.join(map(self.expr, args))}]", PRIMARY
        if kind == "map":
            pairs = [f"[{self.expr(k)}, {self.expr(v)}]" for k, v in zip(args[::2], args[1::2], strict=True)]
            return (f"new Map([{', '.join(pairs)}])" if pairs else "new Map()"), PRIMARY
        if kind in ("floordiv", "truncdiv"):
            call = "floor" if kind == "floordiv" else "trunc"
            return f"Math.{call}({self.expr(args[0], MULTIPLY)} / {self.expr(args[1], UNARY)})", PRIMARY
        if kind in ("/", "cdiv"):
            return f"{self.expr(args[0], MULTIPLY)} / {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "truncmod":
            return f"{self.expr(args[0], MULTIPLY)} % {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "floormod":
            left, right = self.expr(args[0], MULTIPLY), self.expr(args[1], UNARY)
            return f"(({left} % {right}) + {right}) % {right}", MULTIPLY
        if kind == "pow":
            return f"Math.pow({self.expr(args[0])}, {self.expr(args[1])})", PRIMARY
        if kind == "toint":
            call = "parseInt" if first in ("str", "char") else "Math.trunc"
            return f"{call}({self.expr(args[0])}{', 10' if call == 'parseInt' else ''})", PRIMARY
        if kind == "len" and first in ("map", "set"):
            return f"{self.expr(args[0], PRIMARY)}.size", PRIMARY
        if kind == "contains":
            call = "has" if first in ("map", "set") else "includes"
            return f"{self.expr(args[0], PRIMARY)}.{call}({self.expr(args[1])})", PRIMARY
        if kind == "index":
            return self._index(expression)
        if kind == "getor":
            holder, key, other = (self.expr(part, PRIMARY) for part in args)
            return f"{holder}.has({key}) ? {holder}.get({key}) : {other}", 0
        if kind in ("keys", "values"):
            return f"[...{self.expr(args[0], PRIMARY)}.{kind}()]", PRIMARY
        return self._lists(expression)

    def _lists(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type.kind if args else ""
        if kind == "slice":
            start = self.expr(args[1])
            end = "" if args[2].op == "none" else f", {self.expr(args[2])}"
            return f"{self.expr(args[0], PRIMARY)}.slice({start}{end})", PRIMARY
        if kind == "reversed":
            text = self.expr(args[0], PRIMARY)
            return (f'{text}.split("").reverse().join("")' if first == "str" else f"[...{text}].reverse()"), PRIMARY
        if kind in ("listof", "sorted"):
            copy = f"[...{self.expr(args[0], PRIMARY)}]"
            return (copy if kind == "listof" else copy + self._sorting(expression.type, len(args) > 1)), PRIMARY
        if kind == "step":
            test = f"(_, place) => place >= {self.expr(args[1])} && (place - {self.expr(args[1], UNARY)}) % "
            test += f"{self.expr(args[2], UNARY)} === 0"
            text = self.expr(args[0], PRIMARY)
            if first == "str":
                return f'{text}.split("").filter({test}).join("")', PRIMARY
            return f"{text}.filter({test})", PRIMARY
        if kind == "repeat":
            text, times = self.expr(args[0], PRIMARY), self.expr(args[1])
            if first in ("str", "char"):
                return f"{text}.repeat({times})", PRIMARY
            if args[0].op == "list" and len(args[0].args) == 1:
                return f"new Array({times}).fill({self.expr(args[0].args[0])})", PRIMARY
            raise Unsupported("a repeated list")
        if kind == "filled":
            if args[1].type.kind == "list":
                return f"Array.from({{ length: {self.expr(args[0])} }}, () => {self.expr(args[1])})", PRIMARY
            return f"new Array({self.expr(args[0])}).fill({self.expr(args[1])})", PRIMARY
        if kind == "+" and expression.type.kind == "list":
            return f"{self.expr(args[0], PRIMARY)}.concat({self.expr(args[1])})", PRIMARY
        if kind == "count" and first == "list":
            return f"{self.expr(args[0], PRIMARY)}.filter((item) => item === {self.expr(args[1])}).length", PRIMARY
        if kind in ("==", "!=") and first == "list" and args[1].type.kind == "list":
            texts = [f"JSON.stringify({self.expr(part)})" for part in args]
            return f" {self.spelled[kind]} ".join(texts), 3
        return None

    def literal(self, text: str, kind: Type) -> str:
        return quoted(text, '"')

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        return f"let {name}{self.annotation(kind)}{f' = {value}' if value is not None else ''};"

    def annotation(self, kind: Type) -> str:
        return ""

    def each_header(self, statement: Stmt) -> str:
        return f"for (const {self.name(statement.name)} of {self.expr(statement.exprs[0])})"

    def statement(self, statement: Stmt) -> list[str]:
        kind, exprs = statement.op, statement.exprs
        if kind == "sort":
            return [f"{self.expr(exprs[0], PRIMARY)}{self._sorting(exprs[0].type, len(exprs) > 1)};"]
        if kind == "assign" and exprs[0].op == "index" and exprs[0].args[0].type.kind == "map":
            holder, key = exprs[0].args
            return [f"{self.expr(holder, PRIMARY)}.set({self.expr(key)}, {self.expr(exprs[1])});"]
        if kind == "put":
            holder = self.expr(exprs[0], PRIMARY)
            if exprs[0].type.kind == "list":
                return [f"{holder}[{self.expr(exprs[1])}] = {self.expr(exprs[2])};"]
            return [f"{holder}.set({self.expr(exprs[1])}, {self.expr(exprs[2])});"]
        if kind == "append" and exprs[0].type.kind == "set":
            return [f"{self.expr(exprs[0], PRIMARY)}.add({self.expr(exprs[1])});"]
        if kind == "clear":
            return [f"{self.expr(exprs[0], PRIMARY)}.length = 0;"]
        return super().statement(statement)

    def _index(self, expression: Expr) -> tuple[str, int]:
        holder, place = expression.args
        if holder.type.kind == "map":
            return f"{self.expr(holder, PRIMARY)}.get({self.expr(place)})", PRIMARY
        if place.op == "neg":
            place = op("-", op("len", holder), place.args[0])
        return f"{self.expr(holder, PRIMARY)}[{self.expr(place)}]", PRIMARY

    def _sorting(self, kind: Type, reverse: bool) -> str:
        """JavaScript sorts by text unless it is told otherwise."""
        item = kind.of[0] if kind.of else kind
        if item in (STR, CHAR):
            return ".sort().reverse()" if reverse else ".sort()"
        if item.kind in ("int", "long", "float"):
            return f".sort((a, b) => {'b - a' if reverse else 'a - b'})"
        order = "(a > b ? -1 : a < b ? 1 : 0)" if reverse else "(a < b ? -1 : a > b ? 1 : 0)"
        return f".sort((a, b) => {order})"


class TypeScriptWriter(JavaScriptWriter):
    language = "typescript"

    def annotation(self, kind: Type) -> str:
        text = self.type_text(kind)
        return f": {text}" if text else ": any"
