"""Imports of what there is: modules that can be imported, and names that they export.

Source of the need: invented packages and moved names are among the commonest faults of generated code (*Pop Quiz!*).
For Python, in the environment that the workspace really uses; where that is not known, top-level modules are not
judged. Nor is it known from where a program is started: what lies beside the document, or around it, may be imported.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from monitors.analysis.analyser import Analyser, Completions
from monitors.constraint import Constraint, word_pattern
from monitors.document import View
from monitors.monitor import Answer, Monitor, Trigger
from monitors.properties import script_imports
from monitors.properties.dereference import is_plain_module
from monitors.text.expressions import line_start, lines_around

_STATEMENT = re.compile(r"^[ \t]*(from|import)[ \t]+(?=(.*))")
_PATH = re.compile(r"(\.*)((?:[^\W\d]\w*)?)((?:\.\w*)*)")
_NAMES = re.compile(r"[ \t]+import[ \t]+\(?[ \t]*")
_MORE = re.compile(r",[ \t]*")
_MODULES = (".py", ".pyi", ".so", ".pyd")
_EVERYWHERE = frozenset({"os", "sys", "re"})
"""Modules that any answer about top-level modules contains."""


class ImportMonitor(Monitor):
    """Python's `import a.b` and `from a.b import c, d`; JavaScript's `import { a } from "./b"`."""

    name = "imports"
    languages = frozenset({"python", "javascript", "typescript"})

    def __init__(self, environment_known: bool, root: Path | None = None) -> None:
        """`environment_known`: whether the analyser looks into the very environment that the code will run in; `root`:
        the workspace, whose folders around a document may be on the search path.
        """
        self._environment_known = environment_known
        self._root = root

    def pre(self, view: View) -> Iterable[Trigger]:
        if view.language != "python":
            yield from script_imports.triggers(view)
            return
        line_end = view.text.find("\n", view.since)
        while True:
            end = len(view.text) if line_end < 0 else line_end
            yield from self._in_line(view, line_start(view.text, end), end)
            if line_end < 0:
                return
            line_end = view.text.find("\n", line_end + 1)

    def _in_line(self, view: View, start: int, end: int) -> Iterable[Trigger]:
        line = view.text[start:end]
        statement = _STATEMENT.match(line)
        if statement is None or not view.in_code(start):
            return
        starts = [statement.end()]
        if statement.group(1) == "from":
            path = _PATH.match(line, statement.end())
            names = _NAMES.match(line, path.end()) if path else None
            if names:
                exported = [names.end(), *(more.end() for more in _MORE.finditer(line, names.end()))]
                yield from (Trigger(start + at, True, "name") for at in exported if _may_begin_word(line, at))
        else:
            starts += [more.end() for more in _MORE.finditer(line, statement.end())]
        for at in starts:
            path = _PATH.match(line, at)
            if path is None:
                continue
            relative = bool(path.group(1))
            if (relative or self._environment_known) and _may_begin_word(line, path.start(2)):
                kind = "relative" if relative else "top" if statement.group(1) == "import" else "from"
                yield Trigger(start + path.start(2), True, kind)
            dots = [at for at in range(path.start(3), path.end(3)) if line[at] == "."]
            yield from (Trigger(start + dot + 1, True, "module") for dot in dots if _may_begin_word(line, dot + 1))

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        if view.language != "python":
            return script_imports.analyse(view, trigger, ask)
        if _may_fail(view, trigger.start):
            return Answer(reason="the import may fail on purpose")
        top = trigger.detail in ("top", "from")
        if top and "sys.path" in view.text:
            return Answer(reason="the search path is changed")
        found = ask.complete(view.place(trigger.start))
        if trigger.detail == "name":
            return trusted_exports(found)
        answer = trusted_modules(found, top)
        return replace(answer, names=answer.names | self._around(view)) if top and answer.trusted else answer

    def _around(self, view: View) -> frozenset[str]:
        """Modules beside the document, in each folder between it and the workspace's, and where these keep sources."""
        path = Path(view.document.path)
        folders = [folder for folder in path.parents if self._root and folder.is_relative_to(self._root)]
        places = (place for folder in folders or [path.parent] for place in (folder, folder / "src"))
        return frozenset().union(*map(_modules_in, places))

    def mask(self, view: View, trigger: Trigger, answer: Answer) -> Constraint | None:
        plain = super().mask(view, trigger, answer)
        if view.language != "python":
            return plain
        otherwise = {"name": r"[(*\r\n]", "relative": r"[. \t]", "from": r"\."}.get(trigger.detail)
        if plain is None or plain.typed or otherwise is None:
            return plain
        return Constraint(self.name, plain.start, regex=word_pattern(answer.names, otherwise + "(?s:.*)"))


def trusted_modules(found: Completions, top: bool) -> Answer:
    """Modules in an answer, if it is about modules at all."""
    names = frozenset(name.name for name in found.names)
    if not names or not found.complete:
        return Answer(reason="no modules known")
    if "print" in names or (top and not names >= _EVERYWHERE):
        return Answer(reason="the answer is not about modules")
    return Answer(names)


def trusted_exports(found: Completions) -> Answer:
    """Names that a module exports, if it does not make them up at run time."""
    names = frozenset(name.name for name in found.names)
    if not any(not name.startswith("__") for name in names) or not found.complete:
        return Answer(reason="nothing known of that module")
    if "print" in names and "isinstance" in names:
        return Answer(reason="the answer is about names in scope")
    if "__getattr__" in names and not is_plain_module(found):
        return Answer(reason="names are made at run time")
    return Answer(names)


def _modules_in(folder: Path) -> frozenset[str]:
    try:
        return _modules_at(folder, folder.stat().st_mtime_ns)
    except OSError:
        return frozenset()


@lru_cache(maxsize=64)
def _modules_at(folder: Path, _changed_ns: int) -> frozenset[str]:
    """What can be imported from a folder that last changed then: sources, compiled modules, other folders."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.endswith(_MODULES) or entry.is_dir()]
    words = frozenset(name.partition(".")[0] for name in names)
    return frozenset(word for word in words if word.isidentifier() and not word.startswith("__"))


def _may_begin_word(line: str, at: int) -> bool:
    if at == len(line):
        return not line.endswith(",")  # a blank is still to come
    return line[at].isalpha() or line[at] == "_"


def _may_fail(view: View, offset: int) -> bool:
    """Whether the import stands in a `try`, where it may name what is not installed."""
    return any(
        line.lstrip().startswith(("try", "except", "if ", "elif ", "else"))
        for _, line in lines_around(view.text, offset, 20_000)
    )
