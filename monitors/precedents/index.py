"""The dereferences of a project's files, to be asked what followed the same words."""

import logging
import os
import threading
from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nlargest
from pathlib import Path
from stat import S_ISREG
from time import monotonic

from monitors.analysis.analyser import Place, Precedent
from monitors.precedents.odds import odds
from monitors.precedents.sites import BEGINNING, Site, read_sites, site_at
from monitors.text.lexicon import Lexicon, lexicon_of

MOST_BYTES = 8_000_000
"""Of a project's files so many are read, those nearest to the first document first; a second or two of work."""
MOST_NAMES = 200
"""The likeliest of those that followed."""
LARGEST_FILE = 400_000
"""Larger ones are mostly made by machines."""
MOST_SEEN = 20_000
"""Files and folders that a search passes at most."""
FRESH_S = 20.0
"""The files are looked at again when a question comes later than this after the last look."""
_PASSED_OVER = frozenset({"node_modules", "__pycache__", "site-packages", "dist", "build", "target", "vendor"})

_log = logging.getLogger(__name__)

_Entry = tuple[str, str, str, str]
"""The words before a dereference, the file it stands in, the member, the line below."""


@dataclass(frozen=True)
class _File:
    stamp: tuple[int, int]
    """When it was changed, and its size."""
    receivers: frozenset[str]


class PrecedentIndex:
    """What one language's files of a project hold. Thread-safe: `refresh` reads on any thread while questions are
    answered with what is there."""

    def __init__(self, root: Path, language: str, suffix: str) -> None:
        """`suffix` is how the names of the language's files end."""
        self._root = Path(os.path.realpath(root))
        self._lexicon = lexicon_of(language) or Lexicon(language)
        self._suffix = suffix
        self._lock = threading.Lock()
        self._entries: defaultdict[str, list[_Entry]] = defaultdict(list)
        self._files: dict[Path, _File] = {}
        self._looked = -FRESH_S

    @property
    def is_stale(self) -> bool:
        """Whether it is time to look at the files again."""
        return monotonic() - self._looked > FRESH_S

    def refresh(self, near: Path) -> None:
        """Read what is new or was changed, beginning near the file `near`, and forget what is gone."""
        self._looked = monotonic()
        found: set[Path] = set()
        room = MOST_BYTES
        for path in self._walk(near):
            try:
                status = path.stat()
                if not S_ISREG(status.st_mode) or status.st_size > LARGEST_FILE:
                    continue
                if (room := room - status.st_size) < 0:
                    break
                found.add(path)
                stamp = (status.st_mtime_ns, status.st_size)
                known = self._files.get(path)
                if known is None or known.stamp != stamp:
                    self._read(path, stamp)
            except OSError as error:
                _log.debug("a file could not be read", extra={"path": str(path), "error": str(error)})
        for path in self._files.keys() - found:
            self._forget(path)
        self._looked = monotonic()

    def precedents(self, place: Place) -> tuple[Precedent, ...]:
        """Which members followed the words before `place`, the offset right after a dereference; the document's own
        text counts instead of its file."""
        operator = next((o for o in self._lexicon.dereferences if place.text.endswith(o, 0, place.offset)), None)
        if operator is None:
            return ()
        start = place.offset - len(operator)
        above, below = place.text[:start], place.text[place.offset :]
        here = site_at(self._lexicon, above, start, below)
        if not here.before:
            return ()
        path = os.path.realpath(place.path)
        sites = [site for text in (above, below) for site in read_sites(self._lexicon, text, here.receiver)]
        own = sorted((site.before, path, site.member, site.below) for site in sites)
        levels, like = self._levels(here, own, path)
        by_words, by_line = odds(levels), odds([like])
        likeliest = nlargest(MOST_NAMES, by_words, key=by_words.__getitem__)
        return tuple(Precedent(name, by_words[name], by_line.get(name, 0.0)) for name in likeliest)

    def _levels(self, here: Site, own: list[_Entry], path: str) -> tuple[list[Counter[str]], Counter[str]]:
        """What followed ever longer matches; and what stands in lines that are the same so far, above the same line."""
        words = here.before.split(" ")[:-1]
        line = words.index(BEGINNING) + 1 if BEGINNING in words else len(words)
        levels: list[Counter[str]] = []
        like: Counter[str] = Counter()
        with self._lock:
            others = self._entries.get(words[0], [])
            low, high, first, last = 0, len(others), 0, len(own)
            start = ""
            for length, word in enumerate(words, start=1):
                start += word + " "
                low, high = _span(others, start, low, high)
                first, last = _span(own, start, first, last)
                matches = [entry for entry in others[low:high] if entry[1] != path] + own[first:last]
                if not matches:
                    break
                levels.append(Counter(entry[2] for entry in matches))
                if length == line:
                    like = Counter(entry[2] for entry in matches if entry[3] == here.below)
        return levels, like

    def _read(self, path: Path, stamp: tuple[int, int]) -> None:
        text = path.read_text(encoding="utf-8", errors="replace")
        sites = list(read_sites(self._lexicon, text))
        self._forget(path)
        with self._lock:
            for site in sites:
                insort(self._entries[site.receiver], (site.before, str(path), site.member, site.below))
            self._files[path] = _File(stamp, frozenset(site.receiver for site in sites))

    def _forget(self, path: Path) -> None:
        with self._lock:
            file = self._files.pop(path, None)
            for receiver in file.receivers if file is not None else ():
                self._entries[receiver] = [entry for entry in self._entries[receiver] if entry[1] != str(path)]

    def _walk(self, near: Path) -> Iterator[Path]:
        """Files, those in the folder of `near` and below it first, then those around it, up to the root."""
        near = Path(os.path.realpath(near))
        folder = near.parent if near.is_relative_to(self._root) else self._root
        seen: set[Path] = set()
        left = MOST_SEEN
        while True:
            for name, folders, files in os.walk(folder):
                base = Path(name)
                folders[:] = sorted(one for one in folders if not _is_passed_over(one) and base / one not in seen)
                seen.add(base)
                if (left := left - len(folders) - len(files)) < 0:
                    return
                yield from (base / file for file in sorted(files) if file.endswith(self._suffix))
            if folder in (self._root, folder.parent):
                return
            folder = folder.parent


def _span(entries: list[_Entry], start: str, low: int, high: int) -> tuple[int, int]:
    """The entries in [low, high) whose words begin with `start`, as a half-open range."""
    low = bisect_left(entries, (start,), low, high)
    return low, bisect_left(entries, (start[:-1] + "!",), low, high)  # the character behind the blank


def _is_passed_over(folder: str) -> bool:
    return folder.startswith(".") or folder in _PASSED_OVER or folder.endswith((".dist-info", ".egg-info"))
