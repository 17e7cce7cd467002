"""Templates: what an operation is called in a language, and how its arguments are put in.

Knows names, types and how tightly things bind; what an expression means is known further up.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from lsp_server.translation.rules.effects import Effects
from lsp_server.translation.rules.names import Names
from lsp_server.translation.rules.signs import Signs
from lsp_server.translation.rules.tree import Expr, Function, Program, Unsupported
from lsp_server.translation.type_names import write_type
from lsp_server.translation.types import FLOAT, STR, UNKNOWN, VOID, Type

COND, OR, AND, EQUAL, LESS, ADD, MULTIPLY, UNARY, PRIMARY = range(9)
Template = str | tuple[str, int]
"""Text of a primary expression, or text with how tightly it binds.

`{0}` is the first argument as what binds tightest, `{=0}` as what stands alone, `{-0}` as an operand of a sign, `{*0}`
and `{+0}` of a product and a sum; `{t0}` as text that stands alone, `{T0}` as text that binds tightest; `{f0}` as a
fraction; `{e1}` as an item of the first argument, `{k1}` as a key of it, `{v2}` as a value of it. `{type}` is the type
of the whole, `{item}` of its items. `{each}` is a name that nothing else in the function has.
"""
_SLOT = re.compile(r"\{([=\-*+tTfekv&ru]?)(\d)\}")
WHOLE = ("int", "long")


@dataclass(frozen=True)
class Scope:
    """What a unit is written in."""

    program: Program
    names: Names
    effects: Effects
    source: str
    """The id of the source's language."""
    holder: str = ""
    """The class that holds the file's functions, where the language wants one."""


class TemplateWriter(ABC):
    """Fills templates."""

    language = ""
    templates: Mapping[str, Template] = {}
    """By operation, or `operation:kind` for a kind of the first argument's type."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.names = scope.names
        self.program = scope.program
        self.function = Function("", [], VOID, [])
        self.signs: dict[int, Signs] = {}

    @abstractmethod
    def expr(self, expression: Expr, level: int = COND, wanted: Type = UNKNOWN) -> str:
        """The expression, in parentheses where it binds less than `level`."""

    @abstractmethod
    def as_float(self, expression: Expr) -> tuple[str, int]:
        """A number as a fraction."""

    # --- names and types ---

    def name(self, label: str) -> str:
        """A variable of the function, or a constant of the file."""
        return self.names.variable(self.function, label)

    def kind_of(self, label: str) -> Type:
        return self.function.variables.get(label) or self.program.constants.get(label, UNKNOWN)

    def type_text(self, kind: Type) -> str:
        return "" if kind == VOID else write_type(self.names.spelled(kind), self.language)

    def field_text(self, expression: Expr) -> str:
        """The name of a field."""
        owner = expression.args[0].type.name
        if expression.value not in self.fields_of(owner):
            raise Unsupported("a field of something unknown")
        return self.names.field(owner, expression.value)

    def fields_of(self, owner: str) -> Mapping[str, Type]:
        return self.program.classes[owner].fields if owner in self.program.classes else {}

    def needed_type(self, kind: Type) -> str:
        text = self.type_text(kind)
        if not text:
            raise Unsupported("something of unknown type")
        return text

    # --- templates ---

    def template_of(self, kind: str, args: list[Expr]) -> Template | None:
        if args:
            found = self.templates.get(f"{kind}:{args[0].type.name or args[0].type.kind}")
            if found is None:
                found = self.templates.get(f"{kind}:{args[0].type.kind}")
            if found is not None:
                return found
        return self.templates.get(kind)

    def templated(self, kind: str, args: list[Expr], whole: Expr | None = None) -> tuple[str, int]:
        """What a template says. Raises `Unsupported` where there is none."""
        template = self.template_of(kind, args)
        if template is None:
            raise Unsupported(f"{kind} in {self.language}")
        text, level = (template, PRIMARY) if isinstance(template, str) else template
        return self.filled(text, args, whole), level

    def filled(self, template: str, args: list[Expr], whole: Expr | None = None) -> str:
        """A template with its arguments in their slots."""
        if whole is not None and "{type}" in template:
            template = template.replace("{type}", self.needed_type(whole.type))
        if whole is not None and "{item}" in template:
            template = template.replace("{item}", self.needed_type(whole.type.of[0] if whole.type.of else UNKNOWN))
        if "{each}" in template:
            template = template.replace("{each}", self.names.unused(self.function, "item"))

        def slot(found: re.Match[str]) -> str:
            mark, place = found.group(1), int(found.group(2))
            if place >= len(args):
                raise Unsupported("too few arguments")
            if place == 1 and template.startswith(("{0}[", "{0}.get(")) and args[1].type == FLOAT:
                raise Unsupported("a fraction as a place")
            return self._slot(mark, args[place], args)

        return _SLOT.sub(slot, template)

    def _slot(self, mark: str, argument: Expr, args: list[Expr]) -> str:
        if mark in ("t", "T"):
            return self.expr(argument, COND if mark == "t" else PRIMARY, STR)
        if mark == "f":
            text, level = self.as_float(argument)
            return f"({text})" if level < UNARY else text
        if mark in ("e", "k", "v"):
            parts = args[0].type.of
            place = 1 if mark == "v" else 0
            return self.expr(argument, COND, parts[place] if len(parts) > place else UNKNOWN)
        levels = {"=": COND, "-": UNARY, "*": MULTIPLY, "+": ADD}
        return self.expr(argument, levels.get(mark, PRIMARY))


def is_pure(expression: Expr) -> bool:
    """Whether computing it twice does what computing it once does."""
    return not any(part.op in ("call", "method", "static", "new", "poplast") for part in expression.walk())


def quoted(text: str, mark: str) -> str:
    """A literal that every language of the C family reads."""
    named = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0", mark: f"\\{mark}"}
    found = "".join(named.get(character, character) for character in text)
    if any(ord(character) < 32 for character in found):
        raise Unsupported("a control character")
    return f"{mark}{found}{mark}"
