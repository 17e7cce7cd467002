"""What is written stays a beginning of some program.

Needs no analyser: tree-sitter's grammar of the language judges (`monitors/text/grammar.py`). Works on an empty document
as well, which is how a translation is guided. It is silent where the text above the cursor does not parse, and where C
and C++ use macros as syntax: then the grammar does not describe what is written there.
"""

import re
from collections.abc import Iterable

from monitors.analysis.analyser import Analyser
from monitors.constraint import escape, forbidding
from monitors.document import View
from monitors.monitor import Answer, Monitor, Trigger
from monitors.text.grammar import LANGUAGES, Fault, fragments, keywords

_SETTLES = re.compile(r"[()\[\]{};,\n]|:(?=[^:=>])")
"""Behind these a token is over, so what stands before can be judged."""
_OPERATOR = frozenset("!%&*+-./:<=>?@^|~")
_MACROS = re.compile(
    r"^[ \t]*[A-Z][A-Z0-9_]{2,}(?:\([^()\n]*\))?[ \t]*$|\b[A-Z][A-Z0-9_]{3,}[ \t]+[A-Za-z_]", re.MULTILINE
)
"""A macro that stands where C and C++ have no place for a name."""
_LONGEST_TEXT = 200_000
"""Code points that are parsed at most; a larger document would take too long at each check."""


class SyntaxMonitor(Monitor):
    """No token where the grammar has no place for it. Judged at brackets, separators and line ends."""

    name = "syntax"
    languages = LANGUAGES - {"javascriptreact", "typescriptreact"}
    on_by_default = False
    works_long = True

    def pre(self, view: View) -> Iterable[Trigger]:
        """The last settled place of the new text: what lies before it is judged with it."""
        begin = max(view.since, view.cursor)
        for match in reversed(list(_SETTLES.finditer(view.text, begin))):
            if view.in_code(match.end()) and view.in_code(match.start()):
                yield Trigger(match.end())
                return

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        if trigger.start > _LONGEST_TEXT:
            return Answer(reason="the document is too long")
        if view.language in ("c", "cpp") and _MACROS.search(view.text, 0, trigger.start):
            return Answer(reason="macros make up a syntax of their own")
        language = _grammar_of(view)
        fault = fragments(language)(view.text[: trigger.start], view.cursor)
        if fault is None:
            return Answer()
        if fault.start < view.cursor:
            return Answer(reason="what stands above does not parse")
        return _without(view, fault, language)


def _grammar_of(view: View) -> str:
    """The grammar's name: editors tell dialects apart that the lexicon does not."""
    return view.document.language if view.document.language in LANGUAGES else view.language


def _without(view: View, fault: Fault, language: str) -> Answer:
    """Anything but the token that cannot be, from the end of the last good one on.

    What may stand there instead is not worked out: what is written next is judged again.
    """
    gap = view.text[fault.after : fault.start]
    rest = _instead(view.text[fault.start :], language)
    if "\n" in gap or fault.after < view.cursor:
        return Answer(regex=rf"\s*{rest}", start=fault.start)
    return Answer(regex=rf"[ \t]*(?:{rest}|\r?\n(?s:.*))", start=fault.after)


def _instead(text: str, language: str) -> str:
    """Whatever may stand where `text`, whose first token cannot be, stands now."""
    first = escape(text[0])
    word = re.match(r"[^\W\d]\w*", text)
    if word is not None and word.group() in keywords(language):
        return rf"(?:[^\s\w](?s:.*)|{forbidding([word.group()])})"
    if word is not None:  # where one name cannot stand, no name can
        words = "|".join(sorted(keywords(language)))
        return rf"(?:[^\s\w](?s:.*)|(?:{words})(?:\W(?s:.*))?)"
    if text[0].isdigit():
        return r"[^\s0-9](?s:.*)"
    if text[0] in _OPERATOR and text[1:2] not in _OPERATOR:  # a longer operator may still begin like this one
        return rf"(?:[^\s{first}](?s:.*)|{first}[{''.join(map(escape, sorted(_OPERATOR)))}](?s:.*))"
    return rf"[^\s{first}](?s:.*)"
