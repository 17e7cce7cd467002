"""Does the judge accept what is right and reject what is wrong? Canonical solutions, then with one operator changed.

    python -m scripts.measure_judge CASES.jsonl [--mutants 1] [--pairs python-java,...] [--tests given|none]
                                    [--seed 0] [--limit N] [--jobs 2] [--out REPORT.json]

CASES are those of `dragoman evaluate translation` with their tests. The source of a problem in a language is its
canonical solution there. It is judged as a translation from another language (drawn with the seed, one for each
problem and target; all with `--all-pairs`), with the tests of the case and the source beside them, as the command does
it; `--tests none` leaves the case's tests out. Then so many mutants of each class of operators are judged the same way.

A mutant that is accepted is compared with the solution that it was made of on a large random sample of inputs: the
*same* on all of them; different only *outside* what is meant (a number is negative where all of the tests' are
positive, the source raises, or differs from the solution itself); or *missed*. The mutants' table of operators is this
script's own, and larger than the judge's.
"""

import argparse
import json
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lsp_server.evaluation.translation import called_in, tests_for
from lsp_server.evaluation.translation_cases import TranslationCase, read_translation_cases
from lsp_server.languages import Language
from lsp_server.languages.parsing import parse
from lsp_server.sandbox import Limits
from lsp_server.sandbox.sandbox import Sandbox, find_sandbox
from lsp_server.translation.outline import outline_source
from lsp_server.verification import ExampleTests, GivenTests, Verdict
from lsp_server.verification.examples import agree, find_function
from lsp_server.verification.judge import SandboxJudge
from lsp_server.verification.probing.domain import domain_of
from lsp_server.verification.probing.inputs import Inputs
from lsp_server.verification.probing.kinds import input_types
from lsp_server.verification.probing.known import constants_in, known_inputs
from lsp_server.verification.probing.variants import run_variants
from models.decoding.cancellation import NEVER

_RELATIONS = ("<", "<=", ">", ">=", "==", "!=")
_SCRIPT_RELATIONS = ("<", "<=", ">", ">=", "===", "!==", "==", "!=")
_CLASSES: dict[str, tuple[tuple[str, ...], ...]] = {
    "arithmetic": (("+", "-", "*", "/", "%", "//", "**"), ("+=", "-=", "*=", "/=", "%=", "//="), ("++", "--")),
    "logical": (("&&", "||"), ("and", "or"), ("in", "not in"), ("is", "is not")),
    "bits": (("&", "|", "^"), ("<<", ">>"), ("&=", "|=", "^="), ("<<=", ">>=")),
}
_BOUNDARY = {("<", "<="), ("<=", "<"), (">", ">="), (">=", ">")}
_ONLY = {"//": ("python",), "**": ("python", "javascript"), "//=": ("python",)}
_HOLDERS = ("binary", "comparison", "boolean", "assign", "augmented", "update", "unary", "not_operator")
_LIMITS = Limits(wall_s=60, cpu_s=5, memory_mb=1024)
_SAMPLE = 1500
"""Inputs on which a mutant that was accepted is compared with what it was made of."""


@dataclass(frozen=True)
class Candidate:
    """Something to judge."""

    case: TranslationCase
    kind: str
    """`canonical`, or the class of the operator."""
    change: str
    text: str
    original: str


@dataclass(frozen=True)
class Row:
    """What became of it."""

    id: str
    pair: str
    kind: str
    change: str
    status: str
    finding: str
    """Of an accepted mutant: `same`, `outside`, `missed`, or `unknown` where the two could not be compared."""
    evidence: str
    tests_alone: bool
    """Whether the tests of the case rejected it, before the source was asked."""
    milliseconds: float


