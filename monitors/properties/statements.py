"""Whether a dereference may make the member that it names: where it begins a statement, an assignment may follow."""

import re

from monitors.document import View
from monitors.text.expressions import line_start, receiver_start
from monitors.text.functions import enclosing_name

_SET_UP = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__", "__setstate__"})
"""Methods of Python classes that set up an object."""

_AFTER_NAME = re.compile(r"[\w$#]*[ \t]*")
_MEMBER = r"(?:\??->|::|\.)[\w$]+"
_TARGET = rf"[\w$]+(?:{_MEMBER}|\[[^\[\]=]*\]|\([^()=]*\))*"
_LISTED = re.compile(rf"[ \t(\[*]*(?:{_TARGET}[ \t)\]]*,[ \t(\[*]*)*")
"""Targets before another one of the same assignment, as far as a line holds nothing else."""
_CHAINED = re.compile(rf"[ \t]*(?:{_TARGET}[ \t]*=[ \t]*)*(?P<last>{_TARGET})[ \t]*=[ \t]*")


def begins_statement(view: View, operator_start: int) -> bool:
    """Whether the receiver is the first thing in its line, or stands behind other targets of an assignment, and is no
    argument of a call above it.
    """
    text = view.text
    receiver = receiver_start(text, operator_start, view.lexicon.dereferences)
    before = text[line_start(text, receiver) : receiver]
    if before.strip() and not _LISTED.fullmatch(before) and not _is_chained(before, text[receiver:operator_start]):
        return False
    for frame in reversed(view.scan_at(receiver).brackets):
        if frame.opening == "{" and view.language != "python":
            return True
        if text[line_start(text, frame.offset) : frame.offset].strip():
            return False
    return True


def _is_chained(before: str, receiver: str) -> bool:
    """Whether a receiver after `before` may be a further target, as in `self.head = self.tail = None`.

    One place in eight after `self.head = self.` in what sets an object up is, of 670 in installed packages; of those
    after a plain name, one in 26: there the answer is worth more.
    """
    found = _CHAINED.fullmatch(before)
    return found is not None and re.fullmatch(re.escape(receiver) + _MEMBER, found["last"]) is not None


def may_create(view: View, operator_start: int) -> bool:
    """Whether an assignment to a dereference here may well make the member that it names. In Python hardly anybody does
    that outside what sets an object up: of 179 dereferences there that began a statement, none (docs/monitors.md).
    """
    if view.language != "python":
        return True
    function = enclosing_name(view.text, operator_start)
    return not function or function in _SET_UP or function.lower().startswith("setup")


def follows(text: str, start: int) -> str:
    """What stands behind the member's name: `assignment`, `something` else, or `nothing` yet."""
    match = _AFTER_NAME.match(text, start)
    if match is None or match.end() == len(text):
        return "nothing"
    rest = text[match.end() :].lstrip(" \t)]")  # targets may stand in brackets
    if not rest:
        return "nothing"
    if rest[0] == "=":
        if len(rest) == 1:
            return "nothing"
        return "something" if rest[1] == "=" else "assignment"
    return "assignment" if rest[0] in ":," else "something"
