"""Python into the language between languages, by Python's own parser."""

import ast

from lsp_server.translation.rules.tree import Expr, Function, Stmt, Unsupported, name, number, op
from lsp_server.translation.types import UNKNOWN, read_type

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "floordiv",
    ast.Mod: "floormod",
    ast.Pow: "pow",
    ast.BitAnd: "&",
    ast.BitOr: "|",
    ast.BitXor: "^",
    ast.LShift: "<<",
    ast.RShift: ">>",
}
_COMPARED: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Is: "==",
    ast.IsNot: "!=",
}
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
    "divmod": "divmod",
}
_MATH = {"sqrt": "sqrt", "floor": "floor", "ceil": "ceil", "pow": "pow", "fabs": "abs", "gcd": "gcd"}
_METHODS = {
    "upper": "upper",
    "lower": "lower",
    "startswith": "startswith",
    "endswith": "endswith",
    "find": "find",
    "replace": "replace",
    "isdigit": "isdigit",
    "isalpha": "isalpha",
    "isupper": "isupper",
    "keys": "keys",
    "islower": "islower",
    "isspace": "isspace",
    "isalnum": "isalnum",
    "count": "count",
    "strip": "strip",
    "values": "values",
    "items": "items",
    "copy": "listof",
    "index": "indexof",
    "swapcase": "swapcase",
}
_CHANGING = {
    "append": "append",
    "add": "add",
    "extend": "extend",
    "sort": "sort",
    "reverse": "reverse",
    "insert": "insert",
    "remove": "remove",
    "pop": "pop",
    "clear": "clear",
}


