"""A telemetry store full of made-up completions, as large as the Code4Me study, to measure reports and uploads with.

    python -m scripts.make_synthetic_store --records 600000 store.sqlite

Nothing in it was said by a model or accepted by a person: figures made from it show speed and memory, never quality.
"""

import argparse
import random
import sys
from collections.abc import Callable
from pathlib import Path

from lsp_server.telemetry.record import (
    Candidate,
    Decision,
    Generation,
    GroundTruth,
    Match,
    Outcome,
    Record,
    Request,
    Result,
    TruthState,
)
from lsp_server.telemetry.store import Store

BATCH = 5000
USERS = 1200
BEGINNING, DAYS = 1_700_000_000.0, 365
LANGUAGES = ("python", "java", "typescript", "php", "javascript", "kotlin", "cpp", "rust", "csharp", "go", "c", "scala")
TRIGGERS = (".", "(", "=", ",", "return", "[", "if", "{", ">", "+", "in", "or", "")
ARMS = (("plain", 0.475), ("guided", 0.475))
HOLD_OUT = 0.05
WORDS = [
    "self",
    "name",
    "value",
    "result",
    "item",
    "index",
    "count",
    "node",
    "list",
    "get",
    "set",
    "add",
    "key",
    "data",
    "print",
    "error",
    "path",
    "size",
    "type",
    "id",
]
MARKS = (".", "(", ")", ", ", " = ", "[", "]", ": ", " + ")
HORIZONS = (15.0, 30.0, 45.0, 90.0, 120.0, 300.0, 600.0)


def code(rng: random.Random, pieces: int) -> str:
    """Words and marks by turns."""
    return "".join(rng.choice(WORDS) + rng.choice(MARKS) for _ in range(pieces))


def make_record(rng: random.Random, number: int) -> Record:
    """One completion. Skills of languages and arms differ a little, so that plots have something to show."""
    language = rng.choices(range(len(LANGUAGES)), weights=range(len(LANGUAGES), 0, -1))[0]
    held_out = rng.random() < HOLD_OUT
    arm, weight = rng.choices(ARMS, weights=[share for _, share in ARMS])[0]
    skill = 0.45 - 0.015 * language + (0.06 if arm == "guided" else 0.0)
    truth = code(rng, rng.randint(1, 5))
    confidence = min(max(rng.gauss(skill + 0.2, 0.2), 0.02), 0.99)
    right = rng.random() < confidence * 0.6
    said = truth if right else code(rng, rng.randint(1, 5))
    said = "" if rng.random() < 0.05 else said
    shown = bool(said) and not held_out and rng.random() < 0.85
    accepted = shown and rng.random() < (0.5 if right else 0.08)
    key = f"{number:012x}"
    result: Result = "accepted" if accepted else "not_shown"
    if shown and not accepted:
        result = rng.choices(("rejected", "superseded", "typed_through"), weights=(80, 12, 8))[0]  # type: ignore[assignment]
    candidate = Candidate(
        id=f"{key}:0" if said else "",
        text=said,
        suggestion=said or None,
        chars=len(said),
        suggestion_chars=len(said) or None,
        suggestion_lines=1 if said else None,
        finish_reason="stop",
        tokens=len(said) // 3,
        logprobs=tuple(round(-rng.random(), 4) for _ in range(min(len(said) // 3, 12))),
        confidence=round(confidence, 4),
        min_confidence=round(confidence / 2, 4),
    )
    total = rng.lognormvariate(5, 0.5)
    stages = {"queue": 2.0, "context": 1.5, "prefill": round(total * 0.5, 2), "decode": round(total * 0.4, 2)}
    return Record(
        id=key,
        time=BEGINNING + rng.random() * DAYS * 86_400,
        consent="context",
        request=Request(
            user=f"user{int(rng.paretovariate(1.2) * 7) % USERS}",
            language=LANGUAGES[language],
            editor=rng.choice(("Visual Studio Code 1.104", "Neovim 0.12")),
            trigger_kind="character" if rng.random() < 0.8 else "word",
            trigger_point=rng.choice(TRIGGERS),
            document_chars=rng.randint(100, 20_000),
            prefix_chars=400,
            suffix_chars=100,
            inserted_chars=rng.randint(20, 90),
            prefix=code(rng, 50),
            suffix=code(rng, 12),
        ),
        decision=Decision(
            source="model",
            shown_to_client=shown,
            reason="held_out" if held_out else "",
            arm=arm,
            assignment="request",
            propensity=HOLD_OUT / 2 if held_out else weight,
            held_out=held_out,
        ),
        generations=(
            Generation(
                arm=arm,
                model="smollm2-135m",
                parameters={"max_tokens": 64, "temperature": 0},
                stages_ms={**stages, "total": round(total, 2)},
                candidates=(candidate,),
            ),
        ),
        outcome=Outcome(
            result,
            "client",
            answered_ms=total,
            shown_ms=total + 20,
            decided_ms=total + 900,
            candidate=candidate.id,
            accepted_chars=len(said) if accepted else 0,
        ),
        truths=tuple(truths(rng, candidate, truth, accepted)),
    )


def truths(rng: random.Random, candidate: Candidate, truth: str, accepted: bool) -> list[GroundTruth]:
    """What stood there later: an accepted text wears off, everything else stays."""
    found: list[GroundTruth] = []
    kept = len(candidate.suggestion or "")
    state: TruthState = "valid"
    for horizon in HORIZONS:
        if accepted and state != "deleted" and rng.random() < 0.06:
            state = rng.choice(("edited", "deleted"))
            kept = 0 if state == "deleted" else int(kept * 0.7)
        exact = truth == candidate.suggestion
        match = Match(candidate.id, exact, 1.0 if exact else round(rng.random() * 0.6, 3), kept if accepted else None)
        matches = (match,) if candidate.id else ()
        text = "" if state == "deleted" else truth
        found.append(GroundTruth(horizon, "delay", state, horizon, len(text), 1, matches, text, text))
    return found


def make_store(path: Path, count: int, seed: int, on_batch: Callable[[int], None] = lambda _: None) -> None:
    """Write so many records, a few thousand at a time; the same seed gives the same store."""
    rng = random.Random(seed)
    with Store(path) as store:
        for start in range(0, count, BATCH):
            numbers = range(start, min(start + BATCH, count))
            store.put([make_record(rng, number) for number in numbers])
            on_batch(numbers.stop)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("store", type=Path)
    parser.add_argument("--records", type=int, default=600_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    make_store(
        arguments.store,
        arguments.records,
        arguments.seed,
        lambda done: print(f"\r{done} of {arguments.records} records", end="", file=sys.stderr),  # noqa: T201
    )
    print(file=sys.stderr)  # noqa: T201


if __name__ == "__main__":
    main()
