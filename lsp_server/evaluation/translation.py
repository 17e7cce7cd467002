"""Running cases through a translator, or candidates through the judge, and the figures of it. Nothing done is lost.

Computational accuracy is TransCoder's (Roziere et al., 2020): the share of cases whose translation passes all tests;
debugging success rate is CodeTransOcean's (Yan et al., 2023): the share that does within K rounds of repair.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Any

from lsp_server.errors import UserError
from lsp_server.evaluation.codebleu import codebleu
from lsp_server.evaluation.intervals import wilson
from lsp_server.evaluation.journal import Journal
from lsp_server.evaluation.translation_cases import TranslationCase
from lsp_server.translation.naming import words_of
from lsp_server.translation.outline import outline_source
from lsp_server.verification import Judge, Tests, Verdict, against_source, given_tests
from lsp_server.verification.faults import classify
from lsp_server.verification.from_source import make_tests
from models import Cancellation, ModelError

Json = dict[str, Any]

DEFINITIONS = {
    "computational_accuracy": "percent of cases whose answer is verified: built, and all tests agree. The answer is "
    "what the translator chose with the tests at hand, or the first of the candidates that were given.",
    "build_rate": "percent of cases whose answer the target's toolchain accepts.",
    "ca_at_1": "the same as computational_accuracy, of the first candidate alone.",
    "ca_at_k": "percent of cases in which one of the candidates before any repair is verified.",
    "debugging_success_rate": "by K: percent of cases with a verified candidate after at most K rounds of repair.",
    "codebleu": "mean over the cases with a reference; an answer that is empty counts as 0 (evaluation/codebleu.py).",
    "faults": "categories of Lost in Translation, guessed from messages and structure, of answers that failed.",
    "unchecked": "answers that could not be judged, for want of a toolchain or a sandbox; they count as wrong.",
}


@dataclass(frozen=True)
class Tried:
    """One candidate of a case."""

    text: str
    origin: str
    round: int
    verdict: Verdict


@dataclass(frozen=True)
class Answer:
    """What became of a case."""

    text: str
    origin: str
    verdict: Verdict
    tried: tuple[Tried, ...]
    """In the order in which they were made."""
    milliseconds: float = 0.0


Answerer = Callable[[TranslationCase, Cancellation], Answer]
"""Whatever answers cases: the translator, or the judge with candidates made elsewhere."""


def run_cases(
    cases: Sequence[TranslationCase],
    answer: Answerer,
    journal: Journal,
    *,
    jobs: int = 1,
    on_row: Callable[[Json, bool], None] = lambda _row, _resumed: None,
) -> list[Json]:
    """Rows in the order of the cases. Those that the journal holds are not run again.

    A case that raises counts as wrong and says why. `on_row` hears of every row, and whether it was taken over.
    `KeyboardInterrupt` passes through and ends what is running; all earlier rows are in the journal by then.
    """
    cancellation = Cancellation()

    def row_of(case: TranslationCase) -> tuple[Json, bool]:
        kept = journal.get(case.content_hash)
        return (kept, True) if kept is not None else (_row(case, answer, cancellation), False)

    rows: list[Json] = []
    with ThreadPoolExecutor(jobs) as pool:
        try:
            for case, (row, resumed) in zip(cases, pool.map(row_of, cases), strict=True):
                if not resumed:
                    journal.append(case.content_hash, row)
                rows.append(row)
                on_row(row, resumed)
        except BaseException:
            cancellation.cancel()
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return rows


def judge_candidates(judge: Judge) -> Answerer:
    """Judges the candidates of each case, until one is verified, by its tests or by tests made from its source."""

    def answer(case: TranslationCase, cancellation: Cancellation) -> Answer:
        tests = tests_for(case, cancellation)
        tried: list[Tried] = []
        for text in case.candidates:
            whole = completed(text, case)
            tried.append(Tried(whole, "given", 0, judge(whole, case.target_language, tests, cancellation)))
            if tried[-1].verdict.status == "verified":
                break
        if not tried:
            nothing = Verdict("failed", "There is no candidate.", "build", fault="model_limits")
            return Answer("", "given", nothing, ())
        return Answer(
            tried[0].text, "given", tried[0].verdict, tuple(tried), sum(t.verdict.milliseconds for t in tried)
        )

    return answer


def completed(text: str, case: TranslationCase) -> str:
    """A candidate as a whole file: after the case's declaration, if it is only a body."""
    declared = _functions(case.declaration + "\n}", case) or _functions(case.declaration + "\n    pass\n", case)
    if not case.declaration or not declared or set(declared) & set(_functions(text, case)):
        return text
    return case.declaration + text


