"""Make the store of demonstrations that ships with `lsp_server/translation`.

    python -m scripts.make_demonstrations parallel_solutions.jsonl.zst

Reads problems that were solved in several languages, keeps short ones without their documentation, prefers those that
are solved in many languages, and writes `demonstrations.jsonl` with the origin and licence of every solution. The data
are decontaminated against HumanEval-X by their makers; nothing is added here.
"""

import argparse
import io
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

from lsp_server.languages import language_for
from lsp_server.translation.demonstrations import STORE
from lsp_server.translation.imports import split_imports
from lsp_server.translation.outline import outline_source
from lsp_server.translation.targets import TARGETS

MAX_CHARS = 520
MIN_CHARS = 60
MAX_BYTES = 330_000
PER_PAIR = 60
"""A problem is taken while it brings a pair of languages that has fewer."""
_DOCSTRING = re.compile(r'^[ \t]*("""|\'\'\').*?\1[ \t]*\n', re.DOTALL | re.MULTILINE)
_BLOCK_COMMENT = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n", re.DOTALL | re.MULTILINE)
_LINE_COMMENT = {"python": re.compile(r"^[ \t]*#.*\n", re.MULTILINE)}
_SLASHES = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the store of demonstrations.")
    parser.add_argument("data", type=Path, help="problems with solutions, JSON Lines, compressed with zstd")
    arguments = parser.parse_args()
    problems = [problem for problem in map(_shortened, _read(arguments.data)) if len(problem["solutions"]) > 1]
    chosen = choose(problems)
    lines = [json.dumps(problem, ensure_ascii=False, sort_keys=True) for problem in chosen]
    STORE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(chosen)} problems, {STORE.stat().st_size} bytes")  # noqa: T201 - this script talks to a person


def choose(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Problems in many languages first, then those that fill up the pairs that have few."""
    pairs: Counter[tuple[str, str]] = Counter()
    chosen: list[dict[str, Any]] = []
    size = 0
    for problem in sorted(problems, key=lambda item: (-len(item["solutions"]), item["problem"])):
        names = sorted(problem["solutions"])
        mine = [(a, b) for a in names for b in names if a < b]
        length = len(json.dumps(problem).encode())
        if size + length > MAX_BYTES or all(pairs[pair] >= PER_PAIR for pair in mine):
            continue
        chosen.append(problem)
        pairs.update(mine)
        size += length
    return sorted(chosen, key=lambda item: item["problem"])


def shorten(code: str, language: str) -> str:
    """A solution without its documentation, comment lines and imports."""
    code = _DOCSTRING.sub("", code) if language == "python" else _BLOCK_COMMENT.sub("", code)
    code = _LINE_COMMENT.get(language, _SLASHES).sub("", code)
    _, code = split_imports(code, language_for(language))
    return code.expandtabs(4).strip("\n") + "\n"


def _shortened(problem: dict[str, Any]) -> dict[str, Any]:
    solutions: dict[str, Any] = {}
    for name, item in problem["solutions"].items():
        code = shorten(item["code"], name)
        if name in TARGETS and MIN_CHARS <= len(code) <= MAX_CHARS and _reads_well(code, name):
            solutions[name] = {"code": code, "source": item["source"], "license": item["license"]}
    return {"problem": problem["problem"], "solutions": solutions}


def _reads_well(code: str, name: str) -> bool:
    """One function or class that parses, so that an example has the shape of what is asked for."""
    found = outline_source(code, language_for(name))
    return found.error_line is None and len(found.units) == 1 and found.units[0].kind != "statements"


def _read(path: Path) -> list[dict[str, Any]]:
    import zstandard

    with path.open("rb") as stream:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(stream), encoding="utf-8")
        return [json.loads(line) for line in text]


if __name__ == "__main__":
    main()
