"""The corpus: read, filtered by licence, cleared of near duplicates and of everything that an evaluation asks.

    python -m scripts.train.corpus --data FOLDER --out PARTS

Reads `FOLDER/corpus/*.jsonl.zst` and `FOLDER/parallel_solutions.jsonl.zst`, writes `PARTS/NNN.jsonl.zst` of at most 60
MB each, which can travel to a GPU one by one, and `PARTS/manifest.json`: what was kept, what was dropped and why, by
source and licence.
"""

import argparse
import io
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import zstandard

from scripts.train.near_duplicates import NearDuplicates
from scripts.train.samples import SourceFile

PERMISSIVE = re.compile(
    r"\b(MIT|Apache|BSD|0BSD|ISC|Unlicense|CC0|Zlib|BSL-1\.0|Boost|PSF|Python Software Foundation|NCSA|X11|CC-BY-4\.0)"
    r"\b",
    re.IGNORECASE,
)
COPYLEFT = re.compile(r"\b(A?L?GPL|GNU|MPL|EPL|CDDL|EUPL|SSPL|CC-BY-(NC|SA))", re.IGNORECASE)
PARALLEL = "parallel_solutions.jsonl.zst"
PART_BYTES = 60_000_000
UNWRITTEN_BYTES = 12_000_000
"""What the compressor may still hold back when a part is closed."""
NGRAM = 12
"""Words in a row that are shared with an evaluation make a file contaminated."""
FEWEST_DIFFERENT = 6
"""A run of fewer different words says nothing (tables, rulers)."""
BOILERPLATE = 10
"""A run that stands in more files than this is everybody's (licence headers, usual imports), not an evaluation's."""
WORD = re.compile(r"\w+|[^\w\s]")
FEWEST_CHARACTERS, MOST_CHARACTERS = 100, 200_000


