"""What was collected, as a telemetry store: what reports and replays read."""

from collections.abc import Callable
from itertools import islice
from pathlib import Path

from lsp_server.collector.database import Database
from lsp_server.telemetry.serial import from_json
from lsp_server.telemetry.store import Store


def export_to(url: str, path: Path, on_batch: Callable[[float, str], None] = lambda _, __: None) -> int:
    """Copy all records into the store at `path`, in the place of earlier copies; how many. Raises `UserError`."""
    database = Database(url, create=False)
    copied = 0
    try:
        total = max(database.count(), 1)
        with Store(path) as store:
            bodies = database.bodies()
            while batch := [from_json(body) for _, body in islice(bodies, 500)]:
                store.put(batch)
                copied += len(batch)
                on_batch(copied / total, f"{copied:,} records")
    finally:
        database.close()
    return copied
