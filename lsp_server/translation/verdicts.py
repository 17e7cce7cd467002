"""What is said of a file whose units were judged one by one."""

from collections.abc import Sequence
from dataclasses import replace

from lsp_server.translation.task import UnitTranslation
from lsp_server.verification import Verdict


def combined(whole: Verdict, units: Sequence[UnitTranslation]) -> Verdict:
    """The verdict on a file: its own, and where it only builds, what is known of its functions.

    `verified` where it has tests of its own that agree, or where it builds and every function in it is verified.
    """
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
