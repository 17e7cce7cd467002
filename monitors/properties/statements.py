"""Whether a dereference may make the member that it names: where it begins a statement, an assignment may follow."""

import re

from monitors.document import View
from monitors.text.expressions import line_start, receiver_start
from monitors.text.functions import enclosing_name

_SET_UP = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__", "__setstate__"})
"""Methods of Python classes that set up an object."""

_AFTER_NAME = re.compile(r"[\w$#]*[ \t]*")


def begins_statement(view: View, operator_start: int) -> bool:
    """Whether the receiver is the first thing in its line, and not an argument of a call above it."""
    text = view.text
    receiver = receiver_start(text, operator_start, view.lexicon.dereferences)
    if text[line_start(text, receiver) : receiver].strip():
        return False
    brackets = view.scan_at(receiver).brackets
    if not brackets:
        return True
    opening = brackets[-1]
    if opening.opening == "{" and view.language != "python":
        return True
    return not text[line_start(text, opening.offset) : opening.offset].strip()


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
    rest = text[match.end() :]
    if rest[0] == "=":
        if len(rest) == 1:
            return "nothing"
        return "something" if rest[1] == "=" else "assignment"
    return "assignment" if rest[0] in ":," else "something"
