"""What the C family's programs write: `System.out.println`, `console.log`, `Console.WriteLine`, `cout <<`, `printf`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported, text
from lsp_server.translation.syntax import field, node_text

if TYPE_CHECKING:
    from tree_sitter import Node

_CALLS = {
    "System.out.println": ("print", ""),
    "System.out.print": ("write", ""),
    "console.log": ("print", " "),
    "Console.WriteLine": ("print", ""),
    "System.Console.WriteLine": ("print", ""),
    "Console.Write": ("write", ""),
}
_FORMATS = ("System.out.printf", "printf", "std::printf")
_CALL = re.compile(r"^((?:[\w]+(?:\.|::))*\w+)\s*\(")
_PART = re.compile(r"%(?:(\.(\d+)f)|([dsicn%]|ld|lld))")
_ENDS = ("endl", "std::endl")

Read = Callable[["Node"], Expr]


def read_print(node: Node, language: str, read: Read, arguments: Callable[[Node], list[Expr]]) -> Stmt | None:
    """A statement that writes something; `None` if it is none."""
    if node.type == "binary_expression":
        return _streamed(node, language, read)
    called = _CALL.match(node_text(node))
    if called is None:
        return None
    if called.group(1) in _FORMATS and node.type in ("call_expression", "method_invocation"):
        return _formatted(arguments(node), language)
    found = _CALLS.get(called.group(1))
    if found is None:
        return None
    kind, between = found
    parts: list[Expr] = []
    for place, argument in enumerate(arguments(node)):
        parts += [text(between)] if place and between else []
        parts.append(shown(argument, language))
    return Stmt(kind, [Expr("concat", parts)])


def shown(value: Expr, language: str) -> Expr:
    """A value as the text that a language makes of it."""
    return value if value.op in ("str", "concat") else Expr("tostr", [value], value=language)


def _streamed(node: Node, language: str, read: Read) -> Stmt | None:
    """`cout << a << b << endl`."""
    parts: list[Expr] = []
    current = node
    while current.type == "binary_expression" and (sign := field(current, "operator")) and node_text(sign) == "<<":
        right = field(current, "right")
        current = field(current, "left") or current
        if right is None:
            return None
        end = node_text(right) in _ENDS
        parts.insert(0, text("\n") if end else shown(read(right), language))
    if node_text(current) not in ("cout", "std::cout"):
        return None
    last = parts[-1]
    if last.op == "str" and last.value.endswith("\n"):
        return Stmt("print", [Expr("concat", [*parts[:-1], *([text(last.value[:-1])] if last.value != "\n" else [])])])
    return Stmt("write", [Expr("concat", parts)])


def _formatted(given: list[Expr], language: str) -> Stmt:
    if not given or given[0].op != "str":
        raise Unsupported("a format")
    pattern, values = given[0].value, given[1:]
    parts: list[Expr] = []
    place = 0
    for found in _PART.finditer(pattern):
        parts += _plain(pattern[place : found.start()])
        place = found.end()
        if found.group(3) in ("n", "%"):
            parts.append(text("\n" if found.group(3) == "n" else "%"))
            continue
        if not values:
            raise Unsupported("a format")
        value = values.pop(0)
        digits = found.group(2)
        parts.append(Expr("fixed", [value], value=int(digits)) if digits else shown(value, language))
    parts += _plain(pattern[place:])
    if values:
        raise Unsupported("a format")
    if parts and parts[-1].op == "str" and parts[-1].value.endswith("\n"):
        return Stmt("print", [Expr("concat", [*parts[:-1], *_plain(parts[-1].value[:-1])])])
    return Stmt("write", [Expr("concat", parts)])


def _plain(piece: str) -> list[Expr]:
    if "%" in piece:
        raise Unsupported("a format")
    return [text(piece)] if piece else []
