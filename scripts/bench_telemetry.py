"""What recording costs a completion, and a key.

    python scripts/bench_telemetry.py [--completions 2000] [--consent context] [--clock wall] [--json]

A document of 2,000 lines is edited as somebody types: a key, a request, its answer, now and then an acceptance. The
real recorder watches, the real writer writes to a store on this disk. Counted is what is added on the thread that
answers the editor: from the request's arrival to its answer (`completion`), and for an edit (`key`), with as many
requests watched as ten minutes of typing leave behind. The writing thread runs beside all the while. On a machine that
others use as well, `--clock cpu` counts the thread's own processor time.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, perf_counter, thread_time, time
from typing import get_args

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.completion.request import CompletionResult, Suggestion, Written
from lsp_server.documents import Change, Documents
from lsp_server.telemetry import Consent, Store
from lsp_server.telemetry.identity import Pseudonyms
from lsp_server.telemetry.parts import Origin
from lsp_server.telemetry.recorder import Handle, Recorder
from lsp_server.telemetry.writer import Writer
from models import Candidate, DecodingParameters, Generation

DELAYS_S = (15.0, 30.0, 45.0, 90.0, 120.0, 300.0, 600.0)
WATCHED = 600
"""A request a second for ten minutes."""
STAGES: tuple[str, ...] = ("debounce", "queue", "context", "prompt", "prefill", "decode", "postprocess", "total")
LINE = "    value_{0} = compute(first_{0}, second=[{0}, None], name='nobody')  # a comment\n"


class _Never:
    def cancel(self) -> None:
        return


class _Time:
    """The recorder's clock; ground truth is taken by hand."""

    def __init__(self) -> None:
        self.due: Callable[[], None] | None = None

    monotonic = staticmethod(monotonic)
    wall = staticmethod(time)

    def call_later(self, delay_s: float, callback: Callable[[], None], /) -> Handle:
        self.due = callback
        return _Never()


def answer(number: int) -> CompletionResult:
    """What a model would have written: three candidates of thirty tokens."""
    texts = [f"compute(first_{number}, second=[{number}, {i}])" for i in range(3)]
    candidates = tuple(Candidate(text, tuple(range(30)), (-0.123,) * 30, "stop") for text in texts)
    made = tuple(Suggestion(f"{number}-{i}", text, 0, 0.8, 0.5, 30) for i, text in enumerate(texts))
    written = Written(Generation(candidates, 512, 500, 30), DecodingParameters(), "ab" * 32, made)
    stages: dict[str, float] = dict.fromkeys(STAGES, 5.0)
    return CompletionResult(made[:1], "smollm2-135m", source="model", timings_ms=stages, written=written)


def measure(
    completions: int, consent: Consent, folder: Path, clock: Callable[[], float] = perf_counter
) -> dict[str, list[float]]:
    """Milliseconds of each completion and key."""
    writer = Writer(folder / "store.sqlite", warn=print)
    recorder = Recorder(writer.put, Pseudonyms(b"key"), Origin("user", "run", "bench", "0"), _Time())
    recorder.consent, recorder.delays_s = consent, DELAYS_S
    documents = Documents("utf-16")
    uri = "file:///project/module.py"
    document = documents.open(uri, "python", 1, "".join(LINE.format(i) for i in range(2000)))
    recorder.opened(document)
    plain = Documents("utf-16")  # the same text, unwatched: what a key costs anyway
    plain.open(uri, "python", 1, str(document.text))
    cost: dict[str, list[float]] = {"completion": [], "key": []}
    for number in range(completions + WATCHED):
        position = document.text.position(document.text.line_start(1000 + number % 50))
        plain.change(uri, number + 2, [Change("x", position, position)])
        start = clock()
        documents.change(uri, number + 2, [Change("x", position, position)])
        recorder.changed(document)
        key = clock() - start
        start = clock()
        plain.change(uri, number + 3, [Change("x", position, position)])
        key -= clock() - start

        request = request_at(document.text, document.cursor, Source("python", "module.py", "/project", uri))
        result = answer(number)
        start = clock()
        watch = recorder.asked("inline", request, document)
        recorder.answered(watch, result)
        completion = clock() - start
        if number % 5 == 0:
            end = document.text.position(document.cursor)
            documents.change(uri, number + 3, [Change(result.suggestions[0].text, end, end)])
            recorder.changed(document)
            recorder.accepted(result.suggestions[0].id)
        if number >= WATCHED:
            cost["completion"].append(completion * 1000)
            cost["key"].append(key * 1000)
            recorder.forget_oldest()
    writer.flush(120)
    writer.close()
    with Store(folder / "store.sqlite", create=False) as store:
        assert len(store) == completions + WATCHED
    return cost


def summary(values: Sequence[float]) -> dict[str, float]:
    cuts = quantiles(values, n=100)
    return {"p50": round(median(values), 4), "p95": round(cuts[94], 4), "p99": round(cuts[98], 4)}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--completions", type=int, default=2000)
    parser.add_argument("--consent", choices=get_args(Consent)[1:], default="context")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clock = perf_counter if options.clock == "wall" else thread_time
        cost = measure(options.completions, options.consent, Path(folder), clock)
    quantiles_of = {name: summary(values) for name, values in cost.items()}
    if options.json:
        print(json.dumps({"consent": options.consent, "clock": options.clock, **quantiles_of}))  # noqa: T201
        return
    for name, found in quantiles_of.items():
        figures = "  ".join(f"{quantile} {value:.3f} ms" for quantile, value in found.items())
        print(f"{name:<12}{figures}")  # noqa: T201


if __name__ == "__main__":
    main()
