"""The memory of one session's keys and values, on the device where the graph computes.

On a CPU the whole context is reserved at once and the system gives pages as they are written, so that memory follows
use and nothing is ever copied. On a GPU memory is given at once, so there the room doubles when it is full.
"""

import mmap
import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelError

FIRST_ROOM = 1024
"""Tokens that a new session on a GPU has memory for; it doubles when they are full."""


@dataclass(frozen=True)
class CacheShape:
    """What a converted model's config.json says of its cache."""

    layers: int
    kv_heads: int
    head_size: int
    element: type[np.generic]

    def of(self, room: int) -> tuple[int, ...]:
        """One tensor per layer and part: (2 * layers, 1, kv_heads, room, head_size)."""
        return (2 * self.layers, 1, self.kv_heads, room, self.head_size)


class KvCache:
    """All keys and values in one block."""

    def __init__(self, shape: CacheShape, limit: int, device: str, library: Any) -> None:
        """`limit` is the context's length; `library` is ONNX Runtime, which owns memory on a GPU."""
        self._shape = shape
        self._limit = limit
        self._device = device
        self._library = library
        self.room = 0
        self._block: Any = None

    def reserve(self, length: int, held: int) -> bool:
        """Have room for `length` tokens and keep the first `held`; says whether the memory has moved.

        Raises `ModelError` when there is no memory.
        """
        if length <= self.room:
            return False
        room = self._limit if self._device == "cpu" else min(self._limit, max(length, 2 * self.room, FIRST_ROOM))
        try:
            block = self._allocate(room)
            if held:
                whole: NDArray[Any] = np.empty(self._shape.of(room), self._shape.element)
                whole[..., :held, :] = self._block.numpy()[..., :held, :]
                block.update_inplace(whole)
        except (OSError, MemoryError, RuntimeError) as error:
            raise ModelError(
                f"There is no memory for a context of {room} tokens.", "Close other programs or shorten the context."
            ) from error
        self._block, self.room = block, room
        return True

    def addresses(self) -> list[tuple[str, tuple[int, ...], int]]:
        """Name (`0.key`), shape and address of every tensor, in the graph's order."""
        tensor = self._shape.of(self.room)[1:]
        size = int(np.prod(tensor)) * np.dtype(self._shape.element).itemsize
        start = self._block.ctypes.data if self._device == "cpu" else self._block.data_ptr()
        return [
            (f"{index // 2}.{('key', 'value')[index % 2]}", tensor, start + index * size)
            for index in range(2 * self._shape.layers)
        ]

    def copy(self, length: int) -> NDArray[Any]:
        """The first `length` tokens, (layers, 2, kv_heads, length, head_size)."""
        block: NDArray[Any] = self._block if self._device == "cpu" else self._block.numpy()
        return block[:, 0, :, :length].reshape(self._shape.layers, 2, self._shape.kv_heads, length, -1).copy()

    def _allocate(self, room: int) -> Any:
        shape = self._shape.of(room)
        if self._device == "cpu":
            size = int(np.prod(shape)) * np.dtype(self._shape.element).itemsize
            return np.frombuffer(_pages(size), self._shape.element).reshape(shape)
        return self._library.OrtValue.ortvalue_from_shape_and_type(shape, self._shape.element, self._device, 0)


def _pages(size: int) -> mmap.mmap:
    """So many bytes of zeros, each page of which costs memory once it is written."""
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0))
    if hasattr(mmap, "MADV_NOHUGEPAGE"):
        pages.madvise(mmap.MADV_NOHUGEPAGE)  # a huge page would span the unused room of several heads
    return pages
