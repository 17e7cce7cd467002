"""What a mask costs over the vocabulary of a real model: a set of names never seen before, and each step after it.

    python scripts/bench_masks.py [--model smollm2-135m] [--rounds 50] [--json]

Names are drawn from the identifiers of the standard library, a fresh set each round, so that nothing is remembered
from the round before. `first` is everything between a constraint and the tokens it allows: compiling, walking,
writing the answer into an array. `step` is one token later: advancing, and the allowed tokens again. `choice` is what
the decoder does instead of asking for all of them: the best token under the mask, where every second name is familiar
and every tenth weighed, for logits that prefer tokens by chance. Medians and the 95th percentile of CPU time, so that
it does not matter what else the machine does.
"""

import argparse
import json
import random
import re
import sys
import sysconfig
import time
from pathlib import Path
from typing import Any

import numpy as np

from models.catalog import DEFAULT_MODEL, resolve_model
from models.decoding.constraint import Constraint
from models.decoding.masks.compiler import MaskCompiler
from models.decoding.masks.joint import JointMask
from models.decoding.sampling import Greedy
from models.decoding.writing import Step, Writing
from models.loading import load_model
from models.tokenization import Tokenizer

SIZES = (60, 200, 2000)
STEPS = 8


def identifiers() -> list[str]:
    """Distinct identifiers of the standard library."""
    found: set[str] = set()
    for path in sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py")):
        found |= set(re.findall(r"[^\W\d]\w*", path.read_text(encoding="utf-8", errors="replace")))
    return sorted(found)


def measure(tokenizer: Tokenizer, names: frozenset[str], rng: random.Random) -> tuple[float, list[float], list[float]]:
    """Milliseconds of the first mask, of each step after it while a name is being written, and of each choice."""
    listed = sorted(names)
    familiar, weights = frozenset(listed[::2]), tuple((name, 2.0) for name in listed[::10])
    row = np.random.default_rng(rng.randrange(1 << 30)).normal(0, 3, tokenizer.size).astype(np.float32)
    compiler = MaskCompiler(tokenizer.vocabulary)
    writing = Writing()
    mask = JointMask(writing, tokenizer.vocabulary, tokenizer.control_ids, compiler, lambda names: names & familiar)
    start = time.thread_time()
    mask.add(Constraint("bench", 0, names=names, weights=weights), 0, 0)
    allowed = mask.allowed()
    first = (time.thread_time() - start) * 1000
    steps: list[float] = []
    choices: list[float] = []
    while len(steps) < STEPS:
        start = time.thread_time()
        Greedy().choose(row, len(steps), mask)
        choices.append((time.thread_time() - start) * 1000)
        wordy = [int(i) for i in rng.sample(allowed.tolist(), min(len(allowed), 50))]
        chosen = next((i for i in wordy if tokenizer.token_bytes(i)[:1].isalpha()), None)
        if chosen is None or not mask.is_masked:
            break
        data = tokenizer.token_bytes(chosen)
        start = time.thread_time()
        mask.advance(data)
        writing.push(Step(chosen, data, len(writing.data) + len(data), 0.0))
        if mask.is_masked:
            allowed = mask.allowed()
        steps.append((time.thread_time() - start) * 1000)
    return first, steps, choices


def quantile(values: list[float], q: float) -> float:
    return round(sorted(values)[min(len(values) - 1, int(q * len(values)))], 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    model = load_model(resolve_model(args.model))
    known, rng = identifiers(), random.Random(0)
    rows: list[dict[str, Any]] = []
    for size in SIZES:
        firsts: list[float] = []
        steps: list[float] = []
        choices: list[float] = []
        for _ in range(args.rounds):
            first, following, chosen = measure(model.tokenizer, frozenset(rng.sample(known, size)), rng)
            firsts.append(first)
            steps += following
            choices += chosen
        rows.append(
            {
                "names": size,
                "first_ms": {"p50": quantile(firsts, 0.5), "p95": quantile(firsts, 0.95)},
                "step_ms": {"p50": quantile(steps, 0.5), "p95": quantile(steps, 0.95)},
                "choice_ms": {"p50": quantile(choices, 0.5), "p95": quantile(choices, 0.95)},
            }
        )
    if args.json:
        sys.stdout.write(json.dumps({"model": args.model, "vocabulary": model.tokenizer.size, "rows": rows}) + "\n")
        return
    sys.stdout.write(
        f"{args.model}, {model.tokenizer.size} tokens, {args.rounds} rounds: CPU time, median (95th percentile)\n"
    )
    for row in rows:
        figures = [row[part][q] for part in ("first_ms", "step_ms", "choice_ms") for q in ("p50", "p95")]
        sys.stdout.write(
            "{:>6} names  first {:.2f} ({:.2f}) ms  step {:.3f} ({:.3f}) ms  choice {:.3f} ({:.3f}) ms\n".format(
                row["names"], *figures
            )
        )


if __name__ == "__main__":
    main()
