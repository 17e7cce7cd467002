"""Examples and what came of calling a function with them: which function, which results agree, what is said of it."""

import json
import math
import re
from collections.abc import Mapping

from lsp_server.languages import Language
from lsp_server.sandbox import StepResult
from lsp_server.translation.naming import words_of
from lsp_server.translation.outline import outline_source
from lsp_server.verification.harnesses import Function
from lsp_server.verification.messages import MOST_CHARS, limit_of, run_message
from lsp_server.verification.tests import ExampleTests, Value
from lsp_server.verification.verdict import Stage, TestOrigin, Verdict

_SHOWN = 3
"""Examples that disagree and are told; a repair learns little from more."""
_STATIC = r"^[^\n/#*]*\bstatic\b[^\n(]*\b{name}\s*\("
"""The declaration; a comment above it may hold calls."""
_MISSING = object()


def find_function(text: str, language: Language, tests: ExampleTests) -> Function | None:
    """The function that the tests are for, under its name in any convention; the only one there is otherwise."""
    units = [unit for unit in outline_source(text, language).units if unit.kind == "function"]
    units = [unit for unit in units if unit.name.lower() != "main"]
    named = [unit for unit in units if words_of(unit.name) == words_of(tests.name)]
    chosen = named or (units if len(units) == 1 else [])
    if not chosen:
        return None
    unit = chosen[-1]
    static = re.search(_STATIC.format(name=re.escape(unit.name)), unit.text, re.MULTILINE) is not None
    return Function(unit.name, unit.parameters, unit.return_type, unit.owner, static, tests.in_place)


def compared(tests: ExampleTests, run: StepResult, found: Mapping[int, Value], language: str, builder: str) -> Verdict:
    """The verdict on what the calls gave back."""
    total = len(tests.examples)
    origin: TestOrigin = "translated" if tests.translated else "derived"
    kind = "translated tests" if tests.translated else "examples made by running the source"
    wrong: list[str] = []
    agreed = 0
    for number, example in enumerate(tests.examples):
        actual = found.get(number, _MISSING)
        if actual is not _MISSING and agree(example.expected, found[number], example.tolerance, language):
            agreed += 1
            continue
        arguments = ", ".join(json.dumps(argument) for argument in example.arguments)
        gave = "nothing, because the program had ended" if actual is _MISSING else _told(found[number])
        wrong.append(f"{tests.name}({arguments}) gave {gave}, expected {json.dumps(example.expected)}")
    if agreed == total:
        return Verdict(
            "verified", f"Built with {builder}; {total} of {total} {kind} agree.", "", "", "", origin, total, total
        )
    limit, detail = limit_of(run)
    crashed = len(found) < total
    stage: Stage = "run" if crashed or all("gave an error: " in text for text in wrong) else "tests"
    message = "\n".join(wrong[:_SHOWN]) + (f"\n{run_message(run)}" if crashed and run.stderr.strip() else "")
    evidence = f"Built; {agreed} of {total} {kind} agree."
    if limit:
        evidence = f"Built, then stopped: {detail}. {agreed} of {total} {kind} agree."
    return Verdict("failed", evidence, stage, message[:MOST_CHARS], "", origin, total, agreed, limit)


def _told(value: Value) -> str:
    if isinstance(value, dict) and isinstance(value.get("$error"), str):
        return f"an error: {value['$error']}"
    return json.dumps(value)


def agree(expected: Value, actual: Value, tolerance: float, language: str = "") -> bool:
    """Whether two results are the same as far as two languages can say it.

    Numbers within the tolerance; whole numbers and floats of the same value; sets in any order; Go's nil slice and an
    empty list; C's 1 and `true`.
    """
    if (isinstance(expected, dict) and "$set" in expected) or (isinstance(actual, dict) and "$set" in actual):
        return _same_members(_members(expected), _members(actual), tolerance, language)
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected == actual and (isinstance(expected, bool) == isinstance(actual, bool) or language == "c")
    if isinstance(expected, int | float) and isinstance(actual, int | float):
        return math.isclose(expected, actual, rel_tol=tolerance, abs_tol=tolerance)
    if isinstance(expected, list) and isinstance(actual, list):
        pairs = zip(expected, actual, strict=False)
        return len(expected) == len(actual) and all(agree(a, b, tolerance, language) for a, b in pairs)
    if isinstance(expected, dict) and isinstance(actual, dict):
        keys = expected.keys() == actual.keys()
        return keys and all(agree(expected[key], actual[key], tolerance, language) for key in expected)
    if language == "go" and actual is None:
        return expected in ([], {})
    return type(expected) is type(actual) and expected == actual


def _members(value: Value) -> list[Value] | None:
    if isinstance(value, dict):
        inside = value.get("$set")
        return inside if isinstance(inside, list) else None
    return value if isinstance(value, list) else None


def _same_members(a: list[Value] | None, b: list[Value] | None, tolerance: float, language: str) -> bool:
    if a is None or b is None or len(a) != len(b):
        return False
    left = list(b)
    for item in a:
        match = next((i for i, other in enumerate(left) if agree(item, other, tolerance, language)), None)
        if match is None:
            return False
        left.pop(match)
    return True
