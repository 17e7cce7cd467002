"""Does the judge accept what is right and reject what is wrong? Canonical solutions, then with one operator changed.

    python -m scripts.check_judge CASES.jsonl [--mutants 1] [--languages python,java] [--seed 0] [--out REPORT.json]

CASES are those of `dragoman evaluate translation`. The source of a problem in a language is its canonical solution
there; it is judged with the tests of a case that translates into that language. A mutant changes one operator of the
syntax tree. Two kinds are counted apart: `replaced` puts an operator of another meaning in its place (`+` and `-`,
`<` and `>=`, `&&` and `||`, ...), `boundary` adds or takes away equality (`<` and `<=`), which often changes nothing
that any test could see (`if (x < best) best = x`).
"""

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lsp_server.evaluation.translation_cases import TranslationCase, read_translation_cases
from lsp_server.languages import Language, language_for
from lsp_server.languages.parsing import parse
from lsp_server.sandbox import Limits
from lsp_server.sandbox.sandbox import find_sandbox
from lsp_server.verification import GivenTests, Verdict
from lsp_server.verification.judge import SandboxJudge
from models.decoding.cancellation import NEVER

REPLACED = {
    "+": "-", "-": "+", "*": "+", "/": "*", "//": "*", "%": "*", "**": "*",
    "<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "==", "===": "!==", "!==": "===",
    "&&": "||", "||": "&&", "and": "or", "or": "and", "in": "not in", "not in": "in",
    "+=": "-=", "-=": "+=", "*=": "+=",
}  # fmt: skip
BOUNDARY = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
_BINARY = (
    "binary_expression", "binary_operator", "comparison_operator", "boolean_operator", "assignment_expression",
    "augmented_assignment", "augmented_assignment_expression",
)  # fmt: skip
_LIMITS = Limits(wall_s=60, cpu_s=5, memory_mb=1024)


@dataclass(frozen=True)
class Candidate:
    """Something to judge."""

    problem: str
    language: str
    kind: str
    """`canonical`, `replaced` or `boundary`."""
    change: str
    text: str
    tests: str


def main() -> None:
    options = _options()
    cases = read_translation_cases(options.cases)
    wanted = options.languages.split(",") if options.languages else []
    candidates = [
        candidate
        for candidate in _candidates(cases, options.mutants, options.seed)
        if not wanted or candidate.language in wanted
    ]
    judge = SandboxJudge(find_sandbox(), _LIMITS)
    counts: Counter[tuple[str, str, str]] = Counter()
    rows: list[dict[str, Any]] = []

    def judged(candidate: Candidate) -> tuple[Candidate, Verdict]:
        return candidate, judge(candidate.text, language_for(candidate.language), GivenTests(candidate.tests), NEVER)

    with ThreadPoolExecutor(options.jobs) as pool:
        for number, (candidate, verdict) in enumerate(pool.map(judged, candidates), start=1):
            counts[candidate.kind, candidate.language, verdict.status] += 1
            right = (verdict.status == "verified") == (candidate.kind == "canonical")
            rows.append({"problem": candidate.problem, "language": candidate.language, "kind": candidate.kind,
                         "change": candidate.change, "status": verdict.status, "fault": verdict.fault,
                         "evidence": verdict.evidence})  # fmt: skip
            if not right:
                what = candidate.change or candidate.kind
                where = f"{candidate.problem} {candidate.language} {what}"
                print(f"{where}: {verdict.status}, {verdict.evidence} {verdict.messages[:200]}", flush=True)  # noqa: T201
            if number % 20 == 0:
                print(f"{number} of {len(candidates)}", file=sys.stderr, flush=True)  # noqa: T201
    _summary(counts)
    if options.out:
        options.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--mutants", type=int, default=1, help="of each kind, of each solution")
    parser.add_argument("--languages", default="", help="only these, with commas between them")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def _candidates(cases: list[TranslationCase], mutants: int, seed: int) -> Iterator[Candidate]:
    """Canonical solutions and their mutants, each problem and language once."""
    solutions = {(_problem(case), case.source_language.id): case.source for case in cases}
    seen: set[tuple[str, str]] = set()
    for case in cases:
        key = (_problem(case), case.target_language.id)
        if key in seen or key not in solutions or not case.tests:
            continue
        seen.add(key)
        problem, language = key
        text = solutions[key]
        yield Candidate(problem, language, "canonical", "", text, case.tests)
        for kind, replacements in (("replaced", REPLACED), ("boundary", BOUNDARY)):
            generator = random.Random(f"{seed}:{problem}:{language}:{kind}")
            places = list(_places(text, case.target_language, replacements))
            for start, end, operator, other in generator.sample(places, min(mutants, len(places))):
                raw = text.encode()
                line = raw.count(b"\n", 0, start) + 1
                mutant = (raw[:start] + other.encode() + raw[end:]).decode()
                yield Candidate(problem, language, kind, f"{operator} -> {other} in line {line}", mutant, case.tests)


def _problem(case: TranslationCase) -> str:
    """`4` of `hx-4-python-java`."""
    parts = case.id.split("-")
    return parts[1] if len(parts) > 1 else case.id


def _places(text: str, language: Language, replacements: dict[str, str]) -> Iterator[tuple[int, int, str, str]]:
    """Operators of the syntax tree: first byte, byte after the last, the operator, what takes its place."""
    tree = parse(text.encode(), language, limit_ms=5_000)
    open_nodes = [tree.root_node] if tree is not None else []
    while open_nodes:
        node = open_nodes.pop()
        open_nodes += node.children
        if node.type not in _BINARY:
            continue
        for child in node.children:
            operator = " ".join((child.text or b"").decode().split())
            if child.type == operator or child.type in ("not in",):
                if operator == "+" and any(part.type in ("string", "string_literal") for part in node.children):
                    continue  # text minus text does not build, which would be too easy
                other = replacements.get(operator)
                if other is not None:
                    yield child.start_byte, child.end_byte, operator, other


def _summary(counts: Counter[tuple[str, str, str]]) -> None:
    """Accepted and rejected by kind and language."""
    table: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for (kind, language, status), count in counts.items():
        for name in (language, "all"):
            table[kind, name][0] += count * (status == "verified")
            table[kind, name][1] += count
    for (kind, language), (accepted, total) in sorted(table.items()):
        share = 100 * (accepted if kind == "canonical" else total - accepted) / total
        word = "accepted" if kind == "canonical" else "rejected"
        print(f"{kind:10} {language:12} {share:6.1f}% of {total} {word}")  # noqa: T201


if __name__ == "__main__":
    main()
