"""Which chunks help at a cursor, and in which order they are shown."""

from collections import Counter
from collections.abc import Callable, Sequence

from lsp_server.completion.request import CompletionRequest
from lsp_server.context.chunks import Chunk
from lsp_server.context.terms import terms_of
from lsp_server.languages.lines import split_lines
from models import Snippet

LINES_ABOVE = 8
LINES_BELOW = 2
CURRENT_LINE_WEIGHT = 3
"""How much a word on the cursor's line counts against one on the lines around it."""
LEAST_SCORE = 0.5
"""What scores less than this share of the best is left out: it costs a tenth of the text and helps hardly ever."""
OVERHEAD_CHARS = 24
"""What a chunk costs in the prompt besides its text and path."""
_QUERY_CHARS = 4_000
_PROBE_CHARS = 60


def query_of(request: CompletionRequest) -> Counter[str]:
    """The words around the cursor that are searched for, with their weights."""
    above = split_lines(request.prefix[-_QUERY_CHARS:])
    below = split_lines(request.suffix[:_QUERY_CHARS])
    query = Counter(terms_of("\n".join(above[-1 - LINES_ABOVE :])))
    query.update(terms_of("\n".join(below[1 : 1 + LINES_BELOW])))
    for term in terms_of(above[-1]):
        query[term] += CURRENT_LINE_WEIGHT - 1
    return query


def visible_in(request: CompletionRequest) -> Callable[[Chunk], bool]:
    """Tells of a chunk whether the request's own window shows it, whole or in part."""

    def is_visible(chunk: Chunk) -> bool:
        if chunk.path != request.path:
            return False
        probes = (chunk.text[:_PROBE_CHARS], chunk.text[-_PROBE_CHARS:])
        return any(probe in request.prefix or probe in request.suffix for probe in probes)

    return is_visible


def select(
    ranked: Sequence[tuple[float, Chunk]], budget_chars: int, is_visible: Callable[[Chunk], bool]
) -> tuple[Chunk, ...]:
    """The best of `ranked` (scores and chunks, best first) that fit the budget, best first.

    Leaves out what the model sees anyway (`is_visible`), what scores far less than the best, and of chunks that show
    the same lines all but the best.
    """
    chosen: list[Chunk] = []
    room = budget_chars
    least = 0.0
    for score, chunk in ranked:
        if score < least:
            break
        if is_visible(chunk):
            continue
        least = least or LEAST_SCORE * score
        cost = len(chunk.text) + len(chunk.path) + OVERHEAD_CHARS
        if cost > room or any(chunk.overlaps(other) for other in chosen):
            continue
        chosen.append(chunk)
        room -= cost
    return tuple(chosen)


def as_snippets(chosen: Sequence[Chunk]) -> tuple[Snippet, ...]:
    """Chunks (best first) as snippets, least helpful first; those of one file together, in the file's order."""
    by_path: dict[str, list[Chunk]] = {}
    for chunk in chosen:
        by_path.setdefault(chunk.path, []).append(chunk)
    snippets = [
        Snippet(path, "\n".join(chunk.text for chunk in sorted(chunks, key=lambda chunk: chunk.line)))
        for path, chunks in by_path.items()
    ]
    return tuple(reversed(snippets))
