"""The rule-based translator: read, resolve, lower, infer, write. Proposes nothing where a step cannot follow."""

import copy
import re
from dataclasses import replace
from functools import lru_cache

from lsp_server.languages import Language
from lsp_server.translation.assembly import file_class
from lsp_server.translation.declarations import Signature
from lsp_server.translation.ending import closed
from lsp_server.translation.outline import Unit, outline_source
from lsp_server.translation.rules.aliasing import check_aliases
from lsp_server.translation.rules.brace import BraceWriter
from lsp_server.translation.rules.copies import write_copies
from lsp_server.translation.rules.declare import declared
from lsp_server.translation.rules.effects import Effects
from lsp_server.translation.rules.equality import check_equality
from lsp_server.translation.rules.growth import widen
from lsp_server.translation.rules.in_place import extend_in_place
from lsp_server.translation.rules.infer import infer
from lsp_server.translation.rules.lower import Lowering
from lsp_server.translation.rules.names import Names
from lsp_server.translation.rules.narrowing import narrow
from lsp_server.translation.rules.read import read_program
from lsp_server.translation.rules.resolve import drop_dangling, resolve
from lsp_server.translation.rules.scopes import check_hidden, keep_last, separate
from lsp_server.translation.rules.shallow_copies import check_copies
from lsp_server.translation.rules.substrings import settle_substrings
from lsp_server.translation.rules.templating import Scope
from lsp_server.translation.rules.tree import Function, Piece, Program, Unsupported, members
from lsp_server.translation.rules.walks import check_places
from lsp_server.translation.rules.write_cpp import CppWriter
from lsp_server.translation.rules.write_csharp import CSharpWriter
from lsp_server.translation.rules.write_go import GoWriter
from lsp_server.translation.rules.write_java import JavaWriter
from lsp_server.translation.rules.write_javascript import JavaScriptWriter, TypeScriptWriter
from lsp_server.translation.rules.write_python import PythonWriter
from lsp_server.translation.rules.write_rust import RustWriter
from lsp_server.translation.service import RuleTask
from lsp_server.translation.targets import TARGETS
from lsp_server.translation.types import UNKNOWN, Type, read_type

WRITERS: dict[str, type[BraceWriter]] = {
    "python": PythonWriter,
    "javascript": JavaScriptWriter,
    "typescript": TypeScriptWriter,
    "java": JavaWriter,
    "cpp": CppWriter,
    "csharp": CSharpWriter,
    "go": GoWriter,
    "rust": RustWriter,
}
_MANY_UNITS = 60
"""In a larger file what examples say of one function does not change how the others are read."""


def translate_unit(task: RuleTask) -> str | None:
    """The text of a unit, or the body after its opening; `None` where the rules do not reach, and an empty text where
    nothing needs to be said because another unit does."""
    try:
        return _translated(task)
    except (Unsupported, RecursionError):
        return None


def _translated(task: RuleTask) -> str:
    writer_class = WRITERS.get(task.target.id)
    if writer_class is None:
        raise Unsupported(task.target.name)
    if task.opening:
        return _body(task, writer_class)
    known = task.signatures if _is_small(task.file) else ()
    program, effects, scope = _prepared(task.file, task.source, task.target, known, task.path)
    if task.unit not in program.pieces:
        raise Unsupported(program.faults.get(task.unit, "it is not there"))
    piece = program.pieces[task.unit]
    for function in members(piece):
        check_aliases(function, effects, task.target.id)
        check_copies(function, effects, task.target.id)
        check_places(function)
        check_equality(function, program, task.source.id, task.target.id)
    if _only_calls_main(piece, program) and writer_class.main:
        return ""
    return writer_class(scope).unit(piece)


def _is_small(text: str) -> bool:
    return text.count("\n") < _MANY_UNITS * 20


@lru_cache(maxsize=4)
def _read(text: str, source: Language) -> Program:
    return read_program(outline_source(text, source))


@lru_cache(maxsize=4)
def _prepared(
    text: str, source: Language, target: Language, known: tuple[Signature, ...], path: str
) -> tuple[Program, Effects, Scope]:
    """A program in the form that a target needs, with all its types."""
    program = copy.deepcopy(_read(text, source))
    for signature in known:
        _take(program, signature)
    effects = _settle(program, source, target)
    owners = [unit.owner for unit in outline_source(text, source).units if unit.kind == "function" and unit.owner]
    holder = owners[0] if owners else file_class(path, target)
    return program, effects, Scope(program, Names(program, TARGETS[target.id]), effects, source.id, holder)


