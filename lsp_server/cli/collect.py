"""`dragoman collect`: the telemetry of a team in one place."""

from pathlib import Path
from typing import Annotated

import typer

from lsp_server.cli.console import progress


def collect(
    database: Annotated[
        str, typer.Option(metavar="URL", help="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME.")
    ] = "sqlite:///collected.sqlite",
    tokens: Annotated[Path, typer.Option(metavar="FILE", help="Who may upload.")] = Path("tokens.txt"),
    new_token: Annotated[
        str, typer.Option(metavar="NAME", help="Make a token, print it, and leave; it is shown only now.")
    ] = "",
    export: Annotated[
        Path | None, typer.Option(metavar="STORE", help="Copy what was collected into a telemetry store, and leave.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen at; put TLS in front of any other than this one.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen at; 0 is any free one.")] = 8155,
    requests_per_minute: Annotated[float, typer.Option(min=1, help="Uploads of one token.")] = 120.0,
) -> None:
    """Take uploads of records over HTTP, each record once, until interrupted."""
    from lsp_server.collector.access import Tokens
    from lsp_server.collector.access import new_token as make_token
    from lsp_server.collector.database import Database
    from lsp_server.collector.serving import serve
    from lsp_server.collector.web import Limits, make_application
    from lsp_server.logs import log_to_stderr

    if new_token:
        typer.echo(make_token(tokens, new_token))
        return
    log_to_stderr("info")
    if export is not None:
        from lsp_server.collector.export import export_to

        with progress("Copying") as report:
            copied = export_to(database, export, report)
        typer.echo(f"{copied:,} records are in {export}.")
        return
    known = Tokens(tokens)
    kept = Database(database)
    try:
        limits = Limits.of(requests_per_minute)
        serve(
            make_application(kept, known, limits), host, port, lambda url: typer.echo(f"Collecting at {url}", err=True)
        )
    finally:
        kept.close()
