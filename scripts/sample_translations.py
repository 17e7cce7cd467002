"""Cases for `dragoman evaluate translation` out of parallel solutions: single sources that nobody has looked at.

    python -m scripts.sample_translations parallel_solutions.jsonl.zst --count 100 --seed 1 --out cases.jsonl

Every case is one solution, drawn by problem, source and target language alike. It brings neither declaration nor
tests: what it is judged by are examples made by running the source. Cases drawn with one seed serve to measure, with
another to look at what fails.
"""

import argparse
import io
import json
import random
from pathlib import Path

from lsp_server.translation.targets import TARGETS

MOST_CHARS = 2_500
"""Of a solution; longer ones are whole libraries."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("solutions", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    cases = draw(arguments.solutions, arguments.count, arguments.seed)
    arguments.out.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")


def draw(path: Path, count: int, seed: int) -> list[dict[str, str]]:
    """So many cases, each of another problem."""
    import zstandard

    generator = random.Random(seed)
    with path.open("rb") as file:
        text = io.TextIOWrapper(zstandard.ZstdDecompressor().stream_reader(file), encoding="utf-8")
        problems = [json.loads(line) for line in text]
    generator.shuffle(problems)
    cases: list[dict[str, str]] = []
    for problem in problems:
        solutions = {
            language: solution["code"]
            for language, solution in sorted(problem["solutions"].items())
            if language in TARGETS and len(solution["code"]) <= MOST_CHARS
        }
        if not solutions or len(cases) == count:
            continue
        source = generator.choice(sorted(solutions))
        target = generator.choice([language for language in TARGETS if language != source])
        cases.append(
            {
                "id": f"{problem['problem']}:{source}-{target}",
                "source_language": source,
                "target_language": target,
                "source": solutions[source],
            }
        )
    return cases


if __name__ == "__main__":
    main()
