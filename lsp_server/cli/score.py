"""`dragoman score`: the metrics alone, of predictions made elsewhere."""

from pathlib import Path
from typing import Annotated, Any

import typer


def score(
    predictions: Annotated[
        Path,
        typer.Argument(
            metavar="PREDICTIONS.jsonl",
            help='Lines of {"id", "language", "expected", "prediction"}, or with "predictions": {model: text}.',
        ),
    ],
    out: Annotated[Path | None, typer.Option(metavar="REPORT.json", help="Where to write the report.")] = None,
    model: Annotated[
        str | None,
        typer.Option(help="Which model to score, where lines have several; else its name in the report."),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the bootstrap intervals.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report instead of a table.")] = False,
) -> None:
    """Score predictions made elsewhere, with empty ones counted as wrong and, beside that, left out."""
    from lsp_server.evaluation.cases import read_predictions
    from lsp_server.evaluation.report import check_writable, provenance, to_json, write_report
    from lsp_server.evaluation.scoring import definitions, score_predictions
    from lsp_server.evaluation.table import summary_table

    if out is not None:
        check_writable(out)
    report: dict[str, Any] = {
        **score_predictions(read_predictions(predictions), model, seed),
        **definitions(),
        "provenance": provenance(predictions, seed),
    }
    if out is not None:
        write_report(out, report)
    if as_json:
        typer.echo(to_json(report), nl=False)
        return
    models = report.get("models") or {report["model"] or "": report}
    typer.echo(summary_table(models, report.get("common_subset")))
