"""Of which types inputs are made that two programs in two languages both take."""

from collections.abc import Sequence

from lsp_server.languages import Language
from lsp_server.translation.types import Type, read_type, type_of_values
from lsp_server.verification.derived import guessed_type
from lsp_server.verification.harnesses import Function
from lsp_server.verification.tests import Value


def input_types(
    source: Function,
    source_language: Language,
    function: Function,
    language: Language,
    known: Sequence[Sequence[Value]],
) -> tuple[Type, ...] | None:
    """Types of inputs that both functions take: the narrower one of the two; where neither says, what is known."""
    found: list[Type] = []
    for place, (one, other) in enumerate(zip(source.parameters, function.parameters, strict=True)):
        kind = _narrower(read_type(one.type, source_language.id), read_type(other.type, language.id))
        if not kind.known:
            kind = _narrower(kind, type_of_values([arguments[place] for arguments in known]))
        guess = kind if kind.known else guessed_type(one.name, one.type, source_language.id)
        if guess is None or guess.kind in ("named", "void", "unknown"):
            return None
        found.append(guess)
    return tuple(found)


def _narrower(a: Type, b: Type) -> Type:
    if a.kind == "unknown" or (a.kind == "optional" and b.kind != "optional"):
        return b if b.kind != "unknown" else a
    if b.kind == "unknown" or b.kind == "optional":
        return a
    order = ("int", "long", "float")
    if a.kind in order and b.kind in order:
        return min(a, b, key=lambda kind: order.index(kind.kind))
    if {a.kind, b.kind} == {"char", "str"}:
        return a if a.kind == "char" else b
    if a.kind == b.kind and len(a.of) == len(b.of):
        return Type(a.kind, tuple(_narrower(x, y) for x, y in zip(a.of, b.of, strict=True)), a.name)
    return a
