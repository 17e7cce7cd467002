"""Which of the 15 categories of *Lost in Translation* a failed candidate belongs to: a guess, and how it is made.

The paper's authors read the code; this module reads messages. What a compiler or interpreter says tells the categories
of names, types, syntax and imports apart quite well (patterns in `fault_patterns`, first match wins). What it cannot
tell is *why* a built program computes something else: there the source, if it is known, is compared by counting loops,
conditions, operators and lines, which says no more than where to look first. `replaced_api_behaviour` is never
guessed, and `other` means that nothing applies.
"""

import re
from collections import Counter

from lsp_server.languages import Language
from lsp_server.verification import fault_patterns as patterns
from lsp_server.verification.verdict import Fault, Verdict


def classify(verdict: Verdict, candidate: str, language: Language, source: str = "") -> Fault:
    """The likeliest category of a failed candidate; `source` helps where it builds and computes the wrong thing."""
    if verdict.status != "failed":
        return ""
    if source and candidate.strip() == source.strip():
        return "source_syntax_kept"
    if not candidate.strip() or patterns.PROSE.search(candidate):
        return "model_limits"
    if verdict.stage == "build":
        return _of_build(verdict.messages, language)
    if verdict.stage == "run":
        return _of_run(verdict)
    return _of_result(verdict, candidate, source)


def _of_build(message: str, language: Language) -> Fault:
    if patterns.CUT_OFF.search(message):
        return "model_limits"
    first = _first_error(message)
    unknown = patterns.NOT_FOUND.search(first) is not None
    if unknown:
        names = " ".join(patterns.UNKNOWN_NAME.findall(first)) or first
        if re.search(patterns.FOREIGN_NAMES.get(language.id, r"(?!)"), names):
            return "source_syntax_kept"
        if patterns.STANDARD_NAMES.search(names) and not patterns.MEMBER.search(first):
            return "missing_import"
    for fault, pattern in patterns.BUILD:
        if pattern.search(first):
            return fault
    if unknown:
        return "missing_definition"
    return "target_language_requirements" if patterns.SYNTAX.search(message) else "other"


def _of_run(verdict: Verdict) -> Fault:
    if verdict.stopped_by in ("time", "memory"):
        return "loop_or_condition"
    for fault, pattern in patterns.RUN:
        if pattern.search(verdict.messages):
            return fault
    return "other"


def _of_result(verdict: Verdict, candidate: str, source: str) -> Fault:
    """It builds and computes something else. Formats first, then what source and candidate have in unequal numbers."""
    if verdict.test_origin == "program":
        expected, _, actual = verdict.messages.partition("Actual output:")
        if _words(expected.partition("Expected output:")[2]) == _words(actual):
            return "output_format"
    if not source:
        return "other"
    same_shape = _shape(source) == _shape(candidate)
    if same_shape and len(patterns.OPERATORS.findall(source)) != len(patterns.OPERATORS.findall(candidate)):
        return "operator"
    if _lines(candidate) * 2 < _lines(source):
        return "removed_logic"
    if not same_shape:
        return "loop_or_condition"
    return "added_logic" if _lines(candidate) > 2 * _lines(source) else "other"


def _shape(text: str) -> tuple[int, int]:
    return len(patterns.LOOPS.findall(text)), len(patterns.CONDITIONS.findall(text))


def _lines(text: str) -> int:
    return sum(bool(line.strip()) for line in text.splitlines())


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text))


def _first_error(message: str) -> str:
    """The first error with the lines that explain it: the others follow from it more often than not."""
    errors = list(patterns.ERROR.finditer(message))
    if len(errors) < 2:
        return message
    start = message.rfind("\n", 0, errors[0].start()) + 1
    end = message.rfind("\n", 0, errors[1].start())
    return message[start:end] if end > start else message
