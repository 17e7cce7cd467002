"""A large file as numbered parts of a limited size with their SHA-256, for ways that carry only small files.

python -m scripts.train.parts split FILE FOLDER --megabytes 15
python -m scripts.train.parts join FOLDER FILE
"""

import argparse
import hashlib
import json
from pathlib import Path


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
    (folder / "parts.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return parts


def join(folder: Path, target: Path) -> None:
    """Put the parts together. Raises `ValueError` when one is missing or the sum is not what was cut."""
    manifest = json.loads((folder / "parts.json").read_text(encoding="utf-8"))
    missing = [name for name in manifest["parts"] if not (folder / name).exists()]
    if missing:
        raise ValueError(f"{folder}: parts missing: {', '.join(missing)}")
    whole = hashlib.sha256()
    partial = target.with_suffix(target.suffix + ".partial")
    with partial.open("wb") as file:
        for name in manifest["parts"]:
            block = (folder / name).read_bytes()
            whole.update(block)
            file.write(block)
    if whole.hexdigest() != manifest["sha256"]:
        raise ValueError(f"{folder}: the parts do not add up to the file that was cut; fetch them again")
    partial.replace(target)


def main() -> None:
    parser = argparse.ArgumentParser(description="Cut a file into parts, or join them.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    cutting = verbs.add_parser("split")
    cutting.add_argument("source", type=Path)
    cutting.add_argument("folder", type=Path)
    cutting.add_argument("--megabytes", type=float, default=15)
    joining = verbs.add_parser("join")
    joining.add_argument("folder", type=Path)
    joining.add_argument("target", type=Path)
    arguments = parser.parse_args()
    if arguments.verb == "split":
        split(arguments.source, arguments.folder, int(arguments.megabytes * 1e6))
    else:
        join(arguments.folder, arguments.target)


if __name__ == "__main__":
    main()
