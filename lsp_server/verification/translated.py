"""Examples that stand in a source already: its doctests and its assertions, in any of our languages.

As MultiPL-E does it: a test that calls the function with literal arguments and compares the result with a literal is an
example in every language. Tests that compute what they expect are left out, because they would have to be translated
as code, and then who would test the tests?
"""

from __future__ import annotations

import ast
import doctest
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from lsp_server.languages import Language
from lsp_server.languages.parsing import parse
from lsp_server.translation.naming import words_of
from lsp_server.verification.tests import Example, Value
from lsp_server.verification.values import NoValue, arguments_in, callee_of, is_call, text_of, value_of

if TYPE_CHECKING:
    from tree_sitter import Node

MOST = 20
_PARSE_MS = 3_000.0
_TOLERANCE = 1e-6

_EQUAL = re.compile(
    r"(?:assert_?eq(?:ual)?s?|assert\w*Equals?|equals?|strict_?equal|deep_?(?:strict_?)?equal"
    r"|assertSame|assert_equal|issame|(?:EXPECT|ASSERT)_(?:EQ|STREQ|DOUBLE_EQ|FLOAT_EQ)|AreEqual|isDeepStrictEqual)$",
    re.I,
)
_TRUE = re.compile(r"(?:assert|assert_?true|ok|is_?true|true|check|(?:EXPECT|ASSERT)_TRUE)$", re.I)
_FALSE = re.compile(r"(?:assert_?false|refute|is_?false|false|(?:EXPECT|ASSERT)_FALSE)$", re.I)
_ABSOLUTE = re.compile(r"(?:abs|fabs)$", re.I)
_MATCHERS = re.compile(r"\.(?:toBe|toEqual|toStrictEqual|toBeCloseTo|isEqualTo|is|eq|eql)$")
_NEUTRAL = re.compile(r"(?:JSON\.stringify|String|list|sorted|tuple|expect|assertThat|Arrays\.toString)$")
_ASSERTS = re.compile(r"assert|expect|AreEqual|^t\.|\.Equal$", re.I)
_LISTS_OF_TRUTHS = re.compile(r"asList$|\.of$")
"""Truth values that are collected and asserted together."""
_COMPLAINS = re.compile(r"panic|Error|Fatal|throw|raise|fail|abort|exit", re.I)
_EQUALITIES = ("==", "===", "is")
_INEQUALITIES = ("!=", "!==")
_CONDITIONALS = frozenset(("if_statement", "if_expression", "unless"))
_ASSERTIONS = frozenset(("assert_statement", "assertion"))
_TRANSPARENT = frozenset(("parenthesized_expression", "argument", "argument_list", "arguments", "value_argument"))
_NOT = frozenset(("not_operator", "unary_expression", "prefix_unary_expression", "unary_op_expression", "unary"))
_BINARY = frozenset(("comparison_operator", "binary_expression", "binary_operator", "infix_expression", "binary"))


def examples_in(text: str, language: Language, name: str) -> list[Example]:
    """The examples of a function in a source text, each once, in order."""
    found = list(_doctests(text, name)) if language.id == "python" else []
    plain = _without_macros(text) if language.id == "rust" else text
    tree = parse(plain.encode("utf-8", "replace"), language, limit_ms=_PARSE_MS, polite=True)
    if tree is not None:
        found += _assertions(tree.root_node, name)
    unique = {repr(example.arguments): example for example in reversed(found)}
    return list(reversed(unique.values()))[:MOST]


def _doctests(text: str, name: str) -> Iterator[Example]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        if not isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef):
            continue
        try:
            parsed = doctest.DocTestParser().get_examples(ast.get_docstring(node) or "")
        except ValueError:
            continue
        for example in parsed:
            try:
                call = ast.parse(example.source.strip(), mode="eval").body
                expected = _json(ast.literal_eval(example.want.strip()))
            except (ValueError, SyntaxError):
                continue
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == name:
                try:
                    arguments = tuple(_json(ast.literal_eval(argument)) for argument in call.args)
                except ValueError:
                    continue
                if not call.keywords:
                    yield Example(arguments, expected)


def _json(value: Any) -> Value:
    """A Python literal as JSON has it. Raises `ValueError` for bytes and the like."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, set | frozenset):
        return {"$set": [_json(item) for item in value]}
    if isinstance(value, dict):
        return {key if isinstance(key, str) else repr(key): _json(item) for key, item in value.items()}
    raise ValueError(f"{type(value).__name__} has no place in JSON")


def _without_macros(text: str) -> str:
    """Rust's assertions and vectors as calls and arrays: the grammar does not look into macros."""
    text = re.sub(r"\b((?:debug_)?assert\w*)!\s*\(", r"\1(", text)
    return re.sub(r"\bvec!\s*\[", "[", text)


