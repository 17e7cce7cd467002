"""What all writers share: how expressions bind, how templates are filled, what a value is where it is wanted.

A language is a subclass: a table of templates, and the few things that a template cannot say.
"""

from abc import abstractmethod
from collections.abc import Mapping

from lsp_server.translation.rules.signs import Signs
from lsp_server.translation.rules.templating import (
    ADD,
    AND,
    COND,
    EQUAL,
    LESS,
    MULTIPLY,
    OR,
    PRIMARY,
    UNARY,
    WHOLE,
    TemplateWriter,
    is_pure,
    quoted,
)
from lsp_server.translation.rules.tree import Expr, Function, Unsupported, op
from lsp_server.translation.types import BOOL, CHAR, FLOAT, INT, STR, UNKNOWN, VOID, Type

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
_DYNAMIC = ("python", "javascript", "typescript")
_DIVIDING = frozenset(["floordiv", "floormod", "truncdiv", "truncmod"])
_PURE_COST = 12
"""Expressions of more parts are not written twice."""


class Writer(TemplateWriter):
    """Writes units. Raises `Unsupported` for what the target has no plain way to say."""

    spelled: Mapping[str, str] = {"and": "&&", "or": "||", "not": "!", "==": "==", "!=": "!="}
    true, false, none = "true", "false", "null"
    strict_numbers = False
    """Whole numbers and fractions do not mix."""
    # --- what languages differ in ---

    def special(self, expression: Expr) -> tuple[str, int] | None:
        """What a template cannot say; `None` to look for a template."""
        return None

    @abstractmethod
    def concat(self, parts: list[Expr]) -> tuple[str, int]:
        """Texts put together; `parts` are texts, or `tostr` and its like of other values."""

    def literal(self, text: str, kind: Type) -> str:
        """A string or a character in quotes."""
        return quoted(text, "'") if kind == CHAR and len(text) == 1 else quoted(text, '"')

    # --- expressions ---

    def expr(self, expression: Expr, level: int = COND, wanted: Type = UNKNOWN) -> str:
        """The expression, in parentheses where it binds less than `level`."""
        text, own = self.convert(expression, wanted)
        return f"({text})" if own < level else text

    def convert(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        """The expression as what is wanted: characters and texts, whole numbers and fractions."""
        kind = expression.type
        if wanted.kind == "optional" and expression.op != "none":
            wanted = wanted.of[0]
        literal = expression.op in ("str", "char")
        if expression.op in ("list", "map", "emptyset", "filled", "repeat") and _holds(wanted, kind):
            expression.type = wanted
        if wanted == STR and kind == CHAR and not literal:
            return self.templated("chartext", [expression])
        if wanted == CHAR and kind == STR and not literal:
            return self.templated("firstchar", [expression])
        if wanted == FLOAT and self.strict_numbers and kind.kind in WHOLE:
            return self.as_float(expression)
        return self.write(expression, wanted)

    def as_float(self, expression: Expr) -> tuple[str, int]:
        if expression.op == "int":
            return f"{expression.value}.0", PRIMARY if expression.value >= 0 else UNARY
        if expression.type.kind in WHOLE:
            return self.templated("tofloat", [expression])
        return self.write(expression, FLOAT)

    def write(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        """The expression with how tightly it binds."""
        kind, args = expression.op, expression.args
        plain = self._plain(expression, wanted)
        if plain is not None:
            return plain
        if kind == "repeat" and self.scope.source == "python":
            self._never_below_zero(args)
        if kind in _DIVIDING and self._is_unsigned(expression):
            return self.unsigned(expression)
        special = self.special(expression)
        if special is not None:
            return special
        if kind in ("and", "or"):
            return self._chosen(expression, wanted)
        if kind in ("==", "!=") and self._plain_remainder(args):
            left = op("truncmod", *args[0].args)
            left.type = args[0].type
            return self.binary(kind, [left, args[1]], EQUAL)
        if self.template_of(kind, args) is not None:
            return self.templated(kind, args, expression)
        if kind in _LEVELS:
            return self.binary(kind, args, _LEVELS[kind])
        if kind in _BITS:
            return self.bits(expression)
        if kind == "not":
            return self.negated(args[0])
        if kind in ("neg", "~"):
            text, sign = self.expr(args[0], UNARY), "-" if kind == "neg" else "~"
            # `--a` would count down in most languages
            return f"{sign}({text})" if text.startswith("-") and sign == "-" else f"{sign}{text}", UNARY
        if kind == "cond":
            return self.conditional(args, wanted if wanted.known else expression.type), COND
        raise Unsupported(f"{kind} in {self.language}")

    def _plain(self, expression: Expr, wanted: Type) -> tuple[str, int] | None:
        kind, args = expression.op, expression.args
        if kind == "name":
            return self.name(expression.value), PRIMARY
        if kind == "bool":
            return (self.true if expression.value else self.false), PRIMARY
        if kind == "none":
            if wanted.kind in ("int", "long", "float", "bool", "char") and self.language not in _DYNAMIC:
                raise Unsupported("nothing where there has to be a value")
            return self.none, PRIMARY
        if kind == "int":
            return self.whole(expression.value), PRIMARY if expression.value >= 0 else UNARY
        if kind == "float":
            return self.fraction(expression.value), PRIMARY
        if kind in ("str", "char"):
            return self.literal(expression.value, CHAR if wanted == CHAR or kind == "char" else STR), PRIMARY
        if kind == "concat":
            return self._text(args)
        if kind == "tostr":
            return self.shown(expression)
        if kind in ("call", "new", "static", "method"):
            return self.call(expression), PRIMARY
        if kind in ("fixed", "padleft", "padright", "pad"):
            return self.formatted(expression)
        return None

    def formatted(self, expression: Expr) -> tuple[str, int]:
        """Digits after the point, or blanks up to a width: `value` says how many."""
        inner, kind = expression.args[0], expression.op
        if kind == "pad":
            kind = "padright" if inner.args and inner.args[0].type in (STR, CHAR) else "padleft"
        return self.templated(kind, [inner, Expr("int", value=expression.value, type=INT)])

    def _is_unsigned(self, expression: Expr) -> bool:
        return expression.type.kind in WHOLE and all(map(self._is_natural, expression.args))

    def _is_natural(self, expression: Expr) -> bool:
        if id(self.function) not in self.signs:
            self.signs[id(self.function)] = Signs(self.function)
        return self.signs[id(self.function)].is_natural(expression)

    def _never_below_zero(self, args: list[Expr]) -> None:
        """Python repeats nothing where others raise because the number of times is below zero."""
        times = args[1]
        if times.type != BOOL and not self._is_natural(times):
            args[1] = op("max", times, Expr("int", value=0, type=INT))
            args[1].type = times.type if times.type.known else INT

    def unsigned(self, expression: Expr) -> tuple[str, int]:
        """A division in which nothing is below zero."""
        return self.templated("truncmod" if expression.op.endswith("mod") else "truncdiv", expression.args, expression)

    def whole(self, value: int) -> str:
        if abs(value) >= 2**63:
            raise Unsupported("a number beyond 64 bits")
        return str(value)

    def fraction(self, value: float) -> str:
        if value != value or value in (float("inf"), float("-inf")):
            return self.templated("infinity", [])[0]
        return repr(value)

    def _text(self, parts: list[Expr]) -> tuple[str, int]:
        if not parts:
            return self.literal("", STR), PRIMARY
        if len(parts) == 1:
            return self.convert(parts[0], STR)
        return self.concat(self.parts(parts))

    def parts(self, args: list[Expr]) -> list[Expr]:
        """The parts of a sum of texts; what is no text yet is shown as the source's language shows it."""
        style = None if self.scope.source == "python" else self.scope.source
        return [
            part
            if part.type in (STR, CHAR) or part.op in ("tostr", "str", "fixed", "pad", "padleft", "padright")
            else Expr("tostr", [part], value=style, type=STR)
            for part in merged(args)
        ]

    def shown(self, expression: Expr) -> tuple[str, int]:
        """A value as the text that the source's language shows it as."""
        value = expression.args[0]
        kind = value.type
        if kind in (STR, CHAR):
            return self.convert(value, STR)
        if kind == BOOL:
            yes, no = ("True", "False") if expression.value in (None, "csharp") else ("true", "false")
            if expression.value in ("cpp", "c"):
                raise Unsupported("a truth value as text")
            return self._choice(value, yes, no)
        if kind.kind in WHOLE:
            return self.templated("tostr:int", [value])
        if kind.kind == "named":
            holder = self.program.classes.get(kind.name)
            if holder is None or "__str__" not in holder.methods:
                raise Unsupported("an object as text")
            call = Expr("method", [value], value="__str__", type=STR)
            return self.call(call), PRIMARY
        if not kind.known or expression.value is not None or not all(map(self._is_represented, kind.of)):
            raise Unsupported("a value as text")
        return self.templated(f"tostr:{kind.kind}" if f"tostr:{kind.kind}" in self.templates else "show", [value])

    def _is_represented(self, kind: Type) -> bool:
        """Whether items are shown as they are alone: in a collection Python asks their `__repr__`."""
        if kind.kind == "named":
            holder = self.program.classes.get(kind.name)
            shown = holder.methods.get("__str__") if holder is not None else None
            return shown is not None and shown.name == "__repr__"
        return all(map(self._is_represented, kind.of))

    def _choice(self, value: Expr, yes: str, no: str) -> tuple[str, int]:
        parts = [value, Expr("str", value=yes, type=STR), Expr("str", value=no, type=STR)]
        return self.conditional(parts, STR), COND

    def call(self, expression: Expr) -> str:
        """A call of the program's own."""
        kind, args = expression.op, expression.args
        if kind == "call":
            function = self.program.functions[expression.value]
            return f"{self.function_text(expression.value)}({self.arguments(function, args)})"
        if kind == "static":
            owner, method = expression.value
            function = self.program.classes[owner].methods[method]
            text = self.names.member(owner, method)
            return f"{self.static_text(owner, text)}({self.arguments(function, args)})"
        if kind == "new":
            made = self.program.classes[expression.value]
            given = self.arguments(made.constructor, args) if made.constructor is not None else ""
            return self.made(made.name, given)
        holder = self.program.classes.get(args[0].type.name)
        if holder is None or expression.value not in holder.methods:
            raise Unsupported("a method of something unknown")
        function = holder.methods[expression.value]
        text = self.names.member(holder.name, expression.value)
        return self.method_text(args[0], text, self.arguments(function, args[1:]))

    def function_text(self, label: str) -> str:
        return self.names.function(label)

    def static_text(self, owner: str, method: str) -> str:
        return f"{self.names.type(owner)}.{method}"

    def method_text(self, receiver: Expr, method: str, arguments: str) -> str:
        return f"{self.expr(receiver, PRIMARY)}.{method}({arguments})"

    def made(self, label: str, arguments: str) -> str:
        return f"new {self.names.type(label)}({arguments})"

    def arguments(self, function: Function, args: list[Expr]) -> str:
        kinds = [kind for _, kind in function.parameters]
        return ", ".join(self.expr(part, COND, kind) for part, kind in zip(args, kinds, strict=True))

    def conditional(self, args: list[Expr], wanted: Type) -> str:
        return f"{self.truth(args[0], OR)} ? {self.expr(args[1], OR, wanted)} : {self.expr(args[2], COND, wanted)}"

    def bits(self, expression: Expr) -> tuple[str, int]:
        if any(part.type.kind not in (*WHOLE, "bool", "char") for part in expression.args):
            raise Unsupported("bits of something else than whole numbers")
        left, right = (self.expr(part, UNARY) for part in expression.args)
        return f"{left} {expression.op} {right}", COND

    def binary(self, kind: str, args: list[Expr], level: int) -> tuple[str, int]:
        left, right = args
        if kind == "+" and {STR, CHAR} & {left.type, right.type}:
            return self.concat(self.parts(args))
        wanted = self.alike(args) if level in (EQUAL, LESS) else [UNKNOWN, UNKNOWN]
        if self.strict_numbers and {left.type.kind, right.type.kind} & {"float"} and kind != "and":
            wanted = [FLOAT, FLOAT]
        texts = self.expr(left, level, wanted[0]), self.expr(right, level + 1, wanted[1])
        return f"{texts[0]} {self.spelled.get(kind, kind)} {texts[1]}", level

    def alike(self, args: list[Expr]) -> list[Type]:
        """What two compared values are both to be."""
        common = self.common_text(args)
        return [common, common]

    @staticmethod
    def common_text(args: list[Expr]) -> Type:
        """Characters, where one of two texts is one and the other a literal of one; else texts."""
        kinds = {part.type for part in args}
        if not kinds <= {CHAR, STR}:
            return UNKNOWN
        literal = all(part.type == CHAR or (part.op == "str" and len(part.value) == 1) for part in args)
        return CHAR if CHAR in kinds and literal else STR

    @staticmethod
    def _plain_remainder(args: list[Expr]) -> bool:
        """A remainder compared with 0: then the sign of the remainder does not matter."""
        numeric = args[0].type.kind in (*WHOLE, "float")
        return args[0].op == "floormod" and numeric and args[1].op == "int" and args[1].value == 0

    # --- truth ---

    def _chosen(self, expression: Expr, wanted: Type) -> tuple[str, int]:
        """`and` and `or` as values: the one or the other operand, unless both are truth values."""
        if all(part.type == BOOL for part in expression.args):
            return self.truth(expression), _LEVELS[expression.op]
        first, second = expression.args
        if not expression.type.known or sum(1 for _ in first.walk()) > _PURE_COST or not is_pure(first):
            raise Unsupported("a choice between values")
        parts = [first, second, first] if expression.op == "and" else [first, first, second]
        return self.conditional(parts, wanted if wanted.known else expression.type), COND

    def negated(self, expression: Expr) -> tuple[str, int]:
        if expression.type == BOOL or expression.op in ("and", "or"):
            return f"{self.spelled['not']}{self.truth(expression, UNARY)}", UNARY
        return self.truth_of(expression, "==")

    def truth(self, expression: Expr, level: int = COND) -> str:
        """An expression as a condition: languages without truthiness are told what is meant."""
        if expression.op in ("and", "or"):
            own = _LEVELS[expression.op]
            parts = self.truth(expression.args[0], own), self.truth(expression.args[1], own + 1)
            text = f" {self.spelled[expression.op]} ".join(parts)
            return f"({text})" if own < level else text
        if expression.type == BOOL:
            return self.expr(expression, level)
        text, own = self.truth_of(expression, "!=")
        return f"({text})" if own < level else text

    def truth_of(self, expression: Expr, sign: str) -> tuple[str, int]:
        kind = expression.type.kind
        if kind in ("str", "list", "map", "set"):
            length = Expr("len", [expression], type=INT)
            return self.binary(sign, [length, Expr("int", value=0, type=INT)], EQUAL)
        if kind in (*WHOLE, "float"):
            zero = Expr("int", value=0, type=INT) if kind != "float" else Expr("float", value=0.0, type=FLOAT)
            return self.binary(sign, [expression, zero], EQUAL)
        if kind == "optional" and expression.type.of[0].kind == "named":
            return self.write(op(sign, expression, Expr("none", type=VOID)), UNKNOWN)
        raise Unsupported("the truth of something unknown")


def merged(parts: list[Expr]) -> list[Expr]:
    """Texts put together, flat: sums of texts and neighbouring literals made one."""
    found: list[Expr] = []
    for part in parts:
        inner = [part]
        if part.op == "concat" or (part.op == "+" and part.type == STR):
            inner = merged(part.args)
        for one in inner:
            if one.op == "str" and found and found[-1].op == "str":
                found[-1] = Expr("str", value=found[-1].value + one.value, type=STR)
            elif not (one.op == "str" and not one.value and len(parts) > 1):
                found.append(one)
    return found


def _holds(wanted: Type, kind: Type) -> bool:
    """Whether a literal can be of the type that is wanted, rather than of what its parts say."""
    return wanted.known and wanted.kind in ("list", "map", "set", "tuple") and kind.kind in (wanted.kind, "unknown")
