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
_CLASS = re.compile(r"(?<![\w$])(?!_*[A-Z][A-Z\d_]+\.)(_*[A-Z]\w*)(?:\.|::)\Z")
"""A receiver that is spelled like a class; before a dot, `DEFAULT` is more often a constant."""
_MATCH = re.compile(r"\bmatch\s*(?:\(.*\)|[^{};]*)\s*\Z", re.DOTALL)
_CALLABLE = frozenset({"method", "function", "constructor"})
_TYPES = frozenset({"class", "enum", "interface", "module"})


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
        receiver = _CLASS.search(view.text, max(0, trigger.start - 100), trigger.start)
        if receiver is None and trigger.detail != "bare":
            return Answer(reason="the receiver is no class")
        found = ask.complete(view.place(trigger.start))
        if not found.complete:
            return Answer(reason="the analyser says there may be more")
        constants = frozenset(name.name for name in found.names if is_constant(name, view.language))
        if not constants:
            return Answer(reason="no enumeration")
        if trigger.detail == "bare":
            return Answer(constants | {"null", "default"})
        if receiver is not None and any(name.name == receiver.group(1) for name in found.names):
            return Answer(reason="the receiver is a constant itself")  # whose members the constants are as well
        others = [name for name in found.names if name.name not in constants and not name.name.startswith("__")]
        if any(name.kind in _TYPES for name in others):
            return Answer(reason="more than an enumeration")
        allowed = _CALLABLE if trigger.detail == "compared" else frozenset[str]()
        return Answer(constants | {name.name for name in others if name.kind == "constant" or name.kind in allowed})


def is_constant(name: Name, language: str) -> bool:
    """Whether an analyser says of a name that it is an enumeration's constant: clangd and ty call it an enum, which is
    what jdt.ls calls the type.
    """
    return name.kind == "enum_member" or (name.kind == "enum" and bool(name.detail) and language != "java")


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
