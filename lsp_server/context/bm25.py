"""Okapi BM25 over chunks that come and go.

Source: Robertson and Zaragoza 2009, *The Probabilistic Relevance Framework: BM25 and Beyond*, section 3. An inverted
index in memory: a query costs what its rarest terms' postings cost, not what the corpus costs.
"""

from collections import Counter
from collections.abc import Iterable
from math import log

from lsp_server.context.chunks import Chunk
from lsp_server.context.terms import terms_of

K1 = 1.2
B = 0.75
QUERY_TERMS = 48
"""So many of a query's terms are looked up, those that few chunks contain first."""
MAX_TERM_WEIGHT = 3
"""A term that the query repeats counts so many times at most."""
POSTINGS = 1_500
"""So many occurrences of rare terms make candidates."""
CANDIDATES = 200
"""So many of them are looked at for the common terms."""

Counted = tuple[Chunk, dict[str, int]]
"""A chunk with its terms counted, which is the slow part."""


class Bm25:
    """Not thread-safe: whoever shares it holds a lock."""

    def __init__(self) -> None:
        self._chunks: dict[int, tuple[str, Chunk]] = {}
        self._counts: dict[int, dict[str, int]] = {}
        self._lengths: dict[int, int] = {}
        self._postings: dict[str, dict[int, int]] = {}
        self._by_path: dict[str, list[int]] = {}
        self._total_length = 0
        self._next = 0

    def __len__(self) -> int:
        return len(self._chunks)

    def ids(self, path: str) -> list[int]:
        """The chunks of a file, for `remove`."""
        return list(self._by_path.get(path, ()))

    def add(self, path: str, chunks: Iterable[Counted]) -> None:
        """Add chunks to those of a file."""
        for chunk, counts in chunks:
            number = self._next
            self._next += 1
            self._by_path.setdefault(path, []).append(number)
            self._chunks[number] = (path, chunk)
            self._counts[number] = counts
            self._lengths[number] = sum(counts.values())
            self._total_length += self._lengths[number]
            for term, count in counts.items():
                self._postings.setdefault(term, {})[number] = count

    def remove(self, ids: Iterable[int]) -> None:
        """Forget chunks."""
        for number in ids:
            path, _ = self._chunks.pop(number)
            self._by_path[path].remove(number)
            if not self._by_path[path]:
                del self._by_path[path]
            for term in self._counts.pop(number):
                postings = self._postings[term]
                del postings[number]
                if not postings:
                    del self._postings[term]
            self._total_length -= self._lengths.pop(number)

    def search(self, query: Counter[str], limit: int) -> list[tuple[float, Chunk]]:
        """The `limit` best chunks with their scores, best first; equal scores in the order in which they came in.

        Rare terms decide who is a candidate; common ones, whose postings are long and whose weights are small, only add
        to the scores of the best candidates. That bounds the cost, and changes the order hardly ever.
        """
        total = len(self._chunks)
        if not total:
            return []
        average = self._total_length / total
        terms = sorted((len(self._postings[term]), term) for term in query if term in self._postings)[:QUERY_TERMS]
        scores: dict[int, float] = {}
        norms: dict[int, float] = {}
        visited = 0
        for frequency, term in terms:
            weight = (
                log(1 + (total - frequency + 0.5) / (frequency + 0.5)) * min(query[term], MAX_TERM_WEIGHT) * (K1 + 1)
            )
            postings = self._postings[term]
            if visited and visited + frequency > POSTINGS:
                if len(scores) > CANDIDATES:
                    best = sorted(scores.items(), key=lambda item: -item[1])[:CANDIDATES]
                    scores = dict(best)
                found = [(number, postings[number]) for number in scores if number in postings]
            else:
                visited += frequency
                found = postings.items()
            for number, count in found:
                norm = norms.get(number)
                if norm is None:
                    norm = norms[number] = K1 * (1 - B + B * self._lengths[number] / average)
                scores[number] = scores.get(number, 0.0) + weight * count / (count + norm)
        best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:limit]
        return [(score, self._chunks[number][1]) for number, score in best]


def counted(chunks: Iterable[Chunk]) -> list[Counted]:
    """Chunks with their terms counted, ready to be put.

    Plain dictionaries of strings and numbers: the garbage collector does not look at those, and there are many.
    """
    return [(chunk, dict(Counter(terms_of(chunk.text)))) for chunk in chunks]
