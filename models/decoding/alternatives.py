"""Several different candidates for the price of little more than one.

Greedy candidates branch: where the runner-up was most probable, given everything before it, another candidate leaves
the first. It shares all tokens up to there, and so costs only what is new. This is best-first search over the tree of
continuations, in which every node that is opened is followed to its end. Sampled candidates are drawn one by one.
"""

import heapq
from collections.abc import Iterator
from itertools import count
from math import inf

from models.decoding.decoder import Decoding, Request, Written
from models.decoding.generation import Candidate, OnText
from models.decoding.sampling import Greedy, Sampler, make_sampler
from models.decoding.writing import Writing

ATTEMPTS = 3
"""Candidates that are written for each one wanted, before giving up on finding more that differ."""


def decode(request: Request, on_text: OnText | None = None) -> tuple[Candidate, ...]:
    """The candidates that `request` asks for: different texts, best first.

    Best is what has the highest mean log-probability. Fewer than asked for where nothing else is likely or the time is
    over; at least one, and that alone may be cut off by the time. Raises `Cancelled`.
    """
    wanted = max(request.parameters.candidates, 1)
    found: list[Candidate] = []
    writers = _sampled(request, on_text) if request.parameters.temperature > 0 else _branched(request, on_text)
    for attempt, written in enumerate(writers, start=1):
        candidate = written.candidate
        if found and candidate.finish_reason == "time":  # short beginnings would come before what is whole
            break
        if not found or (candidate.text.strip() and all(candidate.text.strip() != c.text.strip() for c in found)):
            found.append(candidate)
        if len(found) == wanted or attempt == ATTEMPTS * wanted or candidate.finish_reason == "time":
            break
    return tuple(sorted(found, key=_mean_logprob, reverse=True))


def _sampled(request: Request, on_text: OnText | None) -> Iterator[Written]:
    first = Decoding(request, make_sampler(request.parameters), on_text=on_text).run()
    yield first
    for stream in count(1):
        yield _leave(request, first, 0, make_sampler(request.parameters, stream)).run()


def _branched(request: Request, on_text: OnText | None) -> Iterator[Written]:
    first = Decoding(request, Greedy(), on_text=on_text).run()
    yield first
    order = count()
    branches: list[_Branch] = []
    _add_branches(branches, order, first, 0)
    while branches:
        _, _, parent, place, (token, logprob) = heapq.heappop(branches)
        decoding = _leave(request, parent, place, Greedy())
        if decoding.write(token, logprob):
            written = decoding.run()
            yield written
            _add_branches(branches, order, written, place + 1)


_Branch = tuple[float, int, Written, int, tuple[int, float]]
"""Minus the log-probability of everything up to the runner-up, a number that breaks ties, and where to leave whom."""


def _add_branches(branches: list[_Branch], order: Iterator[int], written: Written, start: int) -> None:
    """Put every runner-up of `written` from the token `start` on into the heap."""
    total = 0.0
    for place, step in enumerate(written.steps):
        if place >= max(start, written.repeated) and step.runner_up is not None:
            branch = -(total + step.runner_up[1]), next(order), written, place, step.runner_up
            heapq.heappush(branches, branch)
        total += step.logprob


def _leave(request: Request, parent: Written, place: int, sampler: Sampler) -> Decoding:
    """A candidate that shares the first `place` tokens with `parent`, and what was known of them."""
    shared = parent.steps[:place]
    text = Writing(request.taken_back, shared).text
    if request.guide is not None:
        request.guide.rolled_back(text)
    constraints = [constraint for constraint in parent.constraints if constraint.start <= len(text)]
    return Decoding(request, sampler, beginning=shared, constraints=constraints)


def _mean_logprob(candidate: Candidate) -> float:
    return sum(candidate.logprobs) / len(candidate.logprobs) if candidate.logprobs else -inf
