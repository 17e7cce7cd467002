"""Reports on disk: where their figures come from, and writing them whole or not at all."""

import json
import os
import platform
import shlex
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from lsp_server.errors import UserError
from lsp_server.evaluation.scoring import Json
from models.atomic import write_atomically

_DISTRIBUTIONS = (
    "dragoman",
    "numpy",
    "onnxruntime",
    "onnxruntime-gpu",
    "tokenizers",
    "llguidance",
    "transformers",
    "torch",
)


def provenance(cases: Path, seed: int) -> Json:
    """What was run on what, when and with which versions: enough to run it again."""
    return {
        "command": shlex.join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "file": cases.name,
        "file_sha256": sha256(cases.read_bytes()).hexdigest(),
        "seed": seed,
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "versions": {name: found for name in _DISTRIBUTIONS if (found := _version(name))},
    }


def check_writable(path: Path) -> None:
    """Raise `UserError` now rather than after hours of work."""
    if path.is_dir():
        raise UserError(f"{path} is a folder", "Give --out the name of a file.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{path.parent} cannot be made: {error.strerror}", "Give --out another path.") from error
    if not os.access(path.parent, os.W_OK):
        raise UserError(f"{path.parent} cannot be written to", "Give --out another path.")


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """Write indented JSON in ASCII; a reader never sees half of it. Raises `UserError`."""
    try:
        write_atomically(path, to_json(report).encode())
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}", "Give --out another path.") from error


def to_json(report: Mapping[str, Any]) -> str:
    return json.dumps(report, indent=2) + "\n"


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return ""
