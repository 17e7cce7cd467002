"""Python's expressions, from its own parser, into the language between languages."""

import ast
import re
from collections.abc import Collection

from lsp_server.translation.rules.python_calls import read_call, read_constant
from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported, name, number, op, text
from lsp_server.translation.rules.walks import check_walk, walked

BINARY: dict[type[ast.operator], str] = {
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
_UNARY: dict[type[ast.unaryop], str] = {ast.USub: "neg", ast.Not: "not", ast.Invert: "~", ast.UAdd: "+"}
_FORMAT = re.compile(r"(?:([^{}]?)([<>]))?(0?)(\d*)(?:\.(\d+)(f))?(d?)")
_LASTING = frozenset(["call", "method", "static", "new", "poplast"])
"""What may do something, so that it must not be written twice."""


class ExpressionReader:
    """Reads what stands in Python's statements."""

    def __init__(
        self,
        classes: Collection[str] = (),
        own: str = "",
        helpers: Collection[str] = (),
        taken: Collection[str] = (),
    ) -> None:
        """`own` is the name that a method has for its object; `helpers` are methods that are functions of the file;
        `taken` are names that are in use."""
        self._classes = frozenset(classes)
        self._own = own
        self._helpers = frozenset(helpers)
        self._taken = frozenset(taken)

    def spare(self, label: str) -> str:
        """A name for what the source gives none."""
        while label in self._taken:
            label += "_"
        return label

    def read(self, node: ast.expr) -> Expr:
        """Raises `Unsupported`."""
        match node:
            case ast.Constant(value=value):
                return _constant(value)
            case ast.Name(id=word):
                return Expr("self") if word == self._own else name(word)
            case ast.BinOp(left=left, op=operator, right=right):
                return self._binary(left, operator, right)
            case ast.UnaryOp(op=operator, operand=operand):
                kind = _UNARY[type(operator)]
                return self.read(operand) if kind == "+" else op(kind, self.read(operand))
            case ast.BoolOp(op=operator, values=values):
                found = self.read(values[0])
                for value in values[1:]:
                    found = op("and" if isinstance(operator, ast.And) else "or", found, self.read(value))
                return found
            case ast.Compare(left=left, ops=operators, comparators=comparators):
                return self._compare(left, operators, comparators)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return op("cond", self.read(test), self.read(body), self.read(orelse))
            case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=step)):
                return self._slice(self.read(value), lower, upper, step)
            case ast.Subscript(value=value, slice=index):
                holder = self.read(value)
                return op("index", holder, _place(holder, self.read(index)))
            case ast.Attribute(value=value, attr=attribute):
                return self._attribute(value, attribute)
            case ast.Call():
                return self._call(node)
            case _:
                return self._collection(node)

    def _collection(self, node: ast.expr) -> Expr:
        match node:
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return Expr("list", [self.read(item) for item in items], value=isinstance(node, ast.Tuple))
            case ast.Set(elts=items):
                return op("setof", Expr("list", [self.read(item) for item in items]))
            case ast.Dict(keys=keys, values=values):
                if None in keys:
                    raise Unsupported("a map in a map")
                pairs = zip(keys, values, strict=True)
                return Expr("map", [self.read(part) for pair in pairs for part in pair if part is not None])
            case ast.ListComp(elt=item, generators=generators) | ast.GeneratorExp(elt=item, generators=generators):
                return self._comprehension("list", [item], generators)
            case ast.SetComp(elt=item, generators=generators):
                return op("setof", self._comprehension("list", [item], generators))
            case ast.DictComp(key=key, value=value, generators=generators):
                return self._comprehension("map", [key, value], generators)
            case ast.JoinedStr(values=parts):
                return self._joined(parts)
            case _:
                raise Unsupported(type(node).__name__)

    def loop(self, target: ast.expr, iterated: ast.expr, body: list[Stmt]) -> Stmt:
        """`for target in iterated`, with what several targets are made of before the body."""
        over = self.read(iterated)
        if isinstance(target, ast.Name):
            if over.op == "range":
                return Stmt("forrange", over.args, [body], target.id)
            if over.op == "reversed" and over.args[0].op == "range":
                return Stmt("forrange", _backwards(over.args[0]), [body], target.id)
            return Stmt("foreach", [over], [body], target.id)
        if not isinstance(target, ast.Tuple) or not all(isinstance(item, ast.Name) for item in target.elts):
            inner = _enumerated_pairs(target, over)
            if inner is not None:
                index, names = inner
                held = self.spare(f"{names[0]}_item")
                check_walk(over, body)
                first = [Stmt("assign", [name(held), walked(over.args[0], name(index))]), *_unpacked(names, held)]
                return Stmt("forrange", [number(0), op("len", over.args[0]), number(1)], [[*first, *body]], index)
            raise Unsupported("a loop over several things")
        names = [item.id for item in target.elts if isinstance(item, ast.Name)]
        return self._loop_over_several(names, over, body)

    def _loop_over_several(self, names: list[str], over: Expr, body: list[Stmt]) -> Stmt:
        if over.op in ("enumerate", "items", "zip"):
            check_walk(over, body)
        if over.op == "enumerate" and len(names) == 2:
            index, item = names
            start = over.args[1]
            first = Stmt("assign", [name(item), walked(over.args[0], _less(name(index), start))])
            stop = op("len", over.args[0]) if _is_zero(start) else op("+", op("len", over.args[0]), start)
            return Stmt("forrange", [start, stop, number(1)], [[first, *body]], index)
        if over.op == "items" and len(names) == 2:
            first = Stmt("assign", [name(names[1]), op("index", over.args[0], name(names[0]))])
            return Stmt("foreach", [op("keys", over.args[0])], [[first, *body]], names[0])
        if over.op == "zip" and len(names) == len(over.args) > 1:
            index = self.spare(f"{names[0]}_index")
            firsts = [
                Stmt("assign", [name(item), walked(source, name(index))])
                for item, source in zip(names, over.args, strict=True)
            ]
            stop = op("len", over.args[0])
            for other in over.args[1:]:
                stop = op("min", stop, op("len", other))
            return Stmt("forrange", [number(0), stop, number(1)], [[*firsts, *body]], index)
        if over.op in ("name", "field", "index", "list", "sorted", "call", "method"):
            held = self.spare(f"{names[0]}_item")
            return Stmt("foreach", [over], [[*_unpacked(names, held), *body]], held)
        raise Unsupported("a loop over several things")

    def _attribute(self, value: ast.expr, attribute: str) -> Expr:
        if isinstance(value, ast.Name):
            constant = read_constant(value.id, attribute)
            if constant is not None:
                return constant
        if isinstance(value, ast.Name) and value.id in self._classes:
            raise Unsupported("a variable of a class")
        return Expr("field", [self.read(value)], value=attribute)

    def _call(self, node: ast.Call) -> Expr:
        own = isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
        if own and self._own and node.func.value.id == self._own and node.func.attr in self._helpers:  # pyright: ignore
            node = ast.Call(ast.Name(node.func.attr), node.args, node.keywords)  # pyright: ignore
        return read_call(node, self.read, self._classes, self.spare("item"))

    def _binary(self, left: ast.expr, operator: ast.operator, right: ast.expr) -> Expr:
        kind = BINARY.get(type(operator))
        if kind is None or (kind == "floormod" and isinstance(left, ast.Constant) and isinstance(left.value, str)):
            raise Unsupported("an operator")
        return op(kind, self.read(left), self.read(right))

    def _slice(self, value: Expr, lower: ast.expr | None, upper: ast.expr | None, step: ast.expr | None) -> Expr:
        if step is not None:
            if ast.unparse(step) == "-1" and lower is None and upper is None:
                return op("reversed", value)
            by = self.read(step)
            if by.op != "int" or upper is not None or (lower is not None and not _from_start(self.read(lower))):
                raise Unsupported("a slice with a step")
            return op("step", value, self.read(lower) if lower is not None else number(0), by)
        start = _place(value, self.read(lower)) if lower is not None else number(0)
        end = _place(value, self.read(upper)) if upper is not None else Expr("none")
        return op("slice", value, start, end)

    def _compare(self, left: ast.expr, operators: list[ast.cmpop], comparators: list[ast.expr]) -> Expr:
        found: Expr | None = None
        before = left
        for operator, right in zip(operators, comparators, strict=True):
            if isinstance(operator, ast.In | ast.NotIn):
                one = op("contains", self.read(right), self.read(before))
                one = one if isinstance(operator, ast.In) else op("not", one)
            else:
                one = op(_COMPARED[type(operator)], self.read(before), self.read(right))
            if found is not None and any(part.op in _LASTING for part in self.read(before).walk()):
                raise Unsupported("a call between two comparisons")
            found = one if found is None else op("and", found, one)
            before = right
        assert found is not None
        return found

    def _comprehension(self, kind: str, items: list[ast.expr], generators: list[ast.comprehension]) -> Expr:
        """`comp`: what is collected, then a condition; `value` is what comes of it, and the loops from outside in."""
        loops: list[Stmt] = []
        condition = Expr("bool", value=True)
        for generator in generators:
            loops.append(self.loop(generator.target, generator.iter, []))
            for test in generator.ifs:
                read = self.read(test)
                condition = read if condition.op == "bool" else op("and", condition, read)
        return Expr("comp", [*map(self.read, items), condition], value=(kind, loops))

    def _joined(self, parts: list[ast.expr]) -> Expr:
        """An f-string, as the parts that are put one after the other."""
        pieces: list[Expr] = []
        for part in parts:
            if isinstance(part, ast.FormattedValue):
                if part.conversion != -1:
                    raise Unsupported("a format")
                pieces.append(_formatted(self.read(part.value), part.format_spec))
            else:
                pieces.append(self.read(part))
        return Expr("concat", pieces)


