"""Python's definitions and statements, from its own parser, into the language between languages."""

import ast
from collections.abc import Sequence

from lsp_server.translation.rules.python_calls import read_change
from lsp_server.translation.rules.python_expressions import BINARY, ExpressionReader
from lsp_server.translation.rules.tree import Class, Expr, Function, Piece, Stmt, Unsupported, name, number, op, text
from lsp_server.translation.types import UNKNOWN, VOID, Type, read_type

_PLAIN_DECORATORS = frozenset(["staticmethod", "dataclass", "override"])
_SHOWING = ("__str__", "__repr__")


class PythonReader:
    """Reads units of one file."""

    def __init__(self, classes: Sequence[str] = (), helpers: Sequence[str] = ()) -> None:
        """`classes` are those of the file; `helpers` its functions that stand in a class only to be together."""
        self._classes = classes
        self._helpers = helpers
        self._expressions = ExpressionReader(classes)

    def read(self, source: str, kind: str) -> Piece:
        """One unit: a `function`, a `type` or `statements`. Raises `Unsupported`."""
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError) as error:
            raise Unsupported("it is not Python as this Python knows it") from error
        defined = [node for node in tree.body if not isinstance(node, ast.Import | ast.ImportFrom)]
        self._expressions = ExpressionReader(self._classes, taken=_named(tree))
        if kind == "statements":
            return Function("", [], VOID, self._block([part for node in defined for part in _unguarded(node)]), kind)
        if len(defined) != 1:
            raise Unsupported("it is not one definition")
        if isinstance(defined[0], ast.ClassDef):
            return self._class(defined[0])
        if isinstance(defined[0], ast.FunctionDef):
            return self._function(defined[0])
        raise Unsupported("it is not a plain definition")

    def _class(self, node: ast.ClassDef) -> Class:
        bases = [base for base in node.bases if ast.unparse(base) != "object"]
        if bases or node.keywords or any(_called(item) != "dataclass" for item in node.decorator_list):
            raise Unsupported("a class that builds on others")
        found = Class(node.name, {}, {}, by_fields=bool(node.decorator_list))
        values: list[tuple[str, Type, ast.expr | None]] = []
        for item in node.body:
            match item:
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case ast.AnnAssign(target=ast.Name(id=field), annotation=annotation, value=value):
                    found.fields[field] = _kind(annotation)
                    values.append((field, found.fields[field], value))
                case ast.FunctionDef(name="__init__"):
                    found.constructor = self._function(item, "constructor")
                case ast.FunctionDef():
                    if item.name.startswith("__") and item.name not in _SHOWING:
                        raise Unsupported(item.name)
                    if item.name == "__repr__" and any(_defines(other, "__str__") for other in node.body):
                        continue
                    label = "__str__" if item.name in _SHOWING else item.name
                    static = any(_called(part) == "staticmethod" for part in item.decorator_list)
                    found.methods[label] = self._function(item, "static" if static else "method")
                case _:
                    raise Unsupported(type(item).__name__)
        if values:
            if found.constructor is not None or not node.decorator_list:
                raise Unsupported("variables of a class")
            found.constructor = self._fields(values)
        return found

    def _fields(self, values: list[tuple[str, Type, ast.expr | None]]) -> Function:
        """What a data class does when it is made."""
        body = [Stmt("assign", [Expr("field", [Expr("self")], value=field), name(field)]) for field, _, _ in values]
        read = self._expressions.read
        defaults = {field: read(value) for field, _, value in values if value is not None}
        _check_defaults(defaults)
        return Function("", [(field, kind) for field, kind, _ in values], VOID, body, "constructor", defaults)

    def _function(self, node: ast.FunctionDef, kind: str = "function") -> Function:
        if any(_called(item) not in _PLAIN_DECORATORS for item in node.decorator_list):
            raise Unsupported("a decorator")
        arguments = node.args
        if arguments.vararg or arguments.kwarg:
            raise Unsupported("its parameters are not plain")
        given = [*arguments.posonlyargs, *arguments.args]
        own = ""
        if kind in ("method", "constructor") or (given and given[0].arg == "self"):
            own, given = given[0].arg, given[1:]
        reader = self._expressions
        helpers = self._helpers if kind == "function" else ()
        self._expressions = ExpressionReader(self._classes, own, helpers, _named(node))
        try:
            values = [*zip(given[len(given) - len(arguments.defaults) :], arguments.defaults, strict=True)]
            values += [
                (item, value) for item, value in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if value
            ]
            defaults = {item.arg: self._expressions.read(value) for item, value in values}
            _check_defaults(defaults)
            given += arguments.kwonlyargs
            parameters = [(item.arg, _kind(item.annotation)) for item in given]
            body = self._block(node.body)
        finally:
            self._expressions = reader
        returns = _kind(node.returns)
        return Function(node.name, parameters, returns, body, kind, defaults)  # pyright: ignore[reportArgumentType] - one of its kinds

    def _block(self, body: list[ast.stmt]) -> list[Stmt]:
        return [statement for node in body for statement in self._statement(node)]

    def _statement(self, node: ast.stmt) -> list[Stmt]:
        read = self._expressions.read
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom():
                return []
            case ast.Return(value=value):
                return [Stmt("return", [read(value)] if value is not None else [])]
            case ast.Break():
                return [Stmt("break")]
            case ast.Continue():
                return [Stmt("continue")]
            case ast.If(test=test, body=body, orelse=orelse):
                return [Stmt("if", [read(test)], [self._block(body), self._block(orelse)])]
            case ast.While(test=test, body=body, orelse=[]):
                return [Stmt("while", [read(test)], [self._block(body)])]
            case ast.For(target=target, iter=iterated, body=body, orelse=[]):
                return [self._expressions.loop(target, iterated, self._block(body))]
            case ast.Assign(targets=[target], value=value):
                return self._assign(target, value)
            case ast.AnnAssign(target=ast.Name() | ast.Attribute(), annotation=annotation, value=value) if value:
                return [Stmt("assign", [read(node.target), read(value)], type=_kind(annotation))]
            case ast.AugAssign(target=target, op=operator, value=value):
                kind = BINARY.get(type(operator))
                if kind is None:
                    raise Unsupported("an operator")
                return [Stmt("augment", [read(target), op(kind, read(target), read(value))])]
            case ast.Expr(value=ast.Call() as call):
                return [self._effect(call)]
            case ast.Raise(exc=ast.Call(func=ast.Name(id=error), args=[message]), cause=None):
                return [Stmt("raise", [_shown(read(message))], name=error)]
            case ast.Assert(test=test, msg=message):
                words = _shown(read(message)) if message is not None else text("")
                return [Stmt("if", [op("not", read(test))], [[Stmt("raise", [words], name="AssertionError")], []])]
            case ast.Delete(targets=[ast.Subscript(value=holder, slice=key)]) if not isinstance(key, ast.Slice):
                return [Stmt("delete", [read(holder), read(key)])]
            case _:
                raise Unsupported(type(node).__name__)

    def _assign(self, target: ast.expr, value: ast.expr) -> list[Stmt]:
        read = self._expressions.read
        if isinstance(target, ast.Tuple | ast.List):
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
                return [Stmt("assigns", [*map(read, target.elts), *map(read, value.elts)])]
            if any(not isinstance(item, ast.Name) for item in target.elts):
                raise Unsupported("unpacking")
            joined = "_".join(item.id for item in target.elts if isinstance(item, ast.Name))
            held = self._expressions.spare(joined)
            places = [
                Stmt("assign", [read(item), op("index", name(held), number(i))]) for i, item in enumerate(target.elts)
            ]
            return [Stmt("assign", [name(held), read(value)]), *places]
        return [Stmt("assign", [read(target), read(value)])]

    def _effect(self, call: ast.Call) -> Stmt:
        read = self._expressions.read
        if isinstance(call.func, ast.Name) and call.func.id == "print":
            return _printed(call, read)
        own = isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name)
        if not own or call.func.value.id not in self._classes:  # pyright: ignore
            change = read_change(call, read)
            if change is not None:
                return change
        return Stmt("do", [read(call)])


