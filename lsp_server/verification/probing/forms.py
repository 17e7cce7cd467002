"""In which form a translation gives its results, learnt where source and translation are known to be both right.

Two right programs may say the same thing in two ways: `None` and -1, `"6.50"` and 6.5, a number before and after
rounding. On inputs whose tests passed, such a difference is a matter of form, and is no difference on other inputs.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

from lsp_server.verification.examples import agree
from lsp_server.verification.tests import Value

_ROUNDED = 0.0051
"""So much do two places after the point change, and a little for the last bit."""
_WORDS = 2
"""So many results at most have words of their own: no answer, yes and no."""


@dataclass(frozen=True)
class Form:
    """How results are compared."""

    tolerance: float
    rounded: bool = False
    numbers_in_text: bool = False
    words: dict[str, str] = field(default_factory=dict[str, str])
    """What stands for a result of the source, both as JSON."""

    def same(self, expected: Value, actual: Value, language: str) -> bool:
        """Whether a translation into `language` gives what the source gives."""
        if self.numbers_in_text:
            expected, actual = _as_numbers(expected), _as_numbers(actual)
        if self.rounded:
            actual = _unrounded(expected, actual)
        if agree(expected, actual, self.tolerance, language):
            return True
        return self.words.get(json.dumps(expected)) == json.dumps(actual)


def learnt_form(pairs: Sequence[tuple[Value, Value]], tolerance: float, language: str) -> Form | None:
    """The strictest form in which all pairs of a source's and a translation's results agree; `None` without any."""
    words = {
        json.dumps(expected): json.dumps(actual)
        for expected, actual in pairs
        if _plain(expected) and _plain(actual) and not agree(expected, actual, tolerance, language)
    }
    for form in (
        Form(tolerance),
        Form(tolerance, rounded=True),
        Form(tolerance, rounded=True, numbers_in_text=True),
        Form(tolerance, words=words),
    ):
        if len(form.words) <= _WORDS and all(form.same(expected, actual, language) for expected, actual in pairs):
            return form
    return None


def _plain(value: Value) -> bool:
    return not isinstance(value, list | dict)


def _as_numbers(value: Value) -> Value:
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            return value
    return [_as_numbers(item) for item in value] if isinstance(value, list) else value


def _unrounded(expected: Value, actual: Value) -> Value:
    """The second result with the first one's numbers where they differ by rounding alone."""
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [_unrounded(a, b) for a, b in zip(expected, actual, strict=True)]
    if isinstance(expected, float) or isinstance(actual, float):
        numbers = [value for value in (expected, actual) if isinstance(value, int | float)]
        if len(numbers) == 2 and abs(numbers[0] - numbers[1]) <= _ROUNDED:
            return expected
    return actual
