"""After `.`, `->`, `::` and `?.` only members that exist.

Source: the paper's main monitor (Agrawal et al., section 3.1). What is added is trust: which answers may forbid a
name, found by measurement (docs/monitors.md).
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from monitors.analysis.analyser import Analyser, Completions
from monitors.constraint import Constraint, word_pattern
from monitors.document import View
from monitors.monitor import Answer, Monitor, Trigger
from monitors.properties.bases import lacks_base
from monitors.properties.likelihood import MOST_CANDIDATES, weights_of_precedents
from monitors.properties.python_members import judged_in_python
from monitors.properties.statements import begins_statement, follows, may_create
from monitors.text.expressions import line_start
from monitors.text.lexicon import Lexicon

_OF_OBJECTS = frozenset({"constructor", "hasOwnProperty", "toLocaleString", "toString", "valueOf"})
"""Members of every object, which TypeScript's own server leaves out."""
_EXTRA_WORDS: dict[tuple[str, str], frozenset[str]] = {
    ("typescript", "."): _OF_OBJECTS,
    ("typescript", "?."): _OF_OBJECTS,
    ("javascript", "."): _OF_OBJECTS,
    ("javascript", "?."): _OF_OBJECTS,
    ("java", "."): frozenset({"new"}),
    ("java", "::"): frozenset({"new"}),
    ("kotlin", "::"): frozenset({"class"}),
    ("rust", "."): frozenset({"await"}),
    ("php", "::"): frozenset({"class"}),
    ("cpp", "."): frozenset({"template", "operator"}),
    ("cpp", "->"): frozenset({"template", "operator"}),
    ("cpp", "::"): frozenset({"template", "operator"}),
}
"""Keywords that may stand where a member may; analysers' keywords are left out of their answers."""

_OF_TYPES = frozenset({"class", "this", "super"})
"""What may stand after the name of a Java type."""
_LOOKS_LIKE_TYPE = re.compile(r"(?:\b[A-Z]\w*|\]|\b(?:int|long|short|byte|char|float|double|boolean|void))\Z")

_OTHERWISE: dict[tuple[str, str], str] = {
    ("java", "."): "<",
    ("java", "::"): "<",
    ("javascript", "?."): r"[\[(]",
    ("typescript", "?."): r"[\[(]",
    ("cpp", "."): "~",
    ("cpp", "->"): "~",
    ("cpp", "::"): "[~*]",
    ("go", "."): r"\(",
    ("rust", "."): "[0-9]",
    ("rust", "::"): r"[<{*]",
    ("php", "->"): "[${]",
    ("php", "?->"): "[${]",
    ("php", "::"): "[${]",
}
"""Characters that may stand where a member may, as a regular expression: casts, generic arguments, destructors,
pointers to members."""

_RECEIVER_ENDS = re.compile(r"[\w)\]}\"'`?!>$]")
_NOT_CODE_LINE = re.compile(r"\s*(?:import|from|package|using|use|namespace|#\s*include|require)\b")
_DYNAMIC: dict[str, frozenset[str]] = {
    "python": frozenset({"__getattr__"}),
    "php": frozenset({"__get", "__call", "__callStatic", "__callstatic"}),
    "ruby": frozenset({"method_missing"}),
}
"""Members that make up others at run time."""

_OF_NAMESPACES = frozenset({"function", "module"})
"""Kinds of names that stand in a C++ namespace and in no class or enumeration."""
_SCOPE: dict[str, frozenset[str]] = {
    "python": frozenset({"print", "isinstance", "len", "range"}),
    "javascript": frozenset({"Array", "Object", "Promise", "undefined"}),
    "typescript": frozenset({"Array", "Object", "Promise", "undefined"}),
}
"""Names that together give away an answer about names in scope instead of members."""


