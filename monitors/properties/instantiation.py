"""After `new` only classes that exist.

Source: the paper's monitor of class instantiations (Agrawal et al., section 5.2), which it had for Java and which read
every file of the project at each `new`. Here the analyser is asked about the one word that was written, if it
stands nowhere else in the document (a class that is imported or used is no invention). In Python a
class is called like a function: the monitor of names is for that.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from monitors.analysis.analyser import Analyser, Name
from monitors.document import View
from monitors.monitor import Answer, Monitor, Trigger
from monitors.properties.existence import judge_word, occurs_elsewhere
from monitors.properties.script_globals import GLOBALS, may_be_of_a_page

_NEW = re.compile(r"(?<![\w$.])new\s+([^\W\d][\w$]*)(?=\s*[(\[{;,)]|\s*<(?!=))")
_CLASSES = frozenset({"class", "constructor", "struct", "interface", "enum"})
_WITHOUT_KIND = frozenset({"typescript", "javascript"})
"""Languages whose analyser calls an imported class a variable."""
_NOT_CLASSES = re.compile(
    r"int|long|short|byte|char|float|double|boolean|bool|unsigned|signed|decimal|object|string|var|auto|const|static|self"
    r"|parent|class|function|async"
)
"""Words that may follow `new` and are the language's own."""


class InstantiationMonitor(Monitor):
    """`new Foo(` is not written if there is no `Foo`. A qualified name is left to the dereference monitor."""

    name = "instantiation"
    languages = frozenset({"java", "typescript", "javascript", "cpp", "csharp", "php"})

    def pre(self, view: View) -> Iterable[Trigger]:
        for match in _NEW.finditer(view.text, view.since):
            start, end = match.span(1)
            if end <= view.cursor or _NOT_CLASSES.fullmatch(match.group(1)) or not view.in_code(match.start()):
                continue
            if view.language in _WITHOUT_KIND and match.group(1) in GLOBALS:
                continue
            if not occurs_elsewhere(view, start, end):
                yield Trigger(end, True, match.group(1))

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        def is_class(name: Name) -> bool:
            return name.kind in _CLASSES or view.language in _WITHOUT_KIND

        if re.search(rf"<[^<>()]*\b{re.escape(trigger.detail)}\b[^<>()]*>", view.document.prefix):
            return Answer()  # a type parameter: `new T[n]`
        if view.language == "java" and Path(view.document.path).with_name(f"{trigger.detail}.java").exists():
            return Answer()  # jdt.ls may not have read it yet
        if may_be_of_a_page(view):
            return Answer(reason="names may come from other scripts of a page")
        return judge_word(view, trigger.start - len(trigger.detail), trigger.start, ask, is_class)
