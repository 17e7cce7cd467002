"""`dragoman evaluate`: a model and cases whose answer is known."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lsp_server.cli.console import Pace, Report, progress
from lsp_server.cli.evaluate_translation import translation

if TYPE_CHECKING:
    from lsp_server.evaluation.completion import Outcome

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Let a model complete or translate cases whose answer is known.",
)
app.command()(translation)


@app.callback()
def options() -> None:
    """What stands before the kind of evaluation."""


@app.command()
def completion(
    cases: Annotated[
        Path,
        typer.Argument(
            metavar="CASES.jsonl",
            help='Lines of {"id", "language", "prefix", "suffix", "expected", "root"?, "path"?, "trigger"?}.',
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="REPORT.json", help="Where to write the report.")],
    model: Annotated[str | None, typer.Option(help="Name of a model; else that of your settings.")] = None,
    monitors: Annotated[
        str, typer.Option(metavar="LIST|default|all|none", help="Monitors, with commas between them.")
    ] = "none",
    analyser: Annotated[
        Literal["auto", "jedi", "zuban", "ty", "pyrefly"], typer.Option(help="Who analyses Python for the monitors.")
    ] = "auto",
    limit: Annotated[int | None, typer.Option(min=1, help="Take only so many cases, from the first on.")] = None,
    timeout: Annotated[float, typer.Option(min=0.001, help="Seconds for a case; then it counts as empty.")] = 300.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap intervals.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report instead of a table.")] = False,
) -> None:
    """Complete every case as the editor would, and compare with what really stands there.

    An interrupted run goes on where it stopped when the same command is given again.
    """
    from lsp_server.engine.loading import load_model
    from lsp_server.evaluation.cases import read_completion_cases
    from lsp_server.evaluation.completion import completion_report, predict_all
    from lsp_server.evaluation.editor import choose_monitors, configuration, evaluation_settings, predictor
    from lsp_server.evaluation.journal import Journal, configuration_hash
    from lsp_server.evaluation.report import check_writable, provenance, to_json, write_report
    from lsp_server.evaluation.scoring import definitions
    from lsp_server.evaluation.table import summary_table
    from lsp_server.logs import log_to_stderr
    from lsp_server.monitoring import Monitoring, available_monitors

    log_to_stderr("warning")
    chosen_monitors = choose_monitors(monitors, available_monitors())
    chosen_cases = read_completion_cases(cases)[:limit]
    check_writable(out)
    settings = evaluation_settings(model, chosen_monitors, analyser)
    with progress("Model") as report_loading:
        generator = load_model(settings.model, report_loading)

    configured = configuration(generator, settings, chosen_monitors)
    partial = out.with_name(f"{out.name}.partial.jsonl")
    with Journal(partial, configuration_hash(configured)) as journal, Monitoring() as monitoring:
        kept = sum(journal.get(case.content_hash) is not None for case in chosen_cases)
        if kept:
            typer.echo(f"Going on after {kept} of {len(chosen_cases)} cases from {partial}.", err=True)
        with _kept_when_interrupted(partial), progress("Evaluating") as report_progress:
            tracker = _Tracker(len(chosen_cases), report_progress)
            predict = predictor(generator, settings, monitoring if chosen_monitors else None)
            outcomes = predict_all(chosen_cases, predict, journal, timeout, tracker.add)
        report: dict[str, Any] = {
            **completion_report(generator.name, outcomes, chosen_monitors, seed),
            **definitions(),
            "provenance": {**provenance(cases, seed), **configured, "resumed_cases": kept},
        }
        write_report(out, report)
        journal.finish()

    if report["errors"]:
        typer.echo(f"{report['errors']} cases failed and count as empty; `predictions` in {out} says why.", err=True)
    typer.echo(to_json(report) if as_json else summary_table({generator.name: report}), nl=not as_json)


@contextmanager
def _kept_when_interrupted(partial: Path) -> Generator[None, None, None]:
    """Say that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(f"Interrupted. Finished cases are in {partial}; the same command goes on from there.", err=True)
        raise


class _Tracker:
    """Cases done, exact match so far, and the time that is left, for the progress bar."""

    def __init__(self, total: int, report: Report) -> None:
        self._total = total
        self._report = report
        self._done = 0
        self._right = 0
        self._predicted = 0
        self._start = monotonic()
        self._pace = Pace(total)
        report(0.0, f"0 of {total} cases")

    def add(self, outcome: "Outcome") -> None:
        self._done += 1
        self._right += bool(outcome.scored.values["exact_match"])
        self._predicted += not outcome.resumed
        if self._pace.is_due(self._done):
            said = f"{self._done} of {self._total} cases, exact match {100 * self._right / self._done:.1f}%"
            self._report(self._done / self._total, said + self._time_left(monotonic()))

    def _time_left(self, now: float) -> str:
        left = self._total - self._done
        if not left or not self._predicted or sys.stderr.isatty():  # the bar on a terminal counts down by itself
            return ""
        seconds = (now - self._start) / self._predicted * left
        return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"