def read_python(text: str) -> Function:
    """The one function that `text` defines. Raises `Unsupported`."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as error:
        raise Unsupported("it is not Python as this Python knows it") from error
    defined = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
    if len(defined) != 1 or not isinstance(defined[0], ast.FunctionDef) or defined[0].decorator_list:
        raise Unsupported("it is not one plain function")
    function = defined[0]
    arguments = function.args
    if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults:
        raise Unsupported("its parameters are not plain")
    parameters = [
        (item.arg, read_type(ast.unparse(item.annotation), "python") if item.annotation else UNKNOWN)
        for item in (*arguments.posonlyargs, *arguments.args)
    ]
    returns = read_type(ast.unparse(function.returns), "python") if function.returns else UNKNOWN
    return Function(function.name, parameters, returns, _block(function.body))


def _block(body: list[ast.stmt]) -> list[Stmt]:
    found: list[Stmt] = []
    for node in body:
        found.extend(_statement(node))
    return found


def _statement(node: ast.stmt) -> list[Stmt]:
    match node:
        case ast.Pass():
            return []
        case ast.Expr(value=ast.Constant()):
            return []
        case ast.Return(value=value):
            return [Stmt("return", [_expr(value)] if value is not None else [])]
        case ast.Break():
            return [Stmt("break")]
        case ast.Continue():
            return [Stmt("continue")]
        case ast.If(test=test, body=body, orelse=orelse):
            return [Stmt("if", [_expr(test)], [_block(body), _block(orelse)])]
        case ast.While(test=test, body=body, orelse=[]):
            return [Stmt("while", [_expr(test)], [_block(body)])]
        case ast.For(target=target, iter=iterated, body=body, orelse=[]):
            return [_loop(target, iterated, _block(body))]
        case ast.Assign(targets=[target], value=value):
            return _assign(target, value)
        case ast.AnnAssign(target=ast.Name(id=variable), annotation=annotation, value=value) if value is not None:
            return [Stmt("assign", [name(variable), _expr(value)], type=read_type(ast.unparse(annotation), "python"))]
        case ast.AugAssign(target=target, op=operator, value=value):
            kind = _BINARY.get(type(operator))
            if kind is None:
                raise Unsupported("an operator")
            return [Stmt("assign", [_expr(target), op(kind, _expr(target), _expr(value))])]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=receiver, attr=method), args=args, keywords=keywords)):
            return [_change(receiver, method, args, keywords)]
        case ast.Assert():
            return []
        case _:
            raise Unsupported(type(node).__name__)


def _assign(target: ast.expr, value: ast.expr) -> list[Stmt]:
    if isinstance(target, ast.Tuple):
        if not isinstance(value, ast.Tuple) or len(value.elts) != len(target.elts):
            raise Unsupported("unpacking")
        return [Stmt("assigns", [*map(_expr, target.elts), *map(_expr, value.elts)])]
    return [Stmt("assign", [_expr(target), _expr(value)])]


def _change(receiver: ast.expr, method: str, args: list[ast.expr], keywords: list[ast.keyword]) -> Stmt:
    kind = _CHANGING.get(method)
    if kind is None:
        raise Unsupported(method)
    if keywords:
        if method == "sort" and _is_reverse(keywords) and not args:
            return Stmt("sort", [_expr(receiver), Expr("bool", value=True)])
        raise Unsupported("keyword arguments")
    return Stmt(kind, [_expr(receiver), *map(_expr, args)])


def _loop(target: ast.expr, iterated: ast.expr, body: list[Stmt]) -> Stmt:
    over = _expr(iterated)
    if isinstance(target, ast.Name):
        if over.op == "range":
            return Stmt("forrange", over.args, [body], target.id)
        return Stmt("foreach", [over], [body], target.id)
    if isinstance(target, ast.Tuple) and all(isinstance(item, ast.Name) for item in target.elts):
        names = [item.id for item in target.elts if isinstance(item, ast.Name)]
        if over.op == "enumerate" and len(over.args) == 1 and len(names) == 2:
            index, item = names
            first = Stmt("assign", [name(item), op("index", over.args[0], name(index))])
            return Stmt("forrange", [number(0), op("len", over.args[0]), number(1)], [[first, *body]], index)
        if over.op == "items" and len(names) == 2:
            first = Stmt("assign", [name(names[1]), op("index", over.args[0], name(names[0]))])
            return Stmt("foreach", [op("keys", over.args[0])], [[first, *body]], names[0])
        if over.op == "zip" and len(names) == 2 == len(over.args):
            index = f"{names[0]}_index"
            firsts = [
                Stmt("assign", [name(item), op("index", source, name(index))])
                for item, source in zip(names, over.args, strict=True)
            ]
            stop = op("min", op("len", over.args[0]), op("len", over.args[1]))
            return Stmt("forrange", [number(0), stop, number(1)], [[*firsts, *body]], index)
    raise Unsupported("a loop over several things")


def _expr(node: ast.expr) -> Expr:
    match node:
        case ast.Constant(value=value):
            return _constant(value)
        case ast.Name(id=text):
            return name(text)
        case ast.BinOp(left=left, op=operator, right=right):
            kind = _BINARY.get(type(operator))
            if kind is None:
                raise Unsupported("an operator")
            return op(kind, _expr(left), _expr(right))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return op("neg", _expr(operand))
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return op("not", _expr(operand))
        case ast.BoolOp(op=operator, values=values):
            found = _expr(values[0])
            for value in values[1:]:
                found = op("and" if isinstance(operator, ast.And) else "or", found, _expr(value))
            return found
        case ast.Compare(left=left, ops=operators, comparators=comparators):
            return _compare(left, operators, comparators)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return op("cond", _expr(test), _expr(body), _expr(orelse))
        case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=step)):
            return _slice(_expr(value), lower, upper, step)
        case ast.Subscript(value=value, slice=index):
            return op("index", _expr(value), _place(_expr(value), _expr(index)))
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return Expr("list", [_expr(item) for item in items], value=isinstance(node, ast.Tuple))
        case ast.Set(elts=items):
            return op("setof", Expr("list", [_expr(item) for item in items]))
        case ast.Dict(keys=keys, values=values):
            pairs = [_expr(part) for pair in zip(keys, values, strict=True) for part in pair if part is not None]
            return Expr("map", pairs)
        case ast.ListComp(elt=item, generators=generators) | ast.GeneratorExp(elt=item, generators=generators):
            return _comprehension("list", item, generators)
        case ast.SetComp(elt=item, generators=generators):
            return op("setof", _comprehension("list", item, generators))
        case ast.Call(func=function, args=args, keywords=keywords):
            return _call(function, args, keywords)
        case ast.JoinedStr(values=parts):
            return _joined(parts)
        case _:
            raise Unsupported(type(node).__name__)


def _constant(value: object) -> Expr:
    if value is None:
        return Expr("none")
    if isinstance(value, bool):
        return Expr("bool", value=value)
    kinds: tuple[tuple[type, str], ...] = ((int, "int"), (float, "float"), (str, "str"))
    for kind, label in kinds:
        if isinstance(value, kind):
            return Expr(label, value=value)
    raise Unsupported("a literal")


def _place(value: Expr, index: Expr) -> Expr:
    """Negative literal indices count from the end."""
    if index.op == "neg" and index.args[0].op == "int":
        return op("-", op("len", value), index.args[0])
    return index


def _slice(value: Expr, lower: ast.expr | None, upper: ast.expr | None, step: ast.expr | None) -> Expr:
    if step is not None:
        if ast.unparse(step) == "-1" and lower is None and upper is None:
            return op("reversed", value)
        if lower is None and upper is None:
            return op("step", value, number(0), _expr(step))
        if lower is not None and upper is None:
            return op("step", value, _expr(lower), _expr(step))
        raise Unsupported("a slice with a step")
    start = _place(value, _expr(lower)) if lower is not None else number(0)
    end = _place(value, _expr(upper)) if upper is not None else Expr("none")
    return op("slice", value, start, end)


def _compare(left: ast.expr, operators: list[ast.cmpop], comparators: list[ast.expr]) -> Expr:
    found: Expr | None = None
    before = left
    for operator, right in zip(operators, comparators, strict=True):
        if isinstance(operator, ast.In | ast.NotIn):
            one = op("contains", _expr(right), _expr(before))
            one = one if isinstance(operator, ast.In) else op("not", one)
        else:
            one = op(_COMPARED[type(operator)], _expr(before), _expr(right))
        found = one if found is None else op("and", found, one)
        before = right
    assert found is not None
    return found


def _comprehension(kind: str, item: ast.expr, generators: list[ast.comprehension]) -> Expr:
    """`comp`: what is collected, then what is iterated, then a condition; `value` is the variable's name."""
    if len(generators) != 1:
        raise Unsupported("a nested comprehension")
    loop = generators[0]
    condition = Expr("bool", value=True)
    for number_, test in enumerate(loop.ifs):
        condition = _expr(test) if number_ == 0 else op("and", condition, _expr(test))
    marker = _loop(loop.target, loop.iter, [])
    return Expr("comp", [_expr(item), condition], value=(kind, marker))


