"""`dragoman complete`: one completion, headless, through the same pipeline as the editor's.

Most of the time to a first completion is work of one processor, so the model comes in on a thread of its own while the
pipeline is imported and static analysis begins.
"""

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lsp_server.cli.console import progress
from lsp_server.documents.text import Text
from lsp_server.engine.early import begun
from lsp_server.engine.loading import load_model
from lsp_server.errors import UserError
from lsp_server.logs import log_to_stderr
from lsp_server.settings import Settings, from_environment, from_user_file, from_workspace, merge
from models import Ahead, Cancellation, Generator

if TYPE_CHECKING:
    from lsp_server.completion.request import CompletionRequest, CompletionResult

MAX_CANDIDATES = 10
SETTLE_S = 0.5
"""How long what the imports lead to may still be read once the model is there."""
_ROOT_MARKS = (".git", ".hg", "dragoman.toml", "pyproject.toml", "package.json", "Cargo.toml", "go.mod")
"""Where one of these lies, a workspace begins."""

_Extent = Literal["auto", "line", "block"]


@dataclass(frozen=True)
class Options:
    """What the command line asks for, checked."""

    candidates: int
    model: str | None
    max_tokens: int | None
    extent: _Extent | None
    monitors: bool
    cross_file: bool


def complete(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to complete, in UTF-8.")],
    line: Annotated[int, typer.Option(help="Line of the cursor, from 1.")],
    column: Annotated[int, typer.Option(help="Column of the cursor, from 1, in code points.")],
    n: Annotated[int, typer.Option(help="How many different completions at most.")] = 1,
    cross_file: Annotated[
        bool, typer.Option("--cross-file", help="Read related pieces of other files too, as the server does.")
    ] = False,
    no_monitors: Annotated[bool, typer.Option("--no-monitors", help="Do without static analysis.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    model: Annotated[str | None, typer.Option(help="A model's name, a path or a URL instead of the one set.")] = None,
    max_tokens: Annotated[int | None, typer.Option(help="Tokens per completion at most.")] = None,
    extent: Annotated[
        str | None,
        typer.Option(metavar="auto|line|block", help="How far a completion reaches, instead of what is set."),
    ] = None,
) -> None:
    """Complete FILE at a cursor and print what would be inserted there."""
    options = Options(
        candidates=_between("--n", n, 1, MAX_CANDIDATES),
        model=model,
        max_tokens=None if max_tokens is None else _between("--max-tokens", max_tokens, 1, 4096),
        extent=_extent(extent),
        monitors=not no_monitors,
        cross_file=cross_file,
    )
    text = read_text(file)
    offset = offset_of(text, file, line, column)
    settings = _settings(file, options)
    log_to_stderr("warning")
    cancellation = Cancellation()
    with progress("dragoman") as report:
        load = begun(load_model)
        generator = Ahead(lambda: load(settings.model, report, cancellation))
        try:
            result = _complete(text, offset, file, options, settings, generator)
        finally:
            cancellation.cancel()  # whoever is interrupted does not wait for the model
    if as_json:
        typer.echo(json.dumps(to_json(result), indent=2, ensure_ascii=False))
    else:
        _print(result)


def _complete(
    text: Text, offset: int, file: Path, options: Options, settings: Settings, model: Ahead[Generator]
) -> "CompletionResult":
    start = perf_counter()
    from lsp_server.completion.service import CompletionService, no_context
    from lsp_server.monitoring import Monitoring

    request = _request(text, offset, file, options, settings)
    with Monitoring() as monitoring:
        monitoring.fetch_ahead(request, settings.monitors)
        context = no_context
        if options.cross_file:
            from lsp_server.context import ContextIndex
            from lsp_server.documents.lines import Lines

            context = index = ContextIndex(request.root)
            index.document_focused(request.path, Lines(text), text.line_of(offset))
            model.result()  # it reads meanwhile
            index.settle(SETTLE_S)
        service = CompletionService(context, monitors=monitoring)
        generator = model.result()
        load_ms = (perf_counter() - start) * 1000
        result = service.complete(request, generator, settings)
    return replace(result, timings_ms={"load": load_ms, **result.timings_ms})


def read_text(file: Path) -> Text:
    """A file as a text whose columns are code points. Raises `UserError`."""
    try:
        return Text(file.read_bytes().decode("utf-8-sig"), "utf-32")
    except UnicodeDecodeError as error:
        hint = "Convert it, for example with `iconv -t UTF-8`."
        raise UserError(f"{file} is not UTF-8 (byte {error.start + 1}).", hint) from error
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}.", "Give the path of a text file.") from error


def offset_of(text: Text, file: Path, line: int, column: int) -> int:
    """The offset of a position that counts from 1. Raises `UserError` where the file has no such place."""
    if not 1 <= line <= text.line_count:
        raise UserError(f"{file} has no line {line}.", f"Give --line from 1 to {text.line_count}.")
    start, end = text.line_start(line - 1), text.line_end(line - 1)
    if not 1 <= column <= end - start + 1:
        raise UserError(f"Line {line} of {file} has no column {column}.", f"Give --column from 1 to {end - start + 1}.")
    return start + column - 1


def to_json(result: "CompletionResult") -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "completions": [
            {
                "text": suggestion.text,
                "confidence": _rounded(suggestion.confidence, 4),
                "min_confidence": _rounded(suggestion.min_confidence, 4),
                "tokens": suggestion.tokens,
                "replace_after": suggestion.replace_after,
                "finish_reason": suggestion.finish_reason,
            }
            for suggestion in result.suggestions
        ],
        "model": result.model,
        "extent": result.extent,
        "reason": result.reason,
        "prompt_tokens": result.prompt_tokens,
        "timings_ms": {stage: _rounded(value, 2) for stage, value in result.timings_ms.items()},
        "monitors": {
            **asdict(result.interventions),
            "findings": [
                {**asdict(finding), "analysis_ms": round(finding.analysis_ms, 2)} for finding in result.findings
            ],
        },
    }


