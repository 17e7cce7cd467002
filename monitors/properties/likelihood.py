"""Which of a receiver's members is likely at a place, as far as a language model does not know it already; mostly in
Python.

A conditional logit (McFadden, *Conditional Logit Analysis of Qualitative Choice Behavior*, 1974): every sign that
speaks for a member adds its weight to the model's log-probability of the member's name. The weights were fitted beside
the default model on code that people wrote (docs/monitors.md).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from math import log1p

from monitors.analysis.analyser import Name, Precedent
from monitors.document import View
from monitors.properties.evidence import unkept, used_of
from monitors.text.expressions import line_start, receiver_start
from monitors.text.functions import enclosing_function

WEIGHTS = {
    "dunder, of no class": -3.2,
    "a word of the statement": 2.0,
    "a word of the function's name": 2.6,
    "a word of what it goes to": 1.3,
    "a word of the lines below": 2.0,
    "the function's own name": -1.3,
    "called where a statement begins": 0.9,
    "gives nothing where a value is wanted": -2.2,
    "a condition that is true or false": 2.8,
    "iterable where that is wanted": 0.8,
    "an exception where one is raised or caught": 1.7,
    "of the type that the function returns": 1.3,
    "used below, of the same receiver": 1.9,
    "used elsewhere, made nowhere": 7.9,
    "a parameter that is not kept yet": 2.1,
    "the first of them": 0.6,
    "written after the same words": 0.4,
    "written in the same line above the same line": 1.8,
}
"""Nats for a sign that holds wholly; words of a name count by their share in it, precedents by how much likelier a name
is after them, in nats."""

MOST_CANDIDATES = 100
"""Names that are preferred where none is forbidden; so many there are taken to be to choose from."""
_LINES_BELOW = 3
"""Lines below the cursor whose words speak for a member: two to four did alike."""
_LONGEST = 60_000
"""Code points of the text below the cursor that are read at most."""
_TARGET = re.compile(r"([^\W\d]\w*)[ \t]*(?::[^=\n]*)?=[ \t]*(?:[\w.]+[ \t]+or[ \t]+)?\Z")
"""Where a value goes, at the end of the text before it: `name = `, `self.name = `, `call(name=`, `name = name or `."""
_CONTEXTS = (
    ("iteration", re.compile(r"\b(?:enumerate|zip|list|sorted|sum|tuple|set|reversed|iter|any|all|max|min)\(\s*\Z")),
    ("iteration", re.compile(r"\bin\s+\Z|\b(?:map|filter)\(\s*\Z|\*\Z|\.(?:join|extend|update)\(\s*\Z")),
    ("exception", re.compile(r"\b(?:raise|except)\s+(?:\(\s*)?\Z|\A\s*except\b")),
    ("condition", re.compile(r"\A\s*(?:if|elif|while|assert)\s+(?:not\s+)?\Z|\b(?:and|or|not|if)\s+\Z")),
    ("return", re.compile(r"\breturn\s+\Z")),
)
"""What is wanted at the end of a line's text before a receiver."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_CLASS = re.compile(r"(?:\.__class__|\btype\([^()]*\))\Z")
_BASE = re.compile(r"(?:\bsuper\([^()]*\)|(?:\A|\.)_*[A-Z]\w*)\Z")
_CALLED = frozenset({"method", "function", "constructor"})
_EXCEPTION = re.compile(r"Error|Exception|Warning|Exit|Interrupt|Stop|Timeout")
_ITERABLE = re.compile(
    r"(?:list|dict|set|tuple|frozenset|deque|bytearray|Iter|Gener|Sequence|Mapping|OrderedDict|defaultdict|List|Dict|Set"
    r"|Tuple|Collection|Counter|Async)"
)
_NO_TYPE = frozenset({"None", "Optional", "Union", "Unknown", "Any"})


@dataclass(frozen=True)
class Spot:
    """What stands around a dereference."""

    of_class: bool
    """The receiver is `x.__class__` or `type(x)`."""
    of_base: bool
    """The receiver is `super()`, or named like a class."""
    wanted: str
    """`statement`, a context of `_CONTEXTS`, or `value`."""
    statement: frozenset[str]
    """Words of the line before the receiver."""
    function: str
    """The name of the function around it."""
    target: str
    """The name of what the value goes to; empty where it has none."""
    below: frozenset[str]
    """Words of the next lines, which a model that reads from above does not see."""
    returned: frozenset[str]
    """Names in the type that the function says it returns, where this is returned."""
    used_below: frozenset[str]
    """Members of the same receiver that the document uses below."""
    unkept: tuple[str, ...]
    """Where a statement begins: parameters that the function does not keep in a member of the receiver."""
    missing: frozenset[str] = frozenset()
    """Members that the document uses of the receiver, and that are none as far as the analyser knows."""
    choices: int = 1
    """How many names a place without precedents has to choose from."""
    precedents: Mapping[str, Precedent] = field(default_factory=dict[str, Precedent])
    """By name, what the project says of it."""


def weights_of(spot: Spot, members: Iterable[Name]) -> tuple[tuple[str, float], ...]:
    """What speaks for each of some names at a place, or against it, in nats; those are left out of which it says
    nothing.
    """
    return _summed({member.name: signs(spot, member) for member in members})


