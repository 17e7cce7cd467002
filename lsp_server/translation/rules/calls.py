"""What the calls of the C family's standard libraries do, as data: method and number of arguments to operation."""

from functools import reduce

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported, number, op
from lsp_server.translation.types import UNKNOWN, Type

_STATIC: dict[str, str] = {
    "Math.abs": "abs",
    "Math.max": "max",
    "Math.min": "min",
    "Math.sqrt": "sqrt",
    "Math.pow": "pow",
    "Math.floor": "floor",
    "Math.ceil": "ceil",
    "Math.trunc": "toint",
    "Math.floorMod": "floormod",
    "Math.floorDiv": "floordiv",
    "Integer.parseInt": "toint",
    "Integer.valueOf": "toint",
    "Long.parseLong": "toint",
    "Double.parseDouble": "tofloat",
    "String.valueOf": "tostr",
    "Integer.toString": "tostr",
    "Character.isDigit": "isdigit",
    "Character.isLetter": "isalpha",
    "Character.isAlphabetic": "isalpha",
    "Character.isUpperCase": "isupper",
    "Character.isLowerCase": "islower",
    "Character.toUpperCase": "upperchar",
    "Character.toLowerCase": "lowerchar",
    "Collections.max": "maxof",
    "Collections.min": "minof",
    "String.fromCharCode": "chr",
    "Number.parseInt": "toint",
    "Number.parseFloat": "tofloat",
    "Array.from": "listof",
    "Math.round": "roundhalfup",
}
_FREE: dict[str, str] = {
    "abs": "abs",
    "fabs": "abs",
    "max": "max",
    "min": "min",
    "sqrt": "sqrt",
    "pow": "pow",
    "floor": "floor",
    "ceil": "ceil",
    "to_string": "tostr",
    "stoi": "toint",
    "stoll": "toint",
    "atoi": "toint",
    "stod": "tofloat",
    "parseInt": "toint",
    "parseFloat": "tofloat",
    "Number": "tofloat",
    "String": "tostr",
    "isdigit": "isdigit",
    "isalpha": "isalpha",
    "isupper": "isupper",
    "islower": "islower",
    "isspace": "isspace",
    "isalnum": "isalnum",
    "tolower": "lowerchar",
    "toupper": "upperchar",
}
_METHODS: dict[tuple[str, int], str] = {
    ("size", 0): "len",
    ("length", 0): "len",
    ("count", 1): "contains",
    ("charAt", 1): "index",
    ("get", 1): "index",
    ("at", 1): "index",
    ("equals", 1): "==",
    ("toLowerCase", 0): "lower",
    ("toUpperCase", 0): "upper",
    ("ToLower", 0): "lower",
    ("ToUpper", 0): "upper",
    ("contains", 1): "contains",
    ("Contains", 1): "contains",
    ("includes", 1): "contains",
    ("containsKey", 1): "contains",
    ("ContainsKey", 1): "contains",
    ("has", 1): "contains",
    ("getOrDefault", 2): "getor",
    ("startsWith", 1): "startswith",
    ("StartsWith", 1): "startswith",
    ("endsWith", 1): "endswith",
    ("EndsWith", 1): "endswith",
    ("trim", 0): "strip",
    ("Trim", 0): "strip",
    ("toString", 0): "tostr",
    ("ToString", 0): "tostr",
    ("keySet", 0): "keys",
    ("indexOf", 1): "find",
    ("IndexOf", 1): "find",
    ("charCodeAt", 1): "codeat",
    ("toCharArray", 0): "chars",
    ("intValue", 0): "toint",
    ("doubleValue", 0): "tofloat",
    ("slice", 0): "listof",
    ("concat", 1): "+",
    ("abs", 0): "abs",
    ("repeat", 1): "repeat",
}
_PROPERTIES = {"length": "len", "size": "len", "Length": "len", "Count": "len"}
_CHANGING: dict[tuple[str, int], str] = {
    ("push_back", 1): "append",
    ("push", 1): "append",
    ("add", 1): "append",
    ("Add", 1): "append",
    ("append", 1): "appendstr",
    ("addAll", 1): "extend",
    ("AddRange", 1): "extend",
    ("pop_back", 0): "pop",
    ("pop", 0): "pop",
    ("reverse", 0): "reverse",
    ("Reverse", 0): "reverse",
    ("clear", 0): "clear",
    ("put", 2): "put",
    ("set", 2): "put",
    ("insert", 1): "add",
}
_CLASSES = ("Math", "Integer", "Character", "Collections", "Arrays", "Number", "Object", "JSON", "List")
_CONSTANTS: dict[str, Expr] = {
    "Integer.MAX_VALUE": number(2**31 - 1),
    "Integer.MIN_VALUE": number(-(2**31)),
    "Number.MAX_SAFE_INTEGER": number(2**53 - 1),
}


