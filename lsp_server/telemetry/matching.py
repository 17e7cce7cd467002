"""How candidates compare with what stands in their place, worked out while the text is still at hand."""

from collections.abc import Iterator

from lsp_server.telemetry.record import Candidate, Generation, Match


def matches(
    generations: tuple[Generation, ...], written: str, after: str, accepted: tuple[str, str] | None
) -> tuple[Match, ...]:
    """One entry a candidate.

    `written` is what was written at the place since the request, `after` what follows it, as far as a candidate may
    have replaced it. `accepted` is the id of an accepted suggestion and what stands of it: that one is compared with
    this.
    """
    return tuple(
        match(name, text, accepted[1] if accepted is not None and name == accepted[0] else written + after[:replaced])
        for name, text, replaced in _candidates(generations)
    )


def match(name: str, candidate: str, truth: str) -> Match:
    """A candidate beside as many lines of the truth as it has."""
    from rapidfuzz.distance import Indel, LCSseq

    lines = candidate.strip().count("\n") + 1
    truth = "\n".join(truth.strip().split("\n")[:lines])
    ours, theirs = candidate.strip(), truth.strip()
    return Match(
        candidate=name,
        exact=ours == theirs,
        similarity=round(Indel.normalized_similarity(ours, theirs), 4) if ours or theirs else None,
        kept_chars=LCSseq.similarity(ours, theirs),
    )


def _candidates(generations: tuple[Generation, ...]) -> Iterator[tuple[str, str, int]]:
    """Name, text and replaced characters of every candidate."""
    for number, generation in enumerate(generations):
        for index, candidate in enumerate(generation.candidates):
            yield _name(candidate, number, index), _text(candidate), candidate.replace_after


def _name(candidate: Candidate, generation: int, index: int) -> str:
    return candidate.id or f"{generation}:{index}"


def _text(candidate: Candidate) -> str:
    return candidate.text or "" if candidate.suggestion is None else candidate.suggestion
