"""The settings as a JSON schema for editors and as a table for the documentation, both read off the tree itself."""

import ast
import inspect
from textwrap import dedent
from typing import Any

from lsp_server.settings import tree
from lsp_server.settings.leaves import Leaf, Path, leaves

_JSON_TYPES: dict[Any, dict[str, Any]] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    tuple[str, ...]: {"type": "array", "items": {"type": "string"}},
    tuple[float, ...]: {"type": "array", "items": {"type": "number"}},
}


def settings_schema() -> dict[str, Any]:
    """A JSON schema whose properties are the settings' full names (`dragoman.completion.maxLineTokens`).

    It can stand as `contributes.configuration` in a VS Code extension: what a workspace must not choose has the scope
    `machine`, which VS Code takes from the user's own settings only; the others have `window`, for the server has one
    value of each for all folders and languages.
    """
    texts = descriptions()
    return {
        "title": "Dragoman",
        "type": "object",
        "properties": {leaf.name: _property(leaf, texts[path]) for path, leaf in leaves().items()},
    }


def settings_table() -> str:
    """A Markdown table of all settings, one a line."""
    texts = descriptions()
    rows = ["| setting | default | what it does |", "| --- | --- | --- |"]
    for path, leaf in leaves().items():
        mark = "" if leaf.workspace else " ⚑"
        limits = f" It is {leaf.expectation}." if leaf.minimum is not None or leaf.choices else ""
        rows.append(f"| `{leaf.name}`{mark} | `{_plain(leaf.default)}` | {texts[path]}{limits} |")
    return "\n".join(rows) + "\n\n⚑ cannot be set by a `dragoman.toml` inside a workspace.\n"


def descriptions() -> dict[Path, str]:
    """The docstring under each field, on one line."""
    classes = {
        node.name: node for node in ast.parse(dedent(inspect.getsource(tree))).body if isinstance(node, ast.ClassDef)
    }
    sections = {
        str(statement.target.id): str(statement.annotation.id)
        for statement in classes["Settings"].body
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and isinstance(statement.annotation, ast.Name)
    }
    return {
        (section, name): text
        for section, class_name in sections.items()
        for name, text in _field_docstrings(classes[class_name]).items()
    }


def _field_docstrings(node: ast.ClassDef) -> dict[str, str]:
    texts: dict[str, str] = {}
    for statement, following in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
        ):
            texts[statement.target.id] = " ".join(str(following.value.value).split())
    return texts


def _property(leaf: Leaf, description: str) -> dict[str, Any]:
    kind = {"type": "string", "enum": list(leaf.choices)} if leaf.choices else dict(_JSON_TYPES[leaf.type])
    limits = {"minimum": leaf.minimum, "maximum": leaf.maximum} if leaf.minimum is not None else {}
    return {
        **kind,
        **limits,
        "default": list(leaf.default) if isinstance(leaf.default, tuple) else leaf.default,
        "markdownDescription": description,
        "scope": "window" if leaf.workspace else "machine",
    }


def _plain(value: Any) -> str:
    import json

    return json.dumps(list(value) if isinstance(value, tuple) else value)
