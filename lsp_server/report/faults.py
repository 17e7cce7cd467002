"""Why a prediction was wrong, in the words of the Code4Me study's taxonomy, where a machine can tell.

The study sorted 1,690 requests by hand. What needs a reader's judgement (wrong semantics, valid but not preferred,
insufficient context) is not told here, and what is told is a guess by the first difference, not a verdict.
"""

import re

from lsp_server.evaluation.tokens import lexemes
from lsp_server.report.reading import Row

CORRECT_NOT_ACCEPTED = "user: correct, not accepted"
NEEDED_CHANGE = "user: accepted, needed change"
EMPTY = "nothing was written"
_LITERAL = re.compile(r"\d|[\"'`]")


def fault_of(row: Row, said: str, truth: str, exact: bool) -> str:
    """A class of fault; empty for what was right and accepted, or right and never shown."""
    result = row.outcome.result
    if exact:
        return CORRECT_NOT_ACCEPTED if result in ("rejected", "superseded") else ""
    if result == "accepted" and any(t.state == "edited" for t in row.truths):
        return NEEDED_CHANGE
    said, truth = said.strip(), truth.strip()
    if not said:
        return EMPTY
    if _inside_a_word(row):
        return "application: invoked inside a word"
    if truth.startswith(said):
        return "model: ended early"
    if said.startswith(truth):
        return "model: ended late"
    if _loops(said):
        return "model: looped"
    if len(said) > 15 and said in (row.request.prefix or "")[-2000:]:
        return "model: copied context"
    return _first_difference(said, truth, row.request.language)


def _inside_a_word(row: Row) -> bool:
    before, after = (row.request.prefix or "")[-1:], (row.request.suffix or "")[:1]
    return (before.isalnum() or before == "_") and (after.isalnum() or after == "_")


def _loops(text: str) -> bool:
    """Whether the text ends in the same piece three times over."""
    return any(text.endswith(text[-size:] * 3) for size in range(3, len(text) // 3 + 1))


def _first_difference(said: str, truth: str, language: str) -> str:
    ours, theirs = lexemes(said, language), lexemes(truth, language)
    place = next((i for i, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a.text != b.text), None)
    if place is None:
        return "model: other"
    wanted, after = theirs[place], theirs[place + 1 : place + 2]
    if wanted.is_identifier:
        return "model: wrong function" if after and after[0].text.startswith("(") else "model: wrong variable"
    if _LITERAL.match(wanted.text):
        return "model: wrong literal"
    if {wanted.text, ours[place].text} <= {",", ")", ");", "):", "),"}:
        return "model: wrong parameter count"
    return "model: other"
