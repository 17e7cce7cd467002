"""What tests and programs show of themselves: calls with literal arguments, and constants."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from lsp_server.languages import Language
from lsp_server.languages.parsing import parse
from lsp_server.translation.naming import words_of
from lsp_server.verification.tests import ExampleTests, GivenTests, Tests, Value
from lsp_server.verification.values import NoValue, arguments_in, callee_of, is_call, value_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

MOST = 40
_PARSE_MS = 3_000.0
_LITERALS = ("integer", "float", "number", "string", "char", "decimal", "int_literal", "real_literal")


def known_inputs(tests: Tests | None, language: Language, name: str) -> list[tuple[Value, ...]]:
    """Arguments that tests call a function with, each once; `language` is that of given tests."""
    if isinstance(tests, ExampleTests):
        found = [example.arguments for example in tests.examples]
    elif isinstance(tests, GivenTests):
        found = list(_calls(tests.text, language, name))
    else:
        found = []
    unique = {json.dumps(arguments): arguments for arguments in found}
    return list(unique.values())[:MOST]


def _calls(text: str, language: Language, name: str) -> Iterator[tuple[Value, ...]]:
    words = words_of(name)
    for node in _nodes(text, language):
        if is_call(node) and words_of(re.split(r"\W", callee_of(node))[-1]) == words:
            try:
                yield tuple(value_of(argument) for argument in arguments_in(node))
            except NoValue:
                continue


def constants_in(text: str, language: Language) -> tuple[Value, ...]:
    """Numbers and texts that a program writes out, each once."""
    found: dict[str, Value] = {}
    for node in _nodes(text, language):
        if node.child_count == 0 or "string" in node.type or "char" in node.type:
            try:
                value = value_of(node) if any(word in node.type for word in _LITERALS) else None
            except NoValue:
                continue
            if value is not None and not isinstance(value, list | dict):
                found[json.dumps(value)] = value
    return tuple(found.values())


def _nodes(text: str, language: Language) -> Iterator[Node]:
    tree = parse(text.encode(), language, limit_ms=_PARSE_MS, polite=True)
    open_nodes = [tree.root_node] if tree is not None else []
    while open_nodes:
        node = open_nodes.pop()
        open_nodes += reversed(node.children)
        yield node
