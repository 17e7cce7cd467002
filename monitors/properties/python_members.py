"""An analyser's answer about members, in the light of the Python document and its project: whether it may forbid a
name, and which names are likely whether it may or not. The rules were found by measurement (docs/monitors.md).
"""

import builtins
import re
from dataclasses import replace

from monitors.analysis.analyser import Completions, Name
from monitors.document import View
from monitors.monitor import Answer, Trigger
from monitors.properties.evidence import runs_elsewhere, used_members
from monitors.properties.likelihood import MOST_CANDIDATES, Spot, spot_at, weights_of
from monitors.properties.statements import begins_statement

_LOOKS_LIKE_CLASS = re.compile(r"(?:type\([^()]*\)|\b(?:cls|__class__|\w*_?class|_*[A-Z]\w*))\Z")
_OF_CLASSES = frozenset(
    {"__name__", "__qualname__", "__mro__", "__bases__", "__subclasses__", "__module__", "__dict__"}
)
"""What Python's classes have by themselves; zuban leaves it out."""

_NEVER_CALLED = frozenset(
    {"__new__", "__init_subclass__", "__subclasshook__", "__reduce_ex__", "__sizeof__"}
    | {"__format__", "__dir__", "__delattr__", "__getattribute__", "__ne__"}
)
"""What every Python object has and nobody writes, unless of a class or after `super()`."""
_TYPES = "|".join(sorted(name for name, value in vars(builtins).items() if isinstance(value, type)))
_MAY_CALL_ANY = re.compile(rf"(?:\bsuper\([^()]*\)|\b(?:{_TYPES}))\Z")
_ONLY_OF_CLASSES = frozenset({"__mro__", "__bases__"})

_OF_FUNCTIONS = frozenset({"__code__", "__closure__"})
"""Members by which an answer about a Python function is known."""


def judged_in_python(view: View, trigger: Trigger, found: Completions, answer: Answer) -> Answer:
    """`answer`, made of what was `found`, as far as it can be trusted, with weights."""
    judged, spot, names = choice_at(view, trigger, found, answer)
    return replace(judged, weights=weights_of(spot, names))


def choice_at(view: View, trigger: Trigger, found: Completions, answer: Answer) -> tuple[Answer, Spot, list[Name]]:
    """`answer` as far as it can be trusted, what the choice depends on, and the names between which there is one."""
    operator_start = trigger.start - len(trigger.detail)
    used = used_members(view, operator_start)
    if answer.trusted:
        answer = _trusted(view, operator_start, answer, used)
    if answer.trusted:
        spot = spot_at(view, operator_start, len(answer.names), precedents=found.precedents)
        members = [name for name in found.names if name.name in answer.names]
        if not trigger.settled:
            members += _candidates(spot, found)
    else:
        missing = used - {name.name for name in found.names}
        spot = spot_at(view, operator_start, MOST_CANDIDATES, missing, found.precedents)
        members = _candidates(spot, found)
    return answer, spot, members


def _trusted(view: View, operator_start: int, answer: Answer, used: frozenset[str]) -> Answer:
    if runs_elsewhere(view, operator_start):
        return Answer(reason="it may run on another platform")
    if answer.names >= _OF_FUNCTIONS and begins_statement(view, operator_start):
        return Answer(reason="whatever is assigned to a function becomes a member")
    is_class = _LOOKS_LIKE_CLASS.search(view.text, max(0, operator_start - 100), operator_start)
    if is_class:
        answer = Answer(answer.names | _OF_CLASSES)
    unknown = used - answer.names
    if unknown:
        return Answer(reason=f"the document also uses {min(unknown)}")
    is_class = is_class or not answer.names.isdisjoint(_ONLY_OF_CLASSES)
    if not is_class and not _MAY_CALL_ANY.search(view.text, max(0, operator_start - 100), operator_start):
        answer = Answer(answer.names - (_NEVER_CALLED - used))
    return answer


def _candidates(spot: Spot, found: Completions) -> list[Name]:
    """Names that may be likelier than others where none is forbidden."""
    listed = found.names if len(found.names) <= MOST_CANDIDATES else ()
    known = [name for name in listed if spot.of_base or not name.name.startswith("__")]
    said = [precedent.name for precedent in found.precedents[:MOST_CANDIDATES]]
    kept = [name for parameter in spot.unkept for name in (parameter, f"_{parameter}")]
    others = {*said, *spot.missing, *kept, spot.target} - {"", *(name.name for name in known)}
    return [*known, *map(Name, others)]
