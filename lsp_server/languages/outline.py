"""What a file defines, as signatures without bodies: one schema for all languages that have a grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.languages.language import DefinitionKind, Language
from lsp_server.languages.parsing import parse

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_BYTES = 256_000
"""Longer files are cut here: what defines an interface rarely stands behind the first 6,000 lines."""
SIGNATURE_CHARS = 240
_DEPTH = 4
"""How far below a node definitions are looked for: `if TYPE_CHECKING:`, `struct_type` and the like lie in between."""
_BODIES = frozenset(
    [
        "block",
        "body_statement",
        "compound_statement",
        "statement_block",
        "class_body",
        "function_body",
        "declaration_list",
        "template_body",
        "field_declaration_list",
        "enum_body",
        "enum_class_body",
        "interface_body",
        "enumerator_list",
        "enum_variant_list",
        "enum_declaration_list",
        "enum_member_declaration_list",
        "accessor_list",
        "constructor_body",
    ]
)
_NAMES = frozenset(
    [
        "identifier",
        "type_identifier",
        "field_identifier",
        "property_identifier",
        "simple_identifier",
        "constant",
        "name",
        "word",
        "private_property_identifier",
        "namespace_identifier",
        "variable_name",
        "operator_name",
        "destructor_name",
    ]
)
_NAME_FIELDS = ("name", "field", "method", "left", "declarator", "pattern")
_DECLARATOR = re.compile(r"declarator$|^variable_declaration$|^property_element$|^const_element$")
_NOT_A_NAME = re.compile(r"modifier|annotation|attribute|comment|^keyword|decorator")
_FUNCTION_VALUES = frozenset(
    [
        "arrow_function",
        "function_expression",
        "generator_function",
        "lambda",
        "function_definition",
        "lambda_expression",
    ]
)
_SELF_ATTRIBUTE = re.compile(r"\bself\.(\w+)[ \t]*(?::[^=\n]+)?=(?!=)")
_MEMBER_DEPTH = 2


@dataclass(frozen=True)
class Definition:
    """A function, type or value that a file defines."""

    name: str
    kind: DefinitionKind
    signature: str
    """Its text up to its body, on one line, without the mark that opens the body."""
    line: int
    """Its first line, from 0."""
    end_line: int
    """Its last line."""
    owner: str = ""
    """The type it belongs to without standing inside it (Go's receivers, C++'s `Type::method`)."""
    members: tuple[Definition, ...] = ()


def outline(text: str, language: Language, *, limit_ms: float = 200.0, polite: bool = False) -> tuple[Definition, ...]:
    """The definitions of a file in order, with those of its types inside them; empty without a grammar.

    `limit_ms` bounds the parse; `polite` lets other threads run meanwhile.
    """
    source = text.encode("utf-8", "replace")[:MAX_BYTES]
    tree = parse(source, language, limit_ms=limit_ms, polite=polite)
    if tree is None:
        return ()
    return tuple(_definitions(tree.root_node, dict(language.definitions), _DEPTH, _MEMBER_DEPTH))


def render(definition: Definition, language: Language, indent: str = "") -> str:
    """A definition as a person would list it: signatures, members indented, no bodies."""
    python = language.block_style == "indent"
    if definition.kind == "function":
        return f"{indent}{definition.signature}{': ...' if python else ''}"
    if definition.kind == "value" or (not definition.members and not python):
        return indent + definition.signature
    members = [render(member, language, indent + "    ") for member in definition.members]
    opening = {"indent": ":", "braces": " {"}.get(language.block_style, "")
    closing = {"braces": [indent + "}"], "end": [indent + "end"]}.get(language.block_style, [])
    if python and not members:
        return f"{indent}{definition.signature}: ..."
    return "\n".join([f"{indent}{definition.signature}{opening}", *members, *closing])


def _definitions(node: Node, kinds: dict[str, DefinitionKind], depth: int, levels: int) -> Iterator[Definition]:
    """Definitions below a node. `levels` is how many types within types are still entered."""
    for child in node.named_children:
        kind = kinds.get(child.type)
        if kind is None or kind == "container":
            if depth or kind == "container":
                yield from _definitions(child, kinds, depth - 1 if kind is None else depth, levels)
            continue
        name = _name(child)
        if not name:
            continue
        members: tuple[Definition, ...] = ()
        if kind == "type" and levels:
            members = tuple(_definitions(child, kinds, _DEPTH, levels - 1))
            members += tuple(_python_attributes(child)) if child.type == "class_definition" else ()
        yield Definition(
            name=name,
            kind=kind,
            signature=_signature(child, kind, shortened=kind == "function" or bool(members)),
            line=child.start_point.row,
            end_line=child.end_point.row,
            owner=_owner(child),
            members=members,
        )


def _python_attributes(node: Node) -> Iterator[Definition]:
    """What the methods of a Python class assign to `self`: attributes that are declared nowhere else."""
    seen: set[str] = set()
    text = (node.text or b"").decode("utf-8", "replace")
    for found in _SELF_ATTRIBUTE.finditer(text):
        name = found.group(1)
        if name not in seen:
            seen.add(name)
            line = node.start_point.row + text.count("\n", 0, found.start())
            yield Definition(name, "value", "".join(found.group().rstrip("=").split("\n")).strip(), line, line)


def _body(node: Node) -> Node | None:
    """The part of a definition that is not its signature; for a value, the body of the function that it is."""
    body = node.child_by_field_name("body")
    if body is not None:
        return body
    for child in node.named_children:
        if child.type in _BODIES:
            return child
        if child.type.endswith("_type"):  # Go: type_spec, struct_type, field_declaration_list
            body = next((inner for inner in child.named_children if inner.type in _BODIES), None)
            if body is not None:
                return body
    return None


def _function_value(node: Node, depth: int = 3) -> Node | None:
    """The function that a value is, if it is one (`const f = (a) => ...`)."""
    for child in node.named_children:
        if child.type in _FUNCTION_VALUES:
            return child
        found = _function_value(child, depth - 1) if depth else None
        if found is not None:
            return found
    return None


def _signature(node: Node, kind: DefinitionKind, *, shortened: bool) -> str:
    body = _body(node) if shortened else None
    if kind == "value":
        function = _function_value(node)
        body = _body(function) if function is not None else None
    raw = node.text or b""
    if body is not None:
        raw = raw[: body.start_byte - node.start_byte]
    elif kind == "type" and shortened:
        raw = raw.partition(b"{")[0]
    text = " ".join(raw[: 4 * SIGNATURE_CHARS].decode("utf-8", "replace").split())[:SIGNATURE_CHARS].rstrip()
    text = text.rstrip("{:= " if body is not None else ";, ")
    return "type " + text if node.type in ("type_spec", "type_alias") else text  # Go: the keyword may stand for several


def _name(node: Node) -> str:
    """The name that a definition gives, found through the fields that the grammars use for it."""
    for _ in range(8):
        if node.type in _NAMES:
            return (node.text or b"").decode("utf-8", "replace")
        fields = (node.child_by_field_name(field) for field in _NAME_FIELDS)
        children = [child for child in node.named_children if not _NOT_A_NAME.search(child.type)]
        step = next((found for found in fields if found is not None), None)
        step = step or next((child for child in children if _DECLARATOR.search(child.type)), None)
        step = step or node.child_by_field_name("type") or next(iter(children), None)
        if step is None:
            return ""
        node = step
    return ""


def _owner(node: Node) -> str:
    """The type in `func (r *Type) name()` and in `void Type::name()`."""
    receiver = node.child_by_field_name("receiver")
    if receiver is not None:
        parameter = next(iter(receiver.named_children), None)
        kind = parameter.child_by_field_name("type") if parameter is not None else None
        return (kind.text or b"").decode("utf-8", "replace").lstrip("*").partition("[")[0] if kind is not None else ""
    declarator = node.child_by_field_name("declarator")
    while declarator is not None:
        scope = declarator.child_by_field_name("scope")
        if scope is not None:
            return (scope.text or b"").decode("utf-8", "replace")
        declarator = declarator.child_by_field_name("declarator")
    return ""
