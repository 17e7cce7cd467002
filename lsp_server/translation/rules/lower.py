"""What some languages say in an expression and others in a loop: comprehensions, and functions given to functions."""

from collections.abc import Collection
from itertools import count

from lsp_server.translation.rules.tree import Expr, Function, Stmt, Unsupported, all_expressions, name, number, op

_QUANTIFIED = {"any": (False, True), "all": (True, False), "some": (False, True), "every": (True, False)}
"""What the result is before the first item, and what an item makes of it that decides."""
_WALKED = frozenset(
    ["minof", "maxof", "sum", "count", "contains", "setof", "listof", "slice", "reversed", "join", "step"]
)
"""What is done from a beginning to an end, for which some languages need a name for the collection."""
SORTED = "sorted"
"""Marks a copy that is sorted next, so that the order in which it is made does not matter."""
_NAMED = frozenset(["name", "index", "str", "field", "self"])
_FEW = 6
"""So many alternatives are compared one by one."""
_TRUTHS = frozenset(["==", "!=", "<", "<=", ">", ">=", "not", "contains", "bool"])
"""What is a truth value whatever it is made of."""
_LASTING = frozenset(["call", "method", "static", "new", "poplast"])


class Lowering:
    """Puts loops before the statement whose value they are. Comprehensions stay where the target has them."""

    def __init__(self, target: str, taken: Collection[str] = ()) -> None:
        """`target` is a language's id; `taken` are names that are in use."""
        self._keep = target == "python"
        self._sorts_in_place = target in ("java", "cpp", "csharp", "go", "rust")
        self._needs_names = target == "cpp"
        self._taken = set(taken)
        self._truths: set[str] = set()
        """Those of our own variables that are true or false."""

    def function(self, function: Function) -> None:
        """Lower a function's body in place."""
        self._taken |= {part.value for part in all_expressions(function.body) if part.op == "name"}
        self._taken |= set(function.names)
        function.body = self.block(function.body)

    def block(self, body: list[Stmt]) -> list[Stmt]:
        found: list[Stmt] = []
        for statement in body:
            before: list[Stmt] = []
            if statement.op == "foreach" and statement.exprs[0].op in ("listof", "chars", "keys", "reversed"):
                inner = statement.exprs[0]
                inner.args = [self._expr(part, before) for part in inner.args]
            elif statement.op in ("if", "while"):
                statement.exprs = [self._test(statement.exprs[0], before)]
            else:
                statement.exprs = [self._expr(part, before) for part in statement.exprs]
            statement.blocks = [self.block(block) for block in statement.blocks]
            if before and statement.op == "while":
                found.append(_tested_inside(statement, before))
            else:
                found += [*before, statement]
        return found

    def _expr(self, expression: Expr, before: list[Stmt]) -> Expr:
        kind = expression.op
        if kind in _QUANTIFIED:
            return self._quantified(expression, before)
        if kind in ("mapped", "filter"):
            return self._mapped(expression, before)
        if kind == "reduce":
            return self._reduced(expression, before)
        if kind in ("and", "or"):
            return self._either(expression, before)
        if kind == "cond":
            return self._conditional(expression, before)
        if kind == "sum" and expression.args[0].op == "comp" and not self._keep:
            return self._summed(expression.args[0], before)
        counts = kind == "range" or (kind == "listof" and expression.args[0].op == "range")
        if counts and not self._keep:
            return self._counted(expression if kind == "range" else expression.args[0], before)
        if kind == "comp" and not self._keep:
            return self._collected(expression, before)
        if kind == "lambda":
            return expression
        if kind == "contains" and _is_short(expression):
            return self._expr(_compared(expression), before)
        if kind == "listof" and expression.args[0].op in (
            "comp",
            "sorted",
            "keys",
            "values",
            "words",
            "listof",
            "reversed",
        ):
            return self._expr(expression.args[0], before)
        if kind == "items":
            return self._expr(self._pairs(expression), before)
        if kind != "comp":
            expression.args = [self._expr(part, before) for part in expression.args]
        if kind == "sorted" and self._sorts_in_place:
            return self._sorted(expression, before)
        if kind in _WALKED and self._needs_names and expression.args[0].op not in _NAMED:
            return self._held(expression, before)
        return expression

    def _test(self, expression: Expr, before: list[Stmt]) -> Expr:
        """An expression of which only the truth is wanted."""
        if expression.op in ("and", "or"):
            return self._either(expression, before, tested=True)
        return self._expr(expression, before)

    def _either(self, expression: Expr, before: list[Stmt], *, tested: bool = False) -> Expr:
        """`and` and `or`: what the second operand needs is done only where it is looked at."""
        read = self._test if tested else self._expr
        late: list[Stmt] = []
        first, second = read(expression.args[0], before), read(expression.args[1], late)
        if not late:
            expression.args = [first, second]
            return expression
        if tested:
            first, second = self._truth(first), self._truth(second)
        result = self._fresh("holds")
        if self._is_truth(first) and self._is_truth(second):
            self._truths.add(result)
        reached = name(result) if expression.op == "and" else op("not", name(result))
        before.append(Stmt("assign", [name(result), first]))
        chosen = Stmt("assign", [name(result), second])
        before.append(Stmt("if", [reached], [[*late, chosen], []]))
        return name(result)

    def _truth(self, value: Expr) -> Expr:
        """A truth value, so that a variable for it has one type."""
        if value.op in ("and", "or"):
            value.args = [self._truth(part) for part in value.args]
        return value if self._is_truth(value) else op("not", op("not", value))

    def _is_truth(self, value: Expr) -> bool:
        if value.op in ("and", "or"):
            return all(map(self._is_truth, value.args))
        return value.op in _TRUTHS or (value.op == "name" and value.value in self._truths)

    def _conditional(self, expression: Expr, before: list[Stmt]) -> Expr:
        """`a if b else c`: what an alternative needs is done only where it is taken."""
        test = self._test(expression.args[0], before)
        needs: tuple[list[Stmt], list[Stmt]] = [], []
        values = [self._expr(part, need) for part, need in zip(expression.args[1:], needs, strict=True)]
        if not any(needs):
            expression.args = [test, *values]
            return expression
        result = self._fresh("chosen")
        blocks = [[*need, Stmt("assign", [name(result), value])] for need, value in zip(needs, values, strict=True)]
        before.append(Stmt("if", [test], blocks))
        return name(result)

    def _held(self, expression: Expr, before: list[Stmt]) -> Expr:
        held = self._fresh("values")
        before.append(Stmt("assign", [name(held), expression.args[0]]))
        expression.args[0] = name(held)
        return expression

    def _sorted(self, expression: Expr, before: list[Stmt]) -> Expr:
        result = self._fresh("ordered")
        copied = Expr("listof", [expression.args[0]], value=SORTED)
        before.append(Stmt("assign", [name(result), copied]))
        before.append(Stmt("sort", [name(result), *expression.args[1:]]))
        return name(result)

    def _fresh(self, label: str) -> str:
        for number_ in count(1):
            found = label if number_ == 1 else f"{label}{number_}"
            if found not in self._taken:
                self._taken.add(found)
                return found
        raise AssertionError

    def _collected(self, expression: Expr, before: list[Stmt]) -> Expr:
        made, loops = expression.value
        *items, condition = expression.args
        result = self._fresh("items" if made == "list" else "entries")
        if made == "list":
            inside = Stmt("append", [name(result), items[0]])
        else:
            inside = Stmt("assign", [op("index", name(result), items[0]), items[1]])
        before.append(Stmt("assign", [name(result), Expr(made)]))
        before.append(self._loops(loops, [self._guarded(condition, [inside])], before))
        return name(result)

    def _counted(self, over: Expr, before: list[Stmt]) -> Expr:
        variable = self._fresh("value")
        loop = Stmt("forrange", over.args, [[]], variable)
        return self._collected(Expr("comp", [name(variable), _true()], value=("list", [loop])), before)

    def _summed(self, expression: Expr, before: list[Stmt]) -> Expr:
        _, loops = expression.value
        item, condition = expression.args
        result = self._fresh("total")
        inside = Stmt("augment", [name(result), op("+", name(result), item)])
        before.append(Stmt("assign", [name(result), number(0)]))
        before.append(self._loops(loops, [self._guarded(condition, [inside])], before))
        return name(result)

    def _quantified(self, expression: Expr, before: list[Stmt]) -> Expr:
        start, decided = _QUANTIFIED[expression.op]
        over = expression.args[0]
        if over.op == "comp":
            (_, loops), (item, condition) = over.value, over.args
        elif len(expression.args) == 2:
            function = expression.args[1]
            loops = [Stmt("foreach", [over], [[]], function.value[0])]
            item, condition = function.args[0], _true()
        else:
            loops = [Stmt("foreach", [over], [[]], self._fresh("item"))]
            item, condition = name(loops[0].name), _true()
        if self._keep and over.op == "comp":
            return expression
        result = self._fresh("found" if decided else "every")
        self._truths.add(result)
        test = item if decided else op("not", item)
        inside = Stmt("if", [test], [[_set(result, decided), Stmt("break")], []])
        before.append(_set(result, start))
        whole = self._loops(loops, [self._guarded(condition, [inside])], before)
        if len(loops) > 1:  # leaving the inner loop is not enough
            whole.blocks[0].append(
                Stmt("if", [name(result) if decided else op("not", name(result))], [[Stmt("break")], []])
            )
        before.append(whole)
        return name(result)

    def _mapped(self, expression: Expr, before: list[Stmt]) -> Expr:
        over, function = expression.args
        if function.op != "lambda" or len(function.value) != 1:
            raise Unsupported("an index in a function")
        over = self._expr(over, before)
        variable = function.value[0]
        loop = Stmt("foreach", [over], [[]], variable)
        if expression.op == "mapped":
            made = Expr("comp", [function.args[0], _true()], value=("list", [loop]))
        else:
            made = Expr("comp", [name(variable), function.args[0]], value=("list", [loop]))
        return made if self._keep else self._collected(made, before)

    def _reduced(self, expression: Expr, before: list[Stmt]) -> Expr:
        if len(expression.args) != 3 or len(expression.args[1].value) != 2:
            raise Unsupported("reduce")
        over, function, start = expression.args
        result, item = function.value
        before.append(Stmt("assign", [name(result), start]))
        inside = Stmt("assign", [name(result), function.args[0]])
        before.append(self._loops([Stmt("foreach", [over], [[]], item)], [inside], before))
        return name(result)

    def _loops(self, loops: list[Stmt], inside: list[Stmt], before: list[Stmt]) -> Stmt:
        """Nested loops around what is inside; what the inner ones need is computed in the outer ones."""
        loop, *inner = loops
        exprs = [self._expr(part, before) for part in loop.exprs]
        first = self.block(loop.blocks[0])
        if not inner:
            return Stmt(loop.op, exprs, [[*first, *self.block(inside)]], loop.name, loop.type)
        prepared: list[Stmt] = []
        nested = self._loops(inner, inside, prepared)
        return Stmt(loop.op, exprs, [[*first, *prepared, nested]], loop.name, loop.type)

    def _pairs(self, expression: Expr) -> Expr:
        """The items of a map, as pairs."""
        key = self._fresh("key")
        pair = Expr("list", [name(key), op("index", expression.args[0], name(key))], value=True)
        loop = Stmt("foreach", [op("keys", expression.args[0])], [[]], key)
        return Expr("comp", [pair, _true()], value=("list", [loop]))

    @staticmethod
    def _guarded(condition: Expr, inside: list[Stmt]) -> Stmt:
        if condition.op == "bool" and condition.value is True and len(inside) == 1:
            return inside[0]
        return Stmt("if", [condition], [inside, []])


def _tested_inside(loop: Stmt, before: list[Stmt]) -> Stmt:
    """A loop whose condition takes statements: they and the test stand in its body."""
    leave = Stmt("if", [op("not", loop.exprs[0])], [[Stmt("break")], []])
    return Stmt("while", [_true()], [[*before, leave, *loop.blocks[0]]])


def _is_short(expression: Expr) -> bool:
    holder, item = expression.args
    pure = not any(part.op in _LASTING for part in item.walk())
    return holder.op == "list" and 0 < len(holder.args) <= _FEW and pure


def _compared(expression: Expr) -> Expr:
    holder, item = expression.args
    found = op("==", item, holder.args[0])
    for other in holder.args[1:]:
        found = op("or", found, op("==", _copy(item), other))
    return found


def _copy(expression: Expr) -> Expr:
    return Expr(expression.op, [_copy(part) for part in expression.args], expression.value, expression.type)


def _true() -> Expr:
    return Expr("bool", value=True)


def _set(variable: str, value: bool) -> Stmt:
    return Stmt("assign", [name(variable), Expr("bool", value=value)])
