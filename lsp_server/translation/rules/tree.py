"""A small language between languages: what simple programs are made of, whatever they are written in.

Expressions and statements are one class each, told apart by `op`. Operations are named by what they do (`floordiv`,
`append`, `isdigit`), not by how a language spells them; readers bring a source into this form or give up with
`Unsupported`, and writers bring it out again.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard

from lsp_server.translation.types import UNKNOWN, Type


class Unsupported(Exception):  # noqa: N818 - an outcome, not an error
    """The rules do not reach this source."""


@dataclass(eq=False)
class Expr:
    """`value` holds names and literals; what each `op` takes is said where it is read and written."""

    op: str
    args: list["Expr"] = field(default_factory=list["Expr"])
    value: Any = None
    type: Type = UNKNOWN

    def walk(self) -> Iterator["Expr"]:
        yield self
        for argument in self.args:
            yield from argument.walk()


@dataclass(eq=False)
class Stmt:
    """`name` is a variable, `exprs` what is computed, `blocks` what is nested."""

    op: str
    exprs: list[Expr] = field(default_factory=list[Expr])
    blocks: list[list["Stmt"]] = field(default_factory=list[list["Stmt"]])
    name: str = ""
    type: Type = UNKNOWN

    def walk(self) -> Iterator["Stmt"]:
        yield self
        for block in self.blocks:
            for statement in block:
                yield from statement.walk()


FunctionKind = Literal["function", "method", "static", "constructor", "statements"]


@dataclass
class Function:
    """A function's body, with what its signature says."""

    name: str
    parameters: list[tuple[str, Type]]
    returns: Type
    body: list[Stmt]
    kind: FunctionKind = "function"
    defaults: dict[str, Expr] = field(default_factory=dict[str, Expr])
    """Values of parameters that a caller may leave out."""
    variables: dict[str, Type] = field(default_factory=dict[str, Type])
    """Types of parameters and local variables, once they are known."""
    open: bool = False
    """Its return type is not said by the source."""
    copied: set[str] = field(default_factory=set[str])
    """Parameters and variables of loops that are copies of what they are given."""
    shared: set[str] = field(default_factory=set[str])
    """Those that are references, where a language knows both."""

    @property
    def names(self) -> list[str]:
        """Of its parameters."""
        return [name for name, _ in self.parameters]


@dataclass
class Class:
    """Fields and methods; nothing is inherited."""

    name: str
    fields: dict[str, Type]
    methods: dict[str, Function]
    constructor: Function | None = None
    by_fields: bool = False
    """Two of its objects are equal where their fields are."""


Piece = Function | Class
"""What a unit of a file becomes; statements between definitions are a function of that kind."""


@dataclass
class Program:
    """A file: its units by their names in the outline, as far as the rules reach."""

    pieces: dict[str, Piece] = field(default_factory=dict[str, Piece])
    faults: dict[str, str] = field(default_factory=dict[str, str])
    """Why the others are not among them."""
    constants: dict[str, Type] = field(default_factory=dict[str, Type])
    """Variables of the file itself."""

    def drop(self, label: str, fault: str) -> None:
        """A unit turns out to be beyond the rules."""
        self.faults[label] = fault
        del self.pieces[label]

    def each(self, do: "Callable[[Function, Piece], object]") -> None:
        """Do something with every function and what it is in. What turns out to be beyond the rules is dropped."""
        for label, piece in list(self.pieces.items()):
            try:
                for function in members(piece):
                    do(function, piece)
            except Unsupported as error:
                self.drop(label, str(error))

    @property
    def functions(self) -> dict[str, Function]:
        """Those that can be called."""
        return {piece.name: piece for piece in self.pieces.values() if is_plain(piece)}

    @property
    def classes(self) -> dict[str, Class]:
        return {piece.name: piece for piece in self.pieces.values() if isinstance(piece, Class)}


def name(text: str) -> Expr:
    return Expr("name", value=text)


def number(value: int) -> Expr:
    return Expr("int", value=value)


def text(value: str) -> Expr:
    return Expr("str", value=value)


def op(kind: str, *args: Expr) -> Expr:
    return Expr(kind, list(args))


def is_plain(piece: Piece) -> TypeGuard[Function]:
    """Whether it is a function that is called by its name."""
    return isinstance(piece, Function) and piece.kind == "function"


def members(piece: Piece) -> list[Function]:
    """The functions in a piece: itself, or the methods of a class."""
    if isinstance(piece, Function):
        return [piece]
    return [*([piece.constructor] if piece.constructor else []), *piece.methods.values()]


def assignments(statement: Stmt) -> list[tuple[Expr, Expr]]:
    """The places that a statement gives another value, each with what it is given."""
    if statement.op not in ("assign", "augment", "assigns"):
        return []
    half = len(statement.exprs) // 2
    return list(zip(statement.exprs[:half], statement.exprs[half:], strict=True))


def all_statements(body: list[Stmt]) -> Iterator[Stmt]:
    for statement in body:
        yield from statement.walk()


def all_expressions(body: list[Stmt]) -> Iterator[Expr]:
    """Every expression, those inside comprehensions too."""
    for statement in all_statements(body):
        for expression in statement.exprs:
            yield from _inside(expression)


def _inside(expression: Expr) -> Iterator[Expr]:
    for part in expression.walk():
        yield part
        if part.op == "comp":
            for loop in part.value[1]:
                yield from all_expressions([loop])
