"""Values as each language writes them, for a parameter of a declared type.

After MultiPL-E (Cassano et al., 2023), which translates the values of tests by their types. What a type cannot hold, or
what nobody has said how to write (pointers, types of the file's own), is no literal, and then there is no test.
"""

import json
import re
from collections.abc import Callable

from lsp_server.translation.types import Type, read_type
from lsp_server.verification.tests import Value

_QUALIFIERS = re.compile(r"^(?:const|final|readonly|in|ref)\s+|\s+const$|&'?\w*\s*mut\b|&'\w+|[&]|\bmut\s+")
_GENERIC = re.compile(r"^([\w:.]+)\s*[<\[](.*)[>\]]$", re.S)


def literal(value: Value, type_text: str, language: str) -> str | None:
    """An expression of the declared type; of the value's own type where none is declared. `None` if there is none."""
    write = _WRITERS.get(language)
    return write(value, bare_type(type_text)) if write else None


def bare_type(text: str) -> str:
    """A type without `const`, references and the like."""
    before = ""
    text = text.strip()
    while text != before:
        before, text = text, _QUALIFIERS.sub("", text).strip()
    return text


def arguments_of(text: str) -> list[str]:
    """`[K, V]` of `Map<K, V>`; the element of arrays and slices; empty for anything else."""
    if text.endswith("[]"):
        return [text[:-2].strip()]
    if text.startswith("[]"):
        return [text[2:].strip()]
    if text.startswith("map[") and "]" in text:
        key, _, value = text[4:].partition("]")
        return [key, value]
    if text.startswith("[") and text.endswith("]"):
        return [text[1:-1].partition(";")[0].strip()]
    found = _GENERIC.match(text)
    return split(found.group(2)) if found else []


def split(text: str) -> list[str]:
    """Parts between commas where no bracket is open."""
    parts, level, start = [""], 0, 0
    for index, character in enumerate(text):
        level += (character in "<[({") - (character in ">])}")
        if character == "," and level == 0:
            parts[-1] = text[start:index].strip()
            parts.append("")
            start = index + 1
    parts[-1] = text[start:].strip()
    return [part for part in parts if part]


def _kind(text: str, language: str) -> Type:
    return read_type(text, language)


def _python(value: Value, _text: str) -> str:
    return repr(value)


def _script(value: Value, text: str) -> str | None:
    if isinstance(value, dict) and re.match(r"(?:Readonly)?Map<", text):
        pairs = [f"[{json.dumps(key)}, {_script(item, '')}]" for key, item in value.items()]
        return f"new Map<any, any>([{', '.join(pairs)}])"
    if isinstance(value, list) and re.match(r"(?:Readonly)?Set<", text):
        return f"new Set<any>({json.dumps(value)})"
    return json.dumps(value)


def _ruby(value: Value, _text: str) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} => {_ruby(item, '')}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_ruby(item, "") for item in value) + "]"
    return "nil" if value is None else json.dumps(value).replace("#", "\\#")


def _php(value: Value, _text: str) -> str:
    if isinstance(value, dict):
        return "[" + ", ".join(f"{json.dumps(key)} => {_php(item, '')}" for key, item in value.items()) + "]"
    if isinstance(value, list):
        return "[" + ", ".join(_php(item, "") for item in value) + "]"
    return json.dumps(value).replace("$", "\\$")


def _scalar(value: Value, kind: str, language: str) -> str | None:
    """Numbers, truth values and text, which most languages write alike."""
    if kind == "bool":
        return json.dumps(value) if isinstance(value, bool) else None
    if isinstance(value, bool):
        return None
    if kind in ("int", "long"):
        if not isinstance(value, int) or (kind == "int" and abs(value) >= 1 << 31):
            return None
        return str(value) + {"java": "L", "cpp": "LL", "csharp": "L"}.get(language, "") * (kind == "long")
    if kind == "float":
        if not isinstance(value, int | float):
            return None
        return repr(float(value))
    if kind == "char":
        return _character(value) if isinstance(value, str) and len(value) == 1 else None
    if kind == "str":
        return _text(value, language) if isinstance(value, str) else None
    return None


