"""Many variants of one function side by side in one program, each called with the same inputs.

A build costs seconds and a call microseconds; so the variants of a compiled language become one program, each in a
namespace (C++) or under class names (Java) of its own. One that the compiler rejects is left out of a second build.
"""

import json
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from lsp_server.languages import Language, language_for
from lsp_server.languages.parsing import parse
from lsp_server.sandbox import Job, Limits, Step, StepResult
from lsp_server.sandbox.sandbox import Sandbox
from lsp_server.verification import harness_texts
from lsp_server.verification.harnesses import Function
from lsp_server.verification.literals import bare_type, literal
from lsp_server.verification.probing import variant_texts
from lsp_server.verification.tests import Value
from lsp_server.verification.toolbox import Tools, find_tools
from models import Cancellation, Cancelled

SECONDS = 0.05
"""For one call: the inputs are small. Processor time where that can be had."""
PATIENCE = 3
"""After so many calls that took too long a variant is given up."""
LATE = "$late"
ERROR = "$error"
_BUILD = Limits(wall_s=120, cpu_s=90, memory_mb=2048, processes=256, output_kb=4096)
_RUN = Limits(wall_s=90, cpu_s=30, memory_mb=1536, processes=128, output_kb=8192)
_PARSE_MS = 5_000.0

Outcomes = dict[int, Value]
"""What calls gave back, by the number of the input."""


