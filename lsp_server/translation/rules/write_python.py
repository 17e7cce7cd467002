"""The language between languages as Python."""

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported, op
from lsp_server.translation.rules.writer import ADD, AND, COND, INDENT, LESS, MULTIPLY, OR, PRIMARY, UNARY, Writer
from lsp_server.translation.types import BOOL, CHAR, STR, Type


class PythonWriter(Writer):
    language = "python"
    spelled = {"and": "and", "or": "or", "not": "not "}  # noqa: RUF012 - read only
    true, false, none, end = "True", "False", "None", ""
    templates = {  # noqa: RUF012 - read only
        "len": "len({=0})",
        "abs": "abs({=0})",
        "min": "min({=0}, {=1})",
        "max": "max({=0}, {=1})",
        "minof": "min({=0})",
        "maxof": "max({=0})",
        "sum": "sum({=0})",
        "sqrt": "math.sqrt({=0})",
        "floor": "math.floor({=0})",
        "ceil": "math.ceil({=0})",
        "round": "round({=0})",
        "roundhalfup": "math.floor({=0} + 0.5)",
        "toint": "int({=0})",
        "tofloat": "float({=0})",
        "tostr": "str({=0})",
        "tochar": "chr({=0})",
        "tobool": "bool({=0})",
        "upper": "{0}.upper()",
        "lower": "{0}.lower()",
        "upperchar": "{0}.upper()",
        "lowerchar": "{0}.lower()",
        "strip": "{0}.strip()",
        "split": "{0}.split({=1})",
        "words": "{0}.split()",
        "chars": "list({=0})",
        "join": "{1}.join({=0})",
        "startswith": "{0}.startswith({=1})",
        "endswith": "{0}.endswith({=1})",
        "replace": "{0}.replace({=1}, {=2})",
        "find": "{0}.find({=1})",
        "count": "{0}.count({=1})",
        "isdigit": "{0}.isdigit()",
        "isalpha": "{0}.isalpha()",
        "isalnum": "{0}.isalnum()",
        "isupper": "{0}.isupper()",
        "islower": "{0}.islower()",
        "isspace": "{0}.isspace()",
        "ord": "ord({=0})",
        "chr": "chr({=0})",
        "index": "{0}[{=1}]",
        "codeat": "ord({0}[{=1}])",
        "getor": "{0}.get({=1}, {=2})",
        "keys": "list({0}.keys())",
        "values": "list({0}.values())",
        "setof": "set({=0})",
        "listof": "list({=0})",
        "reversed": "{0}[::-1]",
        "emptyset": "set()",
        "poplast": "{0}.pop()",
        "gcd": "math.gcd({=0}, {=1})",
        "any": "any({=0})",
        "all": "all({=0})",
        "append!2": "{0}.append({=1})",
        "add!2": "{0}.add({=1})",
        "extend!2": "{0}.extend({=1})",
        "sort!1": "{0}.sort()",
        "sort!2": "{0}.sort(reverse=True)",
        "reverse!1": "{0}.reverse()",
        "pop!1": "{0}.pop()",
        "clear!1": "{0}.clear()",
        "insert!3": "{0}.insert({=1}, {=2})",
        "remove!2": "{0}.remove({=1})",
        "put!3": "{0}[{=1}] = {=2}",
        "appendstr!2": "{0} += str({=1})",
    }

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        if kind in ("list", "map"):
            return self._literal_collection(expression), PRIMARY
        if kind in ("floordiv", "floormod"):
            sign = "//" if kind == "floordiv" else "%"
            return f"{self.expr(args[0], MULTIPLY)} {sign} {self.expr(args[1], UNARY)}", MULTIPLY
        if kind in ("/", "cdiv"):
            return f"{self.expr(args[0], MULTIPLY)} / {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "truncdiv":
            return f"int({self.expr(args[0], MULTIPLY)} / {self.expr(args[1], UNARY)})", PRIMARY
        if kind == "truncmod":
            return self._remainder(expression)
        if kind == "pow":
            return f"{self.expr(args[0], PRIMARY)} ** {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "repeat":
            return f"{self.expr(args[0], MULTIPLY)} * {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "filled":
            return f"[{self.expr(args[1])}] * {self.expr(args[0], UNARY)}", MULTIPLY
        if kind == "contains":
            return f"{self.expr(args[1], ADD)} in {self.expr(args[0], ADD)}", LESS
        if kind in ("==", "!=") and any(part.op == "none" for part in args):
            return f"{self.expr(args[0], ADD)} is{' not' if kind == '!=' else ''} {self.expr(args[1], ADD)}", LESS
        if kind in ("==", "!="):
            return f"{self.expr(args[0], ADD)} {kind} {self.expr(args[1], ADD)}", LESS
        if kind == "not":
            return f"not {self.expr(args[0], LESS)}", AND
        if kind == "slice":
            return f"{self.expr(args[0], PRIMARY)}[{self._bound(args[1], '0')}:{self._bound(args[2], '')}]", PRIMARY
        if kind == "step":
            return f"{self.expr(args[0], PRIMARY)}[{self._bound(args[1], '0')}::{self.expr(args[2])}]", PRIMARY
        if kind == "sorted":
            return f"sorted({self.expr(args[0])}{', reverse=True' if len(args) > 1 else ''})", PRIMARY
        if kind == "comp":
            return self._comprehension(expression), PRIMARY
        if kind == "tostr" and args[0].type in (STR, CHAR):
            return self.expr(args[0], PRIMARY), PRIMARY
        if kind == "tochar" and args[0].type in (STR, CHAR):
            return self.expr(args[0], PRIMARY), PRIMARY
        if kind == "+" and expression.type == STR and any(part.type not in (STR, CHAR) for part in args):
            parts = [part if part.type in (STR, CHAR) or not part.type.known else op("tostr", part) for part in args]
            return f"{self.expr(parts[0], ADD)} + {self.expr(parts[1], MULTIPLY)}", ADD
        return None

    def conditional(self, args: list[Expr], wanted: Type) -> str:
        return f"{self.expr(args[1], OR)} if {self.truth(args[0], OR)} else {self.expr(args[2], COND)}"

    def truth(self, expression: Expr, level: int = COND) -> str:
        return self.expr(expression, level)

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        if value is None:
            zero = {"list": "[]", "str": '""', "map": "{}", "set": "set()", "int": "0", "float": "0.0"}
            value = zero.get(kind.kind, "False" if kind == BOOL else "None")
        return f"{name} = {value}"

    def braced(self, header: str, block: list[Stmt]) -> list[str]:
        inside = [INDENT + line for statement in block for line in self.statement(statement)]
        return [f"{header}:", *(inside or [f"{INDENT}pass"])]

    def statement(self, statement: Stmt) -> list[str]:
        kind, exprs = statement.op, statement.exprs
        if kind == "while":
            return self.braced(f"while {self.expr(exprs[0])}", statement.blocks[0])
        if kind == "if":
            return self._chain("if", statement)
        if kind == "assigns":
            half = len(exprs) // 2
            return [f"{', '.join(map(self.expr, exprs[:half]))} = {', '.join(map(self.expr, exprs[half:]))}"]
        if kind == "put" and exprs[0].type.kind == "list":
            return [f"{self.expr(exprs[0], PRIMARY)}[{self.expr(exprs[1])}] = {self.expr(exprs[2])}"]
        if kind == "append" and exprs[0].type.kind == "set":
            return [f"{self.expr(exprs[0], PRIMARY)}.add({self.expr(exprs[1])})"]
        return super().statement(statement)

    def range_header(self, statement: Stmt) -> str:
        return f"for {self.name(statement.name)} in {self._range(statement)}"

    def each_header(self, statement: Stmt) -> str:
        return f"for {self.name(statement.name)} in {self.expr(statement.exprs[0])}"

    def assign(self, place: Expr, value: Expr) -> str:
        if value.op in ("+", "-", "*") and value.type.kind in ("int", "long", "float", "str"):
            left = value.args[0]
            if left.op == "name" and place.op == "name" and left.value == place.value and place.type not in (CHAR,):
                right = value.args[1]
                if value.type == STR and right.type not in (STR, CHAR) and right.type.known:
                    right = op("tostr", right)
                return f"{self.expr(place)} {value.op}= {self.expr(right)}"
        return super().assign(place, value)

    def _chain(self, word: str, statement: Stmt) -> list[str]:
        lines = self.braced(f"{word} {self.expr(statement.exprs[0])}", statement.blocks[0])
        other = statement.blocks[1]
        if len(other) == 1 and other[0].op == "if":
            return lines + self._chain("elif", other[0])
        return lines + (self.braced("else", other) if other else [])

    def _range(self, statement: Stmt) -> str:
        start, stop, step = map(self.expr, statement.exprs)
        if step != "1":
            return f"range({start}, {stop}, {step})"
        return f"range({stop})" if start == "0" else f"range({start}, {stop})"

    def _remainder(self, expression: Expr) -> tuple[str, int]:
        """The remainder as C has it differs from Python's below zero; where it is compared with 0 that is the same."""
        left, right = expression.args
        if expression.type.kind in ("float", "unknown"):
            return f"math.fmod({self.expr(left)}, {self.expr(right)})", PRIMARY
        return f"{self.expr(left, MULTIPLY)} % {self.expr(right, UNARY)}", MULTIPLY

    def _bound(self, bound: Expr, default: str) -> str:
        text = "" if bound.op == "none" else self.expr(bound)
        return "" if text == default else text

    def _literal_collection(self, expression: Expr) -> str:
        texts = [self.expr(part) for part in expression.args]
        if expression.op == "map":
            return "{" + ", ".join(f"{k}: {v}" for k, v in zip(texts[::2], texts[1::2], strict=True)) + "}"
        return f"[{', '.join(texts)}]"

    def _comprehension(self, expression: Expr) -> str:
        _, loop = expression.value
        if loop.blocks[0]:
            raise Unsupported("a comprehension over pairs")
        over = self._range(loop) if loop.op == "forrange" else self.expr(loop.exprs[0])
        test = expression.args[1]
        condition = "" if test.op == "bool" and test.value is True else f" if {self.expr(test, OR)}"
        return f"[{self.expr(expression.args[0])} for {self.name(loop.name)} in {over}{condition}]"
