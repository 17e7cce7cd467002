"""`dragoman doctor`: what works on this machine, and what is missing. Fetches nothing and loads no model."""

import json
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from lsp_server.errors import sentence
from models.errors import ModelError
from monitors.errors import MonitorError

if TYPE_CHECKING:
    from lsp_server.settings import Settings

State = Literal["ok", "note", "problem"]
MARKS: dict[State, str] = {"ok": "✓", "note": "·", "problem": "✗"}

LEAST_FREE_DISK = 600_000_000
"""Bytes that fetching and converting the default model take."""
LEAST_FREE_MEMORY = 700_000_000
"""Bytes that the default model takes while it runs, with room to spare."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    state: State
    detail: str
    hint: str = ""


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a list.")] = False) -> None:
    """Look at everything completion needs. The exit status is 1 if something has to be mended first."""
    findings = list(examine())
    healthy = all(finding.state != "problem" for finding in findings)
    if as_json:
        report = {"healthy": healthy, "findings": [asdict(finding) for finding in findings]}
        typer.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        width = max(len(finding.subject) for finding in findings)
        for finding in findings:
            typer.echo(
                f"{MARKS[finding.state]} {finding.subject.ljust(width)}  {finding.detail} {finding.hint}".rstrip()
            )
    raise typer.Exit(0 if healthy else 1)


def examine() -> Iterator[Finding]:
    """Every finding, the most needed first."""
    for look in (_python, _onnxruntime, _settings, _model, _memory, _disk, _monitors, _grammars, _toolchains, _sandbox):
        yield from look()


def _python() -> Iterator[Finding]:
    from importlib.metadata import version

    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}, dragoman {version('dragoman')}"
    yield Finding("Python", "ok", detail)


def _onnxruntime() -> Iterator[Finding]:
    from models.backends.providers import import_onnxruntime

    def look() -> Finding:
        onnxruntime = import_onnxruntime()
        providers = [name.removesuffix("ExecutionProvider") for name in onnxruntime.get_available_providers()]
        return Finding("ONNX Runtime", "ok", f"{onnxruntime.__version__} with {', '.join(providers)}")

    yield _or_problem("ONNX Runtime", look)
    if _installed("onnxruntime") and _installed("onnxruntime-gpu"):
        detail = "onnxruntime and onnxruntime-gpu are both installed and overwrite each other."
        yield Finding("ONNX Runtime", "problem", detail, "Uninstall both, then install one extra: cpu or gpu.")


def _settings() -> Iterator[Finding]:
    from lsp_server.settings import from_environment, from_user_file, merge, user_file

    layer, problems = from_user_file()
    merged = merge([from_environment(os.environ), layer])
    state = "is read" if user_file().exists() else "does not exist, the defaults hold"
    if not problems:
        yield Finding("Settings", "ok", f"{user_file()} {state}.")
    for problem in (*problems, *merged.problems):
        yield Finding("Settings", "problem", str(problem))


def _own_settings() -> "Settings":
    """The user's, as far as no workspace and no editor has a say."""
    from lsp_server.settings import from_environment, from_user_file, merge

    return merge([from_environment(os.environ), from_user_file()[0]]).settings


def _model() -> Iterator[Finding]:
    from models.acquisition.add import size_on_disk
    from models.catalog import RemoteSource, resolve_model
    from models.loading import check_device

    settings = _own_settings().model

    def look() -> Finding:
        entry = resolve_model(settings.name)
        if isinstance(entry.source, RemoteSource):
            return Finding("Model", "ok", f"{entry.name} runs on {entry.source.url}; it was not asked.")
        check_device(settings.device)
        size = size_on_disk(entry)
        if size:
            return Finding("Model", "ok", f"{entry.name} is on this machine ({size / 1e6:.0f} MB).")
        return Finding("Model", "note", f"{entry.name} is fetched when it is first used.")

    yield _or_problem("Model", look)


def _memory() -> Iterator[Finding]:
    free = _free_memory()
    if free is None:
        yield Finding("Memory", "note", "This platform does not say how much is free.")
    elif free < LEAST_FREE_MEMORY:
        yield Finding("Memory", "problem", f"{free / 1e9:.1f} GB free.", "The default model takes about 0.5 GB.")
    else:
        yield Finding("Memory", "ok", f"{free / 1e9:.1f} GB free, {os.cpu_count()} processors.")