def _call(function: ast.expr, args: list[ast.expr], keywords: list[ast.keyword]) -> Expr:
    given = [_expr(argument) for argument in args]
    if isinstance(function, ast.Name):
        return _function(function.id, given, keywords)
    if not isinstance(function, ast.Attribute):
        raise Unsupported("a call")
    if isinstance(function.value, ast.Name) and function.value.id == "math" and function.attr in _MATH and not keywords:
        return op(_MATH[function.attr], *given)
    if keywords:
        raise Unsupported("keyword arguments")
    receiver = _expr(function.value)
    if function.attr == "join" and len(given) == 1:
        return op("join", given[0], receiver)
    if function.attr == "split" and len(given) <= 1:
        return op("split", receiver, *given) if given else op("words", receiver)
    if function.attr == "get" and len(given) == 2:
        return op("getor", receiver, *given)
    if function.attr == "pop" and not given:
        return op("poplast", receiver)
    if function.attr in _METHODS and (given or function.attr not in ("count", "find")):
        return op(_METHODS[function.attr], receiver, *given)
    raise Unsupported(function.attr)


def _function(called: str, given: list[Expr], keywords: list[ast.keyword]) -> Expr:
    if keywords:
        if called == "sorted" and _is_reverse(keywords) and len(given) == 1:
            return op("sorted", given[0], Expr("bool", value=True))
        raise Unsupported("keyword arguments")
    if called in ("min", "max"):
        return op(called if len(given) > 1 else f"{called}of", *given)
    if called == "range":
        start, stop, step = {
            1: (number(0), *given[:1], number(1)),
            2: (*given[:2], number(1)),
            3: tuple(given),
        }.get(len(given), (number(0), number(0), number(0)))
        return op("range", start, stop, step)
    if called == "isinstance" or (called in ("int", "round") and len(given) == 2):
        raise Unsupported(called)
    if called in ("list", "set", "dict", "str") and not given:
        return {"list": Expr("list"), "set": Expr("emptyset"), "dict": Expr("map"), "str": Expr("str", value="")}[
            called
        ]
    if called in _FUNCTIONS:
        return op(_FUNCTIONS[called], *given)
    return Expr("call", given, value=called)


def _is_reverse(keywords: list[ast.keyword]) -> bool:
    return len(keywords) == 1 and keywords[0].arg == "reverse" and ast.unparse(keywords[0].value) == "True"


def _joined(parts: list[ast.expr]) -> Expr:
    found: Expr = Expr("str", value="")
    for part in parts:
        if isinstance(part, ast.FormattedValue) and (part.format_spec is not None or part.conversion != -1):
            raise Unsupported("a format")
        piece = op("tostr", _expr(part.value)) if isinstance(part, ast.FormattedValue) else _expr(part)
        found = piece if found.op == "str" and not found.value else op("+", found, piece)
    return found
