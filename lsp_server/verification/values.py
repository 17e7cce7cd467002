"""Literal values in source code of any language, read off its syntax tree; nothing is run."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING

from lsp_server.verification.tests import Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from tree_sitter import Node


class NoValue(Exception):  # noqa: N818 - it is an answer: this piece of code is not a literal
    """What stands there has to be computed."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NUMBERS = _set(
    """
    integer float number number_literal integer_literal float_literal decimal_integer_literal
    int_literal real_literal decimal_floating_point_literal hex_integer_literal double_literal
    """
)
_STRINGS = _set(
    """
    string string_literal interpreted_string_literal raw_string_literal character_literal char_literal
    rune_literal encapsed_string template_string verbatim_string_literal concatenated_string
    """
)
_LISTS = _set(
    """
    list array tuple array_initializer initializer_list array_expression tuple_expression literal_value
    set initializer_expression array_creation_initializer collection_expression
    """
)
_THROUGH = _set(
    """
    parenthesized_expression literal_element argument reference_expression array_element_initializer
    value_argument expression_statement
    """
)
_NEGATIONS = _set(
    """
    unary_expression unary_operator prefix_unary_expression unary_op_expression unary
    """
)
_PAIRS = frozenset(["keyed_element", "pair", "array_element_initializer"])
_NULLS = frozenset(["none", "null", "null_literal", "nil", "nullptr"])
_CREATIONS = frozenset(["array_creation_expression", "composite_literal", "compound_literal_expression"])
_WRAPPERS = re.compile(
    r"^(?:(?:java\.util\.)?(?:Arrays\.asList|List\.of|Set\.of)|(?:std::)?(?:string|vector|set|list)(?:<.*>)?|String::from"
    r"|list|tuple|set|new \w+(?:<.*>)?|Some)$",
    re.S,
)
"""Calls that hold a value and add nothing to it."""
_UNWRAPPED_METHODS = frozenset(("to_string", "to_owned", "into", "to_vec", "freeze", "iter"))
_SUFFIX = re.compile(r"(?<=[\d.])(?:[lLuU]{1,3}|[fFdDmM]|_?(?:[iu](?:8|16|32|64|128|size)|f32|f64))$")
_CALLS = _set(
    """
    call call_expression method_invocation invocation_expression function_call_expression
    object_creation_expression new_expression scoped_call_expression member_call_expression method_call
    """
)


def text_of(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def is_call(node: Node) -> bool:
    return node.type in _CALLS


def callee_of(call: Node) -> str:
    """What is called, as it is written, without its arguments."""
    arguments = arguments_node(call)
    end = arguments.start_byte - call.start_byte if arguments is not None else None
    return (call.text or b"")[:end].decode("utf-8", "replace").strip()


def arguments_node(call: Node) -> Node | None:
    return call.child_by_field_name("arguments") or next(
        (child for child in call.named_children if child.type in ("argument_list", "arguments", "value_arguments")),
        None,
    )


def arguments_in(call: Node) -> list[Node]:
    node = arguments_node(call)
    return [child for child in node.named_children if "comment" not in child.type] if node is not None else []


def value_of(node: Node) -> Value:
    """The value that a literal stands for. Raises `NoValue`."""
    kind, text = node.type, text_of(node)
    if kind in _NUMBERS:
        return _number(text)
    if kind in ("true", "false", "boolean_literal", "boolean") and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if kind in _NULLS or text in ("undefined", "None"):
        return None
    if kind in _STRINGS:
        return _string(text)
    if kind in _LISTS:
        return _list(node)
    if kind in ("dictionary", "object", "hash"):
        return _map(node)
    if kind in _THROUGH and node.named_children:
        return value_of(node.named_children[-1])
    if kind in _NEGATIONS or kind == "binary_expression" or kind == "binary_operator":
        return _arithmetic(node)
    if kind in _CREATIONS:
        inside = node.named_children[-1:]
        return value_of(inside[0]) if inside and inside[0].type not in _PAIRS else _list(node)
    if is_call(node):
        return _wrapped(node)
    raise NoValue


def _number(text: str) -> Value:
    text = _SUFFIX.sub("", text.replace("_", "")) if not text.lower().startswith("0x") else text
    try:
        return int(text, 0) if re.fullmatch(r"\d+|0[xXbBoO][\da-fA-F]+", text) else float(text)
    except ValueError as error:
        raise NoValue from error


def _string(text: str) -> str:
    if text[:1] == "`" and "${" not in text:
        return text[1:-1]
    try:
        if text[:1] == "'" and len(text) > 2 and text[-1] == "'":
            value: object = ast.literal_eval(text)
        else:
            value = ast.literal_eval(re.sub(r"^(?:@|L|u8|\$)(?=\")", "", text))
    except (ValueError, SyntaxError) as error:
        raise NoValue from error
    if not isinstance(value, str):
        raise NoValue
    return value


def _list(node: Node) -> Value:
    pairs = [
        child for child in node.named_children if child.type in ("keyed_element", "pair", "array_element_initializer")
    ]
    if pairs and all(len(pair.named_children) == 2 for pair in pairs):
        return _map(node)
    items: list[Value] = [value_of(child) for child in node.named_children if "comment" not in child.type]
    return items


def _map(node: Node) -> Value:
    found: dict[str, Value] = {}
    for pair in node.named_children:
        if len(pair.named_children) != 2:
            raise NoValue
        key, item = pair.named_children
        name = text_of(key) if "identifier" in key.type or key.type == "hash_key_symbol" else value_of(key)
        found[name if isinstance(name, str) else json.dumps(name)] = value_of(item)
    return found


_OPERATIONS: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


def _arithmetic(node: Node) -> Value:
    """Signs, and sums of numbers that are written out, as in `2.0 / 3.0`."""
    operator = next((text_of(child) for child in node.children if not child.is_named), "")
    numbers = [value_of(child) for child in node.named_children]
    plain = [number for number in numbers if isinstance(number, int | float) and not isinstance(number, bool)]
    if not plain or len(plain) != len(numbers):
        raise NoValue
    if len(plain) == 1 and operator in "+-":
        return -plain[0] if operator == "-" else plain[0]
    whole = operator == "/" and all(isinstance(number, int) for number in plain)
    if len(plain) != 2 or operator not in _OPERATIONS or whole or (operator == "/" and plain[1] == 0):
        raise NoValue
    return _OPERATIONS[operator](*plain)


def _wrapped(call: Node) -> Value:
    callee = callee_of(call)
    arguments = arguments_in(call)
    receiver, _, method = callee.rpartition(".")
    if receiver and method in _UNWRAPPED_METHODS and not arguments:
        function = call.child_by_field_name("function")
        inner = function.named_children[0] if function is not None and function.named_children else None
        if inner is not None:
            return value_of(inner)
    if not _WRAPPERS.match(callee):
        raise NoValue
    if not arguments:
        initializer = call.named_children[-1] if call.named_children else None
        return value_of(initializer) if initializer is not None and initializer.type in _LISTS else []
    values: list[Value] = [value_of(argument) for argument in arguments]
    single = callee.rpartition(".")[2] not in ("asList", "of")
    return values[0] if single and len(values) == 1 else values