def _disk() -> Iterator[Finding]:
    from models.folders import model_cache

    folder = model_cache()
    there = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(there).free
    if not os.access(there, os.W_OK):
        yield Finding(
            "Model cache", "problem", f"{there} cannot be written to.", "Set DRAGOMAN_HOME to another folder."
        )
    elif free < LEAST_FREE_DISK:
        yield Finding("Model cache", "problem", f"{folder}, only {free / 1e9:.1f} GB free.", "Make room for 0.6 GB.")
    else:
        yield Finding("Model cache", "ok", f"{folder}, {free / 1e9:.0f} GB free.")


def _monitors() -> Iterator[Finding]:
    """What the settings name. A relative path is one of each workspace; it is looked up in this folder."""
    from lsp_server.monitoring import available_monitors
    from monitors.schemas import read_schema
    from monitors.typestates import read_protocols

    settings = _own_settings().monitors
    if not settings.enabled:
        yield Finding("Monitors", "note", "off, as the settings say.")
        return
    available = available_monitors()
    used = [name for name in settings.only if name in available] or [name for name, on in available.items() if on]
    yield Finding("Monitors", "ok", f"{', '.join(used)}.")
    if unknown := [name for name in settings.only if name not in available]:
        detail = f"`monitors.only` names {', '.join(unknown)}, which does not exist and is left out."
        yield Finding("Monitors", "problem", detail, f"There are {', '.join(available)}.")
    here = Path.cwd()
    files = [(path, partial(read_protocols, [here / path])) for path in settings.typestates]
    files += [(path, partial(read_schema, [path], here)) for path in settings.schemas if "://" not in path]
    for path, read in files:
        try:
            read()
        except MonitorError as error:
            state = "problem" if Path(path).is_absolute() else "note"
            yield Finding("Monitors", state, sentence(error.message), error.hint)


def _grammars() -> Iterator[Finding]:
    from lsp_server.languages import LANGUAGES
    from lsp_server.languages.grammars import load_grammar

    missing = [language.name for language in LANGUAGES if language.grammar and not load_grammar(language.grammar)]
    if missing:
        detail = f"missing for {', '.join(missing)}: there the text alone decides."
        yield Finding("Grammars", "note", detail, "Install dragoman again to have them.")
    else:
        yield Finding("Grammars", "ok", f"{sum(language.grammar is not None for language in LANGUAGES)} languages.")


def _toolchains() -> Iterator[Finding]:
    """What translations can be built with, and what to install for the rest."""
    from lsp_server.languages import language_for
    from lsp_server.languages.toolchains import TOOLCHAINS
    from lsp_server.verification.toolbox import find_tools

    languages = [language_for(toolchain.language) for toolchain in TOOLCHAINS]
    found = {language.name: tools for language in languages if (tools := find_tools(language))}
    there = ", ".join(f"{name} ({tools.way.programs[0]})" for name, tools in found.items())
    yield Finding("Toolchains", "ok" if found else "note", there or "none.")
    for language, toolchain in zip(languages, TOOLCHAINS, strict=True):
        if language.name not in found:
            means = "translations into it stay unchecked" if toolchain.target else "no tests can be made of its sources"
            yield Finding("Toolchains", "note", f"none for {language.name}: {means}.", toolchain.hint)


def _sandbox() -> Iterator[Finding]:
    from lsp_server.sandbox.sandbox import SandboxUnavailable, find_sandbox

    try:
        walls = find_sandbox().walls
    except SandboxUnavailable as error:
        yield Finding("Sandbox", "note", f"{error}: translations are not run.", "Install bubblewrap.")
    else:
        yield Finding("Sandbox", "ok", f"{walls} work here; what is translated can be built and tested.")


def _or_problem(subject: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except ModelError as error:
        return Finding(subject, "problem", error.message, error.hint)


def _installed(distribution: str) -> bool:
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True


def _free_memory() -> int | None:
    """Bytes that can be had without swapping; `None` where that is not known."""
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return None
    return None
