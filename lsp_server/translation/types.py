"""Types in one notation for all languages: read from one, written in another.

What is not a number, a truth value, text or a collection of those is kept by its name, because it is most likely
defined in the file itself. Unknown is a type too: then whoever writes the code has to find it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_NAMES: dict[str, str] = {
    **dict.fromkeys(["int", "i32", "Int", "Integer", "short", "Short", "i16", "Int32", "int32_t", "byte", "i8"], "int"),
    **dict.fromkeys(
        ["long", "Long", "i64", "int64", "int64_t", "u64", "u32", "usize", "isize", "size_t", "ulong"], "long"
    ),
    **dict.fromkeys(
        ["long long", "unsigned", "unsigned int", "unsigned long", "unsigned long long", "uint64_t"], "long"
    ),
    **dict.fromkeys(["int32", "uint32_t", "uint", "rune"], "int"),
    **dict.fromkeys(["float", "double", "Double", "Float", "f64", "f32", "float64", "float32", "number"], "float"),
    **dict.fromkeys(["bool", "boolean", "Boolean", "Bool", "_Bool"], "bool"),
    **dict.fromkeys(["str", "string", "String", "std::string", "&str", "string_view", "std::string_view"], "str"),
    **dict.fromkeys(["char*", "const char*", "CharSequence", "StringBuilder", "StringBuffer"], "str"),
    **dict.fromkeys(["char", "Character", "Char"], "char"),
    **dict.fromkeys(["void", "None", "Unit", "()", "Void", "undefined"], "void"),
    **dict.fromkeys(
        ["", "var", "auto", "Any", "any", "object", "Object", "dynamic", "unknown", "interface{}"], "unknown"
    ),
}
_LISTS = frozenset(
    [
        "list",
        "List",
        "Sequence",
        "Iterable",
        "vector",
        "Vec",
        "Array",
        "ArrayList",
        "IList",
        "IEnumerable",
        "deque",
        "ReadonlyArray",
        "MutableList",
        "Collection",
        "LinkedList",
        "Deque",
        "Queue",
        "array",
    ]
)
_MAPS = frozenset(
    [
        "dict",
        "Dict",
        "Mapping",
        "Map",
        "HashMap",
        "TreeMap",
        "map",
        "unordered_map",
        "BTreeMap",
        "Dictionary",
        "Record",
        "MutableMap",
        "LinkedHashMap",
        "defaultdict",
        "IDictionary",
    ]
)
_SETS = (
    "set",
    "Set",
    "HashSet",
    "TreeSet",
    "unordered_set",
    "BTreeSet",
    "frozenset",
    "FrozenSet",
    "ISet",
    "MutableSet",
)
_TUPLES = ("tuple", "Tuple", "pair", "Pair", "tuple_t")
_OPTIONAL = ("Optional", "Option", "optional", "Nullable")
_WRAPPED = re.compile(r"^(?:std::)?(\w+)\s*[<\[](.*)[>\]]$", re.DOTALL)
_QUALIFIERS = re.compile(
    r"\b(?:const|final|mut|readonly|static|public|private|virtual|inline|typing\.|collections\.)\s*"
)
_DEPTH = 6


@dataclass(frozen=True)
class Type:
    """`kind` is one of `int`, `long`, `float`, `bool`, `str`, `char`, `void`, `unknown`, `list`, `set`, `map`, `tuple`,
    `optional`, or `named` for everything else."""

    kind: str
    of: tuple["Type", ...] = ()
    name: str = ""

    @property
    def known(self) -> bool:
        """Whether nothing in it is unknown."""
        return self.kind != "unknown" and all(part.known for part in self.of)


UNKNOWN = Type("unknown")
INT, LONG, FLOAT, BOOL = Type("int"), Type("long"), Type("float"), Type("bool")
STR, CHAR, VOID = Type("str"), Type("char"), Type("void")


def list_of(item: Type) -> Type:
    return Type("list", (item,))


def read_type(text: str, language: str) -> Type:
    """The type that `text` is in a language; `UNKNOWN` where it says nothing."""
    return _read(text, language, _DEPTH)


def type_of_values(values: Sequence[Any]) -> Type:
    """The type that holds all of these plain values (as JSON has them)."""
    found = UNKNOWN
    for value in values:
        found = join(found, _type_of_value(value))
    return found


def join(a: Type, b: Type) -> Type:
    """The smallest type that holds both; `UNKNOWN` where there is none."""
    if a == b or b.kind == "unknown":
        return a
    if a.kind == "unknown":
        return b
    if a.kind == b.kind and len(a.of) == len(b.of):
        return Type(a.kind, tuple(join(x, y) for x, y in zip(a.of, b.of, strict=True)), a.name)
    numbers = ("int", "long", "float")
    if a.kind in numbers and b.kind in numbers:
        return max(a, b, key=lambda item: numbers.index(item.kind))
    if {a.kind, b.kind} == {"char", "str"}:
        return STR
    for one, other in ((a, b), (b, a)):
        if one.kind == "void":
            return other if other.kind == "optional" else Type("optional", (other,))
        if one.kind == "optional":
            return Type("optional", (join(one.of[0], other),))
    return UNKNOWN


def _type_of_value(value: Any) -> Type:
    if value is None:
        return VOID
    if isinstance(value, bool):
        return BOOL
    if isinstance(value, int):
        return INT if abs(value) < 2**31 else LONG
    if isinstance(value, float):
        return FLOAT
    if isinstance(value, str):
        return STR
    if isinstance(value, dict):
        return Type("map", (type_of_values([*value.keys()]), type_of_values([*value.values()])))
    return list_of(type_of_values(list(value)))


def _read(text: str, language: str, depth: int) -> Type:
    text = _QUALIFIERS.sub("", text.strip().lstrip(":").strip()).strip()
    text = text.strip("\"'") if language == "python" else text
    if language in ("cpp", "c", "rust"):
        bare = re.sub(r"&'?\w*\s+(?=\S)|[&]", "", text).strip()
        text = "char*" if re.fullmatch(r"char\s*\*", bare) else bare.rstrip("* ") if language != "c" else bare
        if text == "str":
            return STR
    if language == "php":
        text = {"int": "int", "array": ""}.get(text, text)
    if not depth:
        return UNKNOWN
    if language in ("go", "cpp", "c") and text in ("int", "long"):
        return INT if text == "int" else LONG
    if text in _NAMES:
        return Type(_NAMES[text])
    if text.endswith("?"):
        return Type("optional", (_read(text[:-1], language, depth - 1),))
    if language == "go":
        return _read_go(text, depth)
    if text.endswith("[]"):
        return list_of(_read(text[:-2], language, depth - 1))
    union = [part.strip() for part in _split(text, "|")]
    if len(union) > 1:
        rest = [part for part in union if part not in ("None", "null", "undefined")]
        inner = _read(rest[0], language, depth - 1) if len(rest) == 1 else UNKNOWN
        return Type("optional", (inner,)) if len(rest) < len(union) else inner
    if language in ("rust", "typescript") and text[:1] in "([" and text[-1:] in ")]":
        parts = _split(text[1:-1].split(";")[0], ",")
        read = tuple(_read(part, language, depth - 1) for part in parts)
        return Type("tuple", read) if len(read) != 1 or language == "typescript" else list_of(*read)
    return _read_wrapped(text, language, depth)


def _read_wrapped(text: str, language: str, depth: int) -> Type:
    bare = {"list": "list", "dict": "map", "set": "set", "tuple": "list", "List": "list", "Dict": "map"}
    if text in bare:
        kind = bare[text]
        return Type(kind, (UNKNOWN,) * (2 if kind == "map" else 1))
    wrapped = _WRAPPED.match(text)
    if wrapped is None:
        return Type("named", name=text) if re.fullmatch(r"\w+", text) else UNKNOWN
    head = wrapped.group(1)
    parts = [_read(part, language, depth - 1) for part in _split(wrapped.group(2), ",") if part.strip() != "..."]
    if head in _OPTIONAL and parts:
        return Type("optional", (parts[0],))
    if head == "Union" and len(parts) == 2 and VOID in parts:
        return Type("optional", (next(part for part in parts if part != VOID),))
    if head in _LISTS and parts:
        return list_of(parts[0])
    if head in _SETS and parts:
        return Type("set", (parts[0],))
    if head in _MAPS and len(parts) == 2:
        return Type("map", tuple(parts))
    if head in _TUPLES and parts:
        return list_of(parts[0]) if "..." in wrapped.group(2) else Type("tuple", tuple(parts))
    if head in ("Box", "Rc", "Arc", "unique_ptr", "shared_ptr") and parts:
        return parts[0]
    return UNKNOWN


def _read_go(text: str, depth: int) -> Type:
    text = text.lstrip("*")
    if text.startswith("map["):
        key, _, value = text[4:].partition("]")
        return Type("map", (_read(key, "go", depth - 1), _read(value, "go", depth - 1)))
    array = re.match(r"\[\d*\]", text)
    if array:
        return list_of(_read(text[array.end() :], "go", depth - 1))
    if text.startswith("(") and text.endswith(")"):
        parts = [part.split()[-1] for part in _split(text[1:-1], ",") if part.strip()]
        return Type("tuple", tuple(_read(part, "go", depth - 1) for part in parts))
    return Type("named", name=text) if re.fullmatch(r"\w+", text) else UNKNOWN


def _split(text: str, mark: str) -> list[str]:
    """Split at `mark` where no bracket is open."""
    parts, level, start = [], 0, 0
    for index, character in enumerate(text):
        level += (character in "<[({") - (character in ">])}")
        if character == mark and level == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]
