"""The command `dragoman`: a table of commands, each in a module of its own that is imported when it is called.

Help of the whole command imports none of them: the line for each stands in the table.
"""

import os
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from lsp_server.cli.console import user_errors

TRACEBACK_VARIABLE = "DRAGOMAN_TRACEBACK"
"""Set to anything, it lets the traceback of an unforeseen error through."""


@dataclass(frozen=True)
class Entry:
    """A line of the table. The module holds either a Typer application `app` or a function with the command's name."""

    module: str
    help: str


COMMANDS = {
    "serve": Entry("lsp_server.cli.serve", "Run the language server."),
    "complete": Entry("lsp_server.cli.complete", "Complete a file at a place, without an editor."),
    "translate": Entry("lsp_server.cli.translate", "Translate a file to another language, with a verdict."),
    "models": Entry("lsp_server.cli.models", "List, add, remove and measure models."),
    "evaluate": Entry("lsp_server.cli.evaluate", "Let a model complete or translate cases whose answer is known."),
    "score": Entry("lsp_server.cli.score", "The metrics alone, of predictions made elsewhere."),
    "replay": Entry("lsp_server.cli.replay", "Ask recorded requests again, of another model."),
    "report": Entry("lsp_server.cli.report", "Tables and plots of recorded and replayed completions, as one page."),
    "collect": Entry("lsp_server.cli.collect", "Collect the telemetry of a team."),
    "analysers": Entry("lsp_server.cli.analysers", "List, install and remove the language servers behind monitors."),
    "export": Entry("lsp_server.cli.export", "Write the records of this machine as JSON Lines or Parquet."),
    "telemetry": Entry("lsp_server.cli.telemetry", "See, delete and learn from your own records."),
    "doctor": Entry("lsp_server.cli.doctor", "What works on this machine, and what is missing."),
}


class LazyGroup(TyperGroup):
    """Commands that are imported when they are asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        return [name for name, entry in COMMANDS.items() if find_spec(entry.module)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        entry = COMMANDS.get(cmd_name)
        if entry is None or not find_spec(entry.module):
            return None
        module = import_module(entry.module)
        app = getattr(module, "app", None)
        if app is None:
            app = typer.Typer(add_completion=False, rich_markup_mode=None)
            app.command(cmd_name)(getattr(module, cmd_name))
        command = typer.main.get_command(app)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name].help) for name in self.list_commands(ctx)])

    def invoke(self, ctx: Any) -> Any:
        try:
            with user_errors():
                return super().invoke(ctx)
        except Exception as error:
            if isinstance(error, (typer.Exit, typer.Abort)) or _is_usage(error) or os.environ.get(TRACEBACK_VARIABLE):
                raise
            text = " ".join(f"{type(error).__name__}: {error}".split())
            hint = f"This is a fault of Dragoman's; {TRACEBACK_VARIABLE}=1 shows where."
            typer.echo(f"dragoman: {text}. {hint}", err=True)
            raise typer.Exit(1) from error


def _is_usage(error: Exception) -> bool:
    """An error of the command line itself, which Typer prints in its own way."""
    return hasattr(error, "exit_code")


app = typer.Typer(
    cls=LazyGroup,
    help="Completes and translates code with a model on your own machine, guided by static analysis.",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich takes longer to import than everything else here
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"dragoman {version('dragoman')}")
        raise typer.Exit


@app.callback()
def options(
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and leave.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """What stands before any command."""
