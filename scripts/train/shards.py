"""Training rows: the corpus parts, mixed and tokenised, as arrays on disk.

    python -m scripts.train.shards --parts PARTS --tokenizer tokenizer.json --out SHARDS --tokens 400_000_000

Each shard is an .npz of `tokens`, `targets` (65535: not learned from) and `documents`, all (rows, length). A few
repositories are held out; `heldout.jsonl` asks single lines of them in the format of `dragoman evaluate completion`.
"""

import argparse
import itertools
import json
import multiprocessing
import random
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.catalog.entry import ModelEntry
from models.prompting.prompt import Snippet
from scripts.train.corpus import read_lines
from scripts.train.entry import training_entry
from scripts.train.packing import EncodedSample, Row, encode_sample, pack
from scripts.train.samples import Sample, SourceFile, cut, fill_in_the_middle, left_to_right, translation, window
from scripts.train.vocabulary import TrainingTokenizer

FIM_SHARE = 0.65
"""Share of single-file samples that ask for a middle; the rest is read from left to right."""
CONTEXT_SHARE = 0.35
"""Share of samples with pieces of neighbouring files before them."""
TRANSLATION_EVERY = 7
"""One sample in so many is a translation, while there are pairs."""
HELD_OUT = 200
"""One file in so many is never trained on."""
WINDOWS = (1200, 2500, 5000)
"""Characters of a file that one sample sees."""
ROWS_A_SHARD = 2048
FILE_NAMES = {
    "python": "solution.py",
    "java": "Solution.java",
    "cpp": "solution.cpp",
    "javascript": "solution.js",
    "typescript": "solution.ts",
    "go": "solution.go",
    "rust": "solution.rs",
    "csharp": "Solution.cs",
}


@dataclass(frozen=True)
class Plan:
    """What every worker must know."""

    parts: tuple[Path, ...]
    tokenizer: Path
    out: Path
    length: int
    tokens: int
    workers: int
    seed: int


def is_held_out(file: SourceFile) -> bool:
    """By a hash of its place, so that every worker and every run agree."""
    return zlib.crc32(f"{file.repository}/{file.path}".encode()) % HELD_OUT == 0


def files_of(parts: Iterable[Path], worker: int, workers: int) -> Iterator[list[SourceFile]]:
    """Groups of neighbouring files of one repository, every `workers`-th group."""
    for part in parts:
        if not part.name.startswith("files-"):
            continue
        records = (SourceFile(**record) for record in read_lines(part))
        grouped = itertools.groupby(records, key=lambda file: (file.repository, Path(file.path).parent))
        for number, (_, group) in enumerate(grouped):
            if number % workers == worker:
                yield list(group)


def pairs_of(parts: Iterable[Path], worker: int, workers: int) -> Iterator[tuple[SourceFile, SourceFile]]:
    """Ordered pairs of programs that solve one problem."""
    for part in parts:
        if not part.name.startswith("parallel-"):
            continue
        for number, record in enumerate(read_lines(part)):
            if number % workers == worker:
                files = [
                    SourceFile(language, "", FILE_NAMES[language], code)
                    for language, code in record["solutions"].items()
                    if language in FILE_NAMES
                ]
                yield from itertools.permutations(files, 2)


