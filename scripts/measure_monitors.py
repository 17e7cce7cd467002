"""What monitors would have done to code that people really wrote: how often they answer, whom they would have harmed,
how fast.

    python scripts/measure_monitors.py CASES.jsonl --language python --analyser jedi --analyser zuban
    python scripts/measure_monitors.py --tree SOURCES --language cpp --sample 100

Cases are those of `dragoman evaluate completion` with `root` and `path`; with `--tree` they are drawn from a folder
of sources: a dereference, the text before it, and the rest of its line. No model takes part. At each case the
monitors watch while the true rest of the line is "generated" word by word, and every constraint they give is held
against it.
"""

import argparse
import json
import random
import re
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from models.decoding.constraint import Constraint as Demand
from models.decoding.masks.keeping import keeps
from monitors.constraint import Constraint
from monitors.document import Document, View
from monitors.properties.dereference import DereferenceMonitor
from monitors.settings import MonitorSettings
from monitors.supervisor import Supervisor
from monitors.watch import Finding

ENDINGS = {
    "python": (".py",),
    "typescript": (".ts",),
    "javascript": (".js", ".mjs"),
    "cpp": (".cc", ".cpp", ".h"),
    "c": (".c", ".h"),
    "java": (".java",),
    "go": (".go",),
    "php": (".php",),
}
WAIT_S = 10.0
LONGEST_FILE = 200_000


@dataclass(frozen=True)
class Case:
    """A place in real code, and what stands there."""

    id: str
    language: str
    root: str
    path: str
    prefix: str
    suffix: str
    expected: str


@dataclass
class Tally:
    """What one analyser's answers did over all cases."""

    cases: int = 0
    allowed: int = 0
    harmful: int = 0
    outcomes: Counter[str] = field(default_factory=Counter[str])
    reasons: Counter[str] = field(default_factory=Counter[str])
    names: list[int] = field(default_factory=list[int])
    milliseconds: list[float] = field(default_factory=list[float])
    cold_milliseconds: list[float] = field(default_factory=list[float])
    further: int = 0
    further_harmful: int = 0
    by_monitor: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    harms: list[str] = field(default_factory=list[str])


def read_cases(path: Path, language: str) -> list[Case]:
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [
        Case(
            r["id"], r["language"], str(_absolute(path, r["root"])), r["path"], r["prefix"], r["suffix"], r["expected"]
        )
        for r in rows
        if r["language"] == language
    ]


def _absolute(cases: Path, root: str) -> Path:
    """A project's folder: as it was written, or, if that is not there, beside the file of cases."""
    return Path(root).absolute() if Path(root).exists() else (cases.parent / Path(root).name).absolute()


def draw_cases(tree: Path, language: str, sample: int, seed: int, cut: str) -> list[Case]:
    """Places in a source tree, at most five of a file: right behind a dereference, or where a line's code begins."""
    files = sorted(p for p in tree.rglob("*") if p.suffix in ENDINGS[language] and p.is_file())
    rng = random.Random(seed)
    rng.shuffle(files)
    cases: list[Case] = []
    for path in files:
        if len(cases) >= sample:
            break
        text = path.read_text(encoding="utf-8", errors="replace").replace("\r\n", "\n")
        if len(text) > LONGEST_FILE:
            continue
        found = list(_dereferences(text, language) if cut == "dereference" else _lines(text, language, cut))
        for place in rng.sample(found, min(5, len(found))):
            end = text.find("\n", place)
            end = len(text) if end < 0 else end
            name = path.relative_to(tree).as_posix()
            cases.append(Case(f"{name}:{place}", language, str(tree), name, text[:place], text[end:], text[place:end]))
    return cases[:sample]


def _dereferences(text: str, language: str) -> Iterator[int]:
    view = View(Document("", language, ""), text)
    for trigger in DereferenceMonitor().pre(view):
        if re.match(r"[^\W\d]", text[trigger.start : trigger.start + 1]):
            yield trigger.start


def _lines(text: str, language: str, cut: str) -> Iterator[int]:
    """Where the code of a line begins; with a `cut` other than `line`, of lines in which that text occurs."""
    view = View(Document("", language, ""), text)
    literals = view.scan_at(len(text)).literals
    for match in re.finditer(r"^[ \t]*(?=\S)", text, re.MULTILINE):
        end = text.find("\n", match.end())
        line = text[match.end() : end if end >= 0 else len(text)]
        if (cut == "line" or cut in line) and not any(a <= match.end() < b for a, b in literals):
            yield match.end()


def allows(constraint: Constraint, text: str) -> bool:
    """Whether `text`, generated so far, keeps a constraint, as the decoder would see it."""
    c = constraint
    return keeps(Demand(c.source, c.start, c.names, c.regex, c.grammar, c.typed), text)


def growing(text: str) -> Iterator[str]:
    """The text as a model would write it: nothing first, then word by word, then the end of the line."""
    yield ""
    for match in re.finditer(r"\w+|[^\w]", text):
        yield text[: match.end()]


