"""Expressions of the C family, and expressions that do something, into the language between languages."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from lsp_server.languages import Language
from lsp_server.translation.rules.c_prints import read_print
from lsp_server.translation.rules.calls import CAPACITY, called, changed, constructed
from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported, name, number, op
from lsp_server.translation.syntax import field, node_text
from lsp_server.translation.types import UNKNOWN, Type, read_type

if TYPE_CHECKING:
    from tree_sitter import Node

_SAME = frozenset(["+", "-", "*", "<", "<=", ">", ">=", "==", "!=", "&", "|", "^", "<<", ">>"])
_SPELLED = {"&&": "and", "||": "or", "===": "==", "!==": "!=", "%": "truncmod", "**": "pow", "and": "and", "or": "or"}
_UNARY = {"-": "neg", "!": "not", "not": "not"}
_NUMBERS = frozenset(
    [
        "number",
        "decimal_integer_literal",
        "decimal_floating_point_literal",
        "number_literal",
        "integer_literal",
        "real_literal",
    ]
)
_STRINGS = frozenset(["string", "string_literal"])
_CHARACTERS = frozenset(["character_literal", "char_literal"])
_LITERALS = {
    "true": ("bool", True),
    "false": ("bool", False),
    "null": ("none", None),
    "undefined": ("none", None),
    "null_literal": ("none", None),
    "nullptr": ("none", None),
}


class ExpressionReader:
    """Reads what stands in statements."""

    def __init__(self, language: Language) -> None:
        self._language = language.id

    def constructed(self, kind: Type, given: list[Expr]) -> Expr:
        """A value made from arguments, of a type that is written before it."""
        return constructed(kind, given)

    def read(self, node: Node, wanted: Type = UNKNOWN) -> Expr:
        """`wanted` is the type that is declared for it, for literals that do not say theirs."""
        kind = node.type
        if kind in ("parenthesized_expression", "condition_clause"):
            inner = field(node, "value") or node.named_children[-1]
            return self.read(inner, wanted)
        if kind in ("identifier", "this"):
            return name(node_text(node))
        if kind in _NUMBERS:
            return _number(node_text(node))
        if kind in _STRINGS:
            return _string(node_text(node), "str")
        if kind in _CHARACTERS:
            return _string(node_text(node), "char")
        if kind == "template_string":
            return self._template(node)
        if kind == "boolean_literal":
            return Expr("bool", value=node_text(node) == "true")
        if kind in _LITERALS:
            label, value = _LITERALS[kind]
            return Expr(label, value=value)
        if kind in ("binary_expression", "augmented_assignment_expression"):
            return self._binary(node)
        if kind in ("unary_expression", "prefix_unary_expression"):
            return self._unary(node)
        if kind in ("ternary_expression", "conditional_expression"):
            parts = [_needed(node, part) for part in ("condition", "consequence", "alternative")]
            return op("cond", *map(self.read, parts))
        if kind in ("subscript_expression", "array_access", "element_access_expression"):
            return self._index(node)
        if kind in ("array", "initializer_list", "array_initializer", "initializer_expression"):
            if wanted.kind == "map" and node.named_children:
                raise Unsupported("a map's literal")
            item = wanted.of[0] if wanted.kind == "list" and wanted.of else UNKNOWN
            read = Expr("list", [self.read(child, item) for child in node.named_children])
            return constructed(wanted, []) if wanted.kind in ("map", "set") else read
        if kind in ("cast_expression", "as_expression"):
            return self._cast(node)
        return self._composite(node, wanted)

    def effects(self, node: Node) -> list[Stmt]:
        """An expression that stands for what it does."""
        kind = node.type
        if kind == "parenthesized_expression":
            return self.effects(node.named_children[0])
        written = read_print(node, self._language, self.read, self._arguments)
        if written is not None:
            return [written]
        if kind in ("sequence_expression", "comma_expression"):
            return [statement for child in node.named_children for statement in self.effects(child)]
        if kind in ("update_expression", "postfix_unary_expression", "prefix_unary_expression"):
            place = self.read(field(node, "argument") or node.named_children[0])
            text = node_text(node)
            if "++" not in text and "--" not in text:
                raise Unsupported(kind)
            return [Stmt("assign", [place, op("+" if "++" in text else "-", place, number(1))])]
        if kind in ("assignment_expression", "augmented_assignment_expression"):
            return self._assignment(node)
        if kind in ("call_expression", "method_invocation", "invocation_expression"):
            receiver, method, given = self._call_parts(node)
            return [changed(self._language, receiver, method, given)]
        raise Unsupported(kind)

    def _composite(self, node: Node, wanted: Type) -> Expr:
        kind = node.type
        if kind in ("call_expression", "method_invocation", "invocation_expression"):
            if kind == "call_expression" and _is_type(node):  # vector<int>(n, 0), int(x)
                function = _needed(node, "function")
                return constructed(read_type(node_text(function), self._language), self._arguments(node))
            receiver, method, given = self._call_parts(node)
            return called(self._language, receiver, method, given)
        if kind in ("object_creation_expression", "new_expression"):
            kind_node = field(node, "type") or field(node, "constructor")
            made = read_type(node_text(kind_node), self._language) if kind_node is not None else UNKNOWN
            if kind_node is not None and node_text(kind_node).startswith("StringBuilder"):
                given = self._arguments(node)
                return given[0] if given else Expr("str", value="")
            if kind_node is not None and node_text(kind_node) in ("Map", "Set"):
                made = Type(node_text(kind_node).lower(), (UNKNOWN,) * (2 if node_text(kind_node) == "Map" else 1))
            found = constructed(made if made.known or made.kind in ("map", "set") else wanted, self._arguments(node))
            if found.op == "filled" and self._language in ("java", "csharp"):
                found.value = CAPACITY
            return found
        if kind in ("member_expression", "field_access", "field_expression", "member_access_expression"):
            receiver, member = self._member(node)
            return called(self._language, receiver, member, None)
        if kind == "arrow_function":
            return self._arrow(node)
        if kind == "lambda_expression":
            return self._lambda(node)
        raise Unsupported(kind)

    def _binary(self, node: Node) -> Expr:
        sign = node_text(_needed(node, "operator"))
        left, right = self.read(_needed(node, "left")), self.read(_needed(node, "right"))
        if sign == "/":
            return op("/" if self._language in ("javascript", "typescript") else "cdiv", left, right)
        if sign in _SAME:
            return op(sign, left, right)
        if sign in _SPELLED:
            return op(_SPELLED[sign], left, right)
        raise Unsupported(sign)

    def _unary(self, node: Node) -> Expr:
        inner = field(node, "argument") or field(node, "operand") or node.named_children[-1]
        sign = node_text(node)[: inner.start_byte - node.start_byte].strip()
        if sign == "+":
            return op("tofloat", self.read(inner))
        if sign not in _UNARY:
            raise Unsupported(sign)
        return op(_UNARY[sign], self.read(inner))

    def _index(self, node: Node) -> Expr:
        over = next(
            (found for part in ("object", "array", "argument", "expression") if (found := field(node, part))), None
        )
        place = field(node, "index") or node.named_children[-1]
        if over is None:
            raise Unsupported(node.type)
        while place.type in ("subscript_argument_list", "bracketed_argument_list", "argument") and place.named_children:
            place = place.named_children[0]
        return op("index", self.read(over), self.read(place))

    def _cast(self, node: Node) -> Expr:
        kind_node = field(node, "type")
        value = field(node, "value") or node.named_children[-1]
        kind = read_type(node_text(kind_node), self._language) if kind_node is not None else UNKNOWN
        return constructed(kind, [self.read(value)])

    def _assignment(self, node: Node) -> list[Stmt]:
        place_node, value_node = _needed(node, "left"), _needed(node, "right")
        sign_node = field(node, "operator")
        sign = node_text(sign_node) if sign_node is not None else "="
        if place_node.type == "array_pattern" and value_node.type == "array":
            places = [self.read(child) for child in place_node.named_children]
            return [Stmt("assigns", [*places, *map(self.read, value_node.named_children)])]
        place = self.read(place_node)
        if place.op not in ("name", "index"):
            raise Unsupported("a place to assign to")
        value = self.read(value_node)
        if sign != "=":
            sign = sign[:-1]
            kind = {"/": "/" if self._language in ("javascript", "typescript") else "cdiv"}.get(sign)
            kind = kind or (sign if sign in _SAME else _SPELLED.get(sign, ""))
            if not kind:
                raise Unsupported(sign)
            value = op(kind, place, value)
        return [Stmt("assign", [place, value])]

    def _call_parts(self, node: Node) -> tuple[Expr | None, str, list[Expr]]:
        given = self._arguments(node)
        if node.type == "method_invocation":
            receiver = field(node, "object")
            return (self.read(receiver) if receiver is not None else None), node_text(_needed(node, "name")), given
        function = _needed(node, "function")
        if function.type in ("member_expression", "field_expression", "member_access_expression"):
            receiver, member = self._member(function)
            return receiver, member, given
        return None, node_text(function).rpartition("::")[2], given

    def _member(self, node: Node) -> tuple[Expr, str]:
        over = next((found for part in ("object", "argument", "expression") if (found := field(node, part))), None)
        member = field(node, "property") or field(node, "field") or field(node, "name")
        if over is None or member is None or (node.type == "field_expression" and "->" in node_text(node)):
            raise Unsupported(node.type)
        return self.read(over), node_text(member)

    def _arguments(self, node: Node) -> list[Expr]:
        holder = field(node, "arguments")
        if holder is None:
            return []
        nodes = [child for child in holder.named_children if "comment" not in child.type]
        return [self.read(child.named_children[-1] if child.type == "argument" else child) for child in nodes]

    def _arrow(self, node: Node) -> Expr:
        body = _needed(node, "body")
        holder = field(node, "parameter") or _needed(node, "parameters")
        names = [holder] if holder.type == "identifier" else list(holder.named_children)
        texts = [node_text(field(item, "pattern") or item) for item in names]
        if body.type == "statement_block":
            inner = [child for child in body.named_children if "comment" not in child.type]
            if len(inner) != 1 or inner[0].type != "return_statement" or not inner[0].named_children:
                raise Unsupported("a function of several statements")
            body = inner[0].named_children[0]
        return Expr("lambda", [self.read(body)], value=texts)

    def _lambda(self, node: Node) -> Expr:
        body = _needed(node, "body")
        holder = field(node, "parameters")
        if holder is None or self._language != "java":
            raise Unsupported("a lambda")
        names = [holder] if holder.type == "identifier" else list(holder.named_children)
        if body.type == "block":
            raise Unsupported("a function of several statements")
        return Expr("lambda", [self.read(body)], value=[node_text(item) for item in names])

    def _template(self, node: Node) -> Expr:
        found: Expr = Expr("str", value="")
        for child in node.named_children:
            if child.type == "template_substitution":
                piece = op("tostr", self.read(child.named_children[0]))
            else:
                piece = Expr("str", value=_unescaped(f'"{node_text(child)}"'))
            found = piece if found.op == "str" and not found.value else op("+", found, piece)
        return found


def _is_type(node: Node) -> bool:
    function = field(node, "function")
    return (function is not None and function.type in ("template_function", "primitive_type")) or (
        function is not None and node_text(function) in ("string", "std::string")
    )


def _number(text: str) -> Expr:
    text = text.replace("_", "").replace("'", "")
    plain = text.rstrip("lLuUfFdD") if not text.lower().startswith("0x") else text.rstrip("lLuU")
    try:
        if (any(mark in plain for mark in ".eE") and not plain.lower().startswith("0x")) or text[-1:] in "fFdD":
            return Expr("float", value=float(plain))
        return Expr("int", value=int(plain, 0))
    except ValueError as error:
        raise Unsupported("a number") from error


def _string(text: str, kind: str) -> Expr:
    return Expr(kind, value=_unescaped(text))


def _unescaped(text: str) -> str:
    try:
        return str(ast.literal_eval(text if text[:1] in "'\"" else text[text.find('"') :]))
    except (SyntaxError, ValueError) as error:
        raise Unsupported("a string") from error


def _needed(node: Node, part: str) -> Node:
    found = field(node, part)
    if found is None:
        raise Unsupported(f"{node.type} without {part}")
    return found
