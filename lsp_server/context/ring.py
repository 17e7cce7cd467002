"""The places where the user was last: chunks around edits, saves and changes of focus, as in llama.vim's ring.

They outlive their document and its changes. A new chunk pushes out those that show nearly the same; if none does, and
there is no room, the oldest.
"""

from collections import OrderedDict

from lsp_server.context.chunks import Chunk

MAX_CHUNKS = 32
SAME = 0.9
"""Share of lines in common from which two chunks show the same."""


class Ring:
    """The most recent chunks, the latest last. Not thread-safe."""

    def __init__(self, max_chunks: int = MAX_CHUNKS) -> None:
        self._max_chunks = max_chunks
        self._chunks: OrderedDict[Chunk, frozenset[str]] = OrderedDict()

    def push(self, chunk: Chunk) -> None:
        """The user was here just now."""
        lines = frozenset(line.strip() for line in chunk.text.splitlines() if line.strip())
        if not lines:
            return
        for known, known_lines in list(self._chunks.items()):
            if chunk.overlaps(known) or similarity(lines, known_lines) >= SAME:
                del self._chunks[known]
        self._chunks[chunk] = lines
        while len(self._chunks) > self._max_chunks:
            self._chunks.popitem(last=False)

    def chunks(self) -> tuple[Chunk, ...]:
        """All chunks, the latest last."""
        return tuple(self._chunks)


def similarity(a: frozenset[str], b: frozenset[str]) -> float:
    """Jaccard: how much of what either has both have, 0 to 1."""
    together = len(a | b)
    return len(a & b) / together if together else 0.0