def _character(value: str) -> str:
    if not 32 <= ord(value) < 127:
        return {"\n": r"'\n'", "\t": r"'\t'"}.get(value, "' '")
    return f"'\\{value}'" if value in "'\\" else f"'{value}'"


def _text(value: str, language: str) -> str:
    quoted = json.dumps(value, ensure_ascii=language in ("java", "csharp"))
    if language == "rust":
        quoted = re.sub(r"\\u([0-9a-f]{4})", r"\\u{\1}", quoted).replace("\\b", "\\x08").replace("\\f", "\\x0c")
    return f"std::string({quoted})" if language == "cpp" else quoted


_Items = Callable[[Value, str], str | None]


def _all(values: list[Value], text: str, write: _Items) -> str | None:
    items = [write(value, text) for value in values]
    return None if None in items else ", ".join(item for item in items if item is not None)


def _pairs(value: dict[str, Value], keys: str, items: str, write: _Items, language: str, form: str) -> str | None:
    """Keys that are no text in JSON are what they look like."""
    written: list[str] = []
    for key, item in value.items():
        typed = json.loads(key) if _kind(keys, language).kind in ("int", "long", "float", "bool") else key
        left, right = write(typed, keys), write(item, items)
        if left is None or right is None:
            return None
        written.append(form.format(left, right))
    return ", ".join(written)


_BOXED = {"Integer": "int", "Long": "long", "Double": "double", "Float": "double", "Character": "char"}


def _java(value: Value, text: str) -> str | None:
    parts = arguments_of(text)
    if value is None:
        return "null" if text[:1].isupper() or text.endswith("[]") else None
    if isinstance(value, list) and text.endswith("[]"):
        items = _all(value, parts[0], _java)
        return None if items is None else f"new {text}{{{items}}}"
    if isinstance(value, list) and len(parts) == 1:
        items = _all(value, parts[0], _java)
        kind = "HashSet" if "Set" in text.partition("<")[0] else "ArrayList"
        name = text.partition("<")[0]
        kind = name if name in ("LinkedList", "ArrayDeque", "TreeSet", "LinkedHashSet") else kind
        empty = f"java.util.Arrays.<{parts[0]}>asList({items})"
        return None if items is None else f"new java.util.{kind}<{parts[0]}>({empty})"
    if isinstance(value, dict) and len(parts) == 2:
        pairs = _pairs(value, parts[0], parts[1], _java, "java", "put({}, {});")
        kind = "TreeMap" if text.startswith("TreeMap") else "LinkedHashMap" if text.startswith("Linked") else "HashMap"
        inside = "" if pairs is None else pairs.replace(";, put", "; put")
        return None if pairs is None else f"new java.util.{kind}<{parts[0]}, {parts[1]}>() {{{{ {inside} }}}}"
    if text in ("float", "Float") and isinstance(value, int | float) and not isinstance(value, bool):
        return f"{float(value)!r}f"
    return _scalar(value, _kind(_BOXED.get(text, text), "java").kind, "java")


def _cpp(value: Value, text: str) -> str | None:
    parts = arguments_of(text)
    name = text.partition("<")[0].removeprefix("std::")
    if value is None:
        return "std::nullopt" if name == "optional" else None
    if name == "optional" and parts:
        return _cpp(value, parts[0])
    if isinstance(value, list) and name in ("pair", "tuple") and len(parts) == len(value):
        items = [_cpp(item, part) for item, part in zip(value, parts, strict=True)]
        return None if None in items else f"{text}{{{', '.join(item for item in items if item)}}}"
    if isinstance(value, list) and len(parts) == 1 and "*" not in text:
        items = _all(value, parts[0], _cpp)
        return None if items is None else f"{text}{{{items}}}"
    if isinstance(value, dict) and len(parts) >= 2:
        pairs = _pairs(value, parts[0], parts[1], _cpp, "cpp", "{{{}, {}}}")
        return None if pairs is None else f"{text}{{{pairs}}}"
    return _scalar(value, _kind(text, "cpp").kind, "cpp")


