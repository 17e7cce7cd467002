"""What language servers answer, turned into names, signatures and symbols. Pure functions over JSON, lenient with all
of it.
"""

import re
from typing import Any

from monitors.analysis.analyser import Name, Parameter, Signature, Symbol
from monitors.text.calls import split_arguments
from monitors.text.lexicon import Lexicon, lexicon_of
from monitors.text.scanner import scan

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
_PYTHON = lexicon_of("python") or Lexicon("python")
ANYTHING = (Parameter("", "rest", False), Parameter("", "keywords", False))
"""The parameters of a callable of which nothing is known."""
_SAYS_NOTHING = frozenset({"() -> Any", "() -> Unknown"})
"""What zuban says of a callable that it cannot resolve."""
_VOID = re.compile(r"[:|]\s*void\s*(?:\||\Z)")
"""A type of TypeScript that is or may be `void`: nothing need be given for it."""
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
    if language == "python":
        # Servers differ in what they list as parameters: markers are left out, stars too. The label has it all.
        return Signature(_python_parameters(label), label)
    texts = [_parameter_text(p, label) for p in item.get("parameters") or [] if isinstance(p, dict)]
    return Signature(tuple(_typed_parameter(text) for text in texts), label)


def _parameter_text(parameter: dict[str, Any], signature: str) -> str:
    label = parameter.get("label", "")
    if isinstance(label, list) and len(label) == 2:
        encoded = signature.encode("utf-16-le", "surrogatepass")
        return encoded[2 * int(label[0]) : 2 * int(label[1])].decode("utf-16-le", "replace")
    return str(label)


def _python_parameters(label: str) -> tuple[Parameter, ...]:
    listed = _parameter_list(label)
    if listed is None or "..." in listed or label in _SAYS_NOTHING:
        return ANYTHING
    parameters: list[Parameter] = []
    kind, unsure = "either", False
    for text in (part.strip() for part in listed):
        if text == "/":
            parameters = [Parameter(p.name, "positional", p.required) for p in parameters]
        elif text == "*":
            kind = "keyword"
        elif match := _PYTHON_PARAMETER.match(text):
            stars, name, default = match.groups()
            if stars == "**":
                parameters.append(Parameter(name, "keywords", False))
            elif stars == "*":
                parameters.append(Parameter(name, "rest", False))
                kind = "keyword"
            elif parameters or name not in ("self", "cls", "_cls"):
                parameters.append(Parameter(name, kind, default is None))
            else:
                unsure = True  # bound already, or a function that merely calls it so: there may be one place more
        elif text:
            parameters.append(Parameter("", "positional"))  # a `Callable` names types only
    if unsure:
        parameters.append(Parameter("", "rest", False))
    return tuple(parameters)


def _parameter_list(label: str) -> tuple[str, ...] | None:
    """What stands in the parentheses of a Python signature, past the brackets of its type variables."""
    literals = scan(_PYTHON, label).literals
    depth = begin = 0
    for match in re.finditer(r"[()\[\]{}]", label):
        if any(start <= match.start() < end for start, end in literals):
            continue
        depth += 1 if match.group() in "([{" else -1
        if depth == 1 and match.group() == "(":
            begin = match.end()
        elif depth == 0 and match.group() == ")":
            return split_arguments(_PYTHON, label[begin : match.start()])
    return None


def _typed_parameter(text: str) -> Parameter:
    """A parameter of a language whose signatures read `type name`, `name: type` or `name type`."""
    rest = "..." in text
    required = not (rest or "=" in text or re.match(r"\s*\$?\w+\s*\?", text) or _VOID.search(text))
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
