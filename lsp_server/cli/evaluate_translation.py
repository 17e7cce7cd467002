"""`dragoman evaluate translation`: a translator, or candidates made elsewhere, and cases with tests."""

import sys
from dataclasses import asdict, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from lsp_server.cli.console import Pace, Report, progress
from lsp_server.errors import UserError

if TYPE_CHECKING:
    from lsp_server.evaluation.translation import Answerer
    from lsp_server.evaluation.translation_cases import TranslationCase


def translation(
    cases: Annotated[
        Path,
        typer.Argument(
            metavar="CASES.jsonl",
            help='Lines of {"id", "source_language", "target_language", "source", "declaration"?, "tests"?}.',
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="REPORT.json", help="Where to write the report.")],
    model: Annotated[str | None, typer.Option(help="Name of a model; else that of your settings.")] = None,
    samples: Annotated[int | None, typer.Option(min=0, help="Candidates after the first one.")] = None,
    rounds: Annotated[int | None, typer.Option(min=0, help="Rounds of repair.")] = None,
    demonstrations: Annotated[int | None, typer.Option(min=0, help="Examples in the prompt.")] = None,
    constrained: Annotated[bool, typer.Option(help="Write under the target's syntax monitor.")] = True,
    rules: Annotated[bool, typer.Option(help="Let rule-based translators propose.")] = True,
    ask_model: Annotated[bool, typer.Option("--ask-model/--no-model", help="Let the model propose.")] = True,
    candidates: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help='Judge these instead: lines of {"id", "prediction"}, or "predictions".'),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Take only so many cases, from the first on.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="How many candidates of FILE to judge at a time.")] = 2,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report instead of a table.")] = False,
) -> None:
    """Translate every case and judge the answers by their tests, in the sandbox; giving this command is the leave.

    A case with a "candidate" (or "candidates") is judged as it is, and with --candidates all are; no model is asked
    then. An interrupted run goes on where it stopped when the same command is given again.
    """
    from lsp_server.evaluation.journal import Journal, configuration_hash
    from lsp_server.evaluation.report import check_writable, provenance, to_json, write_report
    from lsp_server.evaluation.translation import report_table, run_cases, translation_report
    from lsp_server.evaluation.translation_cases import read_candidates, read_translation_cases
    from lsp_server.logs import log_to_stderr

    log_to_stderr("warning")
    chosen = read_translation_cases(cases)
    if candidates is not None:
        chosen = _with_candidates(chosen, candidates, read_candidates(candidates))
    chosen = chosen[:limit]
    check_writable(out)
    judged = candidates is not None or all(case.candidates for case in chosen)
    wanted = {
        "samples": samples,
        "rounds": rounds,
        "demonstrations": demonstrations,
        "constrained": constrained,
        "rules": rules,
        "model": ask_model,
    }
    name, configured, answer = _candidates() if judged else _translator(model, wanted)
    partial = out.with_name(f"{out.name}.partial.jsonl")
    with Journal(partial, configuration_hash(configured)) as journal:
        kept = sum(journal.get(case.content_hash) is not None for case in chosen)
        if kept:
            typer.echo(f"Going on after {kept} of {len(chosen)} cases from {partial}.", err=True)
        try:
            with progress("Evaluating") as report_progress:
                tracker = _Tracker(chosen, report_progress)
                rows = run_cases(chosen, answer, journal, jobs=jobs if judged else 1, on_row=tracker.add)
        except KeyboardInterrupt:
            typer.echo(f"Interrupted. Finished cases are in {partial}; the same command goes on from there.", err=True)
            raise
        report: dict[str, Any] = {
            **translation_report(name, rows),
            "provenance": {**provenance(cases, 0), **configured, "resumed_cases": kept},
        }
        write_report(out, report)
        journal.finish()
    typer.echo(to_json(report) if as_json else report_table(report), nl=not as_json)


