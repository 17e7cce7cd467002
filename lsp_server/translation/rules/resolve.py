"""Names and calls that mean something only once all units of a file are known.

Arguments that are named are put in their places, and what is left out gets its value; what looks like a call of a
function may make an object. A name that nothing in the file defines ends the translation of its unit.
"""

from collections.abc import Iterable

from lsp_server.translation.rules.tree import (
    Class,
    Expr,
    Function,
    Piece,
    Program,
    Stmt,
    Unsupported,
    all_expressions,
    all_statements,
    assignments,
    members,
)


def resolve(program: Program) -> None:
    """Settle every unit; those that cannot be are dropped with the reason."""
    for piece in program.pieces.values():
        if isinstance(piece, Function) and piece.kind == "statements" and is_constants(piece):
            program.constants.update({statement.exprs[0].value: statement.type for statement in piece.body})
    program.each(lambda function, piece: _settle(function, piece, program))
    drop_dangling(program)


def drop_dangling(program: Program) -> None:
    """Units that call what was dropped are dropped too, and those that call these in turn."""
    while broken := [
        (label, missing) for label, piece in program.pieces.items() if (missing := _missing(piece, program))
    ]:
        for label, missing in broken:
            program.drop(label, f"{missing} is beyond the rules")


def _missing(piece: Piece, program: Program) -> str:
    """Something that a unit calls and that is not there; empty if all is."""
    functions, classes = program.functions, program.classes
    methods = {method for kind in classes.values() for method in kind.methods}
    for function in members(piece):
        for expression in all_expressions(function.body):
            match expression.op:
                case "call" if expression.value not in functions:
                    return expression.value
                case "new" if expression.value not in classes:
                    return expression.value
                case "method" if expression.value not in methods:
                    return expression.value
                case "static" if expression.value[0] not in classes:
                    return expression.value[0]
                case _:
                    pass
    return ""


def is_constants(piece: Function) -> bool:
    """Whether statements only give names to values."""
    return bool(piece.body) and all(
        statement.op == "assign"
        and statement.exprs[0].op == "name"
        and not any(part.op in ("call", "method", "static", "new", "comp") for part in statement.exprs[1].walk())
        for statement in piece.body
    )


def _settle(function: Function, piece: Piece, program: Program) -> None:
    for expression in all_expressions(function.body):
        if expression.op == "call" and expression.value in program.classes:
            expression.op = "new"
        if expression.op == "call":
            called = program.functions.get(expression.value)
            if called is None:
                raise Unsupported(f"{expression.value} is not known")
            expression.args = placed(expression.args, called)
        elif expression.op == "new":
            kind = program.classes.get(expression.value)
            if kind is None:
                raise Unsupported(f"{expression.value} is not known")
            expression.args = placed(expression.args, kind.constructor)
        elif expression.op == "static":
            owner, method = expression.value
            kind = program.classes.get(owner)
            if kind is None or method not in kind.methods:
                raise Unsupported(f"{owner}.{method} is not known")
            expression.args = placed(expression.args, kind.methods[method])
        elif expression.op == "method":
            _method(expression, piece, program)
    known = {*function.names, *program.constants, *_bound(function.body)}
    for expression in all_expressions(function.body):
        if expression.op == "name" and expression.value not in known:
            raise Unsupported(f"{expression.value} is not known")


def _method(expression: Expr, piece: Piece, program: Program) -> None:
    """A method of whichever class has it, if all that do take the same arguments."""
    holders = [kind for kind in program.classes.values() if expression.value in kind.methods]
    if expression.args[0].op == "self" and isinstance(piece, Class):
        holders = [piece] if expression.value in piece.methods else []
    if not holders:
        raise Unsupported(f"a method {expression.value}")
    arguments = placed(expression.args[1:], holders[0].methods[expression.value])
    if any(len(kind.methods[expression.value].parameters) != len(arguments) for kind in holders):
        raise Unsupported(f"methods {expression.value}")
    expression.args = [expression.args[0], *arguments]


def placed(given: list[Expr], function: Function | None) -> list[Expr]:
    """Arguments in the order of the parameters, all of them. Raises `Unsupported`."""
    names = function.names if function is not None else []
    defaults = function.defaults if function is not None else {}
    found: dict[str, Expr] = {}
    for place, argument in enumerate(given):
        if argument.op == "keyword":
            found[argument.value] = argument.args[0]
        elif place < len(names):
            found[names[place]] = argument
        else:
            raise Unsupported("too many arguments")
    missing = [label for label in names if label not in found]
    if any(label not in defaults for label in missing) or not set(found) <= set(names):
        raise Unsupported("arguments that do not fit")
    return [found[label] if label in found else _copied(defaults[label]) for label in names]


def _copied(value: Expr) -> Expr:
    return Expr(value.op, [_copied(part) for part in value.args], value.value)


def _bound(body: list[Stmt]) -> Iterable[str]:
    """Names that a body gives to values."""
    for statement in all_statements(body):
        if statement.name and statement.op in ("foreach", "forrange", "declare"):
            yield statement.name
        yield from _names([place for place, _ in assignments(statement)])
    for expression in all_expressions(body):
        if expression.op == "comp":
            for loop in expression.value[1]:
                yield loop.name
                yield from _bound(loop.blocks[0])
        if expression.op == "lambda":
            yield from expression.value


def _names(places: list[Expr]) -> Iterable[str]:
    return (place.value for place in places if place.op == "name")