def _assertions(root: Node, name: str) -> Iterator[Example]:
    words = words_of(name)
    open_nodes = [root]
    while open_nodes:
        node = open_nodes.pop()
        open_nodes += reversed(node.children)
        if not is_call(node) or words_of(re.split(r"\W", callee_of(node))[-1]) != words:
            continue
        try:
            arguments = tuple(value_of(argument) for argument in arguments_in(node))
            expected = _expected(node)
        except NoValue:
            continue
        if expected is not None:
            yield Example(arguments, expected[0], expected[1])


def _expected(call: Node) -> tuple[Value, float] | None:
    """What an assertion around a call says of its result, and with what tolerance; `None` where there is none."""
    climb = _Climb(call)
    node = call
    while node.parent is not None and not climb.ended:
        below, node = node, node.parent
        climb.step(node, below)
    return (climb.value, climb.tolerance) if climb.asserted else None


class _Climb:
    """What is known of the expected result while going up from the call to the assertion around it."""

    def __init__(self, call: Node) -> None:
        self._of = call
        self.value: Value = True
        self.tolerance = _TOLERANCE
        self.asserted = False
        self.ended = False
        self._compared = False
        self._unequal = False
        self._difference = False

    def step(self, node: Node, below: Node) -> None:
        """Take one node more into account; `below` is the one that leads to the call. Raises `NoValue`."""
        if node.type in _TRANSPARENT:
            return
        if node.type in _ASSERTIONS:
            self._end(asserted=not self._unequal)
        elif node.type in _BINARY:
            self._binary(node, below)
        elif node.type in _NOT and text_of(node).lstrip().startswith(("!", "not")):
            if self._compared and not isinstance(self.value, bool):
                self._end(asserted=False)
            self.value = not self.value
        elif is_call(node):
            self._call(node)
        elif node.type in _CONDITIONALS:
            self._end(asserted=self._unequal and _COMPLAINS.search(text_of(node)) is not None)
        elif node.type.endswith(("statement", "declaration", "definition", "block")):
            self._end(asserted=False)

    def _end(self, *, asserted: bool) -> None:
        self.asserted, self.ended = asserted, True

    def _binary(self, node: Node, below: Node) -> None:
        operator = next((text_of(child) for child in node.children if not child.is_named), "")
        others = [child for child in node.named_children if child != below and "comment" not in child.type]
        if len(others) != 1:
            self._end(asserted=False)
        elif operator in _EQUALITIES + _INEQUALITIES and not self._compared:
            self.value, self._compared = value_of(_bare(others[0])), True
            self._unequal = operator in _INEQUALITIES
        elif operator == "-" and not self._compared:
            self.value, self._difference = value_of(others[0]), True
        elif operator in ("<", "<=") and self._difference:
            limit = value_of(others[0])
            self.tolerance = float(limit) if isinstance(limit, int | float) else self.tolerance
            self._compared = True
        else:
            self._end(asserted=False)

    def _call(self, node: Node) -> None:
        callee = callee_of(node)
        name = re.split(r"[\s.:!]+", callee)[-1]
        others = [argument for argument in arguments_in(node) if not _holds(argument, self._of)]
        if _MATCHERS.search(callee) and _ASSERTS.search(callee) and len(others) == 1:
            self.value = value_of(others[0])
            self.tolerance = 0.005 if "Close" in name else self.tolerance
            self._end(asserted=True)
        elif _EQUAL.search(name) and not self._compared and others:
            self.value, *limits = _literals(others)
            self._compared = True
            if _ASSERTS.search(callee):
                limit = limits[0] if limits else None
                self.tolerance = float(limit) if isinstance(limit, float) else self.tolerance
                self._end(asserted=True)
        elif _TRUE.search(name):
            self._end(asserted=not self._unequal)
        elif _FALSE.search(name) and isinstance(self.value, bool):
            self.value = not self.value
            self._end(asserted=not self._unequal)
        elif _LISTS_OF_TRUTHS.search(callee):
            self._end(asserted=self._compared and not self._unequal)
        elif not (_ABSOLUTE.search(name) or _NEUTRAL.search(callee)):
            self._end(asserted=False)


def _literals(nodes: list[Node]) -> list[Value]:
    """The values among arguments, of which some may be messages and test objects. Raises `NoValue` without any."""
    found: list[Value] = []
    for node in nodes:
        with suppress(NoValue):
            found.append(value_of(_bare(node)))
    if not found:
        raise NoValue
    return found


def _bare(node: Node) -> Node:
    """What `JSON.stringify(x)` and its like are about."""
    while is_call(node) and _NEUTRAL.search(callee_of(node)) and len(arguments_in(node)) == 1:
        node = arguments_in(node)[0]
    return node


def _holds(node: Node, inner: Node) -> bool:
    return node.start_byte <= inner.start_byte and inner.end_byte <= node.end_byte
