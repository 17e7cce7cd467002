"""The language between languages as Python."""

from lsp_server.translation.rules.brace import INDENT, BraceWriter
from lsp_server.translation.rules.python_templates import TEMPLATES
from lsp_server.translation.rules.resolve import is_constants
from lsp_server.translation.rules.templating import ADD, AND, COND, LESS, MULTIPLY, OR, PRIMARY, UNARY, WHOLE
from lsp_server.translation.rules.tree import Class, Expr, Function, Stmt, Unsupported, members
from lsp_server.translation.types import CHAR, STR, Type


class PythonWriter(BraceWriter):
    language = "python"
    spelled = {"and": "and", "or": "or", "not": "not "}  # noqa: RUF012 - read only
    true, false, none, end = "True", "False", "None", ""
    templates = TEMPLATES

    # --- units ---

    def function_lines(self, function: Function) -> list[str]:
        if function.kind == "statements":
            self.function = function
            if is_constants(function):
                return [self.constant(statement) for statement in function.body]
            return ['if __name__ == "__main__":', *(INDENT + line for line in self.block(function.body))]
        self.function = function
        lines = self.definition(self.signature(function, self.names.function(function.name)), function)
        if function.name in ("main", "Main") and not function.parameters:
            called = self.names.function(function.name)
            lines += ["", "", 'if __name__ == "__main__":', f"{INDENT}{called}()"]
        return lines

    def signature(self, function: Function, called: str) -> str:
        own = ["self"] if function.kind == "method" else []
        parts = [*own, *(self.parameter(self.name(label), kind, function) for label, kind in function.parameters)]
        returns = "None" if function.returns.kind == "void" else self.type_text(function.returns)
        is_said = returns and not _is_as_its_arguments(function)
        return f"def {called}({', '.join(parts)}){f' -> {returns}' if is_said else ''}"

    def constructor(self, made: Class, function: Function) -> str:
        parts = [self.parameter(self.name(label), kind, function) for label, kind in function.parameters]
        return f"def __init__({', '.join(['self', *parts])}) -> None"

    def parameter(self, name: str, kind: Type, function: Function) -> str:
        text = self.type_text(kind)
        return f"{name}: {text}" if text else name

    def class_lines(self, made: Class) -> list[str]:
        lines = [f"class {self.names.type(made.name)}:"]
        for function in members(made):
            self.function = function
            if function.kind == "constructor":
                header = self.constructor(made, function)
            else:
                header = self.signature(function, self.method_name(made, function))
            static = [f"{INDENT}@staticmethod"] if function.kind == "static" else []
            gap = [""] if len(lines) > 1 else []
            lines += [*gap, *static, *(INDENT + line if line else "" for line in self.definition(header, function))]
        return lines if len(lines) > 1 else [*lines, f"{INDENT}pass"]

    def definition(self, header: str, function: Function) -> list[str]:
        self.function = function
        return self.braced(header, function.body)

    def constant(self, statement: Stmt) -> str:
        place, value = statement.exprs
        return f"{self.names.constant(place.value)} = {self.expr(value)}"

    # --- expressions ---

    def made(self, label: str, arguments: str) -> str:
        return f"{self.names.type(label)}({arguments})"

    def special(self, expression: Expr) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        if kind in ("list", "map"):
            return self._literal_collection(expression), PRIMARY
        if kind in ("floordiv", "floormod"):
            sign = "//" if kind == "floordiv" else "%"
            return f"{self.expr(args[0], MULTIPLY)} {sign} {self.expr(args[1], UNARY)}", MULTIPLY
        if kind in ("/", "cdiv"):
            return f"{self.expr(args[0], MULTIPLY)} / {self.expr(args[1], UNARY)}", MULTIPLY
        if kind == "self":
            return "self", PRIMARY
        if kind == "field":
            return f"{self.expr(args[0], PRIMARY)}.{self.field_text(expression)}", PRIMARY
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
        if kind == "slice":
            return f"{self.expr(args[0], PRIMARY)}[{self._bound(args[1], '0')}:{self._bound(args[2], '')}]", PRIMARY
        if kind == "step":
            return f"{self.expr(args[0], PRIMARY)}[{self._bound(args[1], '0')}::{self.expr(args[2])}]", PRIMARY
        if kind == "sorted":
            return f"sorted({self.expr(args[0])}{', reverse=True' if len(args) > 1 else ''})", PRIMARY
        if kind == "comp":
            return self._comprehension(expression), PRIMARY
        if kind == "tochar" and args[0].type in (STR, CHAR):
            return self.expr(args[0], PRIMARY), PRIMARY
        return None

    def unsigned(self, expression: Expr) -> tuple[str, int]:
        sign = "%" if expression.op.endswith("mod") else "//"
        return f"{self.expr(expression.args[0], MULTIPLY)} {sign} {self.expr(expression.args[1], UNARY)}", MULTIPLY

    def shown(self, expression: Expr) -> tuple[str, int]:
        value, style = expression.args[0], expression.value
        kind = value.type
        if kind in (STR, CHAR):
            return self.expr(value, PRIMARY), PRIMARY
        if kind.kind == "bool":
            return f"str({self.expr(value)}).lower()" if style != "csharp" else f"str({self.expr(value)})", PRIMARY
        if kind.kind not in (*WHOLE, "named"):
            raise Unsupported("a value as another language shows it")
        return f"str({self.expr(value)})", PRIMARY

    def concat(self, parts: list[Expr]) -> tuple[str, int]:
        if not any(part.op == "str" for part in parts):
            return " + ".join(self.expr(part, MULTIPLY, STR) for part in parts), ADD
        text = ""
        for part in parts:
            if part.op == "str":
                text += self.literal(part.value, STR)[1:-1].replace("{", "{{").replace("}", "}}")
                continue
            inner = part.args[0] if part.op == "tostr" and part.args[0].type.kind in (*WHOLE, "str", "char") else part
            if part.op == "fixed":
                text += f"{{{self.expr(part.args[0])}:.{part.value}f}}"
                continue
            piece = self.expr(inner)
            if any(mark in piece for mark in '"\\'):
                return " + ".join(self.expr(other, MULTIPLY, STR) for other in parts), ADD
            text += f"{{{piece}}}"
        return f'f"{text}"', PRIMARY

    def negated(self, expression: Expr) -> tuple[str, int]:
        return f"not {self.truth(expression, LESS)}", AND

    def conditional(self, args: list[Expr], wanted: Type) -> str:
        return f"{self.expr(args[1], OR)} if {self.truth(args[0], OR)} else {self.expr(args[2], COND)}"

    def truth(self, expression: Expr, level: int = COND) -> str:
        if expression.op in ("and", "or"):
            return super().truth(expression, level)
        return self.expr(expression, level)

    # --- statements ---

    def printed(self, text: Expr, *, line: bool) -> str:
        only = text.args[0] if len(text.args) == 1 else None
        plain = only is not None and only.op == "tostr" and only.args[0].type.kind in (*WHOLE, "str", "char")
        given = self.expr(only.args[0] if plain and only is not None else text) if text.args else ""
        return f"print({given})" if line else f'print({given}, end="")'

    def declare(self, name: str, kind: Type, value: str | None) -> str:
        if value is None:
            zero = {"int": "0", "long": "0", "float": "0.0", "bool": "False", "str": '""', "char": '""'}
            empty = {"list": "[]", "map": "{}", "set": "set()"}
            value = zero.get(kind.kind, empty.get(kind.kind, "None"))
        return f"{name} = {value}"

    def braced(self, header: str, block: list[Stmt]) -> list[str]:
        inside = [INDENT + line if line else "" for line in self.block(block)]
        return [f"{header}:", *(inside or [f"{INDENT}pass"])]

    def statement(self, statement: Stmt) -> list[str]:
        kind, exprs = statement.op, statement.exprs
        if kind == "if":
            return self._chain("if", statement)
        if kind == "assigns":
            half = len(exprs) // 2
            return [f"{', '.join(map(self.expr, exprs[:half]))} = {', '.join(map(self.expr, exprs[half:]))}"]
        if kind == "put":
            return [f"{self.expr(exprs[0], PRIMARY)}[{self.expr(exprs[1])}] = {self.expr(exprs[2])}"]
        if kind == "append" and exprs[0].type.kind == "set":
            return [f"{self.expr(exprs[0], PRIMARY)}.add({self.expr(exprs[1])})"]
        if kind == "sort":
            return self._sorted(exprs)
        return super().statement(statement)

    def _sorted(self, exprs: list[Expr]) -> list[str]:
        place, *order = exprs
        options = ["reverse=True"] if order and order[0].value else []
        if len(order) > 1:
            options.insert(0, f"key=lambda {order[1].value[0]}: {self.expr(order[1].args[0])}")
        return [f"{self.expr(place, PRIMARY)}.sort({', '.join(options)})"]

    def while_header(self, test: Expr) -> str:
        return f"while {self.truth(test)}"

    def range_header(self, statement: Stmt) -> str:
        return f"for {self.name(statement.name)} in {self._range(statement)}"

    def each_header(self, statement: Stmt) -> str:
        over = statement.exprs[0]
        inner = over.args[0] if over.op in ("keys", "chars") else over
        return f"for {self.name(statement.name)} in {self.expr(inner)}"

    def assign(self, place: Expr, value: Expr) -> str:
        left = value.args[0] if value.args else None
        same = left is not None and left.op == "name" and place.op == "name" and left.value == place.value
        if same and value.op in ("+", "-", "*") and value.type == place.type:
            return self.augment(place, value)
        return super().assign(place, value)

    def sorted_plainly(self, place: Expr, item: Type, *, reverse: bool) -> str:
        return f"{self.expr(place, PRIMARY)}.sort({'reverse=True' if reverse else ''})"

    def _chain(self, word: str, statement: Stmt) -> list[str]:
        lines = self.braced(f"{word} {self.truth(statement.exprs[0])}", statement.blocks[0])
        other = statement.blocks[1]
        if len(other) == 1 and other[0].op == "if":
            return lines + self._chain("elif", other[0])
        return lines + (self.braced("else", other) if other else [])

    def _range(self, statement: Stmt) -> str:
        start, stop, step = map(self.expr, statement.exprs)
        if step != "1":
            return f"range({start}, {stop}, {step})"
        return f"range({stop})" if start == "0" else f"range({start}, {stop})"

    def _bound(self, bound: Expr, default: str) -> str:
        text = "" if bound.op == "none" else self.expr(bound)
        return "" if text == default else text

    def _literal_collection(self, expression: Expr) -> str:
        texts = [self.expr(part) for part in expression.args]
        if expression.op == "map":
            return "{" + ", ".join(f"{k}: {v}" for k, v in zip(texts[::2], texts[1::2], strict=True)) + "}"
        if expression.type.kind == "tuple":
            return f"({', '.join(texts)})"
        return f"[{', '.join(texts)}]"

    def _comprehension(self, expression: Expr) -> str:
        made, loops = expression.value
        if any(loop.blocks[0] for loop in loops):
            raise Unsupported("a comprehension over pairs")
        *items, test = expression.args
        over = " ".join(
            f"for {self.name(loop.name)} in "
            + (self._range(loop) if loop.op == "forrange" else self.expr(loop.exprs[0], OR))
            for loop in loops
        )
        condition = "" if test.op == "bool" and test.value is True else f" if {self.truth(test, OR)}"
        if made == "map":
            return f"{{{self.expr(items[0])}: {self.expr(items[1])} {over}{condition}}}"
        return f"[{self.expr(items[0])} {over}{condition}]"


def _is_as_its_arguments(function: Function) -> bool:
    """Whether it gives a number, and which kind of number it is may follow from arguments of any kind."""
    is_number = function.returns.kind in ("int", "long", "float")
    return function.open and is_number and not all(kind.known for _, kind in function.parameters)
