"""The function around a place, against Python's own parser on real modules."""

import argparse
import ast
import inspect
import textwrap
import types

import pytest

from monitors.text.functions import OUTSIDE, Header, enclosing_function


def spans(tree: ast.Module) -> dict[int, str]:
    """The innermost function by line, from its body's first line on."""
    found: dict[int, str] = {}
    for node in ast.walk(tree):  # outer functions come first
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found |= dict.fromkeys(range(node.body[0].lineno, (node.end_lineno or 0) + 1), node.name)
    return found


@pytest.mark.parametrize("module", [argparse, textwrap, inspect])
def test_as_the_parser_sees_it(module: types.ModuleType) -> None:
    text = inspect.getsource(module)
    tree = ast.parse(text)
    starts = {node.lineno: node.col_offset for node in ast.walk(tree) if isinstance(node, ast.stmt)}
    lines = text.splitlines(keepends=True)
    expected = spans(tree)
    for number, column in sorted(starts.items()):
        if not lines[number - 1].lstrip().startswith(("def ", "@", "class ", "async ")):
            offset = sum(map(len, lines[: number - 1])) + column
            assert enclosing_function(text, offset).name == expected.get(number, ""), lines[number - 1]


def test_what_it_returns() -> None:
    header = (
        "class A:\n    def f(\n        self,\n        a: dict[str, int] = g(1, b=2), /, *, c='a, d', **e\n    )"
        " -> 'list[str]':\n"
    )
    text = header + "        x = 1\n        return self."
    assert enclosing_function(text, len(text)) == Header("f", "list[str]", ("self", "a", "c", "e"))
    plain = "def f(a):\n    b = lambda: 1\n\n    def g() -> int:\n        pass\n    return a."
    assert enclosing_function(plain, len(plain)) == Header("f", "", ("a",))
    assert enclosing_function("x = a.", 6) == OUTSIDE
    assert enclosing_function("def f(): pass\nx = a.", 20) == OUTSIDE
    assert enclosing_function("", 0) == OUTSIDE