@dataclass
class Ledger:
    """What became of the files of one source."""

    licence: str
    kept: int = 0
    characters: int = 0
    licence_refused: int = 0
    size_refused: int = 0
    contaminated: int = 0
    near_duplicate: int = 0


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Objects of a zstd-compressed JSON Lines file, one at a time."""
    decompressor = zstandard.ZstdDecompressor(max_window_size=2**31)
    with path.open("rb") as file, decompressor.stream_reader(file) as stream:
        for line in io.TextIOWrapper(stream, encoding="utf-8"):
            yield json.loads(line)


def is_permissive(licence: str) -> bool:
    """Whether one of the alternatives of a licence expression lets us train and ship."""
    alternatives = re.split(r"\bOR\b", licence)
    return any(PERMISSIVE.search(each) and not COPYLEFT.search(each) for each in alternatives)


def ngrams(text: str) -> set[int]:
    """Hashes of all runs of `NGRAM` words, punctuation counted as words."""
    words = WORD.findall(text)
    runs = zip(*(words[start:] for start in range(NGRAM)), strict=False)
    return {hash(run) for run in runs if len(set(run)) >= FEWEST_DIFFERENT}


def without_boilerplate(asked: set[int], texts: Iterable[str]) -> set[int]:
    """The runs of `asked` that at most `BOILERPLATE` of `texts` hold."""
    found: Counter[int] = Counter()
    for text in texts:
        found.update(asked & ngrams(text))
    return {run for run in asked if found[run] <= BOILERPLATE}


def evaluation_texts(data: Path) -> Iterator[str]:
    """Everything that the evaluation sets of the data folder ask or expect."""
    for name in ("code4me_triggerpoint_dev.jsonl", "translation_dev.jsonl"):
        path = data / name
        if not path.exists():
            continue
        with path.open(encoding="utf-8") as file:
            for line in file:
                case = json.loads(line)
                if "prefix" in case:
                    near = case["prefix"][-400:] + case["expected"] + case["suffix"][:200]
                    yield near
                else:
                    yield case["source"]
                    yield case.get("declaration", "")
                    yield case.get("tests", "")


class Sieve:
    """Decides file by file, and remembers why."""

    def __init__(self, asked: set[int]) -> None:
        self.asked = asked
        self.duplicates = NearDuplicates()
        self.ledgers: dict[str, Ledger] = {}

    def keeps(self, source: str, licence: str, text: str) -> bool:
        ledger = self.ledgers.setdefault(source, Ledger(licence))
        if not is_permissive(licence):
            ledger.licence_refused += 1
        elif not FEWEST_CHARACTERS <= len(text) <= MOST_CHARACTERS:
            ledger.size_refused += 1
        elif not self.asked.isdisjoint(ngrams(text)):
            ledger.contaminated += 1
        elif self.duplicates.seen(text):
            ledger.near_duplicate += 1
        else:
            ledger.kept += 1
            ledger.characters += len(text)
            return True
        return False


def _corpus_files(data: Path) -> list[Path]:
    return sorted((data / "corpus").glob("*.jsonl.zst"))


def all_texts(data: Path) -> Iterator[str]:
    """Every text that could be trained on."""
    for path in _corpus_files(data):
        for record in read_lines(path):
            yield record["text"]
    pairs = data / PARALLEL
    for record in read_lines(pairs) if pairs.exists() else ():
        for solution in record["solutions"].values():
            yield solution["code"]


def source_files(data: Path, sieve: Sieve) -> Iterator[dict[str, Any]]:
    """Files of the corpus that pass, as {"language", "repository", "path", "text"}."""
    for path in _corpus_files(data):
        for record in read_lines(path):
            if sieve.keeps(record["source"], record["license"], record["text"]):
                file = SourceFile(
                    record["lang"],
                    record["source"].partition(":")[2] or record["source"],
                    record["path"],
                    record["text"],
                )
                yield asdict(file)


def parallel_programs(data: Path, sieve: Sieve) -> Iterator[dict[str, Any]]:
    """Problems solved in several languages, as {"problem", "solutions": {language: code}}."""
    path = data / PARALLEL
    if not path.exists():
        return
    for record in read_lines(path):
        solutions = {
            language: solution["code"]
            for language, solution in record["solutions"].items()
            if sieve.keeps(solution["source"].partition("@")[0], solution["license"], solution["code"])
        }
        if len(solutions) > 1:
            yield {"problem": record["problem"], "solutions": solutions}


def write_parts(records: Iterable[dict[str, Any]], out: Path, name: str) -> list[str]:
    """Compressed parts of at most `PART_BYTES`; returns their names."""
    names: list[str] = []
    stream = raw = None
    for record in records:
        if raw is None or raw.tell() > PART_BYTES - UNWRITTEN_BYTES:
            if stream is not None:
                stream.close()
            names.append(f"{name}-{len(names):03}.jsonl.zst")
            raw = (out / names[-1]).open("wb")
            stream = zstandard.ZstdCompressor(level=19, threads=-1).stream_writer(raw)
        assert stream is not None
        stream.write(json.dumps(record, ensure_ascii=False).encode() + b"\n")
    if stream is not None:
        stream.close()
    return names


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--data", type=Path, required=True, help="folder with corpus/ and the evaluation sets")
    parser.add_argument("--out", type=Path, required=True, help="folder for the parts")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    asked = {gram for text in evaluation_texts(arguments.data) for gram in ngrams(text)}
    sieve = Sieve(without_boilerplate(asked, all_texts(arguments.data)))
    parts = write_parts(parallel_programs(arguments.data, sieve), arguments.out, "parallel")
    parts += write_parts(source_files(arguments.data, sieve), arguments.out, "files")
    total: Counter[str] = Counter()
    for ledger in sieve.ledgers.values():
        total.update({key: value for key, value in asdict(ledger).items() if isinstance(value, int)})
    manifest = {
        "parts": parts,
        "total": total,
        "sources": {name: asdict(ledger) for name, ledger in sieve.ledgers.items()},
    }
    (arguments.out / "manifest.json").write_text(json.dumps(manifest, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
