"""What was found out at a cursor before a generation began there, for the generations that follow."""

import threading
import time
from collections import OrderedDict

from monitors.document import Document
from monitors.watch import Watch


class FirstLooks:
    """Watches that have looked at a document into which nothing is written yet. Thread-safe.

    A user types a dot, and the analysis begins; a completion follows, and perhaps a second one with more candidates.
    Each gets what the first look found, as long as every question of it is answered.
    """

    def __init__(self, capacity: int = 8, max_age_s: float = 120.0) -> None:
        """Older ones than `max_age_s` are forgotten, because other files of the workspace may have changed."""
        self._capacity = capacity
        self._max_age_s = max_age_s
        self._lock = threading.Lock()
        self._looks: OrderedDict[Document, tuple[float, Watch]] = OrderedDict()
        self._generation = 0

    @property
    def generation(self) -> int:
        """Counts how often everything was forgotten."""
        return self._generation

    def keep(self, document: Document, watch: Watch, generation: int) -> None:
        """`watch` must have looked at `document` itself, and is nobody else's from now on. It is not kept if that
        look began in another `generation`."""
        with self._lock:
            if generation != self._generation:
                return
            self._looks[document] = (time.monotonic(), watch)
            self._looks.move_to_end(document)
            while len(self._looks) > self._capacity:
                self._looks.popitem(last=False)

    def get(self, document: Document) -> Watch | None:
        """A watch of `document` that knows what the first look found; `None` unless all of that is answered."""
        with self._lock:
            made, watch = self._looks.get(document, (0.0, None))
        if watch is None or time.monotonic() - made > self._max_age_s or not watch.is_answered:
            return None
        return watch.again()

    def forget(self) -> None:
        """Another file of the workspace was saved."""
        with self._lock:
            self._looks.clear()
            self._generation += 1