def _formatted(value: Expr, spec: ast.expr | None) -> Expr:
    if spec is None:
        return op("tostr", value)
    if not isinstance(spec, ast.JoinedStr) or not all(isinstance(part, ast.Constant) for part in spec.values):
        raise Unsupported("a format")
    found = _FORMAT.fullmatch("".join(str(part.value) for part in spec.values if isinstance(part, ast.Constant)))
    if found is None:
        raise Unsupported("a format")
    fill, side, zero, width, digits, _, whole = found.groups()
    shown = Expr("fixed", [value], value=int(digits)) if digits is not None else op("tostr", value)
    if not width:
        return shown
    if zero or fill not in (None, "", " "):
        raise Unsupported("a format")
    # without a side numbers go to the right, texts to the left: that is known with the type
    aligned = {"<": "padright", ">": "padleft"}.get(side or "", "padleft" if digits or whole else "pad")
    return Expr(aligned, [shown], value=int(width))


def _enumerated_pairs(target: ast.expr, over: Expr) -> tuple[str, list[str]] | None:
    """`for i, (a, b) in enumerate(pairs)`."""
    if over.op != "enumerate" or not _is_zero(over.args[1]) or not isinstance(target, ast.Tuple):
        return None
    match target.elts:
        case [ast.Name(id=index), ast.Tuple(elts=items)] if all(isinstance(item, ast.Name) for item in items):
            return index, [item.id for item in items if isinstance(item, ast.Name)]
        case _:
            return None


