"""Where one of an enumeration's constants belongs, only its constants.

Source: the paper's monitor of enum constants in a switch (Agrawal et al., section 5.2), which it had for C#. The
dereference monitor already keeps to members that exist; this one leaves out the methods and fields that an enumeration
has besides: whole where only a constant may stand (a `case`, an arm of a `match`), fields alone in a comparison.
"""

import re
from collections.abc import Iterable

from monitors.analysis.analyser import Analyser, Name
from monitors.document import View
from monitors.monitor import Answer, Monitor, Trigger

_CASE = re.compile(r"\bcase\s+(?:[\w$\\]+(?:\.|::))+(?=[^\W\d]?)")
_BARE_CASE = re.compile(r"^[ \t]*case[ \t]+(?=[A-Z_]?)|(?<=[{;:][ \t])case[ \t]+", re.MULTILINE)
_COMPARED = re.compile(r"(?:[!=]==?|\bis(?:[ \t]+not)?)[ \t]+(?:[\w$\\]+(?:\.|::))+")
_ARM = re.compile(r"(?:[{,|]\s*|=>\s*[^,{}]*,\s*)(?:[\w\\]+::)+")
_MATCH = re.compile(r"\bmatch\s*(?:\(.*\)|[^{};]*)\s*\Z", re.DOTALL)
_CALLABLE = frozenset({"method", "function", "constructor"})


class EnumMonitor(Monitor):
    """`case Color.parse` is not written, nor is `== Color.mro`."""

    name = "enums"
    languages = frozenset({"python", "java", "typescript", "javascript", "cpp", "csharp", "php", "rust"})

    def pre(self, view: View) -> Iterable[Trigger]:
        found: dict[int, str] = {}
        for match in _COMPARED.finditer(view.text, view.since):
            found[match.end()] = "compared"
        for match in _CASE.finditer(view.text, view.since):
            found[match.end()] = "case"
        if view.language == "java":
            for match in _BARE_CASE.finditer(view.text, view.since):
                found[match.end()] = "bare"
        if view.language in ("php", "rust"):
            for match in _ARM.finditer(view.text, view.since):
                if _in_match(view, match.end()):
                    found[match.end()] = "case"
        for start, kind in sorted(found.items()):
            following = view.text[start : start + 1]
            if (not following or following.isalpha() or following == "_") and view.in_code(start):
                yield Trigger(start, True, kind)

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        if trigger.detail == "bare" and not _switches_over_name(view, trigger.start):
            return Answer(reason="not a switch over a variable")
        found = ask.complete(view.place(trigger.start))
        if not found.complete:
            return Answer(reason="the analyser says there may be more")
        constants = frozenset(name.name for name in found.names if is_constant(name))
        if not constants:
            return Answer(reason="no enumeration")
        if trigger.detail == "bare":
            return Answer(constants | {"null", "default"})
        others = [name for name in found.names if name.name not in constants]
        if trigger.detail == "compared":
            constants |= {name.name for name in others if name.kind in _CALLABLE and not name.name.startswith("__")}
        elif any(name.kind in ("constant", "class") and not name.name.startswith("_") for name in others):
            constants |= {name.name for name in others if name.kind in ("constant", "class")}
        return Answer(constants)


def is_constant(name: Name) -> bool:
    """Whether an analyser says of a name that it is an enumeration's constant: clangd and ty call it an enum."""
    return name.kind == "enum_member" or (name.kind == "enum" and bool(name.detail))


def _in_match(view: View, offset: int) -> bool:
    """Whether `offset` stands directly in the braces of a `match`."""
    brackets = view.scan_at(offset).brackets
    if not brackets or brackets[-1].opening != "{":
        return False
    opening = brackets[-1].offset
    return _MATCH.search(view.text[max(0, opening - 200) : opening]) is not None


def _switches_over_name(view: View, offset: int) -> bool:
    """Whether the innermost brace is that of a Java `switch`."""
    brackets = view.scan_at(offset).brackets
    if not brackets or brackets[-1].opening != "{":
        return False
    opening = brackets[-1].offset
    return re.search(r"\bswitch\s*\([^{}]*\)\s*\Z", view.text[max(0, opening - 200) : opening]) is not None