def run_case(supervisor: Supervisor, case: Case) -> tuple[list[Constraint], tuple[Finding, ...]]:
    document = Document(str(Path(case.root, case.path)), case.language, case.prefix, case.suffix)
    watch = supervisor.watch(document)
    constraints: list[Constraint] = []
    for text in growing(case.expected):
        constraints += watch.observe(text)
        watch.wait(WAIT_S)
    # The case ends with its line; what follows may only say whether a trigger in it applies.
    constraints += watch.observe(case.expected + case.suffix[:2])
    return constraints, watch.findings


def tally(tally: Tally, case: Case, constraints: list[Constraint], findings: Iterable[Finding], cold: bool) -> None:
    tally.cases += 1
    whole = case.expected + case.suffix[:1]
    for finding in findings:
        counts = tally.by_monitor.setdefault(finding.monitor, Counter())
        counts[finding.outcome] += 1
        if finding.start == 0 and finding.monitor == "dereference":
            tally.outcomes[finding.outcome] += 1
            if finding.reason:
                tally.reasons[finding.reason] += 1
            if finding.outcome in ("constrained", "unknown") and not finding.cached:
                (tally.cold_milliseconds if cold else tally.milliseconds).append(finding.analysis_ms)
            if finding.outcome == "constrained":
                tally.names.append(finding.names)
    for constraint in constraints:
        good = allows(constraint, whole)
        if not good:
            tally.by_monitor.setdefault(constraint.source, Counter())["harmful"] += 1
            line = (case.prefix.rpartition("\n")[2] + case.expected[: constraint.start])[-70:].lstrip()
            tally.harms.append(f"{case.id} {constraint.source}: {line}|{whole[constraint.start :][:30].rstrip()}")
        if constraint.start == 0 and constraint.source == "dereference":
            tally.allowed += good
            tally.harmful += not good
        else:
            tally.further += 1
            tally.further_harmful += not good


def measure(cases: list[Case], analyser: str, language: str, monitors: tuple[str, ...] | None) -> Tally:
    result = Tally()
    by_root: dict[str, list[Case]] = {}
    for case in cases:
        by_root.setdefault(case.root, []).append(case)
    settings = MonitorSettings(monitors, budget_ms=WAIT_S * 1000, analysers={language: analyser} if analyser else {})
    for root, some in by_root.items():
        with Supervisor(Path(root), settings) as supervisor:
            files: set[str] = set()
            for case in some:
                constraints, findings = run_case(supervisor, case)
                tally(result, case, constraints, findings, case.path not in files)
                files.add(case.path)
                sys.stderr.write(f"\r{analyser} {result.cases}/{len(cases)}")
    sys.stderr.write("\n")
    return result


def percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 1) if whole else 0.0


def quantile(values: list[float], q: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(q * len(values)))], 1) if values else 0.0


def summary(analyser: str, t: Tally) -> dict[str, Any]:
    return {
        "analyser": analyser,
        "cases": t.cases,
        "allowed_percent": percent(t.allowed, t.cases),
        "harmful_percent": percent(t.harmful, t.cases),
        "no_constraint_percent": percent(t.cases - t.allowed - t.harmful, t.cases),
        "outcomes": dict(t.outcomes),
        "reasons": dict(t.reasons.most_common(10)),
        "names_median": statistics.median(t.names) if t.names else 0,
        "first_in_file_ms": {"p50": quantile(t.cold_milliseconds, 0.5), "p95": quantile(t.cold_milliseconds, 0.95)},
        "warm_ms": {"p50": quantile(t.milliseconds, 0.5), "p95": quantile(t.milliseconds, 0.95)},
        "further_constraints": t.further,
        "further_harmful": t.further_harmful,
        "by_monitor": {name: dict(counts) for name, counts in t.by_monitor.items()},
        "harms": t.harms,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path, nargs="?")
    parser.add_argument("--tree", type=Path, help="draw the cases from the sources in this folder")
    parser.add_argument("--cut", default="dereference", help="`dereference`, `line`, or lines with this text in them")
    parser.add_argument("--sample", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--language", default="python")
    parser.add_argument("--analyser", action="append", default=[])
    parser.add_argument("--monitors", help="comma-separated names; all by default")
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    if (args.cases is None) == (args.tree is None):
        parser.error("give either a file of cases or --tree")
    if args.tree is not None:
        cases = draw_cases(args.tree.resolve(), args.language, args.sample, args.seed, args.cut)
    else:
        cases = read_cases(args.cases, args.language)[: args.limit]
    monitors = tuple(args.monitors.split(",")) if args.monitors else None
    reports: list[dict[str, Any]] = []
    for analyser in args.analyser or [""]:
        began = time.monotonic()
        report = summary(analyser, measure(cases, analyser, args.language, monitors))
        report["seconds"] = round(time.monotonic() - began, 1)
        reports.append(report)
        sys.stdout.write(json.dumps(report, indent=1) + "\n")
    if args.out:
        args.out.write_text(json.dumps(reports, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
