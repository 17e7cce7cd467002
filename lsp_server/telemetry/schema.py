"""The record's fields as tables for docs/telemetry.md, read off the classes themselves."""

import ast
import dataclasses
import inspect
import re
from typing import Any, get_args, get_origin, get_type_hints

from lsp_server.telemetry import record
from lsp_server.telemetry.record import Record


def field_tables() -> str:
    """Markdown: each part of a record with its fields, what they mean and under which consent they are kept."""
    texts = _docstrings()
    parts = [f"### {title}\n\n{_table(kind, texts)}" for title, kind in _parts().items()]
    return "\n\n".join(parts) + "\n"


def _parts() -> dict[str, type]:
    """Every class of a record by the name of the field that holds it, in order."""
    found: dict[str, type] = {"record": Record}

    def walk(kind: type) -> None:
        hints = get_type_hints(kind)
        for field in dataclasses.fields(kind):
            inner = _class_in(hints[field.name])
            if inner is not None and inner not in found.values():
                found[field.name] = inner
                walk(inner)

    walk(Record)
    return found


def _table(kind: type, texts: dict[tuple[str, str], str]) -> str:
    rows = ["| field | kept under | what it is |", "| --- | --- | --- |"]
    hints = get_type_hints(kind)
    for field in dataclasses.fields(kind):
        consent = "`context`" if field.metadata.get("code") else "`metrics`"
        inner = _class_in(hints[field.name])
        see = f" See *{_title(inner)}*." if inner is not None else ""
        rows.append(f"| `{field.name}` | {consent} | {texts[kind.__name__, field.name]}{see} |")
    return f"{_first_sentences(kind)}\n\n" + "\n".join(rows)


def _title(kind: type) -> str:
    return next(title for title, other in _parts().items() if other is kind)


def _class_in(hint: Any) -> type | None:
    """The data class that a field holds, one or many."""
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return hint
    if get_origin(hint) is dict:
        return None
    return next((inner for inner in map(_class_in, get_args(hint)) if inner is not None), None)


def _first_sentences(kind: type) -> str:
    return " ".join((inspect.getdoc(kind) or "").split())


def _docstrings() -> dict[tuple[str, str], str]:
    """Class and field to the docstring under the field, on one line."""
    texts: dict[tuple[str, str], str] = {}
    for node in ast.parse(inspect.getsource(record)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        for statement, following in zip(node.body, node.body[1:], strict=False):
            if (
                isinstance(statement, ast.AnnAssign)
                and isinstance(statement.target, ast.Name)
                and isinstance(following, ast.Expr)
                and isinstance(following.value, ast.Constant)
            ):
                text = re.sub(r"\s+", " ", str(following.value.value))
                texts[node.name, statement.target.id] = text.replace("|", "\\|")
    return texts
