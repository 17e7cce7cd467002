"""A large file as numbered parts with the SHA-256 of the whole, for what carries only small files: a repository, a slow
wire.
"""

import hashlib
import json
from pathlib import Path

from models.errors import ModelError

MANIFEST = "parts.json"


def split(source: Path, folder: Path, limit: int) -> list[Path]:
    """Cut `source` into files of at most `limit` bytes; parts.json beside them says how to put it together again."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = hashlib.sha256()
    parts: list[Path] = []
    with source.open("rb") as file:
        while block := file.read(limit):
            whole.update(block)
            parts.append(folder / f"{source.name}.{len(parts):03}")
            parts[-1].write_bytes(block)
    manifest = {"name": source.name, "sha256": whole.hexdigest(), "parts": [part.name for part in parts]}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return parts


def join(folder: Path, target: Path, sha256: str = "") -> Path:
    """Put the parts together at `target`, and return it.

    Raises `ModelError` when a part is missing, or the sum is not what was cut or, where given, not `sha256`.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{folder / MANIFEST} cannot be read ({error}).", "Fetch the folder again.") from error
    missing = [name for name in manifest["parts"] if not (folder / name).is_file()]
    if missing:
        raise ModelError(f"{folder}: parts missing: {', '.join(missing)}.", "Fetch them again.")
    whole = hashlib.sha256()
    partial = target.with_suffix(target.suffix + ".partial")
    with partial.open("wb") as file:
        for name in manifest["parts"]:
            block = (folder / name).read_bytes()
            whole.update(block)
            file.write(block)
    if whole.hexdigest() != (sha256 or manifest["sha256"]):
        partial.unlink()
        raise ModelError(f"{folder}: the parts do not add up to {manifest['name']}.", "Fetch them again.")
    partial.replace(target)
    return target
