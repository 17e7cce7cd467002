"""What all writers share: precedence, names, statements of the brace languages. A language is a subclass."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported, number, op
from lsp_server.translation.targets import Target
from lsp_server.translation.type_names import write_type
from lsp_server.translation.types import BOOL, CHAR, STR, UNKNOWN, VOID, Type

COND, OR, AND, EQUAL, LESS, ADD, MULTIPLY, UNARY, PRIMARY = range(9)
_LEVELS: dict[str, int] = {
    "or": OR,
    "and": AND,
    "==": EQUAL,
    "!=": EQUAL,
    "<": LESS,
    "<=": LESS,
    ">": LESS,
    ">=": LESS,
    "+": ADD,
    "-": ADD,
    "*": MULTIPLY,
}
_BITS = frozenset(["&", "|", "^", "<<", ">>"])
INDENT = "    "


class Writer(ABC):
    """Writes one function's body. Raises `Unsupported` for what the target has no plain way to say."""

    language = ""
    spelled: Mapping[str, str] = {"and": "&&", "or": "||", "not": "!", "==": "==", "!=": "!="}
    true, false, none = "true", "false", "null"
    end = ";"
    step_counts = "++"

    def __init__(self, target: Target, names: Mapping[str, str], returns: Type, variables: Mapping[str, Type]) -> None:
        self.target = target
        self._names = names
        self.returns = returns
        self.variables = variables

    # --- what languages differ in ---

    templates: Mapping[str, str] = {}
    """Operation to text; `{0}` is the first argument as a primary expression, `{0!}` as one that stands alone."""

    def special(self, expression: Expr) -> tuple[str, int] | None:
        """What a template cannot say; `None` to look for a template."""
        return None

    @abstractmethod
    def declare(self, name: str, kind: Type, value: str | None) -> str:
        """A variable of a kind, with its first value if it has one."""

    def literal(self, text: str, kind: Type) -> str:
        """A string in quotes."""
        return quoted(text, '"')

    # --- expressions ---

    def expr(self, expression: Expr, level: int = COND, wanted: Type = UNKNOWN) -> str:
        """The expression, in parentheses where it binds less than `level`."""
        text, own = self._convert(expression, wanted)
        return f"({text})" if own < level else text

    def _convert(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        return self._write(expression, wanted)

    def name(self, text: str) -> str:
        return self._names.get(text, text)

    def _write(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        kind, args = expression.op, expression.args
        if kind == "name":
            return self.name(expression.value), PRIMARY
        if kind == "bool":
            return (self.true if expression.value else self.false), PRIMARY
        if kind == "none":
            return self.none, PRIMARY
        if kind == "int":
            return str(expression.value), PRIMARY if expression.value >= 0 else UNARY
        if kind == "float":
            return repr(expression.value), PRIMARY
        if kind in ("str", "char"):
            return self.literal(expression.value, CHAR if wanted == CHAR or kind == "char" else STR), PRIMARY
        if kind == "call":
            return f"{self.name(expression.value)}({', '.join(map(self.expr, args))})", PRIMARY
        special = self.special(expression)
        if special is not None:
            return special
        if kind in ("==", "!=") and self._plain_remainder(args):
            left = op("truncmod", *args[0].args)
            left.type = args[0].type
            return self._binary(kind, [left, args[1]], EQUAL)
        if kind in _LEVELS:
            return self._binary(kind, args, _LEVELS[kind])
        if kind in _BITS:
            left, right = (self.expr(part, UNARY) for part in args)
            return f"{left} {kind} {right}", COND
        if kind in ("neg", "not"):
            sign = "-" if kind == "neg" else self.spelled["not"]
            return f"{sign}{self.expr(args[0], UNARY)}", UNARY
        if kind == "cond":
            return self.conditional(args, wanted), COND
        template = self.templates.get(kind)
        if template is None:
            raise Unsupported(f"{kind} in {self.language}")
        return self.filled(template, args), PRIMARY

    def filled(self, template: str, args: list[Expr]) -> str:
        """A template with its arguments: `{0}` as something that binds tightest, `{=0}` as what stands alone."""
        text = template
        for number_, argument in enumerate(args):
            if f"{{{number_}}}" in text:
                text = text.replace(f"{{{number_}}}", self.expr(argument, PRIMARY))
            if f"{{={number_}}}" in text:
                text = text.replace(f"{{={number_}}}", self.expr(argument))
        if "{" in text and any(f"{{{mark}{digit}}}" in text for mark in ("", "=") for digit in range(4)):
            raise Unsupported("too few arguments")
        return text

    def conditional(self, args: list[Expr], wanted: Type) -> str:
        return f"{self.expr(args[0], OR)} ? {self.expr(args[1], OR, wanted)} : {self.expr(args[2], COND, wanted)}"

    def _binary(self, kind: str, args: list[Expr], level: int) -> tuple[str, int]:
        left, right = args
        wanted = [
            right.type if right.type in (CHAR, STR) else UNKNOWN,
            left.type if left.type in (CHAR, STR) else UNKNOWN,
        ]
        if level in (EQUAL, LESS) or kind == "+":
            texts = self.expr(left, level, wanted[0]), self.expr(right, level + 1, wanted[1])
        else:
            texts = self.expr(left, level), self.expr(right, level + 1)
        return f"{texts[0]} {self.spelled.get(kind, kind)} {texts[1]}", level

    @staticmethod
    def common_text(args: list[Expr]) -> Type:
        """What two compared texts are both to be: characters, where one is and the other is a literal of one."""
        kinds = {part.type for part in args}
        if not kinds <= {CHAR, STR}:
            return UNKNOWN
        literal = all(part.type == CHAR or (part.op == "str" and len(part.value) == 1) for part in args)
        return CHAR if CHAR in kinds and literal else STR

    @staticmethod
    def _plain_remainder(args: list[Expr]) -> bool:
        """A remainder compared with 0: then the sign of the remainder does not matter."""
        return args[0].op == "floormod" and args[0].type != STR and args[1].op == "int" and args[1].value == 0

    def truth(self, expression: Expr, level: int = COND) -> str:
        """An expression as a condition: languages without truthiness are told what is meant."""
        kind = expression.type
        if expression.op in ("and", "or"):
            own = _LEVELS[expression.op]
            text = f" {self.spelled[expression.op]} ".join(
                (self.truth(expression.args[0], own), self.truth(expression.args[1], own + 1))
            )
            return f"({text})" if own < level else text
        if expression.op == "not" and expression.args[0].type != BOOL:
            return self._truth_of(expression.args[0], "==", level)
        if kind == BOOL or kind.kind == "unknown":
            return self.expr(expression, level)
        return self._truth_of(expression, "!=", level)

    def _truth_of(self, expression: Expr, sign: str, level: int) -> str:
        kind = expression.type.kind
        if kind in ("str", "list", "map", "set"):
            test = op(sign, op("len", expression), number(0))
        elif kind in ("int", "long", "float"):
            test = op(sign, expression, number(0))
        else:
            text = f"{self.spelled['not']}{self.expr(expression, UNARY)}"
            return text if sign == "==" else self.expr(expression, level)
        return self.expr(test, level)

    # --- statements ---

    def body(self, statements: list[Stmt]) -> str:
        """The lines of a function's body, indented by one step."""
        return "".join(f"{INDENT}{line}\n" for statement in statements for line in self.statement(statement))

    def statement(self, statement: Stmt) -> list[str]:
        kind, exprs = statement.op, statement.exprs
        if kind in ("break", "continue"):
            return [kind + self.end]
        if kind == "return":
            if not exprs:
                return ["return" + self.end]
            return [f"return {self.expr(exprs[0], COND, self.returns)}{self.end}"]
        if kind == "declare":
            return [self._declare(statement)]
        if kind == "assign":
            return [self.assign(exprs[0], exprs[1]) + self.end]
        if kind == "assigns":
            return self.assigns(statement)
        if kind == "if":
            return self._if(statement)
        if kind == "while":
            return self.braced(f"while ({self.truth(exprs[0])})", statement.blocks[0])
        if kind == "forrange":
            return self.braced(self.range_header(statement), statement.blocks[0])
        if kind == "foreach":
            return self.braced(self.each_header(statement), statement.blocks[0])
        return self.change(statement)

    def change(self, statement: Stmt) -> list[str]:
        """A statement that changes its first expression."""
        template = self.templates.get(f"{statement.op}!{len(statement.exprs)}")
        if template is None:
            raise Unsupported(f"{statement.op} in {self.language}")
        return [self.filled(template, statement.exprs) + self.end]

    def assign(self, place: Expr, value: Expr) -> str:
        wanted = place.type
        return f"{self.expr(place)} = {self.expr(value, COND, wanted)}"

    def assigns(self, statement: Stmt) -> list[str]:
        """Several at once: the values are computed before anything is assigned."""
        half = len(statement.exprs) // 2
        places, values = statement.exprs[:half], statement.exprs[half:]
        lines: list[str] = []
        late: list[tuple[Expr, str]] = []
        for number_, (place, value) in enumerate(zip(places, values, strict=True)):
            if number_ == len(places) - 1:
                lines.append(self.assign(place, value) + self.end)
            else:
                held = f"next{number_ + 1 if number_ else ''}"
                lines.append(self.declare(held, value.type, self.expr(value)))
                late.append((place, held))
        return lines + [self.set_text(place, held) + self.end for place, held in late]

    def set_text(self, place: Expr, value: str) -> str:
        """`place = value`, where the value is text already."""
        return f"{self.expr(place)} = {value}"

    def _declare(self, statement: Stmt) -> str:
        kind = self.variables.get(statement.name, UNKNOWN)
        if statement.type.known and kind.kind == "unknown":
            kind = statement.type
        value = self.expr(statement.exprs[0], COND, kind) if statement.exprs else None
        return self.declare(self.name(statement.name), kind, value)

    def _if(self, statement: Stmt) -> list[str]:
        lines = self.braced(f"if ({self.truth(statement.exprs[0])})", statement.blocks[0])
        other = statement.blocks[1]
        if not other:
            return lines
        if len(other) == 1 and other[0].op == "if":
            rest = self._if(other[0])
        else:
            rest = self.braced("", other)
            rest[0] = rest[0].lstrip()
        return [*lines[:-1], f"}} else {rest[0]}", *rest[1:]]

    def braced(self, header: str, block: list[Stmt]) -> list[str]:
        inside = [INDENT + line for statement in block for line in self.statement(statement)]
        return [f"{header} {{", *inside, "}"]

    def range_header(self, statement: Stmt) -> str:
        start, stop, step = statement.exprs
        variable = self.name(statement.name)
        by = (
            step.value
            if step.op == "int"
            else -step.args[0].value
            if step.op == "neg" and step.args[0].op == "int"
            else 0
        )
        if not by:
            raise Unsupported("a step that is not known")
        counts = {1: f"{variable}++", -1: f"{variable}--"}.get(by, f"{variable} {'+' if by > 0 else '-'}= {abs(by)}")
        sign = "<" if by > 0 else ">"
        first = self.loop_variable(statement.name, self.expr(start))
        return f"for ({first}; {variable} {sign} {self.expr(stop, ADD)}; {counts})"

    def loop_variable(self, variable: str, start: str) -> str:
        return self.declare(self.name(variable), self.variables.get(variable, UNKNOWN), start).removesuffix(self.end)

    @abstractmethod
    def each_header(self, statement: Stmt) -> str:
        """The first line of a loop over the items of something."""

    def type_text(self, kind: Type) -> str:
        return "" if kind == VOID else write_type(kind, self.language)


def quoted(text: str, mark: str) -> str:
    """A literal that every language of the C family reads."""
    named = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0", mark: f"\\{mark}"}
    found = "".join(named.get(character, character) for character in text)
    if any(ord(character) < 32 for character in found):
        raise Unsupported("a control character")
    return f"{mark}{found}{mark}"