class DereferenceMonitor(Monitor):
    """Members that exist. Works wherever an analyser answers; in languages where an assignment may create a member, one
    that begins a statement is judged only when what follows it says that it is not assigned.
    """

    name = "dereference"
    languages = frozenset(
        {
            "python",
            "javascript",
            "typescript",
            "java",
            "c",
            "cpp",
            "csharp",
            "go",
            "rust",
            "php",
            "ruby",
            "kotlin",
            "lua",
        }
    ) | {"scala"}

    def pre(self, view: View) -> Iterable[Trigger]:
        for match in _operators(view.lexicon).finditer(view.text, view.since):
            start = match.end()
            rest = view.text[start : start + 1]
            if not _ends_receiver(view.text, match.start()):
                continue
            if (rest and not (rest.isalpha() or rest in "_$#")) or _goes_on_behind_cursor(view, start):
                continue
            line = view.text[line_start(view.text, start) : start]
            if _NOT_CODE_LINE.match(line) or not view.in_code(start):
                continue
            settled = True
            if view.lexicon.assignment_creates and begins_statement(view, match.start()):
                after = follows(view.text, start)
                if after == "assignment":
                    continue
                settled = after == "something" or not may_create(view, match.start())
            yield Trigger(start, settled, match.group())

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        found = ask.complete(view.place(trigger.start))
        if trigger.detail == "::" and view.language == "cpp" and any(n.kind in _OF_NAMESPACES for n in found.names):
            return Answer(reason="a namespace is not known whole")  # clangd: 4% of the true names are missing
        answer = trusted_members(view.language, found)
        if answer.trusted and lacks_base(view, trigger.start - len(trigger.detail), found, ask):
            answer = Answer(reason="nothing known of its base")
        if view.language == "python":
            return judged_in_python(view, trigger, found, answer)
        choices = len(answer.names) or MOST_CANDIDATES
        return replace(answer, weights=weights_of_precedents(found.precedents, choices))

    def mask(self, view: View, trigger: Trigger, answer: Answer) -> Constraint | None:
        key = (view.language, trigger.detail)
        names = answer.names | _EXTRA_WORDS.get(key, frozenset())
        if key == ("java", ".") and _LOOKS_LIKE_TYPE.search(view.text[max(0, trigger.start - 101) : trigger.start - 1]):
            names |= _OF_TYPES
        otherwise = _OTHERWISE.get(key, "")
        plain = super().mask(view, trigger, replace(answer, names=names))
        if plain is None or not otherwise or plain.typed:
            return plain
        return Constraint(self.name, plain.start, regex=word_pattern(names, f"{otherwise}(?s:.*)"))


def trusted_members(language: str, found: Completions) -> Answer:
    """The members in an analyser's answer, or why it cannot be trusted to name them all."""
    names = frozenset(name.name for name in found.names)
    if not names:
        return Answer(reason="no members known")
    if not found.complete:
        return Answer(reason="the analyser says there may be more")
    if names & _DYNAMIC.get(language, frozenset()) and not is_plain_module(found):
        return Answer(reason="members are made at run time")
    if language == "python" and all(name.startswith("__") and name.endswith("__") for name in names):
        return Answer(reason="only what every object has")
    scope = _SCOPE.get(language)
    if scope and scope <= names:
        return Answer(reason="names in scope instead of members")
    return Answer(names)


def is_plain_module(found: Completions) -> bool:
    """Whether a Python answer is about a module that makes up nothing: ty lists the `__getattr__` method that typeshed
    gives to every module; one that a module defines itself is a function.
    """
    kinds = {name.name: name.kind for name in found.names}
    return "__spec__" in kinds and kinds.get("__getattr__") == "method"


def _ends_receiver(text: str, offset: int) -> bool:
    """Whether something that can have members ends at `offset`, or at the end of the line above."""
    before = text[max(0, offset - 200) : offset]
    visible = before.rstrip()
    stands_off = len(visible) < len(before)
    return _RECEIVER_ENDS.match(visible[-1:]) is not None and (not stands_off or "\n" in before[len(visible) :])


@lru_cache(maxsize=64)
def _operators(lexicon: Lexicon) -> re.Pattern[str]:
    """A dereference after something that can have members: not `1.`, not `..`."""
    operators = "|".join(re.escape(operator) for operator in sorted(lexicon.dereferences, key=len, reverse=True))
    return re.compile(rf"(?<![\d.:])(?:{operators})(?![.:=>])|(?<=[^\W\d]\d)\.(?!\.)|(?<=[^\W\d]\d\d)\.(?!\.)")


def _goes_on_behind_cursor(view: View, start: int) -> bool:
    """Whether the member's name reaches the end of the text and the suffix begins in the middle of a word."""
    suffix = view.document.suffix[:1]
    return bool(re.match(r"\w", suffix)) and re.search(r"\W", view.text[start:]) is None
