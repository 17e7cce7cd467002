"""Whether a folder still holds what was put there.

Every folder of the store carries a manifest with the size, SHA-256 and a *sample* (a hash of pages spread over the
file) of each of its files. At every load sizes, times and samples are compared, which costs a millisecond; a file whose
time has changed, and every file when a load has failed, is hashed whole.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from models.atomic import write_atomically

MANIFEST = "manifest.json"
FORMAT = 1
PAGE = 4096
PAGES = 32
CHUNK = 1 << 20


@dataclass(frozen=True)
class FileRecord:
    size: int
    modified_ns: int
    sha256: str
    sample: str


@dataclass(frozen=True)
class Manifest:
    files: dict[str, FileRecord]
    """By path relative to the folder, with forward slashes."""
    details: dict[str, Any] = field(default_factory=dict)
    """What the maker wants to know again: where the content came from and how it was made."""


def write_manifest(folder: Path, details: Mapping[str, Any]) -> Manifest:
    """Record all files in `folder`, after flushing them to the disk. Written last: with it the folder is whole."""
    files: dict[str, FileRecord] = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST):
        with path.open("rb+") as handle:
            os.fsync(handle.fileno())
        stat = path.stat()
        files[path.relative_to(folder).as_posix()] = FileRecord(
            stat.st_size, stat.st_mtime_ns, sha256(path), _sample(path)
        )
    manifest = Manifest(files, dict(details))
    _save(folder, manifest)
    return manifest


def read_manifest(folder: Path) -> Manifest | None:
    """The folder's manifest; `None` if there is none that can be understood."""
    try:
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if document["format"] != FORMAT:
            return None
        files = {name: FileRecord(**record) for name, record in document["files"].items()}
        return Manifest(files, document["details"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def damage(folder: Path, *, thorough: bool = False) -> str:
    """What is wrong with `folder`, in a few words; empty if it is whole.

    The quick check reads `PAGES` pages a file; `thorough` reads everything.
    """
    manifest = read_manifest(folder)
    if manifest is None:
        return "its manifest is missing or unreadable"
    moved: dict[str, FileRecord] = {}
    for name, record in manifest.files.items():
        path = folder / name
        try:
            stat = path.stat()
            if stat.st_size != record.size:
                return f"{name} has {stat.st_size} bytes instead of {record.size}"
            if _sample(path) != record.sample:
                return f"{name} has changed"
            if thorough or stat.st_mtime_ns != record.modified_ns:
                if sha256(path) != record.sha256:
                    return f"{name} has changed"
                moved[name] = FileRecord(record.size, stat.st_mtime_ns, record.sha256, record.sample)
        except OSError as error:
            return f"{name} cannot be read ({error.strerror})"
    if any(moved[name] != manifest.files[name] for name in moved):
        # Copied, not damaged: note the new times, so that the next check is quick again, if we may write there.
        with suppress(OSError):
            _save(folder, Manifest({**manifest.files, **moved}, manifest.details))
    return ""


def sha256(path: Path) -> str:
    """SHA-256 of a whole file, as lower-case hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sample(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        last = max(size - PAGE, 0)
        for index in range(PAGES if last else 1):
            file.seek(last * index // (PAGES - 1) if last else 0)
            digest.update(file.read(PAGE))
    return digest.hexdigest()


def _save(folder: Path, manifest: Manifest) -> None:
    write_atomically(folder / MANIFEST, json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1).encode())
