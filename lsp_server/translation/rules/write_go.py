"""The language between languages as Go: its numbers, texts and slices."""

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported
from lsp_server.translation.rules.writer import ADD, COND, MULTIPLY, PRIMARY, UNARY, Writer, quoted
from lsp_server.translation.type_names import write_type
from lsp_server.translation.types import CHAR, FLOAT, INT, STR, UNKNOWN, Type

_WHOLE = ("int", "long")


class GoWriter(Writer):
    language = "go"
    none, end = "nil", ""
    templates = {  # noqa: RUF012 - read only
        "len": "len({=0})",
        "sqrt": "math.Sqrt(float64({=0}))",
        "upper": "strings.ToUpper({=0})",
        "lower": "strings.ToLower({=0})",
        "strip": "strings.TrimSpace({=0})",
        "split": "strings.Split({=0}, {=1})",
        "words": "strings.Fields({=0})",
        "join": "strings.Join({=0}, {=1})",
        "replace": "strings.ReplaceAll({=0}, {=1}, {=2})",
        "startswith": "strings.HasPrefix({=0}, {=1})",
        "endswith": "strings.HasSuffix({=0}, {=1})",
        "find": "strings.Index({=0}, {=1})",
        "ord": "int({=0})",
        "chr": "byte({=0})",
        "tofloat": "float64({=0})",
        "index": "{0}[{=1}]",
        "put!3": "{0}[{=1}] = {=2}",
        "pop!1": "{0} = {0}[:len({0})-1]",
        "extend!2": "{0} = append({0}, {1}...)",
    }

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        first = args[0].type if args else UNKNOWN
        if kind in ("list", "map", "emptyset"):
            text = write_type(expression.type, "go")
            if not text or (kind == "map" and args):
                raise Unsupported("a collection of unknown type")
            return f"{text}{{{', '.join(map(self.expr, args))}}}", PRIMARY
        if kind == "abs":
            if first.kind not in _WHOLE:
                return f"math.Abs({self.expr(args[0])})", PRIMARY
            return f"{write_type(first, 'go')}(math.Abs({self._as_float(args[0])}))", PRIMARY
        if kind in ("min", "max"):
            text = f"math.{kind.capitalize()}({self._as_float(args[0])}, {self._as_float(args[1])})"
            return (f"{write_type(expression.type, 'go')}({text})" if expression.type.kind in _WHOLE else text), PRIMARY
        if kind in ("/", "cdiv", "truncdiv") and not (kind == "truncdiv" and expression.type.kind in _WHOLE):
            return f"{self._as_float(args[0])} / {self._as_float(args[1])}", MULTIPLY
        if kind == "truncdiv":
            return f"{self.expr(args[0], MULTIPLY)} / {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "floordiv" and expression.type.kind in _WHOLE:
            text = f"math.Floor({self._as_float(args[0])} / {self._as_float(args[1])})"
            return f"{write_type(expression.type, 'go')}({text})", PRIMARY
        if kind in ("truncmod", "floormod") and expression.type.kind in _WHOLE:
            left, right = self.expr(args[0], MULTIPLY), self.expr(args[1], UNARY)
            text = f"{left} % {right}"
            return (text if kind == "truncmod" else f"(({text}) + {right}) % {right}"), MULTIPLY
        if kind == "pow":
            text = f"math.Pow({self._as_float(args[0])}, {self._as_float(args[1])})"
            return (f"int({text})" if expression.type == INT else text), PRIMARY
        if kind in ("floor", "ceil"):
            text = f"math.{kind.capitalize()}({self._as_float(args[0])})"
            return (f"int({text})" if expression.type == INT else text), PRIMARY
        if kind == "toint" and first == FLOAT:
            return f"int({self.expr(args[0])})", PRIMARY
        if kind == "contains" and first == STR:
            return f"strings.Contains({self.expr(args[0])}, {self.expr(args[1], COND, STR)})", PRIMARY
        if kind == "slice":
            end = "" if args[2].op == "none" else self.expr(args[2])
            return f"{self.expr(args[0], PRIMARY)}[{self.expr(args[1])}:{end}]", PRIMARY
        return None

    def _as_float(self, expression: Expr) -> str:
        if expression.type.kind in _WHOLE and expression.op != "int":
            return f"float64({self.expr(expression)})"
        return self.expr(expression, UNARY)

    def _binary(self, kind: str, args: list[Expr], level: int) -> tuple[str, int]:
        kinds = {part.type.kind for part in args}
        if "float" in kinds and kinds & set(_WHOLE):
            return f"{self._as_float(args[0])} {kind} {self._as_float(args[1])}", level
        if kind == "+" and "str" in kinds:
            return f"{self.expr(args[0], ADD, STR)} + {self.expr(args[1], MULTIPLY, STR)}", ADD
        return super()._binary(kind, args, level)

    def _convert(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        if wanted == STR and expression.type == CHAR and expression.op not in ("str", "char"):
            return f"string({self.expr(expression)})", PRIMARY
        if wanted == FLOAT and expression.type.kind in _WHOLE and expression.op != "int":
            return f"float64({self.expr(expression)})", PRIMARY
        return self._write(expression, wanted)

    def conditional(self, args: list[Expr], wanted: Type) -> str:
        raise Unsupported("a conditional expression in Go")

    def literal(self, text: str, kind: Type) -> str:
        return quoted(text, "'") if kind == CHAR and len(text) == 1 else quoted(text, '"')

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        text = write_type(kind, "go")
        if value is None:
            if not text:
                raise Unsupported("a variable of unknown type")
            return f"var {name} {text}"
        return f"var {name} {text} = {value}" if text and kind.kind in ("float", "long") else f"{name} := {value}"

    def loop_variable(self, variable: str, start: str) -> str:
        return f"{self.name(variable)} := {start}"

    def range_header(self, statement: Stmt) -> str:
        return _bare(super().range_header(statement))

    def each_header(self, statement: Stmt) -> str:
        over = statement.exprs[0]
        if over.type.kind not in ("list", "str"):
            raise Unsupported("a loop over something else than a list")
        inner = over.args[0] if over.op == "chars" else over
        text = self.expr(inner)
        text = f"[]byte({text})" if inner.type == STR else text
        return f"for _, {self.name(statement.name)} := range {text}"

    def statement(self, statement: Stmt) -> list[str]:
        if statement.op == "while":
            test = self.truth(statement.exprs[0])
            return self.braced("for" if test == "true" else f"for {test}", statement.blocks[0])
        if statement.op == "if":
            lines = super().statement(statement)
            return [_bare(line) if line.startswith(("if (", "} else if (")) else line for line in lines]
        if statement.op == "sort" and len(statement.exprs) == 1:
            kind = statement.exprs[0].type.of[0].kind if statement.exprs[0].type.of else ""
            call = {"int": "Ints", "str": "Strings", "float": "Float64s"}.get(kind)
            if call is None:
                raise Unsupported("a sort")
            return [f"sort.{call}({self.expr(statement.exprs[0])})"]
        if statement.op == "append":
            holder = self.expr(statement.exprs[0])
            item = statement.exprs[0].type.of[0] if statement.exprs[0].type.of else UNKNOWN
            return [f"{holder} = append({holder}, {self.expr(statement.exprs[1], COND, item)})"]
        return super().statement(statement)


def _bare(line: str) -> str:
    """`for (...)` and `if (...) {` without the parentheses that Go does not want."""
    start = line.index("(")
    end = line.rindex(")")
    return f"{line[:start]}{line[start + 1 : end]}{line[end + 1 :]}"
