"""What language servers answer, turned into names, signatures and symbols. Pure functions over JSON, lenient with all
of it.
"""

import re
from typing import Any

from monitors.analysis.analyser import Name, Parameter, Signature, Symbol

_COMPLETION_KINDS = (
    "", "text", "method", "function", "constructor", "field", "variable", "class", "interface", "module", "property",
    "unit", "value", "enum", "keyword", "snippet", "color", "file", "reference", "folder", "enum_member", "constant",
    "struct", "event", "operator", "type_parameter",
)  # fmt: skip
_SYMBOL_KINDS = (
    "", "file", "module", "namespace", "package", "class", "method", "property", "field", "constructor", "enum",
    "interface", "function", "variable", "constant", "string", "number", "boolean", "array", "object", "key", "null",
    "enum_member", "struct", "event", "operator", "type_parameter",
)  # fmt: skip
_IDENTIFIER = re.compile(r"(?:[\s•.]*|\?\.)([$#@~]?[^\W\d][\w$]*|\$)")
_PYTHON_PARAMETER = re.compile(r"(\*{0,2})\s*([^\W\d]\w*)\s*(?::.*?)?(=.*)?\Z", re.DOTALL)


def completion_names(result: Any) -> tuple[tuple[Name, ...], bool]:
    """Names of a `textDocument/completion` result, and whether the server says that these are all.

    The identifier is what would be inserted, not the label: labels carry signatures, question marks and bullets.
    """
    if isinstance(result, dict):
        items, complete = result.get("items"), not result.get("isIncomplete", False)
    else:
        items, complete = result, True
    names: dict[str, Name] = {}
    for item in items if isinstance(items, list) else []:
        if not isinstance(item, dict):
            continue
        kind = _kind(_COMPLETION_KINDS, item.get("kind"))
        name = _identifier(item)
        if name and kind not in ("keyword", "snippet"):
            names.setdefault(name, Name(name, kind, _detail(item)))
    return tuple(names.values()), complete


def keywords(result: Any) -> int:
    """How many keywords an answer offers: many of them mean "names in scope", not members."""
    items = result.get("items") if isinstance(result, dict) else result
    return sum(isinstance(i, dict) and i.get("kind") == 14 for i in items) if isinstance(items, list) else 0


def _identifier(item: dict[str, Any]) -> str:
    edit = item.get("textEdit")
    texts = (
        edit.get("newText") if isinstance(edit, dict) else None,
        item.get("textEditText"),
        item.get("insertText"),
        item.get("label"),
    )
    text = next((text for text in texts if isinstance(text, str) and text), "")
    match = _IDENTIFIER.match(text)
    return match.group(1) if match else ""


def _detail(item: dict[str, Any]) -> str:
    detail = item.get("detail")
    if isinstance(detail, str):
        return detail[:200]
    more = item.get("labelDetails")
    return str(more.get("detail") or more.get("description") or "")[:200] if isinstance(more, dict) else ""


def _kind(kinds: tuple[str, ...], number: Any) -> str:
    return kinds[number] if isinstance(number, int) and 0 < number < len(kinds) else ""


def signatures(result: Any, language: str) -> tuple[Signature, ...]:
    """The signatures of a `textDocument/signatureHelp` result."""
    items = result.get("signatures") if isinstance(result, dict) else None
    return tuple(_signature(item, language) for item in items or [] if isinstance(item, dict))


def _signature(item: dict[str, Any], language: str) -> Signature:
    label = str(item.get("label", ""))
    texts = [_parameter_text(p, label) for p in item.get("parameters") or [] if isinstance(p, dict)]
    if language == "python":
        return Signature(_python_parameters(texts), label)
    return Signature(tuple(_typed_parameter(text) for text in texts), label)


def _parameter_text(parameter: dict[str, Any], signature: str) -> str:
    label = parameter.get("label", "")
    if isinstance(label, list) and len(label) == 2:
        encoded = signature.encode("utf-16-le", "surrogatepass")
        return encoded[2 * int(label[0]) : 2 * int(label[1])].decode("utf-16-le", "replace")
    return str(label)


def _python_parameters(texts: list[str]) -> tuple[Parameter, ...]:
    parameters: list[Parameter] = []
    kind = "either"
    for text in texts:
        if text.strip() == "/":
            parameters = [Parameter(p.name, "positional", p.required) for p in parameters]
        elif text.strip() == "*":
            kind = "keyword"
        elif match := _PYTHON_PARAMETER.match(text.strip()):
            stars, name, default = match.groups()
            if stars == "**":
                parameters.append(Parameter(name, "keywords", False))
            elif stars == "*":
                parameters.append(Parameter(name, "rest", False))
                kind = "keyword"
            else:
                parameters.append(Parameter(name, kind, default is None))
    return tuple(parameters)


def _typed_parameter(text: str) -> Parameter:
    """A parameter of a language whose signatures read `type name`, `name: type` or `name type`."""
    rest = "..." in text
    required = not (rest or "=" in text or re.match(r"\s*\$?\w+\s*\?", text))
    words = re.findall(r"[^\W\d]\w*", text.partition("=")[0])
    name = words[0] if ":" in text.replace("::", "") and words else (words[-1] if words else "")
    return Parameter(name, "rest" if rest else "positional", required)


def symbols(result: Any) -> tuple[Symbol, ...]:
    """What a `textDocument/documentSymbol` result lists, nested or flat."""
    found: list[Symbol] = []
    _add_symbols(result, "", found)
    return tuple(found)


def _add_symbols(items: Any, container: str, found: list[Symbol]) -> None:
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            kind = _kind(_SYMBOL_KINDS, item.get("kind"))
            found.append(Symbol(item["name"], kind, container or str(item.get("containerName") or "")))
            _add_symbols(item.get("children"), item["name"], found)
