"""A replay from beginning to end: what is still to be asked, an engine that asks it, records of the answers.

An answer is a record in the store as soon as it is there, under an id that is made of the request and of everything
that decides the answer. So a replay that was killed goes on where it stood, and asks nothing twice; and replays of
several models may share a store.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import sha256
from random import Random
from time import monotonic

import msgspec

from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.scoring import Json
from lsp_server.replay.answering import Engine, Plan
from lsp_server.telemetry.record import Candidate, Decision, Generation, Intervention, Outcome, Record, Replay
from lsp_server.telemetry.sources.recorded import Recorded
from lsp_server.telemetry.store import Store

FLUSH_S = 0.2
"""Answers of so many seconds are written together; a slow model's are written one by one."""


@dataclass(frozen=True)
class Identity:
    """Who answers: what a replayed record says of its model."""

    model: str
    fingerprint: str
    label: str
    """Model and monitors in words."""
    configuration: str
    """Hash of all that decides an answer besides the request."""


@dataclass(frozen=True)
class Tally:
    """What a replay has done."""

    without_code: int = 0
    """Requests that nobody can ask again."""
    finished_before: int = 0
    """Requests that an earlier run has answered."""
    answered: int = 0
    """Requests that this one has answered."""
    errors: int = 0
    """Of these, those that failed and are recorded as empty, with their error."""


def choose(source: Callable[[], Iterator[Recorded]], limit: int | None, seed: int) -> tuple[int, Iterator[Recorded]]:
    """How many requests, and they themselves in their order, never all in memory: `source` is read twice.

    With a `limit` a random sample of those that can be asked again, the same for the same seed.
    """
    askable = [request.case is not None for request in source()]
    if limit is None or limit >= len(askable):
        return len(askable), source()
    places = [place for place, can_be in enumerate(askable) if can_be]
    sample = set(Random(seed).sample(places, min(limit, len(places))))
    return len(sample), (request for place, request in enumerate(source()) if place in sample)


def replay(
    requests: Iterable[Recorded],
    identity: Identity,
    plan: Plan,
    engine: Engine,
    store: Store,
    on_progress: Callable[[Tally], None] = lambda _: None,
) -> Tally:
    """Ask what `store` does not hold yet, and put the answers there. Raises what the engine raises; answers stay."""
    tally = Tally()
    under_way: dict[str, Record] = {}

    def pending() -> Iterator[Case]:
        nonlocal tally
        for request in requests:
            if request.case is None:
                tally = replace(tally, without_code=tally.without_code + 1)
                continue
            key = replay_id(request.case, identity)
            if key in under_way or store.get(key) is not None:
                tally = replace(tally, finished_before=tally.finished_before + 1)
                continue
            under_way[key] = request.record
            # The engine knows requests by the ids of the records to come: those of several sources may be the same.
            yield replace(request.case, id=key)

    for answers in _by_time(engine(pending(), plan)):
        store.put([replayed(under_way.pop(case.id), case.id, answer, identity) for case, answer in answers])
        errors = sum(bool(answer["error"]) for _, answer in answers)
        tally = replace(tally, answered=tally.answered + len(answers), errors=tally.errors + errors)
        on_progress(tally)
    return tally


def replay_id(case: Case, identity: Identity) -> str:
    """The id of a replayed record: the same for the same request and the same way of answering it, and for no other."""
    parts = [identity.configuration, case.id, case.language, case.prefix, case.suffix, case.root, case.path]
    return sha256(msgspec.json.encode([*parts, case.trigger])).hexdigest()[:32]


def replayed(original: Record, key: str, answer: Json, identity: Identity) -> Record:
    """The record of an answer; what was asked, and what stood there later, is as it was."""
    prediction = answer["prediction"]
    text = prediction["text"]
    is_empty = not text.strip()
    candidate = Candidate(
        id="" if is_empty else f"{key}:0",
        text=text,
        suggestion=None if is_empty else text,
        chars=len(text),
        suggestion_chars=None if is_empty else len(text),
        suggestion_lines=None if is_empty else text.count("\n") + 1,
        dropped=prediction["reason"] if is_empty else "",
        finish_reason=prediction["finish_reason"],
        tokens=prediction["tokens"],
        confidence=prediction["confidence"],
    )
    counts = prediction["interventions"]
    known = {name: counts[name] for name in Intervention.__dataclass_fields__ if isinstance(counts.get(name), int)}
    latency = answer["latency_ms"]
    generation = Generation(
        model=identity.model,
        fingerprint=identity.fingerprint,
        stages_ms={} if latency is None else {"total": latency},
        interventions=(Intervention("all", **known),) if any(known.values()) else (),
        error=answer["error"],
        candidates=(candidate,),
    )
    first = original.generations[0] if original.generations else None
    seen = original.replay or Replay(
        of=original.id,
        origin=original.origin,
        result=original.outcome.result,
        held_out=original.decision.held_out,
        fingerprint=first.fingerprint if first else "",
    )
    return Record(
        id=key,
        time=original.time,
        consent=original.consent,
        origin="replay",
        request=original.request,
        decision=Decision(source="model", arm=identity.label),
        generations=(generation,),
        outcome=Outcome("not_shown"),
        truths=tuple(replace(truth, matches=()) for truth in original.truths),
        # A replay of a replay stands for the request itself: nobody saw the first one.
        replay=replace(seen, configuration=identity.configuration, label=identity.label),
        finished=True,
    )


def _by_time(answers: Iterator[tuple[Case, Json]]) -> Iterator[list[tuple[Case, Json]]]:
    """Groups of answers that came within `FLUSH_S`, so that fast models do not wait for the disk; none is held back
    when the engine fails."""
    group: list[tuple[Case, Json]] = []
    began = monotonic()
    try:
        for answer in answers:
            group.append(answer)
            if monotonic() - began >= FLUSH_S:
                yield group
                group, began = [], monotonic()
    except (Exception, KeyboardInterrupt):
        if group:
            yield group
        raise
    if group:
        yield group