def weights_of_precedents(precedents: Iterable[Precedent], choices: int) -> tuple[tuple[str, float], ...]:
    """What a project alone says about names at a place where there are so many to choose from; in any language."""
    return _summed({precedent.name: _of_precedent(precedent, choices) for precedent in precedents})


def _summed(found: Mapping[str, Iterable[tuple[str, float]]]) -> tuple[tuple[str, float], ...]:
    """What the signs of each name weigh together, as far as they weigh anything."""
    weights = {name: sum(WEIGHTS[sign] * strength for sign, strength in of_it) for name, of_it in found.items()}
    return tuple((name, round(weight, 2)) for name, weight in sorted(weights.items()) if weight)


def spot_at(
    view: View,
    operator_start: int,
    choices: int = 1,
    missing: frozenset[str] = frozenset(),
    precedents: Iterable[Precedent] = (),
) -> Spot:
    """What stands around the dereference whose receiver ends at `operator_start`; for the rest see `Spot`."""
    text = view.text
    start = receiver_start(text, operator_start, view.lexicon.dereferences)
    receiver = text[start:operator_start]
    before = text[line_start(text, start) : start]
    wanted = "value" if before.strip() else "statement"
    wanted = next((name for name, pattern in _CONTEXTS if pattern.search(before)), wanted)
    target = _TARGET.search(before)
    header = enclosing_function(text, start)
    return Spot(
        of_class=_CLASS.search(receiver) is not None,
        of_base=_BASE.search(receiver) is not None,
        wanted=wanted,
        statement=words_of(before),
        function=header.name,
        target=target[1] if target else "",
        below=words_of("\n".join(islice(_lines_below(view.document.suffix), _LINES_BELOW))),
        returned=_type_names(header.returns) if wanted == "return" else frozenset(),
        used_below=used_of(receiver, view.document.suffix[:_LONGEST]),
        unkept=unkept(header.parameters, receiver, view, operator_start) if wanted == "statement" else (),
        missing=missing if wanted == "statement" else frozenset(),
        choices=choices,
        precedents={precedent.name: precedent for precedent in precedents},
    )


def signs(spot: Spot, member: Name) -> Iterator[tuple[str, float]]:
    """The signs of `WEIGHTS` that speak for a member or against it, and how far each holds."""
    name = member.name
    called, gives = _value(member.kind, member.detail)
    if name.startswith("__") and name.endswith("__") and not spot.of_class and not spot.of_base:
        yield "dunder, of no class", 1
    own = words_of(name)
    for sign, words in (
        ("a word of the statement", spot.statement),
        ("a word of the function's name", words_of(spot.function)),
        ("a word of what it goes to", words_of(spot.target)),
        ("a word of the lines below", spot.below),
    ):
        if shared := len(own & words):
            yield sign, shared / len(own)
    if name == spot.function and not spot.of_base:
        yield "the function's own name", 1
    if called and gives == "None" and spot.wanted != "statement":
        yield "gives nothing where a value is wanted", 1
    match spot.wanted:
        case "condition" if not called and gives.startswith(("bool", "Literal[True]", "Literal[False]")):
            yield "a condition that is true or false", 1
        case "statement" if called:
            yield "called where a statement begins", 1
        case "iteration" if _ITERABLE.match(gives):
            yield "iterable where that is wanted", 1
        case "exception" if _EXCEPTION.search(name):
            yield "an exception where one is raised or caught", 1
        case "return" if spot.returned & _type_names(gives):
            yield "of the type that the function returns", 1
        case _:
            pass
    if name in spot.used_below:
        yield "used below, of the same receiver", 1
    if name in spot.missing:
        yield "used elsewhere, made nowhere", 1
    if name.lstrip("_") in spot.unkept:
        yield "a parameter that is not kept yet", 1
        if name.lstrip("_") == spot.unkept[0]:
            yield "the first of them", 1
    if precedent := spot.precedents.get(name):
        yield from _of_precedent(precedent, spot.choices)


def _lines_below(suffix: str) -> Iterator[str]:
    """The lines after the cursor's that are not blank."""
    position = suffix.find("\n") + 1
    while 0 < position < len(suffix):
        end = suffix.find("\n", position)
        line = suffix[position : end if end >= 0 else len(suffix)]
        if line.strip():
            yield line
        position = end + 1


def _of_precedent(precedent: Precedent, choices: int) -> Iterator[tuple[str, float]]:
    yield "written after the same words", log1p(choices * precedent.by_words)
    if precedent.by_line:
        yield "written in the same line above the same line", log1p(choices * precedent.by_line)


@lru_cache(maxsize=8192)
def words_of(text: str) -> frozenset[str]:
    """The words in names, small: `getHTTPHeader` and `get_http_header` are `get`, `http`, `header`."""
    return frozenset(word.lower() for word in _WORD.findall(text))


@lru_cache(maxsize=8192)
def _value(kind: str, detail: str) -> tuple[bool, str]:
    """Whether a member is called, and the type that it is or gives, as its analyser writes it; empty if not known."""
    if kind in _CALLED or detail.startswith(("bound ", "def ", "Overload")):
        return True, detail.partition("-> ")[2].strip()
    return False, detail.strip()


@lru_cache(maxsize=8192)
def _type_names(written: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", written)) - _NO_TYPE
