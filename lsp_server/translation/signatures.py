"""Parameters and return types of functions, read off a syntax tree in any of the source languages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.translation.syntax import field, node_text

if TYPE_CHECKING:
    from tree_sitter import Node

_PARAMETERS = frozenset(
    [
        "identifier",
        "typed_parameter",
        "default_parameter",
        "typed_default_parameter",
        "assignment_pattern",
        "rest_pattern",
        "required_parameter",
        "optional_parameter",
        "formal_parameter",
        "spread_parameter",
        "parameter_declaration",
        "optional_parameter_declaration",
        "parameter",
        "simple_parameter",
        "keyword_parameter",
        "list_splat_pattern",
        "dictionary_splat_pattern",
        "variadic_parameter",
        "splat_parameter",
        "typed_splat_parameter",
    ]
)
_SELVES = ("self", "cls", "this")


@dataclass(frozen=True)
class Parameter:
    """One parameter as the source writes it."""

    name: str
    type: str = ""
    """Empty where the source writes none."""
    default: str = ""
    """The source's expression; empty if there is none."""


def parameters_of(function: Node, language: str) -> tuple[Parameter, ...]:
    """The parameters of a function, without the receiver."""
    holder = _parameter_list(function)
    if holder is None:
        return ()
    if holder.type == "identifier":  # x => x + 1
        return (Parameter(node_text(holder)),)
    found: list[Parameter] = []
    for node in holder.named_children:
        if node.type in _PARAMETERS:
            found.extend(_parameter(node, language))
    return tuple(parameter for parameter in found if parameter.name and parameter.name not in _SELVES)


def return_type_of(function: Node, language: str) -> str:
    """The return type as the source writes it; empty where it writes none."""
    target = _inner_function(function)
    for name in ("return_type", "result", "returns"):
        node = field(target, name)
        if node is not None:
            return node_text(node).lstrip(":").removeprefix("->").strip()
    if language in ("java", "cpp", "c", "csharp"):
        node = field(target, "type")
        return "" if node is None else node_text(node).strip() + _pointer(target)
    if language == "kotlin":
        after = node_text(target).partition(")")[2].partition("{")[0].partition("=")[0].strip()
        return after.removeprefix(":").strip() if after.startswith(":") else ""
    if language == "go" or language == "rust":
        return "void"
    return ""


def _inner_function(node: Node) -> Node:
    """The function itself where the node is a constant that is one."""
    if node.type in ("lexical_declaration", "variable_declaration"):
        for child in node.named_children:
            value = field(child, "value") if child.type == "variable_declarator" else None
            if value is not None:
                return value
    return node


def _parameter_list(function: Node) -> Node | None:
    node: Node | None = _inner_function(function)
    for _ in range(4):
        if node is None:
            return None
        for name in ("parameters", "parameter"):
            found = field(node, name)
            if found is not None:
                return found
        kotlin = next((child for child in node.named_children if child.type == "function_value_parameters"), None)
        if kotlin is not None:
            return kotlin
        node = field(node, "declarator")
    return None


def _pointer(function: Node) -> str:
    """The `*` and `[]` that C and C++ write at the name rather than at the type."""
    node = field(function, "declarator")
    return "*" if node is not None and node.type == "pointer_declarator" else ""


def _parameter(node: Node, language: str) -> list[Parameter]:
    if node.type == "identifier":
        return [Parameter(node_text(node))]
    kind = field(node, "type")
    type_text = node_text(kind).lstrip(":").strip() if kind is not None else ""
    value = next((found for name in ("value", "right", "default_value") if (found := field(node, name))), None)
    default = node_text(value) if value is not None else ""
    if language == "go":
        names = [child for child in node.named_children if child.type == "identifier"]
        return [Parameter(node_text(name), type_text) for name in names]
    if language in ("cpp", "c"):
        name, suffix = _declared(field(node, "declarator"))
        return [Parameter(name, type_text + suffix, default)]
    place = next((found for name in ("name", "pattern", "left") if (found := field(node, name)) is not None), None)
    if place is None:
        place = next((child for child in node.named_children if "identifier" in child.type), None)
    if language == "kotlin" and not type_text:
        type_text = node_text(node).partition(":")[2].partition("=")[0].strip()
    if language == "csharp" and node.type == "parameter" and not default and "=" in node_text(node):
        default = node_text(node).partition("=")[2].strip()
    name = node_text(place).removeprefix("mut ").lstrip("$&*").strip() if place is not None else ""
    return [Parameter(name, type_text, default)]


def _declared(node: Node | None) -> tuple[str, str]:
    """The name in a C declarator, and what it adds to the type."""
    suffix = ""
    for _ in range(5):
        if node is None:
            return "", suffix
        if node.type == "identifier":
            return node_text(node), suffix
        if node.type == "pointer_declarator":
            suffix += "*"
        elif node.type == "array_declarator":
            suffix += "[]"
        node = field(node, "declarator") or (node.named_children[-1] if node.named_children else None)
    return "", suffix
