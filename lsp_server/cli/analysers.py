"""`dragoman analysers`: the language servers behind the monitors, in a private folder that no project sees."""

import json
from typing import Annotated, Any

import typer

from lsp_server.cli.console import progress

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, install and remove static analysers.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]


@app.command("list")
def list_all(as_json: Json = False) -> None:
    """Show every analyser that there is a recipe for, and whether it would start here."""
    from dataclasses import asdict

    from monitors.install import list_analysers

    known = list_analysers()
    if as_json:
        _print_json({"analysers": [asdict(analyser) for analyser in known]})
        return
    table = [("NAME", "LANGUAGES", "STATE", "")]
    for analyser in known:
        state = "ready" if analyser.usable else "cannot start" if analyser.installed else "-"
        table.append((analyser.name, ", ".join(analyser.languages), state, analyser.detail))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@app.command()
def install(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME...", help="Analysers or languages; of a language, the preferred one.")
    ],
    as_json: Json = False,
) -> None:
    """Fetch analysers, in the versions that Dragoman was tested with."""
    from monitors.install import install as install_one

    installed: list[str] = []
    with progress("Analysers") as report:
        for number, name in enumerate(names):
            share = number / len(names)
            installed += install_one(name, progress=lambda line, share=share: report(share, line))
    if as_json:
        _print_json({"installed": installed})
    elif installed:
        typer.echo(f"Installed {', '.join(installed)}.")
    else:
        typer.echo("Everything was there already.")


@app.command()
def remove(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="Analysers; `host` for what they share.")],
    as_json: Json = False,
) -> None:
    """Delete analysers from this machine."""
    from monitors.install import remove as remove_one

    removed = [name for name in names if remove_one(name)]
    if as_json:
        _print_json({"removed": removed})
    else:
        typer.echo(f"Removed {', '.join(removed)}." if removed else "There was nothing to remove.")


def _print_json(value: Any) -> None:
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
