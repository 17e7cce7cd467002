"""The rule-based translator: read, infer, lower, declare, write. Proposes nothing where a step cannot follow."""

from lsp_server.languages import Language
from lsp_server.translation.ending import closed
from lsp_server.translation.naming import spell, variable_name
from lsp_server.translation.outline import Unit, outline_source
from lsp_server.translation.rules.declare import declared
from lsp_server.translation.rules.infer import Inference
from lsp_server.translation.rules.lower import Lowering
from lsp_server.translation.rules.read_c_family import read_c_family
from lsp_server.translation.rules.read_python import read_python
from lsp_server.translation.rules.tree import Function, Unsupported, all_expressions, all_statements
from lsp_server.translation.rules.write_cpp import CppWriter
from lsp_server.translation.rules.write_csharp import CSharpWriter
from lsp_server.translation.rules.write_go import GoWriter
from lsp_server.translation.rules.write_java import JavaWriter
from lsp_server.translation.rules.write_javascript import JavaScriptWriter, TypeScriptWriter
from lsp_server.translation.rules.write_python import PythonWriter
from lsp_server.translation.rules.writer import Writer
from lsp_server.translation.targets import TARGETS
from lsp_server.translation.types import UNKNOWN, Type, read_type

C_FAMILY = ("javascript", "typescript", "java", "cpp", "c", "csharp")
WRITERS: dict[str, type[Writer]] = {
    "python": PythonWriter,
    "javascript": JavaScriptWriter,
    "typescript": TypeScriptWriter,
    "java": JavaWriter,
    "cpp": CppWriter,
    "csharp": CSharpWriter,
    "go": GoWriter,
}


def translate_body(text: str, source: Language, target: Language, opening: str) -> str | None:
    """The body of a function after its `opening`; `None` where the rules do not reach."""
    try:
        return _translated(text, source, target, opening)
    except (Unsupported, RecursionError):
        return None


def _translated(text: str, source: Language, target: Language, opening: str) -> str:
    writer_class = WRITERS.get(target.id)
    if writer_class is None:
        raise Unsupported(target.name)
    function = read(text, source)
    unit = _declared_unit(opening, target)
    returns = read_type(unit.return_type, target.id) if unit.return_type else UNKNOWN
    function.returns = returns if returns.known else function.returns
    names = _parameters(function, unit, target)
    lowering = Lowering(target.id)
    function.body = lowering.block(function.body)
    if target.id != "python":
        function.body = declared(function.body, {name for name, _ in function.parameters})
    variables = Inference(function, source.id).run()
    names |= _local_names(function, target, names)
    names[function.name] = unit.name
    writer = writer_class(TARGETS[target.id], names, function.returns, variables)
    body = writer.body(function.body) or writer.body([])
    if not body.strip():
        raise Unsupported("an empty body")
    return _indented(body, opening)


def read(text: str, source: Language) -> Function:
    """The one function that a text defines. Raises `Unsupported`."""
    if source.id == "python":
        return read_python(text)
    if source.id in C_FAMILY:
        return read_c_family(text, source)
    raise Unsupported(source.name)


def _declared_unit(opening: str, target: Language) -> Unit:
    """What the opening says of itself."""
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
            said = Type("list", said.of, "array")
        names[own] = parameter.name
        better = said.known and not (target.id == "typescript" and kind.kind in ("int", "long"))
        kinds.append((own, said if better else kind))
    function.parameters = kinds
    return names


def _local_names(function: Function, target: Language, taken: dict[str, str]) -> dict[str, str]:
    """Names of local variables and called functions in the target's conventions."""
    style = TARGETS[target.id]
    names: dict[str, str] = {}
    locals_ = {part.value for part in all_expressions(function.body) if part.op == "name"}
    locals_ |= {statement.name for statement in all_statements(function.body) if statement.name}
    for own in sorted(name for name in locals_ if name not in taken):
        spelled = variable_name(own, style)
        while spelled in names.values() or spelled in taken.values():
            spelled += "_"
        names[own] = spelled
    for called in {str(part.value) for part in all_expressions(function.body) if part.op == "call"}:
        names.setdefault(called, spell(called, style.functions))
    return names


def _indented(body: str, opening: str) -> str:
    """The body as deep as the declaration's line asks for."""
    line = opening.rstrip("\n").rpartition("\n")[2]
    indent = line[: len(line) - len(line.lstrip())]
    return "".join(f"{indent}{one}\n" if one.strip() else "\n" for one in body.splitlines())
