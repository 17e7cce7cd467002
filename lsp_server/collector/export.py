"""What was collected, as a telemetry store: what reports and replays read."""

from collections.abc import Callable, Set
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from pathlib import Path

from lsp_server.collector.database import Database
from lsp_server.telemetry.record import Record
from lsp_server.telemetry.serial import from_json
from lsp_server.telemetry.store import Store

_ID_CHARS = 32
"""As many as ids have elsewhere."""


def export_to(url: str, path: Path, on_batch: Callable[[float, str], None] = lambda _, __: None) -> int:
    """Copy all records into the store at `path`, in the place of earlier copies; how many are there then.

    A store knows records by their ids alone: one that several owners use becomes another for each. Raises `UserError`.
    """
    database = Database(url, create=False)
    copied = 0
    try:
        total = max(database.count(), 1)
        shared = database.shared_ids()
        with Store(path) as store:
            store.remove(shared)  # copies from when they were one owner's
            bodies = database.bodies()
            while batch := [_told_apart(from_json(body), owner, shared) for owner, body in islice(bodies, 500)]:
                store.put(batch)
                copied += len(batch)
                on_batch(copied / total, f"{copied:,} records")
            return len(store)
    finally:
        database.close()


def _told_apart(record: Record, owner: str, shared: Set[str]) -> Record:
    """The record with ids that no other owner has; what it refers to is taken for the same owner's."""

    def own(key: str) -> str:
        return sha256(f"{owner}\0{key}".encode()).hexdigest()[:_ID_CHARS] if key in shared else key

    decision = replace(record.decision, cached_from=own(record.decision.cached_from))
    replay = replace(record.replay, of=own(record.replay.of)) if record.replay is not None else None
    return replace(record, id=own(record.id), decision=decision, replay=replay)
