"""`dragoman replay`: recorded requests through another model, headless."""

import json
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lsp_server.cli.console import Pace, Report, progress

if TYPE_CHECKING:
    from lsp_server.replay.run import Tally


class EngineName(StrEnum):
    """What spreads the work."""

    local = "local"
    ray = "ray"


def replay(
    store: Annotated[
        Path,
        typer.Argument(
            metavar="STORE",
            help="A telemetry store, an export, evaluation cases (JSON Lines), or a folder of Code4Me records.",
        ),
    ],
    out: Annotated[Path, typer.Option(metavar="STORE2", help="Where the answers go; other replays may be there.")],
    model: Annotated[str | None, typer.Option(help="Name of a model; else that of your settings.")] = None,
    monitors: Annotated[
        str, typer.Option(metavar="LIST|default|all|none", help="Monitors, with commas between them.")
    ] = "none",
    engine: Annotated[EngineName, typer.Option(help="Processes on this machine, or Ray Data.")] = EngineName.local,
    workers: Annotated[int, typer.Option(min=1, max=4096, help="Copies of the model.")] = 1,
    gpus: Annotated[float, typer.Option(min=0, help="GPUs that Ray reserves for each copy.")] = 0.0,
    label: Annotated[str, typer.Option(help="The replay's name in reports; else model and monitors.")] = "",
    limit: Annotated[int | None, typer.Option(min=1, help="Only so many requests, drawn at random.")] = None,
    timeout: Annotated[float, typer.Option(min=0.001, help="Seconds for a request; then it counts as empty.")] = 300.0,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw of --limit.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was done as JSON.")] = False,
) -> None:
    """Ask every recorded request again, as the editor would, and keep the answers beside what really stood there later.

    An interrupted or killed replay goes on where it stopped when the same command is given again.
    """
    from dataclasses import asdict

    from lsp_server.engine.loading import load_model
    from lsp_server.evaluation.editor import choose_monitors, configuration, evaluation_settings
    from lsp_server.evaluation.journal import configuration_hash
    from lsp_server.logs import log_to_stderr
    from lsp_server.monitoring import available_monitors
    from lsp_server.replay.answering import make_plan
    from lsp_server.replay.run import Identity, choose
    from lsp_server.replay.run import replay as run
    from lsp_server.telemetry.sources.recorded import open_source
    from lsp_server.telemetry.store import Store

    log_to_stderr("warning")
    chosen_monitors = choose_monitors(monitors, available_monitors())
    plan = make_plan(evaluation_settings(model, chosen_monitors), workers, gpus, timeout)
    if engine is EngineName.local:
        from lsp_server.replay.local import answer_locally as spread
    else:
        from lsp_server.replay.cluster import answer_on_ray as spread
        from lsp_server.replay.cluster import import_ray

        import_ray()  # nothing is fetched or made where it is missing
    total, requests = choose(lambda: open_source(store), limit, seed)
    with progress("Model") as report_loading:  # fetched and converted once, before the workers need it
        generator = load_model(plan.settings.model, report_loading, reproducible=True)
    configured = configuration(generator, plan.settings, chosen_monitors)
    named = label or " + ".join([generator.name, *chosen_monitors])
    identity = Identity(generator.name, generator.fingerprint, named, configuration_hash(configured))
    generator.close()

    with Store(out) as answers, progress("Replaying") as report_progress:
        try:
            tally = run(requests, identity, plan, spread, answers, _Shown(total, report_progress))
        except KeyboardInterrupt:
            typer.echo(f"Interrupted. Answers are in {out}; the same command goes on from there.", err=True)
            raise
    if as_json:
        typer.echo(json.dumps({"label": named, "requests": total, **asdict(tally)}))
        return
    typer.echo(f"{named}: {tally.answered} of {total} requests answered, {tally.finished_before} were before.")
    if tally.without_code:
        typer.echo(f"{tally.without_code} were recorded without their code and cannot be asked again.", err=True)
    if tally.errors:
        typer.echo(f"{tally.errors} failed and count as empty; their records say why.", err=True)


class _Shown:
    """How far a replay is, for the progress bar."""

    def __init__(self, total: int, report: Report) -> None:
        self._total = max(total, 1)
        self._report = report
        self._pace = Pace(self._total)
        report(0.0, f"0 of {total} requests")

    def __call__(self, tally: "Tally") -> None:
        done = tally.answered + tally.finished_before + tally.without_code
        if self._pace.is_due(done):
            self._report(done / self._total, f"{done} of {self._total} requests")
