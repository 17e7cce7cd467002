"""Fitting a prompt into the room there is, so that the cut stays where it is while somebody types.

A KV cache is worth what its prompt has in common with the last one from the start. So nothing here follows the cursor
smoothly: the prefix begins at marks on a coarse grid over the text, and what is given to each part changes in coarse
steps. Room is measured by a function (tokens for a local model, characters for a remote one); nothing else is known of
either.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from models.prompting.prompt import Prompt, Snippet

Count = Callable[[str], int]
"""How much room a text takes, in the caller's unit; about additive over lines."""

STEPS = 8
"""The prefix's wish is rounded up to this fraction of the room, so that other parts shrink seldom while it grows."""
STRIDE = 1 / 3
"""Distance of the places where the prefix may begin, as a fraction of its room. While somebody types, the prompt is
read anew once in so many characters; the finer the grid, the more of the room is used, and the oftener that happens."""
SMALLEST_STRIDE = 16
UNSETTLED = 64
"""Longest end of the prefix, in characters, whose tokens are not counted because the next character may change them."""


@dataclass(frozen=True)
class Shares:
    """How the room is divided while every part wants more than there is; what one part leaves goes to the others."""

    prefix: float = 0.55
    suffix: float = 0.15
    snippets: float = 0.30


@dataclass(frozen=True)
class Unit:
    """What room is measured in."""

    count: Count
    characters: float
    """Typical number of characters to one unit; it sets the grid, and correctness does not depend on it."""
    overhead: int
    """Units that a snippet takes besides its path and text."""


def trim(prompt: Prompt, room: int, unit: Unit, *, with_suffix: bool, shares: Shares) -> Prompt:
    """`prompt` with its prefix cut at the start, its suffix at the end, and its least helpful snippets left out.

    The three together take about `room` units at most: `Unit.count` need not be exactly additive, and the word at the
    end of the prefix is always kept.
    """
    room = max(room, 0)
    step = max(room // STEPS, 1)

    start, taken = _window(prompt.prefix, room, unit)
    wish = room if start else min(room, (taken // step + 1) * step)
    suffix = _head(prompt.suffix, room, unit) if with_suffix else ""
    wishes = {
        "prefix": wish,
        "snippets": sum(_cost(snippet, unit) for snippet in prompt.snippets),
        "suffix": unit.count(suffix),
    }
    given = _divide(room, wishes, shares)

    if given["prefix"] < wish:
        start, _ = _window(prompt.prefix, given["prefix"], unit)
    if given["suffix"] < wishes["suffix"]:
        suffix = _head(suffix, given["suffix"], unit)
    return replace(
        prompt,
        prefix=prompt.prefix[start:],
        suffix=suffix,
        snippets=_most_helpful(prompt.snippets, given["snippets"], unit),
    )


def _divide(room: int, wishes: dict[str, int], shares: Shares) -> dict[str, int]:
    """Each part its share or its wish, whichever is less; then what is left, first come first served."""
    given = {part: min(wish, int(room * getattr(shares, part))) for part, wish in wishes.items()}
    for part, wish in wishes.items():
        given[part] += min(wish - given[part], room - sum(given.values()))
    return given


def _window(text: str, room: int, unit: Unit) -> tuple[int, int]:
    """Where the last part of `text` that fits the room begins, on the grid, and how much room it takes.

    Typical text fills two thirds of the room to all of it. Dense text (a unit to every character) may have a stretch of
    the grid that is larger than the room; there the grid is made finer until a quarter is filled.
    """
    stride = max(int(room * unit.characters * STRIDE), SMALLEST_STRIDE)
    while True:
        start = end = _settled(text)
        taken = 0
        for index in range(len(text) // stride, -1, -1):
            mark = _mark(text, index, stride)
            cost = unit.count(text[mark:end]) if mark < end else 0
            if taken + cost > room:
                break
            taken += cost
            start = end = min(mark, end)
        if start == 0 or taken >= room / 4 or stride == SMALLEST_STRIDE:
            return start, taken
        stride = max(stride // 2, SMALLEST_STRIDE)


def _settled(text: str) -> int:
    """How much of `text` is counted: all but its last word, because `retur` may be three tokens where `return` is one,
    and a count that goes up and down would move the window to and fro at every key."""
    words = text[-UNSETTLED:].rstrip()
    blank = max(words.rfind(" "), words.rfind("\n"), words.rfind("\t"))
    return max(len(text) - min(UNSETTLED, len(text)) + blank, (len(text) // UNSETTLED - 1) * UNSETTLED, 0)


def _mark(text: str, index: int, stride: int) -> int:
    """A place where the window may begin: the line start that follows a multiple of `stride` from the text's own start,
    or the multiple itself in a very long line. It does not move when text is added at the end."""
    position = index * stride
    newline = text.find("\n", position - 1, position + stride - 1) if index else -1
    return newline + 1 if newline >= 0 else position


def _head(text: str, room: int, unit: Unit) -> str:
    """The start of `text` that fits the room, whole lines where it has any."""
    length = min(len(text), int(room * unit.characters * 4))
    while length and (taken := unit.count(text[:length])) > room:
        length = min(int(length * room / taken), length - 1)
    if length == len(text):
        return text
    newline = text.rfind("\n", 0, length)
    return text[: newline + 1] if newline >= 0 else text[:length]


def _most_helpful(snippets: tuple[Snippet, ...], room: int, unit: Unit) -> tuple[Snippet, ...]:
    """Snippets from the last on that fit; of the very last at least its beginning."""
    kept: list[Snippet] = []
    for snippet in reversed(snippets):
        cost = _cost(snippet, unit)
        if cost > room and not kept:
            rest = room - unit.overhead - unit.count(snippet.path)
            snippet = replace(snippet, text=_head(snippet.text, max(rest, 0), unit))
            cost = _cost(snippet, unit)
        if snippet.text and cost <= room:
            kept.append(snippet)
            room -= cost
    return tuple(reversed(kept))


def _cost(snippet: Snippet, unit: Unit) -> int:
    return unit.count(snippet.path) + unit.count(snippet.text) + unit.overhead