@dataclass(frozen=True)
class _Program:
    files: dict[str, str]
    build: tuple[tuple[str, ...], ...]
    run: tuple[str, ...]
    spans: tuple[tuple[int, int], ...] = ()
    """First line of each variant and the line after it, from 1, where it is compiled."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class _Ends:
    """What marks results, and when a call or a variant is given up."""

    mark: str
    seconds: float
    unhurried: int
    patience: int


def run_variants(
    texts: Sequence[str],
    function: Function,
    language: Language,
    inputs: Sequence[Sequence[Value]],
    sandbox: Sandbox,
    cancellation: Cancellation,
    seconds: float = SECONDS,
    unhurried: int = 0,
    patience: int = PATIENCE,
) -> list[Outcomes] | None:
    """What every variant makes of every input; empty for a variant that is no program, `None` where none can be run.

    All variants declare the function alike. After `patience` calls of a variant that took too long, no further one is
    made; but the first `unhurried` variants are called with every input. Raises `Cancelled`, `SandboxUnavailable`.
    """
    write = _WRITERS.get(language.id)
    tools = find_tools(language)
    if write is None or tools is None or not inputs or not texts:
        return None
    rows = [_row(function, arguments, language.id) for arguments in inputs]
    numbers = [number for number, row in enumerate(rows) if row is not None]
    known = [row for row in rows if row is not None]
    if language.id == "cpp":
        known = [[json.dumps(inputs[number], ensure_ascii=False)] for number in numbers]
    kept = list(range(len(texts)))
    ends = _Ends(f"result-{secrets.token_hex(8)}", seconds, unhurried, patience)
    for _ in range(2):
        program = write([texts[number] for number in kept], function, known, tools, ends)
        outcomes = _run(program, tools, sandbox, cancellation)
        if len(outcomes) > len(program.build):
            found = _read(outcomes[-1].stdout, ends.mark)
            empty: Outcomes = {}
            return [
                {numbers[row]: value for row, value in found.get(kept.index(number), empty).items()}
                if number in kept
                else {}
                for number in range(len(texts))
            ]
        broken = _broken(outcomes[-1], program)
        if not broken or len(broken) == len(kept):
            return None
        kept = [number for place, number in enumerate(kept) if place not in broken]
    return None


def can_run_variants(language: Language) -> bool:
    """Whether there is a way to do it in this language."""
    return language.id in _WRITERS


def _row(function: Function, arguments: Sequence[Value], language: str) -> list[str] | None:
    if len(arguments) != len(function.parameters):
        return None
    pairs = zip(arguments, function.parameters, strict=True)
    written = [literal(value, parameter.type, language) for value, parameter in pairs]
    known = [text for text in written if text is not None]
    return known if len(known) == len(written) else None


def _run(program: _Program, tools: Tools, sandbox: Sandbox, cancellation: Cancellation) -> list[StepResult]:
    steps = (*(Step(command, _BUILD) for command in program.build), Step(program.run, _RUN))
    outcomes = sandbox.run(Job(program.files, steps, tools.visible, program.environment), cancellation)
    if any(outcome.stopped_by == "cancelled" for outcome in outcomes):
        raise Cancelled
    return outcomes


def _read(output: str, mark: str) -> dict[int, Outcomes]:
    found: dict[int, Outcomes] = {}
    for line in output.split("\n")[:-1]:  # as in `harnesses.results`
        if not line.startswith(mark + " "):
            continue
        try:
            _, variant, number, text = line.split(" ", 3)
            found.setdefault(int(variant), {})[int(number)] = json.loads(text)
        except (ValueError, RecursionError):
            continue
    return found


def _broken(build: StepResult, program: _Program) -> set[int]:
    """Variants that the compiler complains of."""
    lines = {int(number) for number in re.findall(r"main\.(?:cpp|java):(\d+):", build.stderr + build.stdout, re.I)}
    return {place for place, (first, after) in enumerate(program.spans) if any(first <= line < after for line in lines)}


def _interpreted(file: str, text: str) -> Callable[..., _Program]:
    def write(
        texts: Sequence[str], function: Function, rows: Sequence[list[str]], tools: Tools, ends: _Ends
    ) -> _Program:
        data = {
            "texts": [_script(each) for each in texts] if file.endswith(".js") else list(texts),
            "rows": [f"[{', '.join(row)}]" for row in rows],
            "name": function.name,
            "owner": function.owner,
            "in_place": function.in_place,
            "seconds": ends.seconds,
            "unhurried": ends.unhurried,
            "patience": ends.patience,
        }
        files = {file: text.replace("MARK", ends.mark), "data.json": json.dumps(data)}
        return _Program(files, (), tools.command(tools.way.run))

    return write


def _script(text: str) -> str:
    """A module as a script, whose loops count."""
    bare = re.sub(r"^export\s+(?:default\s+)?", "", text, flags=re.M)
    return _ticking(bare, "dragomanTick();", language_for("javascript"))


def _java(texts: Sequence[str], function: Function, rows: Sequence[list[str]], tools: Tools, ends: _Ends) -> _Program:
    imports = sorted({line.strip() for text in texts for line in re.findall(r"^\s*import\s+[^;]+;", text, re.M)})
    names = set(re.findall(r"\b(?:class|interface|enum|record)\s+(\w+)", texts[0]))
    types = [bare_type(parameter.type).replace("...", "[]") for parameter in function.parameters]
    passed = ", ".join(f"({kind}) a[{place}]" for place, kind in enumerate(types))
    calls: list[str] = []
    pieces = [" ".join(imports)]
    spans: list[tuple[int, int]] = []
    for number, text in enumerate(texts):
        bare = re.sub(r"^\s*(?:import|package)\s+[^;]+;", "", text, flags=re.M)
        bare = re.sub(
            r"^public\s+(?=(?:(?:final|abstract)\s+)*(?:class|interface|enum|record)\b)", "", bare, flags=re.M
        )
        bare = _ticking(bare, "DragomanTicks.tick();", language_for("java"))
        if names:
            bare = re.sub(rf"\b({'|'.join(map(re.escape, names))})\b", rf"\g<1>_{number}", bare)
        first = 1 + sum(piece.count("\n") + 1 for piece in pieces)
        spans.append((first, first + bare.count("\n") + 1))
        pieces.append(bare)
        owner = f"{function.owner}_{number}"
        call = f"{owner if function.static else f'new {owner}()'}.{function.name}({passed})"
        gives = f"{call}; return null;" if function.in_place else f"return {call};"
        calls.append(f"    static Object call{number}(Object[] a) throws Throwable {{ {gives} }}")
    rows_text = "\n".join(
        f"    static Object[] row{number}() {{ return new Object[] {{{', '.join(row)}}}; }}"
        for number, row in enumerate(rows)
    )
    chosen = " ".join(f"case {number}: return call{number}(a);" for number in range(len(texts)))
    row = " ".join(f"case {number}: return row{number}();" for number in range(len(rows)))
    choices = (
        "    static Object call(int variant, Object[] a) throws Throwable "
        f"{{ switch (variant) {{ {chosen} }} return null; }}\n"
        f"    static Object[] row(int number) {{ switch (number) {{ {row} }} return null; }}\n"
    )
    helpers = harness_texts.JAVA[: harness_texts.JAVA.index("    static void show")]
    end = _filled(variant_texts.JAVA, ends, len(texts), len(rows))
    end = end.replace("IN_PLACE", str(function.in_place).lower())
    text = "\n".join([*pieces, helpers, "\n".join(calls), rows_text, choices, end])
    build = tuple((*tools.command(command), "-Xmaxerrs", "5000") for command in tools.way.build)
    return _Program({"Main.java": text}, build, tools.command(tools.way.run), tuple(spans))


def _cpp(texts: Sequence[str], function: Function, rows: Sequence[list[str]], tools: Tools, ends: _Ends) -> _Program:
    includes = dict.fromkeys(line.strip() for text in texts for line in re.findall(r"^\s*#\s*include.*$", text, re.M))
    spaces = dict.fromkeys(
        found for text in texts for found in re.findall(r"^\s*using\s+namespace\s+[\w:]+\s*;", text, re.M)
    )
    pieces = ["\n".join([*includes, *(space.strip() for space in spaces)])]
    spans: list[tuple[int, int]] = []
    calls: list[str] = []
    places = ", ".join(f"std::get<{place}>(row)" for place in range(len(function.parameters)))
    for number, text in enumerate(texts):
        bare = re.sub(r"^\s*#\s*include.*$", "", text, flags=re.M)
        bare = re.sub(r"\bmain\s*\(", "candidate_main(", bare)
        first = 1 + sum(piece.count("\n") + 1 for piece in pieces)
        pieces.append(f"namespace variant_{number} {{ {bare}\n}}")
        spans.append((first, first + pieces[-1].count("\n") + 1))
        owner = f"variant_{number}::{function.owner}()." if function.owner else f"variant_{number}::"
        call = f"{owner}{function.name}({places})"
        gives = f"{call}; return dragoman::json(row);" if function.in_place else f"return dragoman::json({call});"
        calls.append(f"static std::string dragoman_call{number}(Row row) {{ {gives} }}")
    kinds = ", ".join(bare_type(parameter.type) for parameter in function.parameters)
    helpers = harness_texts.CPP[: harness_texts.CPP.index("template <class F> void show")] + "}\n"
    texts_of_rows = ",\n".join(json.dumps(text, ensure_ascii=False) for (text,) in rows)
    table = ", ".join(f"dragoman_call{number}" for number in range(len(texts)))
    glue = [
        f"using Row = std::tuple<{kinds}>;",
        f"static const char *dragoman_rows[] = {{{texts_of_rows}}};",
        "static Row dragoman_row(int number) "
        "{ const char *at = dragoman_rows[number]; return dragoman::read<Row>(at); }",
        *calls,
        f"static std::string (*dragoman_calls[])(Row) = {{{table}}};",
    ]
    end = _filled(variant_texts.CPP, ends, len(texts), len(rows))
    text = "\n".join([*pieces, helpers + variant_texts.CPP_READER, *glue, end])
    build = tuple((*tools.command(command), "-fmax-errors=0") for command in tools.way.build)
    run = tuple("/job" + part[1:] if part.startswith("./") else part for part in tools.command(tools.way.run))
    return _Program({"main.cpp": text}, build, run, tuple(spans))


def _filled(text: str, ends: _Ends, variants: int, rows: int) -> str:
    """The constants of a program's end."""
    for name, value in (
        ("MARK", ends.mark), ("NANOSECONDS", str(int(ends.seconds * 1e9))), ("UNHURRIED", str(ends.unhurried)),
        ("MICROSECONDS", str(int(ends.seconds * 1e6))),
        ("PATIENCE", str(ends.patience)), ("VARIANTS", str(variants)), ("ROWS", str(rows)),
    ):  # fmt: skip
        text = text.replace(name, value)
    return text