def _unguarded(node: ast.stmt) -> list[ast.stmt]:
    """What stands under `if __name__ == "__main__":`; the statement itself if it is no such guard."""
    if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test) and not node.orelse:
        return node.body
    return [node]


def _printed(call: ast.Call, read: object) -> Stmt:
    assert callable(read)
    options = {item.arg: item.value for item in call.keywords}
    said: dict[str, str] = {"sep": " ", "end": "\n"}
    for label, value in options.items():
        if label not in said or not isinstance(value, ast.Constant) or not isinstance(value.value, str):
            raise Unsupported("print")
        said[label] = value.value
    parts: list[Expr] = []
    for place, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            raise Unsupported("print")
        parts += [text(said["sep"])] if place and said["sep"] else []
        parts.append(_shown(read(argument)))  # pyright: ignore[reportArgumentType] - what reads expressions
    if said["end"] != "\n":
        return Stmt("write", [Expr("concat", [*parts, text(said["end"])])])
    return Stmt("print", [Expr("concat", parts)])


def _shown(value: Expr) -> Expr:
    return value if value.op in ("str", "concat", "tostr") else op("tostr", value)


def _defines(node: ast.stmt, label: str) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name == label


def _named(node: ast.AST) -> set[str]:
    """Names of variables and parameters."""
    inner = list(ast.walk(node))
    return {part.id for part in inner if isinstance(part, ast.Name)} | {p.arg for p in inner if isinstance(p, ast.arg)}


def _called(decorator: ast.expr) -> str:
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _kind(annotation: ast.expr | None) -> Type:
    return read_type(ast.unparse(annotation), "python") if annotation is not None else UNKNOWN


def _check_defaults(defaults: dict[str, Expr]) -> None:
    plain = ("int", "float", "str", "bool", "none")
    for value in defaults.values():
        if value.op not in plain and not (value.op == "neg" and value.args[0].op in plain):
            raise Unsupported("a value that a parameter has by default")