def _unpacked(names: list[str], held: str) -> list[Stmt]:
    return [Stmt("assign", [name(item), op("index", name(held), number(i))]) for i, item in enumerate(names)]


def _backwards(over: Expr) -> list[Expr]:
    start, stop, step = over.args
    if step.op != "int" or step.value != 1:
        raise Unsupported("a range backwards with a step")
    return [_less(stop, number(1)), _less(start, number(1)), op("neg", number(1))]


def _less(value: Expr, by: Expr) -> Expr:
    if _is_zero(by):
        return value
    return number(value.value - by.value) if value.op == by.op == "int" else op("-", value, by)


def _is_zero(value: Expr) -> bool:
    return value.op == "int" and value.value == 0


def _from_start(value: Expr) -> bool:
    return value.op == "int" and value.value >= 0


def _constant(value: object) -> Expr:
    if value is None:
        return Expr("none")
    if isinstance(value, bool):
        return Expr("bool", value=value)
    if isinstance(value, int):
        return number(value)
    if isinstance(value, float):
        return Expr("float", value=value)
    if isinstance(value, str):
        return text(value)
    raise Unsupported("a literal")


def _place(value: Expr, index: Expr) -> Expr:
    """Negative literal indices count from the end. What is computed is taken to count from the start."""
    if index.op == "neg" and index.args[0].op == "int":
        return op("-", op("len", value), index.args[0])
    if index.op == "neg":
        raise Unsupported("a place counted from the end, or from the start where it is 0")
    return index