def _functions(text: str, case: TranslationCase) -> list[str]:
    units = outline_source(text, case.target_language).units
    return [unit.name for unit in units if unit.kind in ("function", "type")]


def tests_for(case: TranslationCase, cancellation: Cancellation) -> Tests | None:
    """Those of the case, else some that its source has or gives; beside them the source, for what they leave open."""
    units = outline_source(case.source, case.source_language).units
    name = called_in(case.tests, [unit.name for unit in units if unit.kind == "function"])
    tests = given_tests(case.tests, case.target_language)
    if tests is None:
        tests = make_tests(case.source, case.source_language, name, cancellation, allowed=True)
    return against_source(tests, case.source, case.source_language, name)


def called_in(tests: str, names: Sequence[str]) -> str:
    """The one of a source's functions that the tests name, in any convention; the last one otherwise."""
    called = {tuple(words_of(word)) for word in re.findall(r"[A-Za-z_]\w*", tests)}
    return next((name for name in reversed(names) if tuple(words_of(name)) in called), names[-1] if names else "")


def _row(case: TranslationCase, answer: Answerer, cancellation: Cancellation) -> Json:
    try:
        found = answer(case, cancellation)
        error = ""
    except (ModelError, UserError) as raised:
        found, error = _none(raised.message), raised.message
    except Exception as raised:  # noqa: BLE001 - whatever one case does, the others are still worth having
        error = f"{type(raised).__name__}: {raised}"
        cancellation.raise_if_cancelled()
        found = _none(error)
    verdict = found.verdict
    fault = classify(verdict, found.text, case.target_language, case.source) if verdict.status == "failed" else ""
    return {
        "id": case.id,
        "pair": case.pair,
        "prediction": found.text,
        "origin": found.origin,
        "error": error or None,
        "verdict": {**asdict(verdict), "fault": fault},
        "built": verdict.built,
        "codebleu": _likeness(case, found.text),
        "tried": [
            {"origin": t.origin, "round": t.round, "status": t.verdict.status, "fault": t.verdict.fault,
             "evidence": t.verdict.evidence, "prediction": t.text}
            for t in found.tried
        ],
        "milliseconds": round(found.milliseconds, 1),
    }  # fmt: skip


def _likeness(case: TranslationCase, text: str) -> float | None:
    """CodeBLEU of an answer in percent; `None` without a reference."""
    return round(codebleu(case.reference, text, case.target_language).score, 2) if case.reference.strip() else None


def _none(error: str) -> Answer:
    return Answer("", "", Verdict("failed", error, "build", fault="other"), ())


def translation_report(model: str, rows: Sequence[Json]) -> Json:
    """The figures of a finished run and its predictions, in percent."""
    by_pair: defaultdict[str, list[Json]] = defaultdict(list)
    for row in rows:
        by_pair[row["pair"]].append(row)
    unchecked = sum(row["verdict"]["status"] == "unchecked" for row in rows)
    return {
        "cases": len(rows),
        "model": model,
        "coverage": _percent(sum(bool(row["prediction"].strip()) for row in rows), len(rows)),
        "metrics": _metrics(rows),
        "confidence_95": {"computational_accuracy": _interval(rows)},
        "by_pair": {
            pair: {"cases": len(group), **_metrics(group), "faults": _faults(group)} for pair, group in by_pair.items()
        },
        "faults": _faults(rows),
        "origins": dict(Counter(row["origin"] for row in rows if row["verdict"]["status"] == "verified")),
        "unchecked": unchecked,
        "errors": sum(row["error"] is not None for row in rows),
        "definitions": DEFINITIONS,
        "predictions": [{key: row[key] for key in row if key not in ("case", "configuration")} for row in rows],
    }


