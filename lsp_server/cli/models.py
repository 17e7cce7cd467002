"""`dragoman models`: which models there are, taking one up, letting one go, and how fast one is here."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from lsp_server.cli.console import fail, progress

if TYPE_CHECKING:
    from models.catalog import ModelEntry

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="List, add, remove and measure models.")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


@app.command("list")
def list_models(as_json: Json = False) -> None:
    """Show every model that can be asked for by name: Dragoman's, then yours."""
    from models.catalog import load_catalog

    rows = [_row(entry) for entry in load_catalog().values()]
    if as_json:
        _print_json({"models": rows})
        return
    table = [("NAME", "CONTEXT", "FIM", "CHAT", "ON DISK", "LICENCE", "SOURCE")]
    for row in rows:
        size = f"{row['bytes_on_disk'] / 1e6:.0f} MB" if row["bytes_on_disk"] else "-"
        fim, chat = row["fim"] or "-", row["chat_template"] or "-"
        table.append((row["name"], f"{row['context_length']}", fim, chat, size, row["licence"], row["source"]))
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for line in table:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


@app.command()
def add(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL",
            help="A GGUF file, a folder, a hub id (org/name, org/name/file.gguf), a server "
            "(http://host:port/v1#model), or a name of the list, to fetch it now.",
        ),
    ],
    name: Annotated[str, typer.Option(help="What to call it; else the file's or repository's name.")] = "",
    fim: Annotated[
        str,
        typer.Option(
            metavar="FAMILY",
            help="Whose fill-in-the-middle format it was trained with (docs/models.md lists them), or `none`; "
            "else found out from its vocabulary.",
        ),
    ] = "",
    licence: Annotated[str, typer.Option(help="Its licence; else what its files say.")] = "",
    chat: Annotated[str, typer.Option(metavar="TEMPLATE", help="How it was taught to converse.")] = "",
    revision: Annotated[str, typer.Option(help="Branch, tag or commit of a hub repository.")] = "",
    key_env: Annotated[str, typer.Option(metavar="VARIABLE", help="Where a server's API key is found.")] = "",
    structured: Annotated[
        Literal["none", "vllm", "llama.cpp"], typer.Option(help="Structured output that a server understands.")
    ] = "none",
    server_fim: Annotated[bool, typer.Option(help="The server takes the suffix apart from the prompt.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch and convert a model, and give it a name."""
    from models.acquisition.add import Wishes, add_model
    from models.catalog import RemoteSource

    remote = RemoteSource("", "", key_env, structured, server_fim)
    wishes = Wishes(name, fim, licence, chat, revision, None if remote == RemoteSource("", "") else remote)
    with progress("Adding") as report:
        entry = add_model(model, wishes, progress=report)
    if as_json:
        _print_json(_row(entry))
    else:
        format_ = f"fill-in-the-middle as {entry.family}" if entry.fim else "the text before the cursor only"
        typer.echo(f"{entry.name}: {format_}; licence: {entry.licence}. Use it with `--model {entry.name}`.")


@app.command()
def remove(name: Annotated[str, typer.Argument(metavar="NAME", help="A name of the list.")]) -> None:
    """Delete a model's files from the cache, and forget it if it is yours."""
    from models.acquisition.add import remove_model

    was_users, freed = remove_model(name)
    typer.echo(f"{name}: {freed / 1e6:.0f} MB freed{', and forgotten' if was_users else ''}.")


@app.command()
def bench(
    model: Annotated[str, typer.Argument(metavar="[MODEL]", help="A name, path or hub id; else the default.")] = "",
    prompt_tokens: Annotated[int, typer.Option(min=1, help="Length of the prompt that is read.")] = 512,
    new_tokens: Annotated[int, typer.Option(min=1, help="Tokens written after it.")] = 32,
    rounds: Annotated[int, typer.Option(min=1, help="How often; medians are shown.")] = 3,
    threads: Annotated[int, typer.Option(min=0, help="CPU threads; 0 is one per physical core.")] = 0,
    device: Annotated[Literal["auto", "cpu", "cuda"], typer.Option(help="Where it runs.")] = "auto",
    as_json: Json = False,
) -> None:
    """Measure how fast a model loads, reads and writes on this machine."""
    from dataclasses import asdict
    from time import perf_counter

    from models.catalog import DEFAULT_MODEL, RemoteSource, resolve_model
    from models.loading import load_model
    from models.measuring import measure_speed

    entry = resolve_model(model or DEFAULT_MODEL)
    if isinstance(entry.source, RemoteSource):
        fail(f"{entry.name} runs on a server, whose speed is not this machine's", "Give a model that is here.")
    with progress("Preparing") as report:
        load_model(entry, threads=threads or None, device=device, progress=report).close()
    start = perf_counter()
    loaded = load_model(entry, threads=threads or None, device=device)
    load_ms = (perf_counter() - start) * 1000
    speed = measure_speed(loaded, _bench_text(), prompt_tokens=prompt_tokens, new_tokens=new_tokens, rounds=rounds)
    figures = {"model": entry.name, "device": loaded.device, "load_ms": round(load_ms, 1)}
    figures |= {name: round(value, 2) for name, value in asdict(speed).items()}
    if as_json:
        _print_json(figures)
        return
    typer.echo(f"{entry.name} on {loaded.device}, {prompt_tokens} tokens of prompt, medians of {rounds}")
    typer.echo(f"  load       {load_ms:8.0f} ms")
    typer.echo(f"  read       {speed.prefill_tokens_per_s:8.0f} tokens/s")
    typer.echo(f"  write      {speed.decode_ms_per_token:8.1f} ms/token")
    typer.echo(f"  keystroke  {speed.keystroke_ms:8.1f} ms")


def _bench_text() -> str:
    """Some thousand lines of real code: the standard library's own."""
    import argparse
    import inspect
    import tarfile

    return inspect.getsource(argparse) + inspect.getsource(tarfile)


def _row(entry: "ModelEntry") -> dict[str, Any]:
    """An entry as a machine would want it."""
    from models.acquisition.add import size_on_disk

    return {
        "name": entry.name,
        "source": _source(entry),
        "context_length": entry.context_length,
        "architecture": entry.architecture,
        "family": entry.family,
        "fim": entry.fim.order if entry.fim else "",
        "chat_template": entry.chat_template,
        "licence": entry.licence,
        "bytes_on_disk": size_on_disk(entry),
        "description": entry.description,
    }


def _source(entry: "ModelEntry") -> str:
    from models.catalog import FileSource, HubSource, PackagedSource, RemoteSource, WheelSource

    match entry.source:
        case WheelSource(distribution=distribution, version=version):
            return f"{distribution}=={version}"
        case PackagedSource(file=file):
            return file
        case HubSource(repository=repository, file=file):
            return f"{repository}/{file}" if file else repository
        case FileSource(path=path):
            return path
        case RemoteSource(url=url, model=model):
            return f"{url}#{model}"


def _print_json(value: Any) -> None:
    import json

    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
