"""A recorded request, wherever it was recorded, and what is needed to ask it again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsp_server.completion.trigger_point import CHARACTERS, WORDS
from lsp_server.errors import UserError
from lsp_server.evaluation.cases import Case
from lsp_server.languages import language_for
from lsp_server.telemetry.parquet import MAGIC as PARQUET_MAGIC
from lsp_server.telemetry.parquet import read_parquet
from lsp_server.telemetry.record import Candidate, Generation, Record, TriggerPointKind

SQLITE_MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True)
class Recorded:
    """A record, and its request as a case."""

    record: Record
    case: Case | None
    """`None` where the code around the cursor was not recorded, so that nobody can ask again."""


def open_source(path: Path) -> Iterator[Recorded]:
    """All that `path` holds, in an order that does not change. Raises `UserError`, also in the middle of a file.

    A file is a store, Parquet or JSON Lines: an export of ours, evaluation cases with or without predictions, or
    Code4Me's records. A folder holds Code4Me's: a file a completion, or the tables of its second generation as CSV.
    """
    from lsp_server.telemetry.sources import code4me, code4me2, jsonl

    if path.is_dir():
        return code4me2.read_tables(path) if code4me2.has_tables(path) else code4me.read_folder(path)
    try:
        with path.open("rb") as file:
            head = file.read(len(SQLITE_MAGIC))
    except OSError as error:
        hint = "Give a telemetry store, a JSON Lines file, or a folder of Code4Me records."
        raise UserError(f"{path} cannot be read: {error.strerror}", hint) from error
    if head.startswith(PARQUET_MAGIC):
        return map(recorded, read_parquet(path))
    return _stored(path) if head == SQLITE_MAGIC else jsonl.read_lines(path)


def _stored(path: Path) -> Iterator[Recorded]:
    from lsp_server.telemetry.store import Store

    with Store(path, create=False) as store:
        for record in store:
            yield recorded(record)


def recorded(record: Record) -> Recorded:
    """A record of ours with its request as a case, if its code is there."""
    request = record.request
    if request.prefix is None or request.suffix is None:
        return Recorded(record, None)
    expected = next((truth.line for truth in record.truths if truth.line), "")
    case = Case(record.id, request.language, expected, request.prefix, request.suffix, trigger=request.trigger_point)
    return Recorded(record, case)


def language_id(name: str) -> str:
    """The id of a language as another program spells it; its own word in lower case where we do not know it."""
    return language_for(name).id or name.strip().lower() or "other"


def trigger_of(point: str | None, *, by_key: bool = False) -> tuple[TriggerPointKind, str]:
    """Kind and spelling of a trigger point of the Code4Me study."""
    spelled = (point or "").strip()
    if by_key:
        return "manual", ""
    if spelled in WORDS:
        return "word", spelled
    return ("character", spelled) if spelled in CHARACTERS else ("idle", "")


def generation_of(model: str, texts: Sequence[str], *, total_ms: float | None = None) -> Generation:
    """What another program's model said, with ids by which an outcome can name it."""
    candidates = tuple(
        Candidate(
            id=f"{model}:{index}" if text.strip() else "",
            text=text,
            suggestion=text if text.strip() else None,
            chars=len(text),
            suggestion_chars=len(text) if text.strip() else None,
            suggestion_lines=text.count("\n") + 1 if text.strip() else None,
        )
        for index, text in enumerate(texts)
    )
    stages = {} if total_ms is None else {"total": total_ms}
    return Generation(model=model, stages_ms=stages, candidates=candidates)


Reader = Callable[[Path], Iterator[Recorded]]