def _with_candidates(
    cases: "list[TranslationCase]", file: Path, given: dict[str, tuple[str, ...]]
) -> "list[TranslationCase]":
    """The cases with the candidates of a file. Raises `UserError` where it knows none of them."""
    known = {case.id for case in cases}
    if not known & given.keys():
        raise UserError(f"{file}: no case has the id {next(iter(given))!r}", "Ids in both files must be the same.")
    strange, missing = len(given.keys() - known), len(known - given.keys())
    if strange:
        typer.echo(f"dragoman: {strange} ids in {file} belong to no case.", err=True)
    if missing:
        typer.echo(f"dragoman: {missing} of {len(cases)} cases have no candidate there and count as wrong.", err=True)
    return [replace(case, candidates=given.get(case.id, ())) for case in cases]


def _candidates() -> "tuple[str, dict[str, Any], Answerer]":
    from lsp_server.evaluation.translation import judge_candidates
    from lsp_server.verification.judge import make_judge

    return "given candidates", {"kind": "candidates"}, judge_candidates(make_judge(allowed=True))


def _translator(model: str | None, wanted: dict[str, Any]) -> "tuple[str, dict[str, Any], Answerer]":
    """The editor's translator with its defaults, but for what was wanted otherwise."""
    from lsp_server.engine.loading import load_model
    from lsp_server.evaluation.editor import evaluation_settings
    from lsp_server.evaluation.translation import Answer, Tried, judge_candidates
    from lsp_server.translation import Task
    from lsp_server.translation.ready import make_translator, model_settings, options_from
    from lsp_server.verification import given_tests
    from lsp_server.verification.judge import make_judge
    from models import Cancellation

    settings = evaluation_settings(None)
    if model is not None:
        settings = replace(settings, translation=replace(settings.translation, model=model))
    options = replace(options_from(settings), **{key: value for key, value in wanted.items() if value is not None})
    translator = make_translator(allowed=True)
    writer = None
    if options.model:
        with progress("Model") as report_loading:
            writer = load_model(model_settings(settings), report_loading)

    judge = judge_candidates(make_judge(allowed=True))

    def answer(case: "TranslationCase", cancellation: Cancellation) -> Answer:
        if case.candidates:
            return judge(case, cancellation)
        task = Task(
            case.source,
            case.source_language,
            case.target_language,
            declaration=case.declaration,
            tests=given_tests(case.tests, case.target_language),
        )
        done = translator.translate(task, writer.generate if writer else None, options, cancellation=cancellation)
        tried = [Tried(a.text, a.origin, a.round, a.verdict) for unit in done.units for a in unit.attempts]
        if len(done.units) != 1:  # candidates of parts are no candidates of the whole
            tried = [Tried(done.text, done.origin, done.rounds, done.verdict)]
        return Answer(done.text, done.origin, done.verdict, tuple(tried), done.milliseconds)

    name = writer.name if writer is not None else "rules"
    configured = {"kind": "translator", "model_name": name, "options": asdict(options)}
    return name, configured, answer


class _Tracker:
    """Cases done, verified so far, and the time that is left, for the progress bar."""

    def __init__(self, cases: "list[TranslationCase]", report: Report) -> None:
        self._total = len(cases)
        self._report = report
        self._done = self._verified = self._run = 0
        self._start = monotonic()
        self._pace = Pace(self._total)
        report(0.0, f"0 of {self._total} cases")

    def add(self, row: dict[str, Any], resumed: bool) -> None:
        self._done += 1
        self._run += not resumed
        self._verified += row["verdict"]["status"] == "verified"
        if not self._pace.is_due(self._done):
            return
        said = f"{self._done} of {self._total} cases, {100 * self._verified / self._done:.1f}% verified"
        left = self._total - self._done
        if left and self._run and not sys.stderr.isatty():
            said += f", about {(monotonic() - self._start) / self._run * left / 60:.0f} min left"
        self._report(self._done / self._total, said)
