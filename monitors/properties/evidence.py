"""What the document itself says about a receiver: members that its author uses are members, whatever an analyser
thinks.

If the same function (for `self`, the same class) uses a member that is not in an answer, the answer is about another
type than the author's, or not about all of it. Measured on Python: this finds two in three of the answers that would
forbid the truth.
"""

import re
from collections.abc import Sequence

from monitors.document import View
from monitors.text.expressions import indentation, lines_around, receiver_start

_OWN = frozenset({"self", "cls"})
_ELSEWHERE = re.compile(
    r"\b(?:(?i:platform|version_info|hasattr|py_?\d\w*|windows|is_(?:win|mac|linux|posix|darwin|py)\w*)"
    r"|os\.name|WIN\w*|IS_\w+)\b"
)
"""What a condition looks like that asks on which machine, or which version, the code runs."""
_LONGEST_BLOCK = 60_000
"""Code points to each side that are read at most."""


def used_members(view: View, operator_start: int) -> frozenset[str]:
    """Members that the Python document uses elsewhere, in the same block, of the receiver that ends at
    `operator_start`.
    """
    receiver = view.text[receiver_start(view.text, operator_start, view.lexicon.dereferences) : operator_start]
    # What a model wrote is no evidence, and neither is the word that is half typed.
    before, after = _block(view, min(operator_start, view.cursor), "class" if receiver.split(".")[0] in _OWN else "def")
    return used_of(receiver, before) | used_of(receiver, after)


def unkept(parameters: Sequence[str], receiver: str, view: View, operator_start: int) -> tuple[str, ...]:
    """Those `parameters` of the Python function around a place that it does not keep in a member of the `receiver` that
    ends at `operator_start`: not by their names, and not with underscores before them.
    """
    if not parameters:
        return ()
    before, after = _block(view, min(operator_start, view.cursor), "def")
    kept = {name.lstrip("_") for name in used_of(receiver, before) | used_of(receiver, after)}
    return tuple(name for name in parameters if name.lstrip("_") not in kept | {receiver, "self", "cls"})


def used_of(receiver: str, text: str) -> frozenset[str]:
    """Members that `text` uses of a receiver that is a name, or names with dots between them."""
    if not re.fullmatch(r"[^\W\d]\w*(?:\.\w+)*", receiver):
        return frozenset()
    # A pattern that begins with plain text is found ten times as fast as one that begins with a look behind.
    found = re.finditer(rf"{re.escape(receiver)}\.([^\W\d]\w*)", text)
    return frozenset(match[1] for match in found if not _goes_on_before(text, match.start()))


def runs_elsewhere(view: View, offset: int) -> bool:
    """Whether `offset` stands under a condition about platform or version; an analyser knows only one."""
    return any(
        line.lstrip().startswith(("if ", "elif ")) and _ELSEWHERE.search(line)
        for _, line in lines_around(view.text, offset, _LONGEST_BLOCK)
    )


def _goes_on_before(text: str, offset: int) -> bool:
    """Whether an expression reaches over `offset` from the left."""
    before = text[offset - 1 : offset]
    return before.isalnum() or (before != "" and before in "_.)]\"'")


def _block(view: View, offset: int, keyword: str) -> tuple[str, str]:
    """The text of the innermost `def` or `class` around `offset`: before it, and from the next line on."""
    text, suffix = view.text[:offset], view.document.suffix
    header = re.compile(rf"^[ \t]*(?:async[ \t]+)?{keyword}\b.*$", re.MULTILINE)
    own = indentation(text[text.rfind("\n") + 1 :] or " ")
    start, margin = 0, -1
    for match in reversed(list(header.finditer(text, max(0, len(text) - _LONGEST_BLOCK)))):
        if indentation(match.group()) < own:
            start, margin = match.start(), indentation(match.group())
            break
    before = text[max(start, len(text) - _LONGEST_BLOCK) :]
    return before, _until_dedent(suffix[:_LONGEST_BLOCK], margin)


def _until_dedent(suffix: str, margin: int) -> str:
    position = suffix.find("\n") + 1
    while 0 < position < len(suffix):
        end = suffix.find("\n", position)
        end = len(suffix) if end < 0 else end
        line = suffix[position:end]
        if line.strip() and indentation(line) <= margin and not line.lstrip().startswith((")", "]", "}", "#")):
            return suffix[:position]
        position = end + 1
    return suffix
