"""A small language between languages: what simple functions are made of, whatever they are written in.

Expressions and statements are one class each, told apart by `op`. Operations are named by what they do (`floordiv`,
`append`, `isdigit`), not by how a language spells them; readers bring a source into this form or give up with
`Unsupported`, and writers bring it out again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

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


@dataclass
class Function:
    """A function's body, with what its signature says."""

    name: str
    parameters: list[tuple[str, Type]]
    returns: Type
    body: list[Stmt]


def name(text: str) -> Expr:
    return Expr("name", value=text)


def number(value: int) -> Expr:
    return Expr("int", value=value)


def op(kind: str, *args: Expr) -> Expr:
    return Expr(kind, list(args))


def all_statements(body: list[Stmt]) -> Iterator[Stmt]:
    for statement in body:
        yield from statement.walk()


def all_expressions(body: list[Stmt]) -> Iterator[Expr]:
    for statement in all_statements(body):
        for expression in statement.exprs:
            yield from expression.walk()
