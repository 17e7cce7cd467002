"""The language between languages as C++."""

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported
from lsp_server.translation.rules.writer import ADD, COND, MULTIPLY, PRIMARY, UNARY, Writer, quoted
from lsp_server.translation.type_names import write_type
from lsp_server.translation.types import CHAR, FLOAT, INT, STR, UNKNOWN, Type


class CppWriter(Writer):
    language = "cpp"
    none = "{}"
    templates = {  # noqa: RUF012 - read only
        "len": "(int) {0}.size()",
        "minof": "*std::min_element({0}.begin(), {0}.end())",
        "maxof": "*std::max_element({0}.begin(), {0}.end())",
        "abs": "std::abs({=0})",
        "sqrt": "std::sqrt({=0})",
        "round": "(int) std::nearbyint({=0})",
        "roundhalfup": "(int) std::floor({=0} + 0.5)",
        "tochar": "(char) ({=0})",
        "chr": "(char) ({=0})",
        "codeat": "(int) {0}[{=1}]",
        "upperchar": "(char) std::toupper({=0})",
        "lowerchar": "(char) std::tolower({=0})",
        "isdigit": "std::isdigit({=0}) != 0",
        "isalpha": "std::isalpha({=0}) != 0",
        "isupper": "std::isupper({=0}) != 0",
        "islower": "std::islower({=0}) != 0",
        "isspace": "std::isspace({=0}) != 0",
        "isalnum": "std::isalnum({=0}) != 0",
        "index": "{0}[{=1}]",
        "gcd": "std::gcd({=0}, {=1})",
        "add!2": "{0}.insert({=1})",
        "extend!2": "{0}.insert({0}.end(), {1}.begin(), {1}.end())",
        "sort!1": "std::sort({0}.begin(), {0}.end())",
        "sort!2": "std::sort({0}.rbegin(), {0}.rend())",
        "reverse!1": "std::reverse({0}.begin(), {0}.end())",
        "pop!1": "{0}.pop_back()",
        "clear!1": "{0}.clear()",
        "put!3": "{0}[{=1}] = {=2}",
        "insert!3": "{0}.insert({0}.begin() + {=1}, {=2})",
        "appendstr!2": "{0} += {=1}",
    }

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        if kind == "list":
            inside = expression.type.of[0] if expression.type.of else UNKNOWN
            items = ", ".join(self.expr(part, COND, inside) for part in args)
            text = write_type(expression.type, "cpp")
            return f"{text}{{{items}}}", PRIMARY
        if kind == "map":
            pairs = [f"{{{self.expr(k)}, {self.expr(v)}}}" for k, v in zip(args[::2], args[1::2], strict=True)]
            return f"{write_type(expression.type, 'cpp')}{{{', '.join(pairs)}}}", PRIMARY
        if kind == "emptyset":
            return f"{write_type(expression.type, 'cpp')}{{}}", PRIMARY
        if kind == "len":
            return f"(int) {self.expr(args[0], PRIMARY)}.size()", UNARY
        if kind in ("min", "max"):
            given = f"<{write_type(expression.type, 'cpp')}>" if args[0].type != args[1].type else ""
            return f"std::{kind}{given}({self.expr(args[0])}, {self.expr(args[1])})", PRIMARY
        if kind in ("/", "cdiv", "truncdiv"):
            left = self.expr(args[0], MULTIPLY)
            if kind == "/" and all(part.type.kind in ("int", "long") for part in args):
                left = f"(double) {self.expr(args[0], UNARY)}"
            return f"{left} / {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "floordiv":
            left, right = self.expr(args[0], UNARY), self.expr(args[1], UNARY)
            cast = "" if expression.type == FLOAT else f"({write_type(expression.type, 'cpp') or 'int'}) "
            return f"{cast}std::floor((double) {left} / {right})", UNARY
        if kind in ("truncmod", "floormod"):
            left, right = self.expr(args[0], MULTIPLY), self.expr(args[1], UNARY)
            if FLOAT in (args[0].type, args[1].type):
                return f"std::fmod({self.expr(args[0])}, {self.expr(args[1])})", PRIMARY
            if kind == "truncmod":
                return f"{left} % {right}", MULTIPLY
            return f"(({left} % {right}) + {right}) % {right}", MULTIPLY
        if kind == "pow":
            cast = {"int": "(int) ", "long": "(long long) "}.get(expression.type.kind, "")
            return f"{cast}std::pow({self.expr(args[0])}, {self.expr(args[1])})", UNARY
        if kind in ("floor", "ceil"):
            return f"{'(int) ' if expression.type == INT else ''}std::{kind}({self.expr(args[0])})", UNARY
        return self._texts(expression) or self._lists(expression)

    def _texts(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type if args else UNKNOWN
        if kind == "toint":
            if first == STR:
                return f"std::stoi({self.expr(args[0])})", PRIMARY
            return (
                (f"{self.expr(args[0], ADD)} - '0'", ADD)
                if first == CHAR
                else (f"(int) {self.expr(args[0], UNARY)}", UNARY)
            )
        if kind == "tofloat":
            if first == STR:
                return f"std::stod({self.expr(args[0])})", PRIMARY
            return f"(double) {self.expr(args[0], UNARY)}", UNARY
        if kind == "tostr":
            if first == STR:
                return self.expr(args[0], PRIMARY), PRIMARY
            if first == CHAR:
                return f"std::string(1, {self.expr(args[0])})", PRIMARY
            return f"std::to_string({self.expr(args[0])})", PRIMARY
        if kind == "ord":
            return f"(int) {self.expr(args[0], UNARY, CHAR)}", UNARY
        if kind == "slice" and first.kind == "str":
            start = self.expr(args[1])
            end = "" if args[2].op == "none" else f", {self.expr(args[2], ADD)} - {self.expr(args[1], MULTIPLY)}"
            end = f", {self.expr(args[2])}" if end and start == "0" else end
            return f"{self.expr(args[0], PRIMARY)}.substr({start}{end})", PRIMARY
        if kind == "reversed":
            text = self.expr(args[0], PRIMARY)
            if args[0].op not in ("name", "index"):
                raise Unsupported("the reverse of something made")
            return f"{write_type(expression.type, 'cpp')}({text}.rbegin(), {text}.rend())", PRIMARY
        if (kind == "repeat" and first == CHAR) or (
            kind == "repeat" and args[0].op == "str" and len(args[0].value) == 1
        ):
            return f"std::string({self.expr(args[1])}, {self.expr(args[0], COND, CHAR)})", PRIMARY
        if kind == "find" and first == STR:
            return f"(int) {self.expr(args[0], PRIMARY)}.find({self.expr(args[1])})", UNARY
        if kind == "contains":
            return self._contains(args)
        if kind == "+" and expression.type == STR:
            return f"{self._text(args[0], ADD)} + {self._text(args[1], MULTIPLY)}", ADD
        if kind in ("startswith", "endswith") and first == STR:
            text, part = self.expr(args[0], PRIMARY), self.expr(args[1], PRIMARY, STR)
            if kind == "startswith":
                return f"{text}.rfind({part}, 0) == 0", 3
        return None

    def _lists(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        text = self.expr(args[0], PRIMARY) if args and args[0].op in ("name", "index") else ""
        if kind in ("listof", "setof", "slice", "count", "sum") and not text:
            raise Unsupported(f"{kind} of something made")
        if kind in ("listof", "setof"):
            if kind == "listof" and args[0].type == expression.type:
                return self.expr(args[0], PRIMARY), PRIMARY
            return f"{write_type(expression.type, 'cpp')}({text}.begin(), {text}.end())", PRIMARY
        if kind == "slice":
            end = f"{text}.end()" if args[2].op == "none" else f"{text}.begin() + {self.expr(args[2], MULTIPLY)}"
            start = self.expr(args[1], MULTIPLY)
            return f"{write_type(expression.type, 'cpp')}({text}.begin() + {start}, {end})", PRIMARY
        if kind == "count":
            return f"(int) std::count({text}.begin(), {text}.end(), {self.expr(args[1], COND, CHAR)})", UNARY
        if kind == "sum":
            zero = {"float": "0.0", "long": "0LL"}.get(expression.type.kind, "0")
            return f"std::accumulate({text}.begin(), {text}.end(), {zero})", PRIMARY
        if kind in ("filled", "repeat"):
            times, item = (args[0], args[1]) if kind == "filled" else (args[1], args[0])
            if kind == "repeat":
                if item.op != "list" or len(item.args) != 1:
                    raise Unsupported("a repeated list")
                item = item.args[0]
            return f"{write_type(expression.type, 'cpp')}({self.expr(times)}, {self.expr(item)})", PRIMARY
        if kind == "getor":
            return f"{text}.count({self.expr(args[1])}) ? {text}[{self.expr(args[1])}] : {self.expr(args[2])}", COND
        return None

    def _contains(self, args: list[Expr]) -> tuple[str, int]:
        holder = self.expr(args[0], PRIMARY)
        kind = args[0].type.kind
        if args[0].op == "str":
            holder = f"std::string({holder})"
        if kind in ("map", "set"):
            return f"{holder}.count({self.expr(args[1])}) > 0", 4
        if kind == "str":
            return f"{holder}.find({self.expr(args[1])}) != std::string::npos", 3
        if args[0].op not in ("name", "index"):
            raise Unsupported("a search in something made")
        return f"std::find({holder}.begin(), {holder}.end(), {self.expr(args[1])}) != {holder}.end()", 3

    def _text(self, expression: Expr, level: int) -> str:
        """A part of a sum of strings; literals and numbers are made strings."""
        if expression.op == "str":
            return f"std::string({self.expr(expression)})"
        if expression.type.kind in ("int", "long", "float"):
            return f"std::to_string({self.expr(expression)})"
        if expression.type == CHAR:
            return f"std::string(1, {self.expr(expression)})"
        return self.expr(expression, level)

    def _convert(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        if wanted == STR and expression.type == CHAR and expression.op not in ("str", "char"):
            return f"std::string(1, {self.expr(expression)})", PRIMARY
        return self._write(expression, wanted)

    def literal(self, text: str, kind: Type) -> str:
        return quoted(text, "'") if kind == CHAR and len(text) == 1 else quoted(text, '"')

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        text = write_type(kind, "cpp") if kind.kind != "void" else ""
        if not text:
            if value is None:
                raise Unsupported("a variable of unknown type")
            text = "auto"
        zero = {"int": " = 0", "long": " = 0", "float": " = 0", "bool": " = false", "char": " = ' '"}
        return f"{text} {name}{f' = {value}' if value is not None else zero.get(kind.kind, '')};"

    def each_header(self, statement: Stmt) -> str:
        over = statement.exprs[0]
        variable = self.name(statement.name)
        if over.op == "keys":
            return f"for (const auto& [{variable}, _value] : {self.expr(over.args[0])})"
        kind = self.variables.get(statement.name, UNKNOWN)
        text = self.expr(over.args[0] if over.op == "chars" else over)
        return f"for ({write_type(kind, 'cpp') or 'auto'} {variable} : {text})"

    def change(self, statement: Stmt) -> list[str]:
        exprs = statement.exprs
        if statement.op == "append":
            item = exprs[0].type.of[0] if exprs[0].type.of else UNKNOWN
            call = "insert" if exprs[0].type.kind == "set" else "push_back"
            return [f"{self.expr(exprs[0], PRIMARY)}.{call}({self.expr(exprs[1], COND, item)});"]
        return super().change(statement)
