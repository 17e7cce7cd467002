"""One unit, many candidates: rules first, then the model's best, then samples, then repairs; the best verdict wins.

Every candidate is judged as soon as it is there, and the first that is verified ends the search. What is tried, and in
which order, is in `Options`; what was tried is in the attempts.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from lsp_server.languages import Language
from lsp_server.languages.parsing import parse
from lsp_server.translation.demonstrations import find_demonstrations
from lsp_server.translation.detection import error_share
from lsp_server.translation.prompts import Failure, translation_prompt
from lsp_server.translation.replies import continued, reply_stop
from lsp_server.translation.task import Attempt, Form, Options, Writer
from lsp_server.verification import Verdict
from models import Cancellation, DecodingParameters, Generation, Guide, StopRule

SYNTAX_MS = 200.0
CHARS_PER_TOKEN = 2.5
"""Of source code, at least; bounds how long a translation may become."""
LONGER = 1.8
"""So many times as long as its source a translation may be."""
NOT_CODE = Verdict("failed", "nothing was written", stage="build", fault="model_limits")


@dataclass(frozen=True)
class Assignment:
    """What is to be written, and how it becomes something that can be judged."""

    source_text: str
    source: Language
    target: Language
    opening: str
    """What the translation begins with: what stands around it, and its declaration."""
    finish: Callable[[str], str]
    """From what was written after `opening` to the text of the unit."""
    verdict_of: Callable[[str, Cancellation], Verdict]
    """Judges the text of the unit, in whatever file it takes to do so."""
    stop: Callable[[], StopRule | None]
    """A fresh stop rule."""
    guide: Callable[[], Guide | None] = lambda: None
    """A fresh guide that keeps the text in the target's syntax."""
    by_rules: tuple[tuple[str, str], ...] = ()
    """Names of rule-based translators with what they propose, as text of the unit."""


def try_candidates(
    work: Assignment,
    writer: Writer | None,
    options: Options,
    cancellation: Cancellation,
    say: Callable[[str], None] = lambda _: None,
) -> list[Attempt]:
    """All attempts in order. Raises `Cancelled`, and `ModelError` where the model fails before anything was tried."""
    attempts: list[Attempt] = []
    deadline = monotonic() + options.max_time_s
    for attempt in _attempts(work, writer, options, cancellation, attempts, say):
        attempts.append(attempt)
        if attempt.verdict.status == "verified" or monotonic() > deadline:
            break
    return attempts


def best_of(attempts: Sequence[Attempt], target: Language) -> Attempt | None:
    """The attempt with the best verdict; among equals one without syntax errors, then the most probable, then the
    first."""
    if not attempts:
        return None
    return max(attempts, key=lambda attempt: (*attempt.verdict.rank, *_merit(attempt, target)))


def _merit(attempt: Attempt, target: Language) -> tuple[float, float]:
    share = syntax_errors(attempt.text, target)
    return -share, attempt.log_probability if attempt.log_probability is not None else 0.0


def syntax_errors(text: str, language: Language) -> float:
    """How much of a text its grammar stumbles over, 0 to 1; 0 without a grammar."""
    raw = text.encode("utf-8", "replace")
    wrapped = b"class C {\n" + raw + b"\n}" if language.id in ("java", "csharp") and b"class " not in raw else raw
    tree = parse(wrapped, language, limit_ms=SYNTAX_MS)
    return error_share(tree.root_node, len(wrapped)) if tree is not None else 0.0


def _attempts(
    work: Assignment,
    writer: Writer | None,
    options: Options,
    cancellation: Cancellation,
    so_far: Sequence[Attempt],
    say: Callable[[str], None],
) -> Iterator[Attempt]:
    judged: dict[str, Verdict] = {}

    def attempt(text: str, origin: str, number: int = 0, log_probability: float | None = None) -> Attempt:
        cancellation.raise_if_cancelled()
        if text not in judged:
            say("checking")
            judged[text] = work.verdict_of(text, cancellation) if text.strip() else NOT_CODE
        return Attempt(text, origin, number, judged[text], log_probability)

    if options.rules:
        for name, text in work.by_rules:
            yield attempt(text, name)
    if writer is None or not options.model or (so_far and _is_beyond_telling(so_far[-1].verdict)):
        return  # nothing could tell a model's candidate from the one that rules made
    examples = find_demonstrations(work.source_text, work.source.id, work.target.id, options.demonstrations)

    def write(parameters: DecodingParameters, failure: Failure | None = None) -> tuple[str, float | None] | None:
        prompt = translation_prompt(
            work.source_text, work.source, work.target, work.opening, examples, failure, options.form
        )
        stop = reply_stop(work.stop(), work.target) if options.form == "chat" else work.stop()
        generation = writer(
            prompt,
            parameters,
            stop=stop,
            guide=work.guide() if options.constrained else None,
            cancellation=cancellation,
        )
        return _first(generation, work, options.form)

    parameters = DecodingParameters(
        max_tokens=min(options.max_tokens, 48 + int(LONGER * len(work.source_text) / CHARS_PER_TOKEN)),
        stop_strings=() if options.form == "chat" else (f"\n{work.source.line_comment} {work.source.name}\n",),
    )
    for number in range(1 + options.samples):
        say("writing")
        sampled = replace(parameters, temperature=options.temperature, top_p=0.95, seed=number)
        written = write(parameters if number == 0 else sampled)
        if written is not None:
            yield attempt(written[0], "model", 0, written[1])
            if so_far and so_far[-1].verdict.status == "unchecked":
                break  # more candidates help only where something tells them apart
    for number in range(1, options.rounds + 1):
        best = best_of(so_far, work.target)
        if best is None or best.verdict.status != "failed" or not best.verdict.messages:
            return
        say(f"repairing (round {number})")
        failure = Failure(best.text, best.verdict.messages, best.verdict.built)
        written = write(replace(parameters, seed=100 + number), failure)
        if written is None:
            return
        yield attempt(written[0], "model", number, written[1])


def _is_beyond_telling(verdict: Verdict) -> bool:
    """Whether no verdict could be better: nothing was run, or it builds and there is nothing to test it with."""
    return verdict.status == "unchecked" or (verdict.status == "builds" and not verdict.tests_run)


def _first(generation: Generation, work: Assignment, form: Form) -> tuple[str, float | None] | None:
    if not generation.candidates:
        return None
    candidate = generation.candidates[0]
    count = len(candidate.logprobs)
    mean = sum(candidate.logprobs) / count if count else None
    text = candidate.text
    if form == "chat":
        text = continued(text, work.opening, work.target, work.stop())
    return work.finish(text), mean
