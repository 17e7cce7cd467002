"""How a function begins in the target language, as far as the source's outline tells."""

from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.languages import Language
from lsp_server.translation.naming import function_name, variable_name
from lsp_server.translation.outline import Unit
from lsp_server.translation.targets import TARGETS, Target
from lsp_server.translation.type_names import write_type
from lsp_server.translation.types import UNKNOWN, VOID, Type, join, read_type, type_of_values
from lsp_server.verification import ExampleTests, Tests


@dataclass(frozen=True)
class Signature:
    """A function without its body, in no language's spelling."""

    name: str
    """As the source has it."""
    parameters: tuple[tuple[str, Type], ...]
    returns: Type


def signature_of(unit: Unit, source: Language, tests: Tests | None = None) -> Signature:
    """What the outline says; where it leaves a type open, what the examples of the function say."""
    returns = read_type(unit.return_type, source.id) if unit.return_type else UNKNOWN
    kinds = [read_type(parameter.type, source.id) for parameter in unit.parameters]
    if isinstance(tests, ExampleTests) and tests.examples:
        columns = [list(column) for column in zip(*(example.arguments for example in tests.examples), strict=False)]
        if len(columns) == len(kinds):
            kinds = [_more(kind, type_of_values(column)) for kind, column in zip(kinds, columns, strict=True)]
        returns = _more(returns, type_of_values([example.expected for example in tests.examples]))
    names = [parameter.name.lstrip("*&") for parameter in unit.parameters]
    return Signature(unit.name, tuple(zip(names, kinds, strict=True)), returns)


def declaration(signature: Signature, target: Language, indent: str = "") -> str:
    """The function up to where its body is open, with a line break; cut before the first thing that is not known."""
    style = TARGETS[target.id]
    name = function_name(signature.name, style)
    names = [variable_name(parameter, style) for parameter, _ in signature.parameters]
    kinds = [write_type(kind, target.id) for _, kind in signature.parameters]
    returns = write_type(signature.returns, target.id)
    known = signature.returns == VOID or bool(returns)
    text = _WRITERS[target.id](name, names, kinds, returns, known and all(kinds))
    return indent + text


def class_opening(unit: Unit, target: Target, file_class: str) -> str:
    """The line that opens the class around a function, where the language wants one; else empty."""
    return f"class {unit.owner or file_class} {{\n" if target.in_class else ""


def _more(kind: Type, seen: Type) -> Type:
    """`kind`, made more exact by what was seen where it says too little."""
    if kind.known:
        return kind
    if kind.kind == "unknown":
        return seen
    return join(kind, seen) if kind.kind == seen.kind else kind


def _python(name: str, names: Sequence[str], kinds: Sequence[str], returns: str, _known: bool) -> str:
    pairs = [f"{one}: {kind}" if kind else one for one, kind in zip(names, kinds, strict=True)]
    return f"def {name}({', '.join(pairs)}){f' -> {returns}' if returns else ''}:\n"


def _javascript(name: str, names: Sequence[str], _kinds: Sequence[str], _returns: str, _known: bool) -> str:
    return f"function {name}({', '.join(names)}) {{\n"


def _typescript(name: str, names: Sequence[str], kinds: Sequence[str], returns: str, _known: bool) -> str:
    pairs = [f"{one}: {kind or 'any'}" for one, kind in zip(names, kinds, strict=True)]
    return f"function {name}({', '.join(pairs)}): {returns or 'any'} {{\n"


def _static(name: str, names: Sequence[str], kinds: Sequence[str], returns: str, known: bool) -> str:
    if not known:
        return f"public static {returns} {name}(" if returns else "public static "
    return f"public static {returns} {name}({_typed(kinds, names)}) {{\n"


def _cpp(name: str, names: Sequence[str], kinds: Sequence[str], returns: str, known: bool) -> str:
    if not known:
        return f"{returns} {name}(" if returns else ""
    return f"{returns} {name}({_typed(kinds, names)}) {{\n"


def _go(name: str, names: Sequence[str], kinds: Sequence[str], returns: str, known: bool) -> str:
    if not known:
        return f"func {name}("
    return f"func {name}({_typed(names, kinds)}) {returns + ' ' if returns else ''}{{\n"


def _rust(name: str, names: Sequence[str], kinds: Sequence[str], returns: str, known: bool) -> str:
    if not known:
        return f"fn {name}("
    pairs = ", ".join(f"{one}: {kind}" for one, kind in zip(names, kinds, strict=True))
    return f"fn {name}({pairs}) {f'-> {returns} ' if returns and returns != '()' else ''}{{\n"


def _typed(first: Sequence[str], second: Sequence[str]) -> str:
    return ", ".join(f"{one} {other}" for one, other in zip(first, second, strict=True))


_WRITERS = {
    "python": _python,
    "javascript": _javascript,
    "typescript": _typescript,
    "java": _static,
    "csharp": _static,
    "cpp": _cpp,
    "go": _go,
    "rust": _rust,
}
