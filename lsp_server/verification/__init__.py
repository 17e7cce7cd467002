"""Whether code does what it should: built by the real toolchain, run against tests in the sandbox, judged.

Knows languages, toolchains and the sandbox; will never know who wrote a candidate, nor about models or editors.
"""

from lsp_server.verification.tests import (
    AgainstSource,
    Example,
    ExampleTests,
    GivenTests,
    Judge,
    ProgramRun,
    ProgramTests,
    Tests,
    Value,
    against_source,
    given_tests,
)
from lsp_server.verification.verdict import FAULTS, Candidate, Fault, Stage, Status, TestOrigin, Verdict

__all__ = [
    "FAULTS",
    "AgainstSource",
    "Candidate",
    "Example",
    "ExampleTests",
    "Fault",
    "GivenTests",
    "Judge",
    "ProgramRun",
    "ProgramTests",
    "Stage",
    "Status",
    "TestOrigin",
    "Tests",
    "Value",
    "Verdict",
    "against_source",
    "given_tests",
]
