"""Where a text ends, as far as the text alone can tell: a line's end, a stop string, the caller's rule, or a loop.

Knows characters only. What ends a block or a scope depends on the language and comes from the caller as a `StopRule`.
"""

import re

from models.decoding.generation import DecodingParameters, FinishReason, StopRule

_LINE = re.compile(r"\S[^\r\n]*(?=[\r\n])")

LONGEST_PERIOD = 80
PERIODS = 4
"""A text that says the same so many times in a row is in a loop, if it is ..."""
SHORTEST_LOOP = 48
"""... at least so many characters long, with a letter or digit among them, or ..."""
SHORTEST_RULE = 160
"""... so many without any: rulers and tables are drawn with one sign, but not much wider than this."""


class Stops:
    """All rules of one request."""

    def __init__(self, parameters: DecodingParameters, rule: StopRule | None = None) -> None:
        self._single_line = parameters.single_line
        self._strings = tuple(string for string in parameters.stop_strings if string)
        self._rule = rule

    def check(self, text: str) -> tuple[int, FinishReason] | None:
        """Where `text`, all that was generated, ends, and why; `None` to go on. Asked after every token."""
        ends = [text.find(string) for string in self._strings if string in text]
        if self._single_line and (line := _LINE.search(text)):
            ends.append(line.end())
        if self._rule is not None and (end := self._rule(text)) is not None:
            ends.append(min(max(end, 0), len(text)))
        if ends:
            return min(ends), "stop"
        loop = find_loop(text)
        return None if loop is None else (loop, "repetition")

    def settled(self, text: str) -> int:
        """How much of an unfinished `text` no stop string can take back: it does not end in the start of one.

        White space at the end is not settled either, because rules that end a line or a block cut it off.
        """
        length = len(text.rstrip())
        for string in self._strings:
            for size in range(min(len(string) - 1, len(text)), 0, -1):
                if text.endswith(string[:size]):
                    length = min(length, len(text) - size)
                    break
        return length


def find_loop(text: str) -> int | None:
    """Where a text that ends in a loop should end instead: after the first round; `None` if it is in none."""
    for period in range(1, min(LONGEST_PERIOD, len(text) // PERIODS) + 1):
        if text[-period:] != text[-2 * period : -period]:
            continue
        unit = text[-period:]
        length = max(PERIODS * period, SHORTEST_LOOP if any(map(str.isalnum, unit)) else SHORTEST_RULE)
        rounds = -(-length // period)
        if text.endswith(unit * rounds):
            return _loop_start(text, period) + period
    return None


def _loop_start(text: str, period: int) -> int:
    start = len(text) - period
    while start > 0 and text[start - 1] == text[start - 1 + period]:
        start -= 1
    return start
