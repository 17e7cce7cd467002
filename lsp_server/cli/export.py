"""`dragoman export`: records out of the store, as JSON Lines or Parquet."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    jsonl = "jsonl"
    parquet = "parquet"


def export(
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A name that ends with .parquet makes Parquet. Else stdout.")
    ] = None,
    form: Annotated[Format | None, typer.Option("--format", help="Else what the file's name says.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only from this day on (UTC).")] = None,
    store: Annotated[
        Path | None, typer.Option("--store", metavar="FILE", help="Another store than this machine's own.")
    ] = None,
) -> None:
    """Write the records as JSON Lines, one record a line, or as Parquet, one record a row."""
    from lsp_server.errors import UserError
    from lsp_server.telemetry import Store, default_path
    from lsp_server.telemetry.export import write_jsonl
    from lsp_server.telemetry.parquet import write_parquet

    chosen = form or (Format.parquet if out is not None and out.suffix == ".parquet" else Format.jsonl)
    start = None if since is None else since.replace(tzinfo=UTC).timestamp()
    with Store(store or default_path(), create=False) as opened:
        if chosen is Format.parquet:
            if out is None:
                raise UserError("Parquet does not go to a terminal.", "Give --out a file.")
            count = write_parquet(opened.records(start), out)
        else:
            count = write_jsonl(opened, out, start)
    if out is not None:
        typer.echo(f"{count} records written to {out}.", err=True)
