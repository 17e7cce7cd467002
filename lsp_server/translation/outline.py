"""What a source file holds, in one schema for all languages: its imports, and its units in order.

A unit is what is translated at a time: a function, a type with its members, or the statements between them. Functions
in a class that only holds them together (Java's `Solution`, C#'s `Program`) are units themselves. Everything is read
off the syntax tree by the grammars' own field names; nothing is looked up, and a file with errors has an outline too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from lsp_server.languages import Language
from lsp_server.languages.parsing import parse
from lsp_server.translation.signatures import Parameter, parameters_of, return_type_of
from lsp_server.translation.syntax import calls_in, defined_name, field, first_error, node_text

if TYPE_CHECKING:
    from tree_sitter import Node

UnitKind = Literal["function", "type", "statements"]

PARSE_MS = 3_000.0

IMPORTS = frozenset(
    [
        "import_statement",
        "import_from_statement",
        "future_import_statement",
        "import_declaration",
        "package_declaration",
        "package_clause",
        "preproc_include",
        "using_declaration",
        "using_directive",
        "use_declaration",
        "namespace_use_definition",
        "import_header",
        "import",
        "import_list",
        "package_header",
        "php_tag",
    ]
)
FUNCTIONS = frozenset(
    [
        "function_definition",
        "function_declaration",
        "generator_function_declaration",
        "method_declaration",
        "function_item",
        "method",
        "singleton_method",
        "local_function_statement",
        "constructor_declaration",
        "method_definition",
    ]
)
TYPES = frozenset(
    [
        "class_definition",
        "class_declaration",
        "class_specifier",
        "struct_specifier",
        "enum_specifier",
        "union_specifier",
        "interface_declaration",
        "enum_declaration",
        "record_declaration",
        "struct_declaration",
        "abstract_class_declaration",
        "struct_item",
        "enum_item",
        "trait_item",
        "impl_item",
        "type_declaration",
        "type_alias_declaration",
        "class",
        "module",
        "type_item",
        "object_declaration",
    ]
)
WRAPPERS = frozenset(
    [
        "decorated_definition",
        "export_statement",
        "template_declaration",
        "expression_statement",
        "namespace_declaration",
        "global_statement",
    ]
)
"""Stand around a definition without being one."""
COMMENTS = frozenset(["comment", "line_comment", "block_comment", "multiline_comment"])
_MEMBERS = ("body", "declaration_list", "class_body")
_OWN = re.compile(r"\bself\.(\w+)\s*(\(?)")
_STATE = frozenset(["field_declaration", "constructor_declaration", "property_declaration", "field_definition"])


@dataclass(frozen=True)
class Unit:
    """A piece of a source file that is translated at a time."""

    name: str
    """As the source has it; of statements, a description."""
    kind: UnitKind
    text: str
    """Its source with the comments right above it, its first line not indented."""
    start: int
    """Offset of its first character in the file, in code points."""
    end: int
    """Offset after its last character."""
    parameters: tuple[Parameter, ...] = ()
    return_type: str = ""
    """As the source writes it; empty where it writes none."""
    calls: tuple[str, ...] = ()
    """Names of what it calls, in order of appearance, each once."""
    owner: str = ""
    """The class that held it together with others, where it was taken out of one."""


@dataclass(frozen=True)
class SourceOutline:
    """A source file taken apart."""

    language: Language
    imports: tuple[str, ...]
    """The lines that import something."""
    units: tuple[Unit, ...]
    error_line: int | None = None
    """The first line (from 1) with a syntax error, if there is one."""


def outline_source(text: str, language: Language) -> SourceOutline:
    """Take a file apart. Without a grammar, or where parsing takes too long, it is one unit of statements."""
    raw = text.encode("utf-8", "replace")
    tree = parse(raw, language, limit_ms=PARSE_MS, polite=True)
    if tree is None:
        return SourceOutline(language, (), (Unit("file", "statements", text.strip("\n"), 0, len(text)),))
    reader = _Reader(raw, language)
    reader.read(tree.root_node)
    return SourceOutline(language, tuple(reader.imports), tuple(reader.units), first_error(tree.root_node))


class _Reader:
    """Walks the top of a syntax tree once and collects."""

    def __init__(self, raw: bytes, language: Language) -> None:
        self._raw = raw
        self._ascii = raw.isascii()
        self._language = language
        self.imports: list[str] = []
        self.units: list[Unit] = []
        self._comments: list[Node] = []
        self._loose: list[Node] = []

    def read(self, root: Node) -> None:
        self._children(root.named_children, "")
        self._flush()

    def _children(self, nodes: list[Node], owner: str) -> None:
        for node in nodes:
            if node.type in COMMENTS:
                self._comments.append(node)
            elif node.type in IMPORTS or _requires(node) or _forward(node):
                self.imports.append(node_text(node).strip())
                self._comments.clear()
            else:
                self._definition_or_loose(node, owner)

    def _definition_or_loose(self, node: Node, owner: str) -> None:
        inner = _unwrapped(node)
        members = _namespace_members(inner)
        if inner.type == "class_definition" and self._raw.count(defined_name(inner).encode()) > 1:
            members = None  # somebody makes an object of it
        if members is not None:
            self._flush()
            self._comments.clear()
            self._children(members, defined_name(inner))
            self._comments.clear()
        elif _is_function(inner):
            self._add(node, inner, "function", owner)
        elif inner.type in TYPES:
            self._add(node, inner, "type", owner)
        else:
            self._loose += [*self._comments, node]
            self._comments.clear()

    def _add(self, outer: Node, inner: Node, kind: UnitKind, owner: str) -> None:
        name = defined_name(inner)
        if not name:
            self._loose.append(outer)
            return
        self._flush()
        first = self._comments[0] if self._comments else outer
        start, end = self._span(first, outer)
        self.units.append(
            Unit(
                name=name,
                kind=kind,
                text=self._dedented(first, outer),
                start=start,
                end=end,
                parameters=parameters_of(inner, self._language.id) if kind == "function" else (),
                return_type=return_type_of(inner, self._language.id) if kind == "function" else "",
                calls=calls_in(inner),
                owner=owner,
            )
        )
        self._comments.clear()

    def _flush(self) -> None:
        """Statements that stood between two definitions become a unit, if there are any."""
        loose, self._loose = self._loose, []
        if not loose or all(node.type in COMMENTS for node in loose):
            return
        start, end = self._span(loose[0], loose[-1])
        calls = tuple(dict.fromkeys(call for node in loose for call in calls_in(node)))
        number = sum(unit.kind == "statements" for unit in self.units) + 1
        text = self._dedented(loose[0], loose[-1])
        self.units.append(Unit(f"statements {number}", "statements", text, start, end, calls=calls))

    def _span(self, first: Node, last: Node) -> tuple[int, int]:
        if self._ascii:
            return first.start_byte, last.end_byte
        start = len(self._raw[: first.start_byte].decode("utf-8", "replace"))
        return start, start + len(self._raw[first.start_byte : last.end_byte].decode("utf-8", "replace"))

    def _dedented(self, first: Node, last: Node) -> str:
        """The text of a span, with the indentation of its first line taken from all of its lines."""
        line = self._raw.rfind(b"\n", 0, first.start_byte) + 1
        indent = self._raw[line : first.start_byte].decode("utf-8", "replace")
        text = self._raw[first.start_byte : last.end_byte].decode("utf-8", "replace")
        if indent.strip() or not indent:
            return text
        return "\n".join(part.removeprefix(indent) for part in text.split("\n"))


def _unwrapped(node: Node) -> Node:
    """The definition inside decorators, exports and templates; the node itself if there is none."""
    inner = node
    for _ in range(3):
        if inner.type not in WRAPPERS:
            break
        inside = [child for child in inner.named_children if _defines(child) or child.type in WRAPPERS]
        if not inside:
            return node
        inner = inside[-1]
    return inner


def _defines(node: Node) -> bool:
    return node.type in TYPES or _is_function(node)


def _is_function(node: Node) -> bool:
    """A function by its kind, or a constant that is one (`const f = (a) => ...`)."""
    if node.type in FUNCTIONS:
        return field(node, "body") is not None or any(child.type == "function_body" for child in node.named_children)
    return node.type in ("lexical_declaration", "variable_declaration") and function_value(node) is not None


def function_value(node: Node) -> Node | None:
    """The function that a JavaScript constant is, if it is one."""
    declarators = [child for child in node.named_children if child.type == "variable_declarator"]
    value = field(declarators[0], "value") if len(declarators) == 1 else None
    if value is not None and value.type in ("arrow_function", "function_expression", "function"):
        return value
    return None


def _namespace_members(node: Node) -> list[Node] | None:
    """The members of a class that only holds functions together; `None` for any other class.

    It has no fields and no constructor, extends nothing and implements nothing.
    """
    if node.type not in ("class_declaration", "class_definition", "class_specifier", "namespace_declaration"):
        return None
    body = next((found for name in _MEMBERS if (found := field(node, name)) is not None), None)
    if body is None:
        return None
    if node.type == "namespace_declaration":
        return list(body.named_children)
    if node.type == "class_definition":
        return _methods_only(node, body)
    if any(field(node, name) is not None for name in ("superclass", "interfaces", "superclasses")):
        return None
    if any(child.type in ("base_list", "base_class_clause", "class_heritage") for child in node.named_children):
        return None
    members = [child for child in body.named_children if child.type != "access_specifier"]
    functions = [member for member in members if _is_function(member)]
    others = [member for member in members if member.type not in COMMENTS and not _is_function(member)]
    if not functions or others or any(member.type in _STATE for member in members):
        return None
    if node.type == "class_declaration" and any("this." in node_text(member) for member in members):
        return None
    return members


def _methods_only(node: Node, body: Node) -> list[Node] | None:
    """The methods of a Python class that has nothing else, and whose objects hold nothing."""
    base = field(node, "superclasses")
    if base is not None and node_text(base).replace(" ", "") not in ("(object)", "()"):
        return None
    members = [child for child in body.named_children if child.type not in COMMENTS]
    words = members[:1] and members[0].type == "expression_statement" and "string" in members[0].named_children[0].type
    methods = members[1:] if words else members
    plain = bool(methods) and all(child.type == "function_definition" for child in methods)
    names = {defined_name(child) for child in methods}
    if not plain or any(name.startswith("__") for name in names):
        return None
    used = _OWN.findall(node_text(body))
    return methods if all(name in names and called for name, called in used) else None


def _requires(node: Node) -> bool:
    """`const fs = require("fs")`: an import that looks like a constant."""
    text = node_text(node)
    return node.type in ("lexical_declaration", "variable_declaration", "call") and (
        ("require(" in text and "=>" not in text and len(text) < 200)
        or text.startswith(("require ", "require_relative "))
    )


def _forward(node: Node) -> bool:
    """`using namespace std;` under the names that grammars give it."""
    return node_text(node).startswith("using namespace") and len(node_text(node)) < 80
