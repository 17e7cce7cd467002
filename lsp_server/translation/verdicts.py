"""What is said of a file whose units were judged one by one."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from lsp_server.languages import Language
from lsp_server.translation.comments import holds_comments, split_comment
from lsp_server.translation.task import UnitTranslation
from lsp_server.verification import Verdict


def combined(whole: Verdict, units: Sequence[UnitTranslation]) -> Verdict:
    """The verdict on a file: its own, and where it only builds, what is known of its functions.

    `verified` where it has tests of its own that agree, or where it builds and every function in it is verified;
    `failed` where a part of it is missing.
    """
    missing = _missing(units)
    if missing and whole.status != "failed":
        evidence = f"{', '.join(missing)} not translated; {whole.evidence}"
        return replace(whole, status="failed", evidence=evidence, stage="build", fault="model_limits")
    functions = [item for item in units if item.unit.kind == "function"]
    verified = [item for item in functions if item.verdict.status == "verified"]
    if whole.status != "builds" or not functions or not verified:
        return whole
    count = f"{len(verified)} of {len(functions)} functions verified"
    tests_run = sum(item.verdict.tests_run for item in functions)
    agreed = sum(item.verdict.tests_agreed for item in functions)
    complete = len(verified) == len(functions) and all(item.unit.kind != "type" for item in units)
    return replace(
        whole,
        status="verified" if complete else "builds",
        evidence=f"{whole.evidence}; {count}",
        test_origin=verified[0].verdict.test_origin,
        tests_run=tests_run,
        tests_agreed=agreed,
    )


def left_out(units: Sequence[UnitTranslation], source: Language, rules: Collection[str]) -> tuple[str, ...]:
    """What of the source is not in the answer, as warnings; `rules` are the names of who copies no comments."""
    warnings = [f"{name} was not translated." for name in _missing(units)]
    bare = [
        item.unit.name
        for item in units
        if item.text and item.origin in rules and holds_comments(split_comment(item.unit.text, source)[1], source)
    ]
    return (*warnings, *([f"Comments inside {', '.join(bare)} were left out."] if bare else []))


def _missing(units: Sequence[UnitTranslation]) -> list[str]:
    return [item.unit.name for item in units if not item.text and item.verdict.status == "failed"]
