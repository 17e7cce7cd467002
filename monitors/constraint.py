"""What a monitor demands of generated text. How it is kept is decided by whoever generates."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_PLAIN_WORD = re.compile(r"[^\W\d]\w*")
_SPECIAL = re.compile(r"([\\.+*?()|\[\]{}^$#&\-~])")
WORD_ENDS = r"[^0-9A-Za-z_$\x{80}-\x{10FFFF}]"
"""A character that cannot continue a word. No language puts a letter that is not ASCII right after a finished word."""

_LETTERS = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A), (0x80, 0x10FFFF)]
"""Code points that can continue a word, as ranges."""


@dataclass(frozen=True)
class Constraint:
    """From character `start` of the generated text on, the text must be a prefix of some match of what is described.

    Exactly one of `names`, `regex`, `grammar` is set.
    """

    source: str
    """The monitor's name, for counts and records."""
    start: int
    """Offset in the generated text, in code points; negative where it begins before the cursor (a word half typed)."""
    names: frozenset[str] | None = None
    """One of these words, ended by a character that cannot continue a word; free text after that."""
    regex: str | None = None
    """A regular expression in Rust's syntax, without look-around, over all text from `start` on."""
    grammar: str | None = None
    """A Lark grammar over all text from `start` on."""
    typed: str = ""
    """What already stands in the document between a negative `start` and the cursor."""
    weights: tuple[tuple[str, float], ...] = ()
    """What speaks for some of `names` (or against them, where negative) beside what a model thinks of them, in nats: at
    0.7 it counts as twice as likely. It forbids nothing; names that are not listed weigh 0."""
    binding: bool = True
    """Whether nothing but `names` may stand there. If not, any text may, and the weights are all that is said."""

    def __post_init__(self) -> None:
        if sum(part is not None for part in (self.names, self.regex, self.grammar)) != 1:
            raise ValueError(f"the constraint of {self.source} must have exactly one of names, regex and grammar")


def word_pattern(names: Iterable[str], otherwise: str = "") -> str:
    """In Rust's syntax: one of these words, then anything; or else text that matches `otherwise`."""
    words = "|".join(escape(name) for name in sorted(names))
    pattern = f"(?:{words})(?:{WORD_ENDS}(?s:.*))?"
    return f"(?:{pattern}|{otherwise})" if otherwise else pattern


def forbidding(words: Iterable[str], extra: str = "") -> str:
    """In Rust's syntax: any text, but not one of these words followed by a character that cannot continue a word.

    `extra`: what a word may contain besides letters, digits and underscores (`$`). Raises `ValueError` without words.
    """
    unwanted = sorted(set(words) - {""})
    if not unwanted:
        raise ValueError("there is no word to forbid")
    letters = [*_LETTERS, *((ord(letter), ord(letter)) for letter in extra)]
    return _anything_but(unwanted, letters)


def _anything_but(words: list[str], letters: list[tuple[int, int]]) -> str:
    """The words as a tree of their letters, because the syntax has no negation."""
    whole = "" in words
    branches: dict[str, list[str]] = {}
    for word in words:
        if word:
            branches.setdefault(word[0], []).append(word[1:])
    # Behind a whole word only another letter saves the text, and not one that begins another unwanted word.
    other = _without(letters, branches) if whole else f"[^{''.join(map(escape, branches))}]"
    parts = [f"{other}(?s:.*)", *(escape(letter) + _anything_but(rest, letters) for letter, rest in branches.items())]
    return f"(?:{'|'.join(parts)})"


def _without(ranges: list[tuple[int, int]], letters: Iterable[str]) -> str:
    """A class of the characters in `ranges`, ends included, but for some letters."""
    for point in map(ord, letters):
        ranges = [
            part
            for low, high in ranges
            for part in (((low, point - 1), (point + 1, high)) if low <= point <= high else ((low, high),))
            if part[0] <= part[1]
        ]
    return "[" + "".join(rf"\x{{{low:x}}}-\x{{{high:x}}}" for low, high in ranges) + "]"


def is_plain_word(name: str) -> bool:
    """Whether `name` is made of letters, digits and underscores alone, and does not begin with a digit."""
    return _PLAIN_WORD.fullmatch(name) is not None


def escape(text: str) -> str:
    """`text` as a regular expression that matches it alone, in the syntax that Python and Rust share."""
    return _SPECIAL.sub(r"\\\1", text)
