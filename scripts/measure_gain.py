"""What monitors do to what a model writes, with one Python analyser beside the other: gain, harm, time.

    python scripts/measure_gain.py CASES.jsonl --analyser ty --analyser jedi --out GAIN.json

Cases are those of `dragoman evaluate completion` with `root` and `path`. Each goes the way of a completion with the
default model (or `--model`), once without monitors and once for each analyser, the prompt being read before, so that
one reading serves all; then once more (`warm_ms`), when the analyser has answered. To make that cheap, prompts are cut
to `--prompt-tokens` and lines to `--tokens`. Whoever interrupts it can go on with the same command. Keep the cases of a
project together: only a few projects are analysed at a time. For the figures of the whole pipeline use `dragoman
evaluate completion`.
"""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter
from typing import Any

from lsp_server.completion.request import CompletionRequest
from lsp_server.completion.service import CompletionService
from lsp_server.evaluation.cases import Case, read_completion_cases
from lsp_server.evaluation.editor import evaluation_settings, request_of
from lsp_server.evaluation.metrics import next_identifier_match
from lsp_server.evaluation.watching import harmful_monitors
from lsp_server.monitoring import MonitorGuide, Monitoring
from lsp_server.settings import MonitoringSettings, Settings
from models import Generator
from models.catalog import DEFAULT_MODEL
from models.decoding.local import LocalGenerator
from models.loading import load_model

NONE = "none"


class Arm:
    """One analyser, or none."""

    def __init__(self, analyser: str, monitors: Sequence[str], tokens: int, stack: ExitStack) -> None:
        self.name = analyser
        settings = evaluation_settings(
            None, monitors if analyser != NONE else (), analyser if analyser != NONE else "auto"
        )
        self._settings: Settings = replace(settings, completion=replace(settings.completion, max_line_tokens=tokens))
        self._monitoring = stack.enter_context(Monitoring())
        self._service = CompletionService(monitors=self)
        self._guide: MonitorGuide | None = None

    def guide(self, request: CompletionRequest, settings: MonitoringSettings, until: float) -> MonitorGuide | None:
        self._guide = self._monitoring.guide(request, settings, until)
        return self._guide

    def prepare(self, request: CompletionRequest) -> None:
        """As when the user types the dot."""
        self._monitoring.fetch_ahead(request, self._settings.monitors)

    def read(self, request: CompletionRequest, generator: Generator) -> None:
        """Let the model read the prompt."""
        self._service.warm(request, generator, self._settings)

    def write(self, case: Case, generator: Generator) -> dict[str, Any]:
        start = perf_counter()
        result = self._service.complete(request_of(case), generator, self._settings)
        took_ms = (perf_counter() - start) * 1000
        text = result.suggestions[0].text if result.suggestions else ""
        given = self._guide.constraints if self._guide is not None else []
        return {
            "text": text,
            "ms": round(took_ms, 2),
            "tokens": result.suggestions[0].tokens if result.suggestions else 0,
            "stages": {stage: round(ms, 2) for stage, ms in result.timings_ms.items()},
            "right": bool(next_identifier_match(case.expected, text, case.language)),
            "harmful": harmful_monitors(given, case.expected, case.suffix),
            "interventions": asdict(result.interventions),
            "findings": [asdict(finding) for finding in result.findings],
        }


def measure(case: Case, arms: Sequence[Arm], generator: Generator, turn: int) -> dict[str, Any]:
    """Every arm has its turn to be the first."""
    request = request_of(case)
    for arm in arms:
        arm.prepare(request)
    arms[0].read(request, generator)
    order = [*arms[turn % len(arms) :], *arms[: turn % len(arms)]]
    row = {arm.name: arm.write(case, generator) for arm in order}
    for arm in order:
        row[arm.name]["warm_ms"] = arm.write(case, generator)["ms"]
    return {"id": case.id, **row}


def summary(rows: Sequence[dict[str, Any]], arms: Sequence[str]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for name in arms:
        found = [finding for row in rows for finding in row[name]["findings"]]
        first = [finding for finding in found if finding["monitor"] == "dereference" and finding["start"] <= 0]
        ratios = [row[name]["ms"] / row[NONE]["ms"] for row in rows]
        warm = [row[name]["warm_ms"] / row[NONE]["warm_ms"] for row in rows]
        alike = [ratio for ratio, row in zip(ratios, rows, strict=True) if row[name]["text"] == row[NONE]["text"]]
        table[name] = {
            "next_identifier_match": round(100 * statistics.mean(row[name]["right"] for row in rows), 1),
            "harmful_masks": sum(bool(row[name]["harmful"]) for row in rows),
            "constrained": sum(finding["outcome"] == "constrained" for finding in first),
            "late": sum(finding["outcome"] == "late" for finding in found),
            "rolled_back": sum(row[name]["interventions"]["rolled_back"] for row in rows),
            "forced_tokens": sum(row[name]["interventions"]["forced_tokens"] for row in rows),
            "won": sum(row[name]["right"] > row[NONE]["right"] for row in rows),
            "lost": sum(row[name]["right"] < row[NONE]["right"] for row in rows),
            "time_ratio": {"p50": quantile(ratios, 0.5), "p95": quantile(ratios, 0.95)},
            "time_ratio_same_text": {"p50": quantile(alike, 0.5), "p95": quantile(alike, 0.95)},
            "warm_time_ratio": {"p50": quantile(warm, 0.5), "p95": quantile(warm, 0.95)},
            "ms": {"p50": quantile([row[name]["ms"] for row in rows], 0.5)},
        }
    return {"cases": len(rows), "arms": table}


def quantile(values: Sequence[float], q: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(q * len(values)))], 3) if values else 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", type=Path)
    parser.add_argument("--analyser", action="append", default=[])
    parser.add_argument("--monitors", default="dereference", help="names with commas between them")
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--prompt-tokens", type=int, default=512)
    parser.add_argument("--tokens", type=int, default=16)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    names = [NONE, *(args.analyser or ["auto"])]
    partial = args.out.with_suffix(".rows.jsonl")
    rows = [json.loads(line) for line in partial.read_text().splitlines()] if partial.exists() else []
    done = {row["id"] for row in rows}
    generator = LocalGenerator(load_model(args.model), prompt_tokens=args.prompt_tokens)
    with ExitStack() as stack, partial.open("a", encoding="utf-8") as kept:
        arms = [Arm(name, args.monitors.split(","), args.tokens, stack) for name in names]
        for case in read_completion_cases(args.cases)[: args.limit]:
            if case.id in done:
                continue
            rows.append(measure(case, arms, generator, len(rows)))
            kept.write(json.dumps(rows[-1]) + "\n")
            kept.flush()
            sys.stderr.write(f"\r{len(rows)}")
    report = {"model": args.model, "prompt_tokens": args.prompt_tokens, "tokens": args.tokens, **summary(rows, names)}
    args.out.write_text(json.dumps(report, indent=1), encoding="utf-8")
    sys.stdout.write(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
