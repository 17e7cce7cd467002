"""What is said of a candidate, and on what evidence. Data only; `verification.judge` makes it."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["verified", "builds", "failed", "unchecked"]
"""`verified`: built, and every test agreed. `builds`: built, and there was nothing to test it with. `failed`: did not
build, or a test did not agree, or a limit stopped it. `unchecked`: not run at all, and `evidence` says why."""

Stage = Literal["permission", "sandbox", "toolchain", "build", "run", "tests", ""]
"""Where it ended: for want of permission, of a sandbox, of a toolchain; in the build, in the run, in the tests."""

TestOrigin = Literal["given", "translated", "derived", "program", ""]
"""Tests that came with the task, tests of the source in the target language, input and output pairs made by running
the source, output of the whole program."""

Fault = Literal[
    "target_language_requirements",
    "source_syntax_kept",
    "api_mismatch",
    "operator",
    "missing_import",
    "missing_definition",
    "loop_or_condition",
    "added_logic",
    "removed_logic",
    "replaced_api_behaviour",
    "data_type",
    "input_parsing",
    "output_format",
    "model_limits",
    "other",
    "",
]

FAULTS: dict[Fault, str] = {
    "target_language_requirements": "violates a requirement of the target language",
    "source_syntax_kept": "keeps syntax or names of the source language",
    "api_mismatch": "calls an API that behaves differently, or does not exist, in the target language",
    "operator": "uses an operator wrongly",
    "missing_import": "lacks an import",
    "missing_definition": "lacks a definition",
    "loop_or_condition": "has a wrong loop or condition",
    "added_logic": "has logic that the source does not have",
    "removed_logic": "lacks logic that the source has",
    "replaced_api_behaviour": "behaves differently where it replaces an API by code of its own",
    "data_type": "uses a wrong data type",
    "input_parsing": "reads its input wrongly",
    "output_format": "formats its output wrongly",
    "model_limits": "was cut off, or is not code",
    "other": "fails in another way",
}
"""The 15 categories of translation bugs of *Lost in Translation* (Pan et al., ICSE 2024), in the paper's order (A1 to
A4, B1 to B6, C1 to C3, D, E), each completing "The translation ..."."""


@dataclass(frozen=True)
class Candidate:
    """A translation that somebody proposes."""

    text: str
    """The whole file in the target language."""
    origin: str = "model"
    """Who wrote it: `model`, a rule-based translator by its name, `given`."""
    round: int = 0
    """Rounds of repair that led to it."""
    log_probability: float | None = None
    """Mean over its tokens, where a model wrote it."""


@dataclass(frozen=True)
class Verdict:
    """What was found out about a candidate."""

    status: Status
    evidence: str
    """One line for a person: what was built and run, how many tests agreed, or what is missing."""
    stage: Stage = ""
    """Where it ended; empty for `verified` and `builds`."""
    messages: str = ""
    """The compiler's or the tests' own words, trimmed, without paths of this machine: what a repair is told."""
    fault: Fault = ""
    """Of a failed candidate; a guess from messages and structure (`verification.faults` says how)."""
    test_origin: TestOrigin = ""
    tests_run: int = 0
    """Tests, examples or assertions that were there to agree."""
    tests_agreed: int = 0
    """How many are known to agree; with given tests, all or none."""
    stopped_by: str = ""
    """The limit that stopped it (`memory`, `processes`, `time`, ...); empty if none did."""
    hint: str = ""
    """What the user can do, for `unchecked`: allow it, install something."""
    inputs_tried: int = 0
    """Inputs of our own on which it was compared with its source, after its tests had passed."""
    inputs_agreed: int = 0
    milliseconds: float = 0.0

    @property
    def built(self) -> bool:
        """Whether the real toolchain accepted it."""
        return self.status in ("verified", "builds") or self.stage in ("run", "tests")

    @property
    def rank(self) -> tuple[int, float]:
        """Orders verdicts: verified, builds, built but failed, not built, unchecked; then by tests that agreed."""
        order = {"verified": 4, "builds": 3, "failed": 2 if self.built else 1, "unchecked": 0}
        return order[self.status], self.tests_agreed / self.tests_run if self.tests_run else 0.0
