"""Calls in the order that an API asks for: no `send` before `connect`, nothing after `close`.

Source: the paper's typestate monitor (Agrawal et al., section 5.2), which used Rust types that encode states. Here a
specification says the order (`monitors/typestates.py`), and the document itself says in which state an object is: the
calls between its making and the cursor are followed, in the same block. Works in any language with a specification;
needs no analyser.
"""

import re
from collections.abc import Iterable, Sequence

from monitors.analysis.analyser import Analyser
from monitors.constraint import forbidding
from monitors.document import View
from monitors.monitor import Answer, Monitor, Trigger
from monitors.text.expressions import indentation, line_start
from monitors.text.lexicon import Lexicon
from monitors.text.scanner import blanked, scan
from monitors.typestates import Protocol

_RECEIVER = re.compile(r"(?<![\w$.>:)\]])(\$?[^\W\d][\w$]*)(\.|->)(?=[^\W\d]?)")
_LOOP = re.compile(r"[\s}]*(?:async\s+)?(?:for|while|do|loop|foreach)\b")
_MODIFIED = re.compile(r"[^\n]*\s(?:if|unless|while|until)\s")
"""After a call in the same line: it may not have happened (`c.close() if bad else None`)."""
_FARTHEST = 20_000
"""Code points before the cursor that are read."""


class TypestateMonitor(Monitor):
    """A method that no state the object may be in allows is not called on it."""

    name = "typestate"
    languages = frozenset[str]()

    def __init__(self, protocols: Sequence[Protocol]) -> None:
        self._protocols = tuple(protocols)

    def pre(self, view: View) -> Iterable[Trigger]:
        if not self._of(view):
            return
        for match in _RECEIVER.finditer(view.text, view.since):
            start = match.end()
            following = view.text[start : start + 1]
            if (not following or following.isalpha() or following == "_") and view.in_code(start):
                yield Trigger(start, True, match.group(1))

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        text = view.text[max(0, trigger.start - _FARTHEST) : trigger.start]
        for protocol in self._of(view):
            states = _states(text, trigger.detail, protocol, view.lexicon)
            if states is not None:
                forbidden = protocol.governed - protocol.allowed(states)
                return Answer(regex=forbidding(forbidden, view.lexicon.word_extra)) if forbidden else Answer()
        return Answer()

    def _of(self, view: View) -> list[Protocol]:
        return [p for p in self._protocols if not p.languages or view.language in p.languages]


def _states(text: str, name: str, protocol: Protocol, lexicon: Lexicon) -> frozenset[str] | None:
    """The states that `name`, with whose dereference `text` ends, may be in; `None` where that cannot be told.

    It can be told where the last assignment to the name is a making, in a block that is still open and is no loop's.
    Calls in blocks that have ended may have happened or not. One that is not first in its line may belong to a
    condition, or to a function that is called whenever, and a method that is named and not called is handed on: then
    nothing is known, unless it would change nothing.
    """
    found = _since_making(text, name, protocol, lexicon)
    if found is None:
        return None
    code, made = found
    word = re.escape(name)
    mentions = list(re.finditer(rf"(?<![\w$.]){word}(?![\w$])\s*(?:(?:\.|->)\s*(\w*)(\s*\()?)?", code[made:]))
    if any(mention.group(1) is None for mention in mentions):
        return None  # handed on, or assigned anew: others may call it too
    lines = code.split("\n")
    margins = [indentation(line) if line.strip() else None for line in lines]
    lowest = _lowest_after(margins)
    first = margins[0] or 0
    if lowest[0] < first or _in_loop(lines, margins):
        return None
    states = frozenset({protocol.start})
    for mention in mentions[:-1]:
        after = protocol.after(states, mention.group(1))
        start = made + mention.start()
        is_first = code[line_start(code, start) : start].strip() in ("", "await")
        is_certain = mention.group(2) and is_first and not _MODIFIED.match(code, made + mention.end())
        if after != states and not is_certain:
            return None
        row = code.count("\n", 0, start)
        happened = (margins[row] or 0) <= lowest[row]
        states = after if happened else states | after
    return states


def _lowest_after(margins: list[int | None]) -> list[int]:
    """For each line, the smallest indentation of it and all lines after it."""
    lowest: list[int] = []
    smallest = 1_000_000
    for margin in reversed(margins):
        smallest = min(smallest, margin if margin is not None else smallest)
        lowest.append(smallest)
    return lowest[::-1]


def _in_loop(lines: list[str], margins: list[int | None]) -> bool:
    """Whether the last line stands in a loop that began after the first: then what follows may come before it."""
    margin = margins[-1] or 0
    for line, own in zip(reversed(lines[1:-1]), reversed(margins[1:-1]), strict=True):
        if own is not None and own < margin:
            margin = own
            if _LOOP.match(line):
                return True
    return False


def _since_making(text: str, name: str, protocol: Protocol, lexicon: Lexicon) -> tuple[str, int] | None:
    """The code from the line of the last making of `name` on, if its last assignment is one, and where in that the
    making's call ends its name. What is no code (comments, and strings without their holes) is blank.
    """
    word = re.escape(name)
    calls = "|".join(re.escape(call).replace(r"\ ", r"\s+") for call in protocol.made_by)
    made = rf"(?<![\w$.]){word}\s*(?::[^=\n]*)?:?=\s*(?:await\s+)?(?:{calls})\s*\("
    opened = rf"(?<![\w$.])(?:{calls})\s*\([^\n]*\)\s*as\s+{word}\s*:"
    for match in reversed(list(re.finditer(rf"{made}|{opened}", text))):
        begin = line_start(text, match.start())
        read = scan(lexicon, text, begin)
        code = blanked(text, read.literals, begin)
        # Where the line stands in a string or a comment of many lines, the end of that is read as a beginning, or left.
        if not read.in_code or any(closing in code for _, closing in lexicon.block_comments):
            return None
        if not any(start <= match.start() < end for start, end in read.literals):
            return code, match.end() - begin
    return None