def samples_of(group: list[SourceFile], entry: ModelEntry, rng: random.Random) -> Iterator[Sample]:
    """Samples that read every file of a group about once."""
    for number, file in enumerate(group):
        if is_held_out(file) or not file.text.strip():
            continue
        size = rng.choice(WINDOWS)
        for _ in range(max(1, len(file.text) // size)):
            piece = window(file, rng, size)
            if not piece.text.strip():
                continue
            snippets: tuple[Snippet, ...] = ()
            if len(group) > 1 and rng.random() < CONTEXT_SHARE:
                other = window(group[(number + rng.randrange(1, len(group))) % len(group)], rng, 600)
                snippets = (Snippet(other.path, other.text),)
            make = fill_in_the_middle if rng.random() < FIM_SHARE else None
            yield make(piece, entry, rng, snippets) if make else left_to_right(piece, entry, snippets)


def mixed(plan: Plan, worker: int, entry: ModelEntry, rng: random.Random) -> Iterator[Sample]:
    """Samples of all kinds, in an order that a small buffer has shuffled; ends when the corpus was read once."""
    pairs = list(pairs_of(plan.parts, worker, plan.workers))
    rng.shuffle(pairs)
    translations = itertools.cycle(pairs)
    buffer: list[Sample] = []
    for group in files_of(plan.parts, worker, plan.workers):
        for sample in samples_of(group, entry, rng):
            buffer.append(sample)
            if pairs and rng.randrange(TRANSLATION_EVERY) == 0:
                buffer.append(translation(*next(translations), entry, rng))
            while len(buffer) > 4096:
                position = rng.randrange(len(buffer))
                buffer[position], buffer[-1] = buffer[-1], buffer[position]
                yield buffer.pop()
    rng.shuffle(buffer)
    yield from buffer


def encoded(samples: Iterable[Sample], tokenizer: TrainingTokenizer, length: int) -> Iterator[EncodedSample]:
    """Those samples that fit a row, as tokens."""
    for sample in samples:
        result = encode_sample(sample, tokenizer, length)
        if result is not None:
            yield result


def write_shards(plan: Plan, worker: int) -> int:
    """One worker's shards; returns how many tokens they hold."""
    rng = random.Random(plan.seed * 1000 + worker)
    tokenizer = TrainingTokenizer(plan.tokenizer)
    rows = pack(encoded(mixed(plan, worker, training_entry(), rng), tokenizer, plan.length), plan.length)
    wanted = plan.tokens // plan.length // plan.workers
    written = 0
    while written < wanted and (batch := list(itertools.islice(rows, min(ROWS_A_SHARD, wanted - written)))):
        _save(batch, plan.out / f"shard-{worker:02}-{written // ROWS_A_SHARD:04}.npz")
        written += len(batch)
    return written * plan.length


def _save(rows: list[Row], path: Path) -> None:
    partial = path.with_suffix(".partial.npz")
    np.savez(
        partial,
        tokens=np.stack([row.tokens for row in rows]),
        targets=np.stack([row.targets for row in rows]),
        documents=np.stack([row.documents for row in rows]),
    )
    partial.replace(path)


def write_heldout(plan: Plan, most_per_language: int = 60) -> None:
    """Single-line cases of files that were held out."""
    rng = random.Random(plan.seed)
    cases: dict[str, list[dict[str, str]]] = defaultdict(list)
    for group in files_of(plan.parts, 0, 1):
        for file in group:
            if not is_held_out(file) or not file.text.strip() or len(cases[file.language]) >= most_per_language:
                continue
            start, end = cut(file.text, rng)
            end = min(end, file.text.find("\n", start) if "\n" in file.text[start:] else end)
            if file.text[start:end].strip():
                cases[file.language].append(
                    {
                        "id": f"heldout-{file.repository}-{file.path}",
                        "language": file.language,
                        "prefix": file.text[:start],
                        "suffix": file.text[end:],
                        "expected": file.text[start:end],
                        "path": file.path,
                    }
                )
    with (plan.out / "heldout.jsonl").open("w", encoding="utf-8") as out:
        for case in itertools.chain.from_iterable(cases.values()):
            out.write(json.dumps(case, ensure_ascii=False) + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description="Mix and tokenise the corpus parts.")
    parser.add_argument("--parts", type=Path, required=True)
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json of the converted default model")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--length", type=int, default=2048, help="tokens in a row")
    parser.add_argument("--tokens", type=int, default=400_000_000)
    parser.add_argument("--workers", type=int, default=multiprocessing.cpu_count())
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    plan = Plan(
        parts=tuple(sorted(arguments.parts.glob("*.jsonl.zst"))),
        tokenizer=arguments.tokenizer,
        out=arguments.out,
        length=arguments.length,
        tokens=arguments.tokens,
        workers=arguments.workers,
        seed=arguments.seed,
    )
    write_heldout(plan)
    with multiprocessing.get_context("spawn").Pool(plan.workers) as pool:
        written = pool.starmap(write_shards, [(plan, worker) for worker in range(plan.workers)])
    print(f"{sum(written):,} tokens in {len(list(plan.out.glob('shard-*.npz')))} shards")  # noqa: T201


if __name__ == "__main__":
    main()