def _settle(program: Program, source: Language, target: Language) -> Effects:
    resolve(program)
    program.each(lambda function, _: _lower(function, program, source, target))
    drop_dangling(program)
    infer(program, source.id)
    settle_substrings(program)
    drop_dangling(program)
    if source.id == "python":
        extend_in_place(program)
    widen(program, source.id, target.id)
    narrow(program, source.id, target.id)
    if source.id == "cpp":
        write_copies(program)
        drop_dangling(program)
    return Effects(program)


def _lower(function: Function, program: Program, source: Language, target: Language) -> None:
    if source.id == "python":
        keep_last(function)
    elif target.id == "python":
        check_hidden(function)
    Lowering(target.id).function(function)
    if source.id == "python":
        separate(function)
    if target.id != "python":
        known = {*function.names, *program.constants}
        function.body = declared(function.body, known)


def _take(program: Program, signature: Signature) -> None:
    """What examples say of a function whose source says less."""
    piece = program.functions.get(signature.name)
    if piece is None:
        return
    if len(piece.parameters) == len(signature.parameters):
        said = [kind for _, kind in signature.parameters]
        piece.parameters = [
            (own, kind if kind.known else new) for (own, kind), new in zip(piece.parameters, said, strict=True)
        ]
    piece.returns = piece.returns if piece.returns.known else signature.returns


def _only_calls_main(piece: Piece, program: Program) -> bool:
    """Whether statements do nothing but call the function that the language begins with by itself."""
    if not isinstance(piece, Function) or piece.kind != "statements" or len(piece.body) != 1:
        return False
    statement = piece.body[0]
    main = program.functions.get("main")
    called = statement.op == "do" and statement.exprs[0].op == "call" and statement.exprs[0].value == "main"
    return called and main is not None and not main.parameters


def _body(task: RuleTask, writer_class: type[BraceWriter]) -> str:
    """Only a body, for an opening that is given."""
    program = copy.deepcopy(_read(task.file, task.source))
    functions = program.functions
    if len(functions) != 1 or program.faults:
        raise Unsupported("; ".join(program.faults.values()) or "it is not one function")
    function = next(iter(functions.values()))
    unit = declared_unit(task.opening, task.target)
    returns = read_type(unit.return_type, task.target.id) if unit.return_type else UNKNOWN
    function.returns = returns if returns.known else function.returns
    given = _parameters(function, unit, task.target)
    effects = _settle(program, task.source, task.target)
    if not program.pieces:
        raise Unsupported("; ".join(program.faults.values()))
    check_aliases(function, effects, task.target.id)
    check_copies(function, effects, task.target.id)
    check_places(function)
    check_equality(function, program, task.source.id, task.target.id)
    names = Names(program, TARGETS[task.target.id])
    names.give(function, unit.name, given)
    writer = writer_class(Scope(program, names, effects, task.source.id, unit.owner))
    lines = writer.lines(function)
    if task.target.id == "cpp" and re.search(r"\bfloat\b", task.opening):
        lines = [line.replace("<double>", "<float>") for line in lines]
    if not lines:
        raise Unsupported("an empty body")
    return _indented(lines, task.opening)


def declared_unit(opening: str, target: Language) -> Unit:
    """What an opening says of itself."""
    whole = closed(opening, target) if target.block_style != "indent" else f"{opening}    pass\n"
    units = [unit for unit in outline_source(whole, target).units if unit.kind == "function"]
    if len(units) != 1:
        raise Unsupported("the declaration is not complete")
    return units[0]


def _parameters(function: Function, unit: Unit, target: Language) -> dict[str, str]:
    """Names of parameters in the target; their types are the target's own where it says them."""
    if len(unit.parameters) != len(function.parameters):
        raise Unsupported("the declaration has other parameters")
    names: dict[str, str] = {}
    kinds: list[tuple[str, Type]] = []
    for (own, kind), parameter in zip(function.parameters, unit.parameters, strict=True):
        said = read_type(parameter.type, target.id) if parameter.type else UNKNOWN
        if target.id in ("java", "csharp") and parameter.type.endswith("[]"):
            said = replace(said, name="array")
        names[own] = parameter.name
        better = said.known and not (target.id == "typescript" and kind.kind in ("int", "long"))
        kinds.append((own, said if better else kind))
    function.parameters = kinds
    return names


def _indented(lines: list[str], opening: str) -> str:
    """The body one step deeper than the declaration's line."""
    line = opening.rstrip("\n").rpartition("\n")[2]
    indent = line[: len(line) - len(line.lstrip())] + "    "
    return "".join(f"{indent}{one}\n" if one.strip() else "\n" for one in lines)