def workspace_root(file: Path) -> Path | None:
    """The nearest folder above a file that looks like the top of a project; never the home folder or the disk's top."""
    for folder in file.absolute().parents:
        if folder == Path.home() or folder == folder.parent:
            return None
        if any((folder / mark).exists() for mark in _ROOT_MARKS):
            return folder
    return None


def _request(text: Text, offset: int, file: Path, options: Options, settings: Settings) -> "CompletionRequest":
    from lsp_server.completion.at_cursor import Source, request_at

    root = workspace_root(file)
    extent = settings.completion.extent
    path = file.absolute().relative_to(root).as_posix() if root else file.name
    return request_at(
        text,
        offset,
        Source(path=path, root=str(root) if root else "", uri=file.absolute().as_uri()),
        trigger="invoked",
        candidates=options.candidates,
        extent=None if extent == "auto" else extent,
        max_tokens=options.max_tokens,
        hurried=True,
    )


def _settings(file: Path, options: Options) -> Settings:
    """What the environment and the files say; wrong settings are named on stderr and left out."""
    user, problems = from_user_file()
    root = workspace_root(file)
    workspace, more_problems = from_workspace(root) if root else (None, ())
    merged = merge([layer for layer in (from_environment(os.environ), user, workspace) if layer is not None])
    for problem in (*problems, *more_problems, *merged.problems):
        typer.echo(f"dragoman: {problem}", err=True)
    settings = merged.settings
    if options.extent is not None:
        settings = replace(settings, completion=replace(settings.completion, extent=options.extent))
    if not options.monitors:
        settings = replace(settings, monitors=replace(settings.monitors, enabled=False))
    if options.model is None:
        return settings
    return replace(settings, model=replace(settings.model, name=options.model))


def _print(result: "CompletionResult") -> None:
    if not result.suggestions:
        typer.echo(f"dragoman: nothing to suggest here ({result.reason}).", err=True)
    for number, suggestion in enumerate(result.suggestions, 1):
        if len(result.suggestions) > 1:
            sure = "" if suggestion.confidence is None else f" ({suggestion.confidence:.0%})"
            typer.echo(f"--- {number}{sure}")
        typer.echo(suggestion.text)


def _extent(text: str | None) -> _Extent | None:
    match text:
        case None | "auto" | "line" | "block":
            return text
        case _:
            raise UserError(f"--extent {text} is not known.", "It is auto, line or block.")


def _between(option: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise UserError(f"{option} {value} is out of range.", f"Give a number from {least} to {most}.")
    return value


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
