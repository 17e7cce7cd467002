"""Several different candidates from a server."""

from contextlib import closing, suppress

from models.backends.openai_draft import Draft
from models.backends.openai_exchange import Exchange
from models.backends.openai_turns import Turn
from models.backends.openai_writer import Writer, reason_of
from models.decoding.cancellation import OutOfTime
from models.decoding.generation import Candidate, OnText

ATTEMPTS = 2
"""Requests for each further candidate, before giving up on finding one that differs."""


def write_candidates(exchange: Exchange, on_text: OnText | None) -> tuple[Candidate, ...]:
    """The candidates of a call: one is written first, then others that differ; best first where that is known.

    Fewer than asked for where the time is over or nothing else comes; at least one. Raises `Cancelled` and
    `ModelError`.
    """
    first = Writer(exchange, on_text=on_text)
    found = [first.write()]
    if found[0].finish_reason != "time":
        with suppress(OutOfTime):  # what there is has to do
            _add_others(exchange, found, first)
    return tuple(sorted(found, key=_mean_logprob, reverse=True))


def _add_others(exchange: Exchange, found: list[Candidate], first: Writer) -> None:
    """All in one request; where a guide must hear each text, one after another."""
    wanted = exchange.parameters.candidates
    for attempt in range(1, ATTEMPTS * (wanted - 1) + 1):
        missing = wanted - len(found)
        if missing <= 0:
            return
        if exchange.guide is None:
            new = _batch(exchange, first.opening, missing, attempt)
        else:
            exchange.guide.rolled_back("")
            new = [Writer(exchange, attempt=attempt, constraints=first.known_at_start).write()]
        for candidate in new:
            text = candidate.text.strip()
            if text and all(text != other.text.strip() for other in found):
                found.append(candidate)


def _batch(exchange: Exchange, turn: Turn, count: int, attempt: int) -> list[Candidate]:
    drafts = [Draft(turn.back) for _ in range(count)]
    open_drafts = set(range(count))
    with closing(exchange.answer(exchange.ask(turn, "", 0, attempt, count))) as answer:
        for piece in answer:
            draft = drafts[piece.index] if piece.index in open_drafts else None
            if draft is None:
                continue
            fits = draft.take(piece)
            end = exchange.end_of(draft.text)
            if end is not None:
                draft.close(*end)
            elif piece.finish:
                draft.close(len(draft.text), reason_of(piece, exchange.parameters))
            if not fits or draft.ended:
                open_drafts.discard(piece.index)
            if not open_drafts:
                break
    return [draft.candidate() for draft in drafts if draft.ended and not draft.waits]


def _mean_logprob(candidate: Candidate) -> float:
    return sum(candidate.logprobs) / len(candidate.logprobs) if candidate.logprobs else float("-inf")