def _metrics(rows: Sequence[Json]) -> Json:
    total = len(rows)
    rounds = max((tried["round"] for row in rows for tried in row["tried"]), default=0)
    return {
        "computational_accuracy": _percent(sum(_verified(row["verdict"]) for row in rows), total),
        "build_rate": _percent(sum(row["built"] for row in rows), total),
        "ca_at_1": _percent(sum(any(map(_verified, row["tried"][:1])) for row in rows), total),
        "ca_at_k": _percent(sum(_verified_within(row, 0) for row in rows), total),
        "debugging_success_rate": {
            str(k): _percent(sum(_verified_within(row, k) for row in rows), total) for k in range(rounds + 1)
        },
        "codebleu": _average([row["codebleu"] for row in rows if row.get("codebleu") is not None]),
    }


def _average(values: Sequence[float]) -> float | None:
    return round(sum(values) / len(values), 2) if values else None


def _verified(verdict: Mapping[str, Any]) -> bool:
    return verdict["status"] == "verified"


def _verified_within(row: Mapping[str, Any], rounds: int) -> bool:
    return any(_verified(tried) for tried in row["tried"] if tried["round"] <= rounds)


def _faults(rows: Sequence[Json]) -> Json:
    """Categories with their numbers, the most frequent first."""
    return dict(Counter(row["verdict"]["fault"] for row in rows if row["verdict"]["fault"]).most_common())


def _interval(rows: Sequence[Json]) -> list[float]:
    low, high = wilson(sum(_verified(row["verdict"]) for row in rows), len(rows))
    return [round(low, 2), round(high, 2)]


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2) if whole else 0.0


def report_table(report: Json) -> str:
    """A line a pair, and one for all; then the faults by pair."""
    last = len(report["metrics"]["debugging_success_rate"]) - 1
    repaired = f"  in {last} rounds" if last else ""
    lines = [f"{'':24} cases  verified  builds  first{repaired}  CodeBLEU"]
    groups: Iterator[tuple[str, Json]] = iter(
        [*report["by_pair"].items(), ("all", {"cases": report["cases"], **report["metrics"]})]
    )
    for name, group in groups:
        figures = (group["computational_accuracy"], group["build_rate"], group["ca_at_1"])
        line = f"{name:24} {group['cases']:5}  {figures[0]:7.1f}%  {figures[1]:5.1f}%  {figures[2]:4.1f}%"
        within = list(group["debugging_success_rate"].values())[-1]
        line += f"  {within:{len(repaired) - 3}.1f}%" if last else ""
        lines.append(line + (f"  {group['codebleu']:8.1f}" if group["codebleu"] is not None else f"  {'':8}").rstrip())
    if report["unchecked"]:
        lines.append(f"{report['unchecked']} answers could not be checked and count as wrong.")
    if report["faults"]:
        lines += ["", *fault_table(report)]
    return "\n".join(lines)


def fault_table(report: Json) -> list[str]:
    """How many answers failed by category of fault and pair of languages, the most frequent category first."""
    pairs = [pair for pair, group in report["by_pair"].items() if group["faults"]]
    width = max(len("fault"), *(len(fault) for fault in report["faults"]))
    lines = [f"{'fault':{width}}  {'  '.join(pairs)}  all"]
    for fault, count in report["faults"].items():
        cells = [f"{report['by_pair'][pair]['faults'].get(fault, 0):{len(pair)}}" for pair in pairs]
        lines.append(f"{fault:{width}}  {'  '.join(cells)}  {count:3}")
    return lines
