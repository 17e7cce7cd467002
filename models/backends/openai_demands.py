"""Constraints over text that comes from elsewhere: what breaks them, and how a server can be made to keep to them.

The same masks that guide a local model judge the text here, over a vocabulary of single bytes.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import takewhile
from typing import Any

from models.backends.openai_draft import Draft
from models.backends.openai_regex import ANYTHING, NOTHING, Node, UnsupportedError, after, literal, sequence, words
from models.backends.openai_syntax import parse, to_gbnf, to_regex
from models.decoding.constraint import Constraint
from models.decoding.masks.compiler import MaskCompiler
from models.decoding.masks.mask import Mask
from models.tokenization.vocabulary import Vocabulary

Structure = Mapping[str, Any]
"""Fields of a request that make a server keep to a grammar."""


def text_compiler() -> MaskCompiler:
    """Makes masks over text itself."""
    return MaskCompiler(Vocabulary([bytes([byte]) for byte in range(256)]))


class Demand:
    """One constraint, and how far a text that grows and is cut back has come in it."""

    def __init__(self, constraint: Constraint, mask: Mask) -> None:
        self.constraint = constraint
        self.start = max(constraint.start, 0)
        self.without: Draft | None = None
        """The text as it would have been without this constraint, once it was broken."""
        self._mask = mask
        self._said = ""

    def breach(self, text: str) -> int | None:
        """Offset of the first character of `text` that breaks the constraint."""
        rest = text[self.start :]
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(self._said, rest, strict=False)))
        self._mask.retreat(len(self._said) - shared)
        self._said = self._said[:shared]
        for char in rest[shared:]:
            if self._mask.satisfied:
                break
            data = char.encode("utf-8", "replace")
            if not self._mask.allows(data):
                return self.start + len(self._said)
            self._mask.advance(data)
            self._said += char
        return None

    def may_end(self, text: str) -> bool:
        """Whether `text`, which does not break the constraint, may be all there is."""
        return self.breach(text) is None and self._mask.accepts_end

    @property
    def satisfied(self) -> bool:
        """Whether nothing that follows can break it."""
        return self._mask.satisfied


def retaken(before: str, typed: str) -> str:
    """The end of `before` that is better written again with what follows: `typed`, and blanks in front of it.

    Tokens seldom begin where a cursor stands: they hold the blank before a word, and whole words.
    """
    if not before.endswith(typed):
        return ""
    head = before.removesuffix(typed)
    blanks = re.search(r"[ \t]*$", head)
    return (blanks[0] if blanks else "") + typed


def half_typed(before: str) -> str:
    """The word that `before` ends in the middle of, or at the end of."""
    found = re.search(r"\w*$", before)
    return found[0] if found else ""


def beginning_with(back: str) -> Node:
    """Any text that begins with `back`."""
    return sequence(literal(back), ANYTHING)


def rest_of(constraint: Constraint, back: str) -> Node:
    """What must be written from `constraint.start` on, after `back`, which ends with all that is `typed` of it.

    Raises `UnsupportedError` where that cannot be told as a regular expression.
    """
    typed = constraint.typed if constraint.start < 0 else ""
    if constraint.names is not None:
        rest = words(name[len(typed) :] for name in constraint.names if name.startswith(typed))
    elif constraint.regex is not None:
        rest = after(parse(constraint.regex), typed)
    else:
        raise UnsupportedError("a grammar")
    if rest == NOTHING:
        raise UnsupportedError("nothing is left to write")
    return sequence(literal(back), rest)


def as_structures(kind: str, node: Node) -> Sequence[Structure]:
    """How to tell a kind of server that a whole answer must match `node`, best first; empty if it cannot be told."""
    try:
        if kind == "vllm":
            expression = to_regex(node)  # the second field is that of versions before 0.12
            return [{"structured_outputs": {"regex": expression}}, {"guided_regex": expression}]
        return [{"grammar": to_gbnf(node)}] if kind == "llama.cpp" else []
    except UnsupportedError:
        return []


def as_written(kind: str, constraint: Constraint) -> Sequence[Structure]:
    """The same for a constraint that is passed on as it stands, from its very start."""
    if kind != "vllm" or constraint.start < 0:
        return []
    if constraint.regex is not None:
        return [{"structured_outputs": {"regex": constraint.regex}}, {"guided_regex": constraint.regex}]
    if constraint.grammar is not None:
        return [{"structured_outputs": {"grammar": constraint.grammar}}, {"guided_grammar": constraint.grammar}]
    return []
