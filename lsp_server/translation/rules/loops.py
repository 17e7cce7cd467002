"""Counting loops of the C family, recognised where they count plainly, and taken apart where they do not."""

from lsp_server.translation.rules.tree import Expr, Stmt, all_statements, number, op

CHANGES = frozenset(
    ["append", "add", "extend", "sort", "reverse", "insert", "remove", "pop", "clear", "put", "swap", "appendstr"]
)
"""Statements that change their first expression."""


def counting(start: Stmt | None, test: Expr | None, step: list[Stmt], body: list[Stmt]) -> list[Stmt]:
    """`for (start; test; step) body`, as a range where it is one."""
    counts = start is not None and start.op == "declare" and start.exprs and start.type.kind != "char"
    if start is not None and counts and test is not None and len(step) == 1:
        by = _step(step[0], start.name)
        if by and test.args and test.args[0].op == "name" and test.args[0].value == start.name:
            stop = _stop(test, by)
            if stop is not None and not touched(body, start.name, stop):
                return [Stmt("forrange", [start.exprs[0], stop, number(by)], [body], start.name, start.type)]
    loop = Stmt("while", [test or Expr("bool", value=True)], [[*_before_continue(body, step), *step]])
    return [*([start] if start is not None else []), loop]


def _step(step: Stmt, variable: str) -> int:
    """By how much a loop counts; 0 if it does something else."""
    if step.op != "assign" or step.exprs[0].value != variable:
        return 0
    change = step.exprs[1]
    if change.op in ("+", "-") and change.args[0].value == variable and change.args[1].op == "int":
        return change.args[1].value if change.op == "+" else -change.args[1].value
    return 0


def _stop(test: Expr, by: int) -> Expr | None:
    limit = test.args[1]
    if by > 0 and test.op in ("<", "<="):
        return limit if test.op == "<" else op("+", limit, number(1))
    if by < 0 and test.op in (">", ">="):
        return limit if test.op == ">" else op("-", limit, number(1))
    return None


def touched(body: list[Stmt], variable: str, stop: Expr) -> bool:
    """Whether the body changes the variable, or what the loop's end is computed from."""
    watched = {variable, *(part.value for part in stop.walk() if part.op == "name")}
    for statement in all_statements(body):
        places: list[Expr] = []
        if statement.op in ("assign", "assigns"):
            half = len(statement.exprs) // 2
            places = statement.exprs[:half] if statement.op == "assigns" else statement.exprs[:1]
            places = [place for place in places if place.op == "name"]
        elif statement.op in CHANGES:
            places = statement.exprs[:1]
        if any(place.op == "name" and place.value in watched for place in places):
            return True
    return False


def _before_continue(body: list[Stmt], step: list[Stmt]) -> list[Stmt]:
    """The body with the step before every `continue` of this loop."""
    found: list[Stmt] = []
    for statement in body:
        if statement.op == "continue":
            found += step
        if statement.op == "if":
            blocks = [_before_continue(block, step) for block in statement.blocks]
            found.append(Stmt("if", statement.exprs, blocks))
        else:
            found.append(statement)
    return found