def _ticking(text: str, statement: str, language: Language) -> str:
    """The text with a statement at the start of every loop's body; lines stay as they are."""
    raw = text.encode()
    tree = parse(raw, language, limit_ms=_PARSE_MS, polite=True)
    if tree is None:
        return text
    inserted: list[tuple[int, bytes]] = []
    open_nodes = [tree.root_node]
    while open_nodes:
        node = open_nodes.pop()
        open_nodes += node.children
        body = node.child_by_field_name("body")
        if body is None or node.type not in _LOOPS:
            continue
        if body.type in ("block", "statement_block"):
            inserted.append((body.start_byte + 1, statement.encode()))
        else:
            inserted += [(body.start_byte, b"{" + statement.encode()), (body.end_byte, b"}")]
    for place, piece in sorted(inserted, key=lambda each: each[0], reverse=True):
        raw = raw[:place] + piece + raw[place:]
    return raw.decode("utf-8", "replace")


_LOOPS = ("for_statement", "while_statement", "do_statement", "enhanced_for_statement", "for_in_statement")
_WRITERS: dict[str, Callable[..., _Program]] = {
    "python": _interpreted("main.py", variant_texts.PYTHON),
    "javascript": _interpreted("main.js", variant_texts.JAVASCRIPT),
    "java": _java,
    "cpp": _cpp,
}
