"""Near-duplicate removal by MinHash (Broder 1997), as in Lee et al. 2022, *Deduplicating Training Data Makes Language
Models Better*: two files that share most of their five-word shingles are one."""

import re

import numpy as np

SHINGLE = 5
BANDS, ROWS = 16, 4
"""Files with Jaccard similarity s are found equal with probability 1 - (1 - s**ROWS)**BANDS: 0.9999 at 0.85, 0.10 at
0.3."""
WORD = re.compile(r"\w+")
_PRIME = np.uint64((1 << 61) - 1)


class NearDuplicates:
    """Remembers the signatures of what it has seen."""

    def __init__(self, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self._factors = rng.integers(1, 2**32, BANDS * ROWS, dtype=np.uint64)
        self._offsets = rng.integers(0, 2**32, BANDS * ROWS, dtype=np.uint64)
        self._bands: list[set[bytes]] = [set() for _ in range(BANDS)]

    def seen(self, text: str) -> bool:
        """Whether something very like `text` came before; if not, it is remembered."""
        words = WORD.findall(text)
        shingles = {hash(tuple(words[i : i + SHINGLE])) & 0xFFFFFFFF for i in range(max(1, len(words) - SHINGLE + 1))}
        values = np.fromiter(shingles, np.uint64, len(shingles))
        signature = np.array(
            [(values * f + o).min() % _PRIME for f, o in zip(self._factors, self._offsets, strict=True)]
        )
        keys = [band.tobytes() for band in signature.reshape(BANDS, ROWS)]
        found = any(key in band for key, band in zip(keys, self._bands, strict=True))
        if not found:
            for key, band in zip(keys, self._bands, strict=True):
                band.add(key)
        return found
