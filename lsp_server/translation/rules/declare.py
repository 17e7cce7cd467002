"""Where variables are declared, for a source that declares none and a target that wants it.

A variable belongs to the innermost block that holds all its occurrences. If the first of them is a plain assignment in
that very block, it becomes the declaration; else one without a value is put before it.
"""

from lsp_server.translation.rules.tree import Expr, Stmt


def declared(body: list[Stmt], known: set[str]) -> list[Stmt]:
    """The body with declarations. `known` are the parameters."""
    for variable in _assigned(body):
        if variable not in known and not _declares(body, variable):
            _place(body, variable)
    return body


def _assigned(body: list[Stmt]) -> list[str]:
    """Variables that are assigned to, in order."""
    found: dict[str, None] = {}
    for statement in body:
        for inner in statement.walk():
            for place in _places(inner):
                if place.op == "name":
                    found.setdefault(place.value)
    return list(found)


def _places(statement: Stmt) -> list[Expr]:
    if statement.op == "assign":
        return statement.exprs[:1]
    return statement.exprs[: len(statement.exprs) // 2] if statement.op == "assigns" else []


def _declares(body: list[Stmt], variable: str) -> bool:
    """Whether the source declares it, or a loop does."""
    declaring = ("declare", "foreach", "forrange")
    return any(inner.op in declaring and inner.name == variable for statement in body for inner in statement.walk())


def _place(body: list[Stmt], variable: str) -> None:
    while True:
        holders = [index for index, statement in enumerate(body) if _mentions(statement, variable)]
        if len(holders) != 1:
            break
        statement = body[holders[0]]
        if any(_in_expression(part, variable) for part in statement.exprs):
            break
        inner = [block for block in statement.blocks if any(_mentions(item, variable) for item in block)]
        if len(inner) != 1 or (statement.op != "if" and not _sets_first(inner[0], variable)):
            break
        body = inner[0]
    first = body[holders[0]]
    plain = first.op == "assign" and first.exprs[0].op == "name" and first.exprs[0].value == variable
    if plain and not _in_expression(first.exprs[1], variable):
        first.op, first.name = "declare", variable
        first.exprs = first.exprs[1:]
        return
    body.insert(holders[0], Stmt("declare", [], name=variable))


def _sets_first(block: list[Stmt], variable: str) -> bool:
    """Whether a loop's body sets a variable anew before it looks at it, so that it need not outlive a round."""
    for statement in block:
        if _mentions(statement, variable):
            plain = statement.op == "assign" and statement.exprs[0].value == variable
            return plain and not _in_expression(statement.exprs[1], variable)
    return True


def _mentions(statement: Stmt, variable: str) -> bool:
    return any(_in_expression(part, variable) for inner in statement.walk() for part in inner.exprs) or any(
        inner.name == variable for inner in statement.walk()
    )


def _in_expression(expression: Expr, variable: str) -> bool:
    if any(part.op == "name" and part.value == variable for part in expression.walk()):
        return True
    comps = [part for part in expression.walk() if part.op == "comp"]
    return any(_mentions(loop, variable) for part in comps for loop in part.value[1])
