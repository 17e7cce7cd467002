"""`dragoman telemetry`: seeing, deleting and learning from what was recorded on this machine."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lsp_server.telemetry import Record, Store

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="See, delete and learn from your own records.")

StorePath = Annotated[
    Path | None, typer.Option("--store", metavar="FILE", help="Another store than this machine's own.")
]


@app.command()
def show(
    record: Annotated[str, typer.Argument(metavar="[ID]", help="Show all of one record.")] = "",
    limit: Annotated[int, typer.Option(min=1, help="So many of the latest records.")] = 20,
    store: StorePath = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print whole records, one a line.")] = False,
) -> None:
    """Show what was recorded: the latest records, one a line, or all of one."""
    from collections import deque

    from lsp_server.errors import UserError
    from lsp_server.telemetry import to_json

    with _open(store) as opened:
        if record:
            found = opened.get(record)
            if found is None:
                raise UserError(f"There is no record {record}.", "`dragoman telemetry show` lists them.")
            typer.echo(json.dumps(json.loads(to_json(found)), indent=2, ensure_ascii=False))
            return
        latest, total = deque(opened, maxlen=limit), len(opened)
    if as_json:
        for item in latest:
            typer.echo(to_json(item).decode())
        return
    for item in latest:
        typer.echo(_line(item))
    typer.echo(f"{total} records in {opened.path}.", err=True)


@app.command()
def purge(
    older_than: Annotated[
        int | None, typer.Option(min=0, metavar="DAYS", help="Only records that are older; else all of them.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    store: StorePath = None,
) -> None:
    """Delete records, and their bytes from the file; without --older-than the key of their names as well."""
    from lsp_server.telemetry import default_path
    from lsp_server.telemetry.telemetry import key_path

    before = None if older_than is None else (datetime.now(UTC) - timedelta(days=older_than)).timestamp()
    with _open(store) as opened:
        which = "all records" if before is None else f"records older than {older_than} days"
        if not yes:
            typer.confirm(f"Delete {which} in {opened.path}?", abort=True, err=True)
        removed = opened.delete(before)
    if before is None and opened.path == default_path():
        key_path().unlink(missing_ok=True)
    typer.echo(f"{removed} records deleted.", err=True)


@app.command("train-filter")
def train(
    keep: Annotated[
        float, typer.Option(min=0.5, max=1, help="The share of accepted code that must still be suggested.")
    ] = 0.95,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it; else where the server looks.")
    ] = None,
    store: StorePath = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the judgement as JSON.")] = False,
) -> None:
    """Learn from your own records which suggestions are worth showing.

    The filter is judged on the latest quarter of the records, by acceptance and by how much accepted code it keeps. The
    setting telemetry.showFilter puts it to work.
    """
    from lsp_server.telemetry.show_filter import default_filter_path, save_filter
    from lsp_server.telemetry.training import most_telling, train_filter

    with _open(store) as opened:
        trained, report = train_filter(opened, keep=keep)
    path = out or default_filter_path()
    save_filter(path, trained, report)
    if as_json:
        typer.echo(json.dumps({"path": str(path), "threshold": trained.threshold, **report}))
        return
    typer.echo(f"Trained on {report['trained_on']} suggestions, judged on the {report['judged_on']} after them:")
    typer.echo(f"  shown                 {_percent(report['shown'])}")
    typer.echo(
        f"  acceptance            {_percent(report['acceptance_without'])} -> {_percent(report['acceptance_with'])}"
    )
    typer.echo(f"  accepted code kept    {_percent(report['completed_code_kept'])}")
    typer.echo(f"  AUC                   {report['auc']}")
    telling = ", ".join(f"{name} {weight:+.2f}" for name, weight in most_telling(trained))
    typer.echo(f"  most telling          {telling}")
    typer.echo(f"Written to {path}.")


def _open(path: Path | None) -> "Store":
    from lsp_server.telemetry import Store, default_path

    return Store(path or default_path(), create=False)


def _line(record: "Record") -> str:
    when = datetime.fromtimestamp(record.time).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    generation = record.generations[0] if record.generations else None
    model = generation.model if generation is not None else "-"
    states = ",".join(truth.state for truth in record.truths) or "-"
    outcome = record.outcome.result + (f" ({record.decision.reason})" if record.decision.reason else "")
    return f"{when}  {record.id}  {record.request.language:<12} {model:<16} {outcome:<28} {states}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
