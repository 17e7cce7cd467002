"""What calls in Python do: its functions and the methods of its texts, lists, sets and dictionaries, as data."""

import ast
from collections.abc import Callable

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported, name, number, op, text

_FUNCTIONS = {
    "len": "len",
    "abs": "abs",
    "sorted": "sorted",
    "reversed": "reversed",
    "ord": "ord",
    "chr": "chr",
    "str": "tostr",
    "int": "toint",
    "float": "tofloat",
    "bool": "tobool",
    "round": "round",
    "sum": "sum",
    "list": "listof",
    "set": "setof",
    "tuple": "listof",
    "any": "any",
    "all": "all",
    "enumerate": "enumerate",
    "zip": "zip",
    "range": "range",
    "pow": "pow",
}
_MODULES = {
    "math": {"sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "pow": "fpow", "fabs": "abs", "gcd": "gcd"}
    | {"isqrt": "isqrt"}
}
_CONSTANTS = {"math.pi": 3.141592653589793, "math.e": 2.718281828459045, "math.inf": float("inf")}
_METHODS: dict[tuple[str, int], str] = {
    ("upper", 0): "upper",
    ("lower", 0): "lower",
    ("startswith", 1): "startswith",
    ("endswith", 1): "endswith",
    ("find", 1): "find",
    ("replace", 2): "replace",
    ("isdigit", 0): "isdigit",
    ("isalpha", 0): "isalpha",
    ("isupper", 0): "isupper",
    ("islower", 0): "islower",
    ("isspace", 0): "isspace",
    ("isalnum", 0): "isalnum",
    ("count", 1): "count",
    ("strip", 0): "strip",
    ("keys", 0): "keys",
    ("values", 0): "values",
    ("items", 0): "items",
    ("copy", 0): "listof",
    ("index", 1): "indexof",
    ("swapcase", 0): "swapcase",
    ("split", 0): "words",
    ("split", 1): "split",
    ("get", 2): "getor",
    ("pop", 0): "poplast",
}
_CHANGING: dict[tuple[str, int], str] = {
    ("append", 1): "append",
    ("add", 1): "add",
    ("extend", 1): "extend",
    ("sort", 0): "sort",
    ("reverse", 0): "reverse",
    ("insert", 2): "insert",
    ("remove", 1): "remove",
    ("pop", 0): "pop",
    ("clear", 0): "clear",
}
OWN_METHODS = frozenset(name for name, _ in (*_METHODS, *_CHANGING)) | {"join", "format", "isnumeric", "discard"}
"""Methods of Python's own types: a class of the file with such a method is not told apart by name alone."""

Read = Callable[[ast.expr], Expr]


def read_call(node: ast.Call, read: Read, classes: frozenset[str], item: str) -> Expr:
    """A call's value. `classes` are those that the file defines; `item` is a name that is not in use."""
    function, keywords = node.func, node.keywords
    if any(isinstance(argument, ast.Starred) for argument in node.args) or any(item.arg is None for item in keywords):
        raise Unsupported("arguments in a list")
    if isinstance(function, ast.Name):
        if function.id in classes:
            return Expr("new", _with_keywords(node, read), value=function.id)
        return _function(function.id, node, read, item)
    if not isinstance(function, ast.Attribute):
        raise Unsupported("a call")
    if isinstance(function.value, ast.Name) and function.value.id in _MODULES:
        kind = _MODULES[function.value.id].get(function.attr)
        if kind is None or keywords:
            raise Unsupported(f"{function.value.id}.{function.attr}")
        return op(kind, *map(read, node.args))
    return _method(function, node, read, classes)


def read_constant(module: str, attribute: str) -> Expr | None:
    """`math.pi` and its like."""
    value = _CONSTANTS.get(f"{module}.{attribute}")
    return Expr("float", value=value) if value is not None else None


def read_change(call: ast.Call, read: Read) -> Stmt | None:
    """A method call that stands for what it does to its receiver; `None` if it is none of Python's own."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return None
    kind = _CHANGING.get((function.attr, len(call.args)))
    if kind is None:
        return None
    receiver = read(function.value)
    if call.keywords:
        if function.attr != "sort":
            raise Unsupported("keyword arguments")
        return Stmt("sort", [receiver, *_order(call.keywords, read)])
    return Stmt(kind, [receiver, *map(read, call.args)])


def _with_keywords(node: ast.Call, read: Read) -> list[Expr]:
    """Arguments in order; named ones as `keyword`, to be put in their places once all functions are known."""
    named = [Expr("keyword", [read(item.value)], value=item.arg) for item in node.keywords]
    return [*map(read, node.args), *named]


def _function(called: str, node: ast.Call, read: Read, item: str) -> Expr:
    given = [read(argument) for argument in node.args]
    if called in ("min", "max", "sorted") and node.keywords and len(given) == 1:
        if called != "sorted":
            raise Unsupported("the extreme by a key")
        return op("sorted", given[0], *_order(node.keywords, read))
    if called == "sum" and len(given) == 1 and not node.keywords:
        return op("sum", given[0])
    if called == "enumerate" and len(given) in (1, 2):
        start = given[1] if len(given) == 2 else number(0)
        return op(
            "enumerate", given[0], *(read(item.value) for item in node.keywords), *([start] * (not node.keywords))
        )
    if called in _FUNCTIONS or called in (
        "min",
        "max",
        "dict",
        "print",
        "input",
        "isinstance",
        "map",
        "divmod",
        "open",
    ):
        if node.keywords:
            raise Unsupported("keyword arguments")
        return _built_in(called, given, node, read, item)
    return Expr("call", _with_keywords(node, read), value=called)


def _built_in(called: str, given: list[Expr], node: ast.Call, read: Read, item: str) -> Expr:
    if called in ("min", "max") and given:
        found = given[0] if len(given) > 1 else op(f"{called}of", *given)
        for other in given[1:]:
            found = op(called, found, other)
        return found
    if called == "range" and 1 <= len(given) <= 3:
        return op("range", *([number(0)] if len(given) == 1 else []), *given, *([number(1)] if len(given) < 3 else []))
    if called in ("list", "set", "dict", "str", "int", "float") and not given:
        empty = {"list": Expr("list"), "set": Expr("emptyset"), "dict": Expr("map"), "str": text("")}
        return empty.get(called) or (number(0) if called == "int" else Expr("float", value=0.0))
    if called == "float" and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
        return Expr("float", value=float(node.args[0].value))
    if called == "map" and len(node.args) == 2:
        return _mapped(node, read, item)
    if called == "dict" and len(given) == 1:
        return op("mapof", given[0])
    if called == "pow" and len(given) == 3:
        raise Unsupported("a power with a modulus")
    if called not in _FUNCTIONS or (len(given) != 1 and called not in ("zip", "pow")):
        raise Unsupported(called)
    return op(_FUNCTIONS[called], *given)


def _mapped(node: ast.Call, read: Read, label: str) -> Expr:
    """`map(f, xs)` as the comprehension that it is."""
    function = node.args[0]
    if isinstance(function, ast.Name):
        argument, item = label, read(ast.Call(function, [ast.Name(label)], []))
    elif isinstance(function, ast.Lambda) and len(function.args.args) == 1:
        argument, item = function.args.args[0].arg, read(function.body)
    else:
        raise Unsupported("a function as a value")
    loop = Stmt("foreach", [read(node.args[1])], [[]], argument)
    return Expr("comp", [item, Expr("bool", value=True)], value=("list", [loop]))


def _order(keywords: list[ast.keyword], read: Read) -> list[Expr]:
    """What a sort is told: nothing, or whether it is reversed and by what."""
    reverse, key = False, None
    for item in keywords:
        if item.arg == "reverse" and isinstance(item.value, ast.Constant):
            reverse = bool(item.value.value)
        elif item.arg == "key" and isinstance(item.value, ast.Lambda) and len(item.value.args.args) == 1:
            key = Expr("lambda", [read(item.value.body)], value=[item.value.args.args[0].arg])
        elif item.arg == "key" and isinstance(item.value, ast.Name) and item.value.id in ("len", "abs"):
            key = Expr("lambda", [op(item.value.id, name("item"))], value=["item"])
        else:
            raise Unsupported("keyword arguments")
    return [Expr("bool", value=reverse), *([key] if key is not None else [])] if reverse or key is not None else []


def _method(function: ast.Attribute, node: ast.Call, read: Read, classes: frozenset[str]) -> Expr:
    called, count = function.attr, len(node.args)
    if isinstance(function.value, ast.Name) and function.value.id in classes:
        return Expr("static", _with_keywords(node, read), value=(function.value.id, called))
    receiver = read(function.value)
    if not node.keywords:
        given = [read(argument) for argument in node.args]
        if called == "join" and count == 1:
            return op("join", given[0], receiver)
        if called == "format" and receiver.op == "str":
            return _formatted(receiver.value, given)
        if (called, count) in _METHODS:
            return Expr(_METHODS[called, count], [receiver, *given], value=called)
    if called in OWN_METHODS:
        raise Unsupported(called)
    return Expr("method", [receiver, *_with_keywords(node, read)], value=called)


def _formatted(pattern: str, given: list[Expr]) -> Expr:
    pieces = pattern.split("{}")
    if len(pieces) != len(given) + 1 or any(mark in piece for piece in pieces for mark in "{}"):
        raise Unsupported("a format")
    parts: list[Expr] = []
    for place, piece in enumerate(pieces):
        parts += [text(piece)] if piece else []
        parts += [op("tostr", given[place])] if place < len(given) else []
    return Expr("concat", parts)
