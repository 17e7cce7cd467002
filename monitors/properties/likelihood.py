"""Which of a receiver's members is likely at a place in Python, as far as a language model does not know it already.

A conditional logit (McFadden, *Conditional Logit Analysis of Qualitative Choice Behavior*, 1974): every sign that
speaks for a member adds its weight to the model's log-probability of the member's name. The weights were fitted beside
the default model on code that people wrote (docs/monitors.md).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from monitors.analysis.analyser import Name
from monitors.document import View
from monitors.properties.evidence import used_of
from monitors.text.expressions import line_start, receiver_start
from monitors.text.functions import enclosing_function

WEIGHTS = {
    "dunder, of no class": -2.8,
    "a word of the statement": 1.9,
    "a word of the function's name": 1.2,
    "a word of what it goes to": 2.1,
    "the function's own name": -1.2,
    "called where a statement begins": 1.3,
    "gives nothing where a value is wanted": -1.6,
    "a condition that is true or false": 2.2,
    "iterable where that is wanted": 1.0,
    "an exception where one is raised or caught": 3.1,
    "of the type that the function returns": 1.2,
    "used below, of the same receiver": 2.2,
}
"""Nats for a sign that holds wholly; words of a name count by their share in it."""

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
    wanted: str
    """`statement`, a context of `_CONTEXTS`, or `value`."""
    statement: frozenset[str]
    """Words of the line before the receiver."""
    function: str
    """The name of the function around it."""
    target: frozenset[str]
    """Words of what the value goes to."""
    returned: frozenset[str]
    """Names in the type that the function says it returns, where this is returned."""
    used_below: frozenset[str]
    """Members of the same receiver that the document uses below."""


def weights_of(view: View, operator_start: int, members: Iterable[Name]) -> tuple[tuple[str, float], ...]:
    """What a Python document says about which of the `members` of the receiver that ends at `operator_start` is likely;
    nats by name.
    """
    spot = spot_at(view, operator_start)
    weights = {member.name: sum(WEIGHTS[sign] * share for sign, share in signs(spot, member)) for member in members}
    return tuple((name, round(weight, 2)) for name, weight in sorted(weights.items()) if weight)


def spot_at(view: View, operator_start: int) -> Spot:
    """What stands around the dereference whose receiver ends at `operator_start`."""
    text = view.text
    receiver = receiver_start(text, operator_start, view.lexicon.dereferences)
    before = text[line_start(text, receiver) : receiver]
    wanted = "value" if before.strip() else "statement"
    wanted = next((name for name, pattern in _CONTEXTS if pattern.search(before)), wanted)
    target = _TARGET.search(before)
    header = enclosing_function(text, receiver)
    return Spot(
        _CLASS.search(text, receiver, operator_start) is not None,
        wanted,
        words_of(before),
        header.name,
        words_of(target[1]) if target else frozenset(),
        _type_names(header.returns) if wanted == "return" else frozenset(),
        used_of(text[receiver:operator_start], view.document.suffix[:_LONGEST]),
    )


def signs(spot: Spot, member: Name) -> Iterator[tuple[str, float]]:
    """The signs of `WEIGHTS` that speak for a member or against it, and how far each holds."""
    name = member.name
    called, gives = _value(member.kind, member.detail)
    if name.startswith("__") and name.endswith("__") and not spot.of_class:
        yield "dunder, of no class", 1
    own = words_of(name)
    for sign, words in (
        ("a word of the statement", spot.statement),
        ("a word of the function's name", words_of(spot.function)),
        ("a word of what it goes to", spot.target),
    ):
        if shared := len(own & words):
            yield sign, shared / len(own)
    if name == spot.function:
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
