"""Tensors in a folder of safetensors files, as floats, without the library and without torch.

The format is eight bytes of length, a JSON header and the raw data
(https://huggingface.co/docs/safetensors/index#format). Files are mapped into memory, not read.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.conversion.decoder import FloatArray
from models.errors import ModelError

LARGEST_HEADER = 100_000_000
DTYPES = {"F64": np.float64, "F32": np.float32, "F16": np.float16, "BF16": np.uint16}
"""bfloat16 is the upper half of a float32, and unknown to numpy."""


@dataclass(frozen=True)
class _Tensor:
    path: Path
    offset: int
    """In the file, in bytes."""
    dtype: str
    shape: tuple[int, ...]


class SafetensorsFolder:
    """All tensors of a model, whatever files they are spread over."""

    def __init__(self, folder: Path) -> None:
        """Reads the headers. Raises `ModelError` when a file is missing or damaged."""
        self.path = folder
        self.files = _weight_files(folder)
        self._tensors = {name: tensor for path in self.files for name, tensor in _read_header(path)}

    def has(self, name: str) -> bool:
        """Is there a tensor called `name`?"""
        return name in self._tensors

    def shape(self, name: str) -> tuple[int, ...]:
        """Raises `ModelError` where there is no such tensor."""
        return self._tensor(name).shape

    def floats(self, name: str) -> FloatArray:
        """A tensor in single precision. Raises `ModelError` where there is none, and for a format that is not float."""
        tensor = self._tensor(name)
        if tensor.dtype not in DTYPES:
            raise ModelError(
                f"The tensor '{name}' in {tensor.path} is in the format {tensor.dtype}.",
                "Only unquantised weights are converted: choose another revision, or load it with the torch back end.",
            )
        raw: NDArray[Any] = np.memmap(tensor.path, DTYPES[tensor.dtype], "r", tensor.offset, tensor.shape)
        if tensor.dtype == "BF16":
            return (raw.astype(np.uint32) << 16).view(np.float32)
        return np.array(raw, dtype=np.float32)

    def _tensor(self, name: str) -> _Tensor:
        if name not in self._tensors:
            raise ModelError(f"{self.path} has no tensor '{name}'.", "The folder is incomplete; fetch it again.")
        return self._tensors[name]


def _weight_files(folder: Path) -> list[Path]:
    """The files that the index names, or all there are. Raises `ModelError` when one is missing."""
    index = folder / "model.safetensors.index.json"
    if index.is_file():
        try:
            names: Iterable[str] = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"{index} cannot be read ({error}).", "Fetch the folder again.") from error
        missing = [name for name in names if not (folder / name).is_file()]
        if missing:
            raise ModelError(f"{folder} lacks {', '.join(missing)}.", "The folder is incomplete; fetch it again.")
        return [folder / name for name in names]
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise ModelError(f"{folder} has no safetensors.", "Choose a revision of the model that has them.")
    return files


def _read_header(path: Path) -> list[tuple[str, _Tensor]]:
    """Names and places of the tensors in one file. Raises `ModelError` when it is cut off or no such file."""
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > LARGEST_HEADER:
                raise ValueError("its header is too long")
            header: dict[str, Any] = json.loads(file.read(length))
        tensors: list[tuple[str, _Tensor]] = []
        size = path.stat().st_size
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            start, end = (8 + length + int(offset) for offset in entry["data_offsets"])
            shape = tuple(int(side) for side in entry["shape"])
            dtype = DTYPES.get(entry["dtype"])
            if end > size or (dtype is not None and prod(shape) * np.dtype(dtype).itemsize != end - start):
                raise ValueError(f"'{name}' does not fit into it")
            tensors.append((name, _Tensor(path, start, entry["dtype"], shape)))
        return tensors
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} is not a whole safetensors file ({error}).", "Fetch it again.") from error
