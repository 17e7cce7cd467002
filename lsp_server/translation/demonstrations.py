"""Examples of translations for the prompt: a store that ships with the package, searched by what a source says.

`demonstrations.jsonl` is made by `scripts/make_demonstrations.py`; each line is one problem solved in several
languages, with where each solution comes from and under which licence. Similar examples help most (*What Makes Good
In-context Demonstrations*, Gao et al., ASE 2023), and the most similar one goes last.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lsp_server.context.bm25 import Bm25, counted
from lsp_server.context.chunks import Chunk
from lsp_server.context.terms import terms_of

STORE = Path(__file__).with_name("demonstrations.jsonl")


@dataclass(frozen=True)
class Demonstration:
    """One program in two languages."""

    problem: str
    source: str
    target: str


@lru_cache(maxsize=1)
def _problems() -> tuple[tuple[str, Mapping[str, str]], ...]:
    """Every problem's name, and its solutions by language id; nothing where the store does not lie."""
    if not STORE.is_file():
        return ()
    rows = [json.loads(line) for line in STORE.read_text(encoding="utf-8").splitlines() if line]
    return tuple((row["problem"], {name: item["code"] for name, item in row["solutions"].items()}) for row in rows)


@lru_cache(maxsize=16)
def _index(source: str, target: str) -> Bm25:
    """The problems that are solved in both languages, by the words of the source's solution."""
    index = Bm25()
    for number, (name, solutions) in enumerate(_problems()):
        if source in solutions and target in solutions:
            index.add(name, counted([Chunk(name, number, solutions[source])]))
    return index


def find_demonstrations(text: str, source: str, target: str, count: int) -> list[Demonstration]:
    """The `count` examples whose source is most like `text`, the most similar last."""
    if count <= 0:
        return []
    found = _index(_stand_in(source), target).search(Counter(terms_of(text)), count)
    stand_in = _stand_in(source)
    examples = [_problems()[chunk.line] for _, chunk in found]
    return [Demonstration(name, solutions[stand_in], solutions[target]) for name, solutions in reversed(examples)]


def _stand_in(source: str) -> str:
    """The language whose examples serve for one that the store does not have."""
    return {"c": "cpp", "php": "javascript", "ruby": "python", "kotlin": "java"}.get(source, source)