CAPACITY = "capacity"
"""Marks a list that is made with room for so many items, and none in it."""
_OF_TWO = frozenset(["min", "max", "pow"])
_ARGUMENTS = {"floormod": 2, "floordiv": 2}
"""How many there are, where it is not one."""


def called(language: str, receiver: Expr | None, method: str, given: list[Expr] | None) -> Expr:
    """A call's value; `given` is `None` for a member that is not called."""
    if given is None:
        static = f"{receiver.value}.{method}" if receiver is not None and receiver.op == "name" else ""
        if static in _CONSTANTS:
            return _CONSTANTS[static]
        if method in _PROPERTIES and receiver is not None:
            return op("len", receiver)
        raise Unsupported(f".{method}")
    if receiver is None:
        return _provided(_FREE[method], given) if method in _FREE else Expr("call", given, value=method)
    if receiver.op == "name" and isinstance(receiver.value, str):
        static = f"{receiver.value}.{method}"
        if static in _STATIC:
            return _provided(_STATIC[static], given)
        if static in ("Arrays.asList", "List.of"):
            return Expr("list", given)
        if receiver.value == "this":
            return Expr("call", given, value=method)
        if receiver.value in (
            "Math",
            "Integer",
            "Character",
            "Collections",
            "Arrays",
            "Number",
            "Object",
            "JSON",
            "List",
        ):
            raise Unsupported(static)
    if method == "isEmpty" or (method == "empty" and not given):
        return op("==", op("len", receiver), number(0))
    if method in ("begin", "end") and not given:
        return op(method, receiver)
    if method == "back" and not given:
        return op("index", receiver, op("-", op("len", receiver), number(1)))
    if method == "front" and not given:
        return op("index", receiver, number(0))
    if method == "get" and language in ("javascript", "typescript") and len(given) == 1:
        return op("index", receiver, *given)
    return _by_method(language, receiver, method, given)


def _provided(kind: str, given: list[Expr]) -> Expr:
    """What the language itself provides; a function of the file's own may have its name and other arguments."""
    if kind in _OF_TWO:
        if len(given) < 2 or (len(given) > 2 and kind == "pow"):
            raise Unsupported(f"{kind} of {len(given)}")
        return reduce(lambda left, right: op(kind, left, right), given)
    if kind == "toint" and len(given) > 1:
        return _parsed(given)
    if len(given) != _ARGUMENTS.get(kind, 1):
        raise Unsupported(f"{kind} of {len(given)}")
    return op(kind, *given)


def _parsed(given: list[Expr]) -> Expr:
    """A text as a number to a base: `parseInt(s, 2)`, and in C++ `stoi(s, nullptr, 2)`."""
    text, *place, base = given
    nowhere = not place or (len(place) == 1 and (place[0].op == "none" or place[0].value == 0))
    if base.op != "int" or not 2 <= base.value <= 36 or not nowhere:
        raise Unsupported("a number to a base")
    return op("toint", text) if base.value == 10 else op("tointof", text, base)


