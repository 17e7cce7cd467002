"""Whether an analyser knows what a class of the document inherits. A base that it cannot find has members all the same,
and its answer about the class lists only the class's own.
"""

import re

from monitors.analysis.analyser import Analyser, Completions
from monitors.document import View
from monitors.text.classes import bases_around, bases_of
from monitors.text.expressions import receiver_start

_THIS = re.compile(r"this|super")
_OWN: dict[str, tuple[re.Pattern[str], str]] = {
    "python": (re.compile(r"self|cls|super\([^()]*\)|type\(self\)|(?:self\.)?__class__"), "{}."),
    "javascript": (_THIS, "{}."),
    "typescript": (_THIS, "{}."),
    "java": (_THIS, "{}."),
    "php": (re.compile(r"\$this|self|static|parent"), "(new {})->"),
}
"""What stands for the class around a place, and how to ask about a base so that something is listed of a known one."""

_OF_ANYTHING: dict[str, frozenset[str]] = {
    "python": frozenset(dir(object)) | {"__annotations__", "__dict__", "__module__"},
}
"""What is listed of something that is not known at all."""
_OF_CLASSES = frozenset(
    {"mro", "apply", "arguments", "bind", "call", "caller", "length", "name", "prototype"}
    | {"clone", "equals", "finalize", "getClass", "hashCode", "notify", "notifyAll", "toString", "wait", "class"}
)
"""What is listed of any class, or of any object, of some language."""


def lacks_base(view: View, operator_start: int, found: Completions, ask: Analyser) -> bool:
    """Whether what was `found` of the receiver that ends at `operator_start` lacks what a base of its class has.

    Only where that may be is the analyser asked a second time, about the bases: a receiver without bases outside of the
    document, and an answer with names that the document does not know, cost nothing.
    """
    own, question = _OWN.get(view.language, (None, ""))
    start = receiver_start(view.text, operator_start, view.lexicon.dereferences)
    receiver = view.text[start:operator_start]
    document = view.text + view.document.suffix
    if own is None:
        return False
    if own.fullmatch(receiver):
        bases = bases_around(view.lexicon, view.text, operator_start, view.scan_at(start).brackets)
    else:
        bases = (bases_of(view.lexicon, document, receiver) or ()) if receiver.isidentifier() else ()
    outside = _outside(view, document, bases)
    # Of one base that is known the answer mostly has something; of several, one may be and another not.
    if len(outside) == 1 and not all(_is_no_evidence(name.name, document) for name in found.names):
        return False
    return any(_is_unknown(view, ask.complete(view.place(start, question.format(base)))) for base in outside)


def _outside(view: View, document: str, bases: tuple[str, ...]) -> list[str]:
    """The bases that the document does not define, of its own ones too."""
    outside: list[str] = []
    met = ["object"]
    waiting = list(bases)
    while waiting:
        base = waiting.pop(0)
        if base not in met:
            met.append(base)
            further = bases_of(view.lexicon, document, base)
            waiting += further or ()
            if further is None:
                outside.append(base)
    return outside


def _is_no_evidence(name: str, document: str) -> bool:
    return name in _OF_CLASSES or name.startswith("__") or name in document


def _is_unknown(view: View, of_base: Completions) -> bool:
    return {name.name for name in of_base.names} <= _OF_ANYTHING.get(view.language, frozenset())
