"""The language between languages as C#: its numbers, texts, lists and dictionaries."""

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported
from lsp_server.translation.rules.writer import COND, MULTIPLY, PRIMARY, UNARY, Writer, quoted
from lsp_server.translation.type_names import write_type
from lsp_server.translation.types import CHAR, INT, STR, UNKNOWN, Type


class CSharpWriter(Writer):
    language = "csharp"
    templates = {  # noqa: RUF012 - read only
        "abs": "Math.Abs({=0})",
        "min": "Math.Min({=0}, {=1})",
        "max": "Math.Max({=0}, {=1})",
        "minof": "{0}.Min()",
        "maxof": "{0}.Max()",
        "sum": "{0}.Sum()",
        "sqrt": "Math.Sqrt({=0})",
        "upper": "{0}.ToUpper()",
        "lower": "{0}.ToLower()",
        "upperchar": "char.ToUpper({=0})",
        "lowerchar": "char.ToLower({=0})",
        "strip": "{0}.Trim()",
        "join": "string.Join({=1}, {=0})",
        "replace": "{0}.Replace({=1}, {=2})",
        "startswith": "{0}.StartsWith({=1})",
        "endswith": "{0}.EndsWith({=1})",
        "find": "{0}.IndexOf({=1})",
        "isdigit": "char.IsDigit({=0})",
        "isalpha": "char.IsLetter({=0})",
        "isupper": "char.IsUpper({=0})",
        "islower": "char.IsLower({=0})",
        "isspace": "char.IsWhiteSpace({=0})",
        "isalnum": "char.IsLetterOrDigit({=0})",
        "ord": "(int) {0}",
        "chr": "(char) ({=0})",
        "tochar": "(char) ({=0})",
        "tostr": "{0}.ToString()",
        "index": "{0}[{=1}]",
        "reversed": "Enumerable.Reverse({=0}).ToList()",
        "append!2": "{0}.Add({=1})",
        "add!2": "{0}.Add({=1})",
        "extend!2": "{0}.AddRange({=1})",
        "sort!1": "{0}.Sort()",
        "reverse!1": "{0}.Reverse()",
        "pop!1": "{0}.RemoveAt({0}.Count - 1)",
        "put!3": "{0}[{=1}] = {=2}",
        "clear!1": "{0}.Clear()",
        "appendstr!2": "{0} += {=1}",
    }

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type if args else UNKNOWN
        if kind in ("list", "emptyset", "map"):
            text = write_type(expression.type, "csharp")
            if not text or (kind == "map" and args):
                raise Unsupported("a collection of unknown type")
            inside = expression.type.of[0] if expression.type.of else UNKNOWN
            items = ", ".join(self.expr(part, COND, inside) for part in args)
            return f"new {text} {{ {items} }}" if args else f"new {text}()", PRIMARY
        if kind == "len":
            return f"{self.expr(args[0], PRIMARY)}.{'Length' if first == STR or first.name else 'Count'}", PRIMARY
        if kind in ("/", "cdiv", "truncdiv"):
            left = self.expr(args[0], MULTIPLY)
            if kind == "/" and all(part.type.kind in ("int", "long") for part in args):
                left = f"(double) {self.expr(args[0], UNARY)}"
            return f"{left} / {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "floordiv":
            cast = "(int) " if expression.type == INT else ""
            left, right = self.expr(args[0], UNARY), self.expr(args[1], UNARY)
            return f"{cast}Math.Floor((double) {left} / {right})", UNARY
        if kind in ("truncmod", "floormod"):
            left, right = self.expr(args[0], MULTIPLY), self.expr(args[1], UNARY)
            text = f"{left} % {right}"
            return (text if kind == "truncmod" else f"(({text}) + {right}) % {right}"), MULTIPLY
        if kind == "pow":
            cast = {"int": "(int) ", "long": "(long) "}.get(expression.type.kind, "")
            return f"{cast}Math.Pow({self.expr(args[0])}, {self.expr(args[1])})", UNARY
        if kind in ("floor", "ceil"):
            call = "Floor" if kind == "floor" else "Ceiling"
            return f"{'(int) ' if expression.type == INT else ''}Math.{call}({self.expr(args[0])})", UNARY
        if kind == "toint":
            call = "int.Parse({})" if first == STR else "({} - '0')" if first == CHAR else "(int) ({})"
            return call.format(self.expr(args[0])), UNARY
        if kind == "tofloat":
            return (
                f"double.Parse({self.expr(args[0])})" if first == STR else f"(double) {self.expr(args[0], UNARY)}"
            ), UNARY
        if kind == "contains":
            call = "ContainsKey" if first.kind == "map" else "Contains"
            return f"{self.expr(args[0], PRIMARY)}.{call}({self.expr(args[1])})", PRIMARY
        if kind == "slice":
            return self._slice(args, first), PRIMARY
        if kind == "getor":
            holder, key, other = (self.expr(part, PRIMARY) for part in args)
            return f"{holder}.ContainsKey({key}) ? {holder}[{key}] : {other}", COND
        return None

    def _slice(self, args: list[Expr], first: Type) -> str:
        text, start = self.expr(args[0], PRIMARY), self.expr(args[1])
        length = "" if args[2].op == "none" else f", {self.expr(args[2], MULTIPLY)} - {self.expr(args[1], UNARY)}"
        if first == STR:
            return f"{text}.Substring({start}{length})"
        end = length or f", {text}.Count - {self.expr(args[1], UNARY)}"
        return f"{text}.GetRange({start}{end})"

    def _convert(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        if wanted == STR and expression.type == CHAR and expression.op not in ("str", "char"):
            return f"{self.expr(expression, PRIMARY)}.ToString()", PRIMARY
        return self._write(expression, wanted)

    def literal(self, text: str, kind: Type) -> str:
        return quoted(text, "'") if kind == CHAR and len(text) == 1 else quoted(text, '"')

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        text = write_type(kind, "csharp") if kind.kind != "void" else ""
        if value is None and not text:
            raise Unsupported("a variable of unknown type")
        return f"{text or 'var'} {name} = {value if value is not None else 'default'};"

    def each_header(self, statement: Stmt) -> str:
        over = statement.exprs[0]
        inner = over.args[0] if over.op in ("keys", "chars") else over
        text = self.expr(inner, PRIMARY) + (".Keys" if over.op == "keys" or over.type.kind == "map" else "")
        return f"foreach (var {self.name(statement.name)} in {text})"
