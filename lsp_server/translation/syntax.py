"""Small questions about nodes of syntax trees that every grammar answers in nearly the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

_NAMES = frozenset(
    [
        "identifier",
        "type_identifier",
        "field_identifier",
        "property_identifier",
        "simple_identifier",
        "constant",
        "name",
        "private_property_identifier",
        "operator_name",
        "destructor_name",
    ]
)
_CALLS: dict[str, tuple[str, ...]] = {
    "call": ("function", "method"),
    "call_expression": ("function",),
    "method_invocation": ("name",),
    "invocation_expression": ("function",),
    "function_call_expression": ("function",),
    "member_call_expression": ("name",),
    "object_creation_expression": ("type",),
    "new_expression": ("constructor",),
    "macro_invocation": ("macro",),
}


def node_text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def field(node: Node, name: str) -> Node | None:
    return node.child_by_field_name(name)


def defined_name(node: Node) -> str:
    """The name that a definition gives; empty if it gives none."""
    current: Node | None = node
    for _ in range(8):
        if current is None:
            return ""
        if current.type in _NAMES:
            return node_text(current)
        if current.type == "qualified_identifier":
            return node_text(current)
        step = next((found for name in ("name", "declarator") if (found := field(current, name)) is not None), None)
        if step is None:
            kinds = (*_NAMES, "variable_declarator", "type_spec")
            step = next((child for child in current.named_children if child.type in kinds), None)
            step = step or (field(current, "type") if current.type == "impl_item" else None)
            if step is None and current.type.endswith("declarator"):
                step = current.named_children[-1] if current.named_children else None
        current = step
    return ""


def calls_in(node: Node) -> tuple[str, ...]:
    """The names of everything that is called inside a node, each once, in order."""
    found: dict[str, None] = {}
    stack = [node]
    while stack:
        current = stack.pop()
        for name in _CALLS.get(current.type, ()):
            callee = field(current, name)
            if callee is None and current.type == "call_expression" and current.named_children:
                callee = current.named_children[0]  # Kotlin's grammar names no fields here
            if callee is not None:
                found.setdefault(last_name(callee))
        stack.extend(reversed(current.named_children))
    return tuple(name for name in found if name)


def last_name(node: Node) -> str:
    """`c` of `a.b.c`, `a::c`, `a->c`."""
    current = node
    while current.type not in _NAMES and current.named_children:
        inner = [child for child in current.named_children if child.type not in ("type_arguments", "argument_list")]
        if not inner:
            break
        current = inner[-1]
    return node_text(current) if current.type in _NAMES else ""


def first_error(root: Node) -> int | None:
    """The line, from 1, of the first syntax error; `None` if there is none."""
    if not root.has_error:
        return None
    node = root
    while True:
        if node.is_error or node.is_missing:
            return node.start_point.row + 1
        step = next((child for child in node.children if child.has_error or child.is_missing), None)
        if step is None:
            return node.start_point.row + 1
        node = step