def _go(value: Value, text: str) -> str | None:
    parts = arguments_of(text)
    if value is None:
        return None
    if isinstance(value, list) and text.startswith("[") and parts:
        items = _all(value, parts[0], _go)
        return None if items is None else f"{text}{{{items}}}"
    if isinstance(value, dict) and len(parts) == 2:
        pairs = _pairs(value, parts[0], parts[1], _go, "go", "{}: {}")
        return None if pairs is None else f"{text}{{{pairs}}}"
    if text in ("rune", "byte") and isinstance(value, str):
        return f"{text}({_character(value)})" if len(value) == 1 else None
    written = _scalar(value, _kind(text, "go").kind, "go")
    return f"{text}({written})" if written is not None and text in ("rune", "byte", "int64", "float32") else written


def _rust(value: Value, text: str) -> str | None:
    parts = arguments_of(text)
    name = text.partition("<")[0].rpartition("::")[2]
    if name == "Option" and parts:
        inner = None if value is None else _rust(value, parts[0])
        return "None" if value is None else f"Some({inner})" if inner else None
    if isinstance(value, list) and text.startswith("(") and len(split(text[1:-1])) == len(value):
        items = [_rust(item, part) for item, part in zip(value, split(text[1:-1]), strict=True)]
        return None if None in items else f"({', '.join(item for item in items if item)},)"
    if isinstance(value, list) and len(parts) == 1:
        items = _all(value, parts[0], _rust)
        if items is None:
            return None
        return f"vec![{items}]" if name in ("Vec", "") or text.startswith("[") else f"{name}::from([{items}])"
    if isinstance(value, dict) and len(parts) == 2:
        pairs = _pairs(value, parts[0], parts[1], _rust, "rust", "({}, {})")
        return None if pairs is None else f"std::collections::{name}::from([{pairs}])"
    if isinstance(value, int) and text[:1] == "u" and value < 0:
        return None
    written = _scalar(value, _kind(text, "rust").kind, "rust")
    return f"{written}.to_string()" if written is not None and text == "String" else written


def _csharp(value: Value, text: str) -> str | None:
    parts = arguments_of(text)
    name = text.partition("<")[0]
    if value is None:
        return "null" if text.endswith(("?", "[]", ">")) or text == "string" else None
    if isinstance(value, list) and len(parts) == 1:
        items = _all(value, parts[0], _csharp)
        if text.endswith("[]"):
            return None if items is None else f"new {text} {{ {items} }}"
        kind = "HashSet" if "Set" in name else "List"
        return None if items is None else f"new System.Collections.Generic.{kind}<{parts[0]}> {{ {items} }}"
    if isinstance(value, dict) and len(parts) == 2:
        pairs = _pairs(value, parts[0], parts[1], _csharp, "csharp", "{{ {}, {} }}")
        kind = f"System.Collections.Generic.Dictionary<{parts[0]}, {parts[1]}>"
        return None if pairs is None else f"new {kind} {{ {pairs} }}"
    written = _scalar(value, _kind(text.rstrip("?"), "csharp").kind, "csharp")
    return f"{written}f" if written is not None and text == "float" else written


def _c(value: Value, text: str) -> str | None:
    return _scalar(value, _kind(text, "c").kind, "c")


_WRITERS: dict[str, Callable[[Value, str], str | None]] = {
    "python": _python,
    "javascript": _script,
    "typescript": _script,
    "ruby": _ruby,
    "php": _php,
    "java": _java,
    "cpp": _cpp,
    "go": _go,
    "rust": _rust,
    "csharp": _csharp,
    "c": _c,
}