def main() -> None:
    options = _options()
    cases = read_translation_cases(options.cases)
    candidates = list(_candidates(cases, options))
    random.Random(options.seed).shuffle(candidates)
    candidates = candidates[: options.limit]
    sandbox = find_sandbox()
    judge = SandboxJudge(sandbox, _LIMITS)
    rows: list[Row] = []

    def judged(candidate: Candidate) -> Row:
        case = replace(candidate.case, tests="") if options.tests == "none" else candidate.case
        verdict = judge(candidate.text, case.target_language, tests_for(case, NEVER), NEVER)
        return _row(candidate, verdict, sandbox)

    with ThreadPoolExecutor(options.jobs) as pool:
        for number, row in enumerate(pool.map(judged, candidates), start=1):
            rows.append(row)
            if (row.status == "verified") != (row.kind == "canonical"):
                what = f"{row.id} {row.kind} {row.change}: {row.status} {row.finding}"
                print(f"{what}. {row.evidence}", flush=True)  # noqa: T201
            if number % 20 == 0:
                print(f"{number} of {len(candidates)}", file=sys.stderr, flush=True)  # noqa: T201
    _summary(rows)
    if options.out:
        options.out.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--mutants", type=int, default=1, help="of each class, of each solution")
    parser.add_argument("--kinds", default="", help="only these classes (canonical, boundary, ...)")
    parser.add_argument("--pairs", default="", help="only these, with commas between them")
    parser.add_argument("--all-pairs", action="store_true", help="every source of each target, not one")
    parser.add_argument("--tests", choices=("given", "none"), default="given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=int, help="so many candidates, drawn at random")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path)
    return parser.parse_args()


def _candidates(cases: list[TranslationCase], options: argparse.Namespace) -> Iterator[Candidate]:
    """Canonical solutions and their mutants."""
    solutions = {(_problem(case), case.source_language.id): case.source for case in cases}
    groups: defaultdict[tuple[str, str], list[TranslationCase]] = defaultdict(list)
    for case in cases:
        if case.tests and (_problem(case), case.target_language.id) in solutions:
            groups[_problem(case), case.target_language.id].append(case)
    kinds = options.kinds.split(",") if options.kinds else []
    pairs = options.pairs.split(",") if options.pairs else []
    for (problem, language), group in groups.items():
        drawn = random.Random(f"{options.seed}:{problem}:{language}").choice(group)
        text = solutions[problem, language]
        for case in group if options.all_pairs else [drawn]:
            if pairs and case.pair not in pairs:
                continue
            if not kinds or "canonical" in kinds:
                yield Candidate(case, "canonical", "", text, text)
            by_kind: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
            for kind, change, mutant in _mutants(text, case.target_language):
                by_kind[kind].append((change, mutant))
            for kind, found in sorted(by_kind.items()):
                generator = random.Random(f"{options.seed}:{problem}:{language}:{kind}")
                for change, mutant in generator.sample(found, min(options.mutants, len(found))):
                    if not kinds or kind in kinds:
                        yield Candidate(case, kind, change, mutant, text)


def _problem(case: TranslationCase) -> str:
    """`4` of `hx-4-python-java`."""
    parts = case.id.split("-")
    return parts[1] if len(parts) > 1 else case.id


def _mutants(text: str, language: Language) -> Iterator[tuple[str, str, str]]:
    """Class, what was changed, and the text, for every operator and everything that can stand in its place."""
    raw = text.encode()
    tree = parse(raw, language, limit_ms=5_000)
    open_nodes = [tree.root_node] if tree is not None else []
    while open_nodes:
        node = open_nodes.pop()
        open_nodes += reversed(node.children)
        if node.is_named or node.parent is None or not any(word in node.parent.type for word in _HOLDERS):
            continue
        operator = " ".join((node.text or b"").decode().split())
        texts = any("string" in part.type for part in node.parent.children)
        for kind, other in _replacements(operator, language.id, unary="unary" in node.parent.type):
            if operator == "+" and texts:
                continue  # text minus text does not build, which would be too easy
            mutant = (raw[: node.start_byte] + other.encode() + raw[node.end_byte :]).decode()
            yield kind, f"{operator} -> {other or 'nothing'} in line {node.start_point[0] + 1}", mutant


def _replacements(operator: str, language: str, *, unary: bool) -> Iterator[tuple[str, str]]:
    if unary:
        if operator in ("!", "-", "~"):
            yield "negation", ""
        return
    relations = _SCRIPT_RELATIONS if language == "javascript" else _RELATIONS
    if operator in relations:
        for other in relations:
            if other != operator and other.rstrip("=") + "==" != operator and other != operator + "=":
                yield ("boundary" if (operator, other) in _BOUNDARY else "relation"), other
        if (operator, operator + "=") in _BOUNDARY:
            yield "boundary", operator + "="
    for kind, groups in _CLASSES.items():
        for group in groups:
            for other in group if operator in group else ():
                if other != operator and language in _ONLY.get(other, (language,)):
                    yield kind, other


def _row(candidate: Candidate, verdict: Verdict, sandbox: Sandbox) -> Row:
    accepted = verdict.status == "verified" and candidate.kind != "canonical"
    finding = _finding(candidate, sandbox) if accepted else ""
    return Row(
        candidate.case.id,
        candidate.case.pair,
        candidate.kind,
        candidate.change,
        verdict.status,
        finding,
        verdict.evidence,
        verdict.status == "failed" and not verdict.inputs_tried,
        verdict.milliseconds,
    )


def _finding(candidate: Candidate, sandbox: Sandbox) -> str:
    """Whether a mutant can be told from its original at all."""
    case = candidate.case
    units = outline_source(case.source, case.source_language).units
    name = called_in(case.tests, [unit.name for unit in units if unit.kind == "function"])
    source = find_function(case.source, case.source_language, ExampleTests(name, ()))
    function = find_function(candidate.original, case.target_language, ExampleTests(name, ()))
    if source is None or function is None:
        return "unknown"
    known = known_inputs(GivenTests(case.tests), case.target_language, function.name)
    kinds = input_types(source, case.source_language, function, case.target_language, known)
    if kinds is None:
        return "unknown"
    constants = constants_in(candidate.original, case.target_language)
    sample = Inputs(kinds, constants, seed=7).pool(known, _SAMPLE)
    texts = [candidate.original, candidate.text]
    runs = run_variants(texts, function, case.target_language, sample, sandbox, NEVER, 0.5, unhurried=1)
    if runs is None or not runs[0]:
        return "unknown"
    domain = domain_of(known, "all")
    meant = run_variants([case.source], source, case.source_language, sample, sandbox, NEVER, 0.5, unhurried=1)
    expected = meant[0] if meant else runs[0]
    differing = [
        number
        for number, value in runs[0].items()
        if not (isinstance(value, dict) and ("$error" in value or "$late" in value))
        and (number not in runs[1] or not agree(value, runs[1][number], 1e-6))
    ]
    inside = [number for number in differing if domain.holds(sample[number])]
    if any(number in expected and agree(expected[number], runs[0][number], 1e-4) for number in inside):
        return "missed"
    return "outside" if differing else "same"


def _summary(rows: list[Row]) -> None:
    """Accepted and rejected by class of operator, then by target language."""
    print(f"{'':14} judged  rejected     by tests alone   accepted: same, outside, missed")  # noqa: T201
    for name, group in _groups(rows):
        rejected = sum(row.status != "verified" for row in group)
        alone = sum(row.status != "verified" and row.tests_alone for row in group)
        findings = Counter(row.finding for row in group if row.finding)
        seconds = sorted(row.milliseconds for row in group)[len(group) // 2] / 1000
        told = len(group) - findings["same"]
        shares = f"{100 * rejected / len(group):5.1f}%  of those that differ {100 * rejected / max(told, 1):5.1f}%"
        counts = f"{findings['same']}, {findings['outside']}, {findings['missed']}"
        unknown = f" ({findings['unknown']} not compared)" if findings["unknown"] else ""
        print(f"{name:14} {len(group):6}  {rejected:4} {shares}  {alone:6}   {counts}{unknown}  {seconds:.1f} s")  # noqa: T201


def _groups(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    canonical = [row for row in rows if row.kind == "canonical"]
    if canonical:
        yield "canonical", canonical
    mutants = [row for row in rows if row.kind != "canonical"]
    for kind in sorted({row.kind for row in mutants}):
        yield kind, [row for row in mutants if row.kind == kind]
    for language in sorted({row.pair.split("-")[1] for row in mutants}):
        yield f"to {language}", [row for row in mutants if row.pair.endswith(f"-{language}")]
    if mutants:
        yield "all mutants", mutants


if __name__ == "__main__":
    main()
