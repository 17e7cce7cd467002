"""All records of all sources as one table: stores in parts, side by side on the cores; other sources in one go."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from lsp_server.errors import UserError
from lsp_server.report import reading
from lsp_server.report.configurations import told_apart
from lsp_server.report.observations import Gatherer, Table, merged
from lsp_server.report.repeats import counted_once
from models.backends.cores import physical_cores

PART = 20_000
"""Records that a worker reads at a time."""
FULLY_SCORED = 60_000
"""Up to so many records all scores are worked out for each; of more, BLEU-4, METEOR, ROUGE-L and faults for a random
sample of about this size."""


def gather(paths: Sequence[Path], on_part: Callable[[float], None] = lambda _: None) -> tuple[Table, float]:
    """The table, and the share of requests whose slower scores are in it. Raises `UserError`."""
    stores = [path for path in paths if reading.is_store(path)]
    total = sum(map(reading.count, stores))
    sample = min(1.0, FULLY_SCORED / max(total, 1))
    tables: list[Table] = []
    for path in paths:
        if path not in stores:
            gatherer = Gatherer(sample)
            for row in reading.read(path):
                gatherer.add(row)
            tables.append(gatherer.finish())
    parts = [(path, *bounds) for path in stores for bounds in reading.parts_of(path, PART)]
    if len(parts) <= 1:
        tables += [_gather_part(*part, sample) for part in parts]
    else:
        workers = min(physical_cores(), len(parts))
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            running = [pool.submit(_gather_part, *part, sample) for part in parts]
            for done, future in enumerate(running, start=1):
                tables.append(future.result())
                on_part(done / len(parts))
    table = merged(tables)
    if not len(table):
        raise UserError("There are no records in it.", "Record some with telemetry.consent, or replay some.")
    return told_apart(counted_once(table)), sample


def _gather_part(path: Path, first: int, last: int, sample: float) -> Table:
    gatherer = Gatherer(sample)
    for row in reading.read_part(path, first, last):
        gatherer.add(row)
    return gatherer.finish()
