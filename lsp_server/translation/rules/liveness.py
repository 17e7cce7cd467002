"""Whether what a variable holds may be looked at further on: where it is, it must hold what the source says."""

from lsp_server.translation.rules.tree import Expr, Stmt

LOOPS = ("foreach", "forrange")


class _Reads:
    """Goes through statements backwards, for one variable, up to one statement."""

    def __init__(self, label: str, until: Stmt) -> None:
        self._label = label
        self._until = until
        self.found = False
        """Whether the variable is looked at after the statement."""

    def block(self, body: list[Stmt], after: bool, leave: bool, again: bool) -> bool:
        """Whether it is looked at from here on; `leave` and `again` say so of what a `break` and a `continue` meet."""
        for statement in reversed(body):
            if statement is self._until:
                self.found |= after
            after = self._before(statement, after, leave, again)
        return after

    def _before(self, statement: Stmt, after: bool, leave: bool, again: bool) -> bool:
        kind, exprs, label = statement.op, statement.exprs, self._label
        if kind in ("break", "continue"):
            return leave if kind == "break" else again
        if kind in ("return", "raise"):
            return any(reads(part, label) for part in exprs)
        if kind == "if":
            ways = [self.block(block, after, leave, again) for block in statement.blocks]
            return reads(exprs[0], label) or any(ways)
        if kind == "while":
            forever = exprs[0].op == "bool" and exprs[0].value is True
            start = reads(exprs[0], label) or (after and not forever)
            for _ in range(2):  # what a round looks at is what the round before it has to leave
                start |= self.block(statement.blocks[0], start, after, start)
            return start
        if kind in LOOPS:
            start = after
            for _ in range(2):
                inside = self.block(statement.blocks[0], start, after, start)
                start |= inside and statement.name != label
            return start or any(reads(part, label) for part in exprs)
        if kind == "declare" and statement.name == label:
            after = False
        places = exprs[:1] if kind == "assign" else exprs[: len(exprs) // 2] if kind == "assigns" else []
        if any(place.op == "name" and place.value == label for place in places):
            after = False
        values = [part for part in exprs if part not in places or part.op != "name"]
        return after or any(reads(part, label) for part in values)


def read_after(body: list[Stmt], statement: Stmt, label: str) -> bool:
    """Whether what a variable holds at the end of a statement may be looked at in the body it is in."""
    search = _Reads(label, statement)
    search.block(body, after=False, leave=False, again=False)
    return search.found


def reads(expression: Expr, label: str) -> bool:
    """Whether an expression looks at a variable; those of a comprehension or a lambda are its own."""
    if expression.op == "name":
        return expression.value == label
    if expression.op == "lambda" and label in expression.value:
        return False
    if expression.op != "comp":
        return any(reads(part, label) for part in expression.args)
    loops: list[Stmt] = expression.value[1]
    if any(
        part.op == "name" and part.value == label
        for loop in loops
        for first in loop.blocks[0]
        for part in first.exprs[:1]
    ):
        return reads(loops[0].exprs[0], label)
    for loop in loops:
        if any(reads(part, label) for part in loop.exprs):
            return True
        if loop.name == label:
            return False
    inner = [part for loop in loops for first in loop.blocks[0] for part in first.exprs]
    return any(reads(part, label) for part in [*inner, *expression.args])