def _by_method(language: str, receiver: Expr, method: str, given: list[Expr]) -> Expr:
    if method in ("substring", "slice", "substr", "Substring") and len(given) in (1, 2):
        return _slice(language, receiver, method, *given)
    if method == "split" and len(given) == 1:
        separator = given[0]
        if separator.op != "str" or (language == "java" and separator.value not in (" ", ",", "-", ":", "_")):
            raise Unsupported("split")
        return op("split", receiver, separator) if separator.value else op("chars", receiver)
    if method == "join" and language in ("javascript", "typescript") and len(given) <= 1:
        return op("join", receiver, *(given or [Expr("str", value=",")]))
    if method in ("replaceAll", "replace", "Replace") and len(given) == 2 and language in ("csharp", "java"):
        if method == "replaceAll":
            raise Unsupported(method)
        return op("replace", receiver, *given)
    if method in ("map", "filter", "some", "every", "reduce") and given and given[0].op == "lambda":
        return Expr(f"{method}ped" if method == "map" else method, [receiver, *given])
    key = (method, len(given))
    if key in _METHODS:
        return op(_METHODS[key], receiver, *given)
    raise Unsupported(method)


def _slice(language: str, receiver: Expr, method: str, start: Expr, end: Expr | None = None) -> Expr:
    if end is None:
        end = Expr("none")
    elif method in ("substr", "Substring") and language not in ("javascript", "typescript"):
        end = op("+", start, end)
    kind = method if method in ("substring", "substr") and language in ("javascript", "typescript") else "slice"
    return op(kind, receiver, start, end)


def changed(language: str, receiver: Expr | None, method: str, given: list[Expr]) -> Stmt:
    """A call that stands for what it does."""
    if receiver is None:
        ends = [argument.op for argument in given]
        if method in ("sort", "reverse") and ends == ["begin", "end"]:
            return Stmt(method, given[0].args)
        if method == "swap" and len(given) == 2:
            return Stmt("assigns", [given[0], given[1], given[1], given[0]])
        return Stmt("do", [Expr("call", given, value=method)])
    if receiver.op == "name" and receiver.value in ("Collections", "Arrays") and len(given) == 1:
        if method in ("sort", "reverse"):
            return Stmt(method, given)
        raise Unsupported(method)
    if method in ("sort", "Sort"):
        return _sort(language, receiver, given)
    kind = _CHANGING.get((method, len(given)))
    if kind is None:
        return Stmt("do", [called(language, receiver, method, given)])
    return Stmt(kind, [receiver, *given])


def _sort(language: str, receiver: Expr, given: list[Expr]) -> Stmt:
    """Plainly, or by the difference of two numbers."""
    if not given and language not in ("javascript", "typescript"):
        return Stmt("sort", [receiver])
    if len(given) == 1 and given[0].op == "lambda" and len(given[0].value) == 2:
        body, (first, second) = given[0].args[0], given[0].value
        if body.op == "-" and [part.value for part in body.args] == [first, second]:
            return Stmt("sort", [receiver])
        if body.op == "-" and [part.value for part in body.args] == [second, first]:
            return Stmt("sort", [receiver, Expr("bool", value=True)])
    raise Unsupported("sort")


def constructed(kind: Type, given: list[Expr]) -> Expr:
    """A value of a type, made from arguments."""
    if kind.kind == "list":
        if not given:
            return Expr("list", type=kind)
        if len(given) == 1 and given[0].op == "list":
            return op("listof", given[0])
        if len(given) in (1, 2) and given[0].op != "lambda":
            fill = given[1] if len(given) == 2 else _zero(kind.of[0] if kind.of else UNKNOWN)
            return op("filled", given[0], fill)
    if kind.kind == "map" and not given:
        return Expr("map", type=kind)
    if kind.kind == "set" and len(given) <= 1:
        return Expr("emptyset", type=kind) if not given else op("setof", given[0])
    if kind.kind == "str" and len(given) <= 2:
        if not given:
            return Expr("str", value="")
        return op("repeat", given[1], given[0]) if len(given) == 2 else op("tostr", given[0])
    if len(given) == 1:
        conversion = {"int": "toint", "long": "toint", "float": "tofloat", "char": "tochar"}.get(kind.kind)
        if conversion:
            return Expr(conversion, [given[0]], value=kind.kind)
    raise Unsupported("a constructor")


def _zero(kind: Type) -> Expr:
    plain = {"int": number(0), "long": number(0), "float": Expr("float", value=0.0), "bool": Expr("bool", value=False)}
    if kind.kind in plain:
        return plain[kind.kind]
    if kind.kind == "str":
        return Expr("str", value="")
    raise Unsupported("a constructor")
