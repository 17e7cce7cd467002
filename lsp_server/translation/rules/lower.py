"""What some languages say in an expression and others in a loop: comprehensions, and functions given to functions."""

from itertools import count

from lsp_server.translation.rules.tree import Expr, Stmt, Unsupported, name, op

_QUANTIFIED = {"any": (False, True), "all": (True, False), "some": (False, True), "every": (True, False)}
"""What the result is before the first item, and what an item makes of it that decides."""


_WALKED = frozenset(["minof", "maxof", "sum", "count", "contains", "setof", "listof", "slice", "reversed"])
"""What C++ does from a beginning to an end, for which the collection needs a name."""


class Lowering:
    """Puts loops before the statement whose value they are. Comprehensions stay where the target has them."""

    def __init__(self, target: str) -> None:
        """`target` is a language's id."""
        self._keep = target == "python"
        self._sorts_in_place = target in ("java", "cpp", "csharp")
        self._needs_names = target == "cpp"
        self._numbers = count(1)

    def block(self, body: list[Stmt]) -> list[Stmt]:
        found: list[Stmt] = []
        for statement in body:
            before: list[Stmt] = []
            statement.exprs = [self._expr(part, before) for part in statement.exprs]
            if before and statement.op == "while":
                raise Unsupported("a condition that needs a loop")
            statement.blocks = [self.block(block) for block in statement.blocks]
            found += [*before, statement]
        return found

    def _expr(self, expression: Expr, before: list[Stmt]) -> Expr:
        if expression.op in _QUANTIFIED:
            return self._quantified(expression, before)
        if expression.op in ("mapped", "filter"):
            return self._mapped(expression, before)
        if expression.op == "reduce":
            return self._reduced(expression, before)
        if expression.op == "comp" and not self._keep:
            return self._collected(expression, before)
        if expression.op == "lambda":
            raise Unsupported("a function as a value")
        if expression.op != "comp":
            expression.args = [self._expr(part, before) for part in expression.args]
        if expression.op == "sorted" and self._sorts_in_place:
            return self._sorted(expression, before)
        if expression.op in _WALKED and self._needs_names and expression.args[0].op not in ("name", "index", "str"):
            held = self._fresh("values")
            before.append(Stmt("assign", [name(held), expression.args[0]]))
            expression.args[0] = name(held)
        return expression

    def _sorted(self, expression: Expr, before: list[Stmt]) -> Expr:
        result = self._fresh("ordered")
        before.append(Stmt("assign", [name(result), op("listof", expression.args[0])]))
        before.append(Stmt("sort", [name(result), *expression.args[1:]]))
        return name(result)

    def _fresh(self, label: str) -> str:
        number = next(self._numbers)
        return label if number == 1 else f"{label}{number}"

    def _collected(self, expression: Expr, before: list[Stmt]) -> Expr:
        (_, loop), (item, condition) = expression.value, expression.args
        result = self._fresh("items")
        inside = Stmt("append", [name(result), item])
        before.append(Stmt("assign", [name(result), Expr("list")]))
        before.append(self._loop(loop, [self._guarded(condition, [inside])], before))
        return name(result)

    def _quantified(self, expression: Expr, before: list[Stmt]) -> Expr:
        start, decided = _QUANTIFIED[expression.op]
        over = expression.args[0]
        if over.op == "comp":
            (_, loop), (item, condition) = over.value, over.args
        elif len(expression.args) == 2:
            function = expression.args[1]
            loop = Stmt("foreach", [over], [[]], function.value[0])
            item, condition = function.args[0], Expr("bool", value=True)
        else:
            loop = Stmt("foreach", [over], [[]], self._fresh("item"))
            item, condition = name(loop.name), Expr("bool", value=True)
        if self._keep and over.op == "comp":
            return expression
        result = self._fresh("found" if decided else "every")
        test = item if decided else op("not", item)
        inside = Stmt("if", [test], [[self._set(result, decided), Stmt("break")], []])
        before.append(self._set(result, start))
        before.append(self._loop(loop, [self._guarded(condition, [inside])], before))
        return name(result)

    def _mapped(self, expression: Expr, before: list[Stmt]) -> Expr:
        over, function = expression.args
        over = self._expr(over, before)
        if len(function.value) != 1:
            raise Unsupported("an index in a function")
        variable = function.value[0]
        loop = Stmt("foreach", [over], [[]], variable)
        if expression.op == "mapped":
            made = Expr("comp", [function.args[0], Expr("bool", value=True)], value=("list", loop))
        else:
            made = Expr("comp", [name(variable), function.args[0]], value=("list", loop))
        return made if self._keep else self._collected(made, before)

    def _reduced(self, expression: Expr, before: list[Stmt]) -> Expr:
        if len(expression.args) != 3 or len(expression.args[1].value) != 2:
            raise Unsupported("reduce")
        over, function, start = expression.args
        result, item = function.value
        before.append(Stmt("assign", [name(result), start]))
        inside = Stmt("assign", [name(result), function.args[0]])
        before.append(self._loop(Stmt("foreach", [over], [[]], item), [inside], before))
        return name(result)

    def _loop(self, loop: Stmt, inside: list[Stmt], before: list[Stmt]) -> Stmt:
        exprs = [self._expr(part, before) for part in loop.exprs]
        return Stmt(loop.op, exprs, [[*loop.blocks[0], *self.block(inside)]], loop.name, loop.type)

    def _guarded(self, condition: Expr, inside: list[Stmt]) -> Stmt:
        if condition.op == "bool" and condition.value is True:
            return inside[0] if len(inside) == 1 else Stmt("if", [condition], [inside, []])
        return Stmt("if", [condition], [inside, []])

    @staticmethod
    def _set(variable: str, value: bool) -> Stmt:
        return Stmt("assign", [name(variable), Expr("bool", value=value)])
