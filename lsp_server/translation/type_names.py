"""Types as each target language writes them; the counterpart of `types.read_type`."""

from collections.abc import Callable

from lsp_server.translation.types import Type

_PLAIN: dict[str, dict[str, str]] = {
    "python": {
        "int": "int",
        "long": "int",
        "float": "float",
        "bool": "bool",
        "str": "str",
        "char": "str",
        "void": "None",
    },
    "java": {
        "int": "int",
        "long": "long",
        "float": "double",
        "bool": "boolean",
        "str": "String",
        "char": "char",
        "void": "void",
    },
    "cpp": {
        "int": "int",
        "long": "long long",
        "float": "double",
        "bool": "bool",
        "str": "std::string",
        "char": "char",
        "void": "void",
    },
    "typescript": {
        "int": "number",
        "long": "number",
        "float": "number",
        "bool": "boolean",
        "str": "string",
        "char": "string",
        "void": "void",
    },
    "go": {
        "int": "int",
        "long": "int",
        "float": "float64",
        "bool": "bool",
        "str": "string",
        "char": "string",
        "void": "",
    },
    "rust": {
        "int": "i64",
        "long": "i64",
        "float": "f64",
        "bool": "bool",
        "str": "String",
        "char": "char",
        "void": "()",
    },
    "csharp": {
        "int": "int",
        "long": "long",
        "float": "double",
        "bool": "bool",
        "str": "string",
        "char": "char",
        "void": "void",
    },
}
_BOXED = {"int": "Integer", "long": "Long", "double": "Double", "boolean": "Boolean", "char": "Character"}
"""What Java puts into collections."""
_WRAPPED: dict[str, dict[str, Callable[[list[str]], str]]] = {
    "python": {
        "list": lambda of: f"list[{of[0]}]",
        "set": lambda of: f"set[{of[0]}]",
        "map": lambda of: f"dict[{of[0]}, {of[1]}]",
        "tuple": lambda of: f"tuple[{', '.join(of)}]",
        "optional": lambda of: f"{of[0]} | None",
    },
    "java": {
        "list": lambda of: f"List<{of[0]}>",
        "set": lambda of: f"Set<{of[0]}>",
        "map": lambda of: f"Map<{of[0]}, {of[1]}>",
        "optional": lambda of: of[0],
    },
    "cpp": {
        "list": lambda of: f"std::vector<{of[0]}>",
        "set": lambda of: f"std::set<{of[0]}>",
        "map": lambda of: f"std::map<{of[0]}, {of[1]}>",
        "tuple": lambda of: f"std::tuple<{', '.join(of)}>",
        "optional": lambda of: f"std::optional<{of[0]}>",
    },
    "typescript": {
        "list": lambda of: f"{of[0]}[]" if of[0].replace("[]", "").isalnum() else f"Array<{of[0]}>",
        "set": lambda of: f"Set<{of[0]}>",
        "map": lambda of: f"Map<{of[0]}, {of[1]}>",
        "tuple": lambda of: f"[{', '.join(of)}]",
        "optional": lambda of: f"{of[0]} | null",
    },
    "go": {
        "list": lambda of: f"[]{of[0]}",
        "set": lambda of: f"map[{of[0]}]bool",
        "map": lambda of: f"map[{of[0]}]{of[1]}",
        "tuple": lambda of: f"({', '.join(of)})",
        "optional": lambda of: of[0] if of[0].startswith("*") else f"*{of[0]}",
    },
    "rust": {
        "list": lambda of: f"Vec<{of[0]}>",
        "set": lambda of: f"HashSet<{of[0]}>",
        "map": lambda of: f"HashMap<{of[0]}, {of[1]}>",
        "tuple": lambda of: f"({', '.join(of)})",
        "optional": lambda of: f"Option<{of[0]}>",
    },
    "csharp": {
        "list": lambda of: f"List<{of[0]}>",
        "set": lambda of: f"HashSet<{of[0]}>",
        "map": lambda of: f"Dictionary<{of[0]}, {of[1]}>",
        "tuple": lambda of: f"({', '.join(of)})",
        "optional": lambda of: f"{of[0]}?",
    },
}


def write_type(kind: Type, language: str) -> str:
    """`kind` as the target language writes it; empty where it has no way to say it, or does without types."""
    if language == "javascript" or not kind.known:
        return ""
    if kind.kind == "named":
        return kind.name
    plain = _PLAIN[language].get(kind.kind)
    if plain is not None:
        return plain
    wrap = _WRAPPED[language].get(kind.kind)
    parts = [write_type(part, language) for part in kind.of]
    if wrap is None or not all(parts):
        return ""
    if language == "java":
        parts = [_BOXED.get(part, part) for part in parts]
    return wrap(parts)
