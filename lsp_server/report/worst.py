"""The worst cases, the only ones that are kept with their text: what a model was surest of and farthest from."""

import heapq
from itertools import count
from typing import Any

from lsp_server.report.faults import fault_of
from lsp_server.report.reading import Row

Json = dict[str, Any]
EXAMPLES = 12


class Worst:
    """Those of all that it is shown; of equals, the first."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Json]] = []
        self._order = count()

    def add(self, row: Row, series: str, said: str, truth: str, confidence: float, similarity: float) -> None:
        """Look at an answer that was not right."""
        badness = confidence * (100 - similarity)
        if len(self._heap) >= EXAMPLES and badness <= self._heap[0][0]:
            return
        example: Json = {
            "series": series,
            "configuration": row.replay.configuration if row.replay is not None else "",
            "language": row.request.language,
            "before": (row.request.prefix or "").rsplit("\n", 1)[-1][-60:],
            "said": said[:120],
            "truth": truth[:120],
            "confidence": confidence,
            "edit_similarity": similarity,
            "fault": fault_of(row, said, truth, False),
            "badness": badness,
        }
        heapq.heappush(self._heap, (badness, -next(self._order), example))
        if len(self._heap) > EXAMPLES:
            heapq.heappop(self._heap)

    def found(self) -> list[Json]:
        """The worst first."""
        return [example for *_, example in sorted(self._heap, reverse=True)]
