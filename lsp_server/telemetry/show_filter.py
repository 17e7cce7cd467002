"""A small learned model that says whether a suggestion is worth a glance: logistic regression, its weights in a file of
JSON that a person can read.

Serving needs nothing but these numbers: a score takes some microseconds.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from lsp_server.errors import UserError
from lsp_server.telemetry.features import NAMES, features
from lsp_server.telemetry.record import Record
from models.atomic import write_atomically
from models.folders import folder

KIND = "dragoman show filter"


@dataclass(frozen=True)
class ShowFilter:
    """The chance of acceptance by features."""

    weights: tuple[float, ...]
    """One for each of `NAMES`, of features as they are (not scaled)."""
    bias: float
    threshold: float
    """The least chance that is shown."""

    @property
    def name(self) -> str:
        """Hash of all that decides."""
        return sha256(json.dumps([self.weights, self.bias, self.threshold]).encode()).hexdigest()[:16]

    def score(self, record: Record) -> float | None:
        """The chance that a record's suggestion is accepted; `None` where there is none to judge."""
        values = features(record)
        return None if values is None else self.chance(values)

    def chance(self, values: Sequence[float]) -> float:
        logit = self.bias + sum(weight * value for weight, value in zip(self.weights, values, strict=True))
        return 1 / (1 + math.exp(-logit)) if logit > -700 else 0.0


def default_filter_path() -> Path:
    """Where this machine's filter is."""
    return folder("data") / "show-filter.json"


def save_filter(path: Path, trained: ShowFilter, report: dict[str, Any]) -> None:
    """Write weights by feature, and how they were judged. Raises `UserError`."""
    content = {
        "kind": KIND,
        "threshold": trained.threshold,
        "bias": trained.bias,
        "weights": dict(zip(NAMES, trained.weights, strict=True)),
        "report": report,
    }
    try:
        write_atomically(path, json.dumps(content, indent=1).encode() + b"\n")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.", "Give another --out.") from error


def load_filter(path: Path) -> ShowFilter:
    """The filter in a file. Features that the file does not name have no weight. Raises `UserError`."""
    hint = "Make one with `dragoman telemetry train-filter`."
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["kind"] != KIND:
            raise ValueError("it is of another kind")
        weights = content["weights"]
        unknown = set(weights) - set(NAMES)
        if unknown:
            raise ValueError(f"it knows features that we do not: {sorted(unknown)[0]}")
        return ShowFilter(
            tuple(float(weights.get(name, 0.0)) for name in NAMES), float(content["bias"]), float(content["threshold"])
        )
    except FileNotFoundError:
        raise UserError(f"There is no show filter at {path}.", hint) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"The show filter {path} cannot be read: {error}.", hint) from error
