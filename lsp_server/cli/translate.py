"""`dragoman translate`: one translation with its verdict, through the same pipeline as the editor's."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from lsp_server.cli.complete import read_text, workspace_root
from lsp_server.cli.console import progress
from lsp_server.engine.loading import load_model
from lsp_server.logs import log_to_stderr
from lsp_server.settings import Settings, from_environment, from_user_file, from_workspace, merge
from lsp_server.translation import Task, Translation
from lsp_server.translation.answer import translation_json
from lsp_server.translation.detection import require_language
from lsp_server.translation.ready import LazyWriter, make_translator, model_settings, options_from
from lsp_server.translation.targets import source_language, target_language
from lsp_server.verification import given_tests
from models import Cancellation


def translate(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to translate, in UTF-8.")],
    to: Annotated[str, typer.Option(metavar="LANG", help="The language to translate to.")],
    source: Annotated[
        str | None, typer.Option("--from", metavar="LANG", help="The file's language; found if not given.")
    ] = None,
    tests: Annotated[
        Path | None, typer.Option(help="Tests in the target language, which are appended to the translation.")
    ] = None,
    run: Annotated[bool, typer.Option("--run", help="Build the translation and run its tests, in a sandbox.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of the code.")] = False,
    model: Annotated[str | None, typer.Option(help="A model's name, a path or a URL instead of the one set.")] = None,
) -> None:
    """Translate FILE to another language and print the code, with the verdict on stderr."""
    target = target_language(to)
    text = str(read_text(file).slice(0, 1 << 40))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    language = source_language(source) if source else require_language(text, str(file))
    settings = _settings(file, model)
    log_to_stderr("warning")
    given = given_tests(str(read_text(tests).slice(0, 1 << 40)), target) if tests is not None else None
    if tests is not None and given is None:
        typer.echo(f"dragoman: {tests} holds no test; it is as if none had been given.", err=True)
    task = Task(text, language, target, path=file.name, tests=given)
    cancellation = Cancellation()
    with progress("dragoman") as report:
        writer = LazyWriter(lambda token: load_model(model_settings(settings), report, token))
        try:
            answer = make_translator(allowed=run or settings.translation.run).translate(
                task,
                writer,
                options_from(settings),
                cancellation=cancellation,
                say=lambda what, fraction: report(fraction, what),
            )
        except KeyboardInterrupt:
            cancellation.cancel()
            raise
    answer = replace(answer, model=writer.model)
    if as_json:
        typer.echo(json.dumps(translation_json(answer, language, target), indent=2, ensure_ascii=False))
    else:
        _print(answer)


def _print(answer: Translation) -> None:
    """The code on stdout, everything about it on stderr."""
    typer.echo(answer.text, nl=False)
    for warning in answer.warnings:
        typer.echo(f"dragoman: {warning}", err=True)
    verdict = answer.verdict
    about = f"{verdict.status}: {verdict.evidence}"
    typer.echo(f"dragoman: {' '.join(part for part in (about, verdict.hint) if part)}", err=True)
    if verdict.messages:
        typer.echo(verdict.messages, err=True)


def _settings(file: Path, model: str | None) -> Settings:
    """What the environment and the files say; wrong settings are named on stderr and left out."""
    user, problems = from_user_file()
    root = workspace_root(file)
    workspace, more_problems = from_workspace(root) if root else (None, ())
    merged = merge([layer for layer in (from_environment(os.environ), user, workspace) if layer is not None])
    for problem in (*problems, *more_problems, *merged.problems):
        typer.echo(f"dragoman: {problem}", err=True)
    settings = merged.settings
    return settings if model is None else replace(settings, translation=replace(settings.translation, model=model))
