"""`dragoman report`: tables and plots of recorded and replayed completions."""

import json
from pathlib import Path
from typing import Annotated

import typer

from lsp_server.cli.console import progress


def report(
    stores: Annotated[
        list[Path],
        typer.Argument(
            metavar="STORE...",
            help="Telemetry stores, replays, exports, predictions (JSON Lines), folders of Code4Me records.",
        ),
    ],
    page: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Where to write the page.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the intervals.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Work out what many completions say together, with how far it may be trusted, as one page without a network."""
    from lsp_server.errors import UserError
    from lsp_server.evaluation.report import check_writable
    from lsp_server.report.build import build_report
    from lsp_server.report.page import render
    from models.atomic import write_atomically

    if page is None and not as_json:
        raise UserError("Nothing was asked for.", "Give --html FILE, or --json.")
    if page is not None:
        check_writable(page)
    with progress("Report") as report_progress:
        built = build_report(stores, seed, lambda fraction: report_progress(fraction, "reading records"))
    if page is not None:
        try:
            write_atomically(page, render(built).encode("utf-8", "replace"))
        except OSError as error:
            raise UserError(f"{page} cannot be written: {error.strerror}", "Give --html another path.") from error
    if as_json:
        typer.echo(json.dumps(built, indent=2))
    else:
        typer.echo(f"{page}: {built['requests']:,} requests, {built['answers']:,} answers.")
