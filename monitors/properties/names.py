"""Names that are in scope: no function that was never defined is called, no variable that never was is read.

Source of the need: undefined names are the commonest fault of generated Python and JavaScript (83% and 75% of faulty
snippets in *Developer-LLM Conversations*). A word is judged where a call, a subscript or a dereference says that it is
read, and only if it stands nowhere else in the document: what a model invents usually does not.
"""

import builtins
import re
from collections.abc import Iterable
from keyword import kwlist, softkwlist

from monitors.analysis.analyser import Analyser
from monitors.document import View
from monitors.monitor import Answer, Monitor, Trigger
from monitors.properties.existence import judge_word, occurs_elsewhere
from monitors.properties.script_globals import GLOBALS, may_be_of_a_page
from monitors.text.expressions import line_start

_READ = re.compile(r"(?<![\w$.@#\"'`])([^\W\d][\w$]*)(?=[(\[.])")
_DEFINED_HERE = re.compile(
    r"\b(?:def|class|function|func|import|from|as|new|interface|enum|type|namespace|module|get|set|async|static|"
    r"public|private|protected|readonly|abstract|declare|goto|break|continue)\s+\Z|\bfunction\s*\*\s*\Z"
)
"""What stands before a word that is being defined, or is judged by somebody else."""
_JAVASCRIPT = GLOBALS | frozenset(
    re.findall(
        r"\w+",
        """if for while switch catch function return typeof instanceof in of new delete void throw await yield super
        this import do else case with async constructor""",
    )
)
_NOT_JUDGED: dict[str, frozenset[str]] = {
    "python": frozenset(dir(builtins)) | frozenset(kwlist) | frozenset(softkwlist) | {"self", "cls"},
    "javascript": _JAVASCRIPT,
    "typescript": _JAVASCRIPT | {"keyof", "infer", "satisfies", "is", "asserts", "any", "never"},
}
_BEGINS_MEMBER = re.compile(
    r"(?:\A|[{},;])\s*(?:(?:@[\w.$]+(?:\([^()]*\))?|async|static|override|abstract|public|private|protected)\s+)*\*?\s*\Z"
)
"""What stands in its line before a method's name, if its braces hold members."""
_HOLDS_MEMBERS = re.compile(
    r"\b(?:class|interface|extends|implements)\b[^{]*\Z|[=(,:?\[|&<]\Z|\b(?:return|default|yield)\Z|\A\Z"
)
"""What stands in its line before the brace of a class body or an object literal."""
_UNKNOWABLE = re.compile(r"^[ \t]*from\s+[\w.]+\s+import\s+\*|\b(?:exec|globals|locals|eval)\(", re.MULTILINE)
_BOUND_LATER = re.compile(r"\bfor\b|=>")


class NamesMonitor(Monitor):
    """`frobnicate(x)` is not written if there is no `frobnicate`."""

    name = "names"
    languages = frozenset({"python", "typescript", "javascript"})

    def pre(self, view: View) -> Iterable[Trigger]:
        for match in _READ.finditer(view.text, view.since):
            start, end = match.span(1)
            if end <= view.cursor or match.group(1) in _NOT_JUDGED[view.language] or not view.in_code(start):
                continue
            before = view.text[max(0, start - 40) : start]
            if _DEFINED_HERE.search(before) or self._is_method(view, start, end):
                continue
            if occurs_elsewhere(view, start, end):
                continue
            yield Trigger(end, self._settled(view, start), match.group(1))

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        if view.language == "python" and _UNKNOWABLE.search(view.document.prefix):
            return Answer(reason="names may come from anywhere")
        if may_be_of_a_page(view):
            return Answer(reason="names may come from other scripts of a page")
        return judge_word(view, trigger.start - len(trigger.detail), trigger.start, ask)

    @staticmethod
    def _settled(view: View, start: int) -> bool:
        """Whether no comprehension can still bind the word: it stands in no bracket, or the line has gone past it."""
        if view.language != "python":
            return True
        here = view.scan_at(start).brackets
        if not here:
            return True
        now = view.scan_at(len(view.text)).brackets
        closed = len(now) < len(here) or now[: len(here)] != here
        return closed and not _BOUND_LATER.search(view.text[start:])

    @staticmethod
    def _is_method(view: View, start: int, end: int) -> bool:
        """Whether a JavaScript class or object literal defines a method there: `name(` where a member begins."""
        if view.language == "python" or view.text[end : end + 1] != "(":
            return False
        if not _BEGINS_MEMBER.search(view.text[line_start(view.text, start) : start]):
            return False
        brackets = view.scan_at(start).brackets
        if not brackets or brackets[-1].opening != "{":
            return False
        opening = brackets[-1].offset
        return bool(_HOLDS_MEMBERS.search(view.text[line_start(view.text, opening) : opening].rstrip()))
