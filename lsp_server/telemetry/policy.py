"""What a consent lets through. Applied to a whole record before it reaches the disk, a log or the wire.

Which fields hold code is written at the fields themselves (`record.code`); there is no second list to forget one in.
"""

import dataclasses
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from lsp_server.telemetry.record import Consent, Record
from lsp_server.telemetry.redaction import Redactor

Part = TypeVar("Part")


def permitted(record: Record, consent: Consent, redactor: Redactor) -> Record | None:
    """What of a record may be kept under a consent; `None` under `off`. Code keeps its length, its secrets do not stay.

    Raises whatever `redactor` does: then nothing may be kept.
    """
    if consent == "off":
        return None
    if consent == "metrics":
        return dataclasses.replace(_with_code(record, lambda _: None), consent=consent)
    texts = list(code_in(record))
    masked = redactor.mask([text for text in texts if text], around=_around(record))
    replacement = dict(zip([text for text in texts if text], masked, strict=True))
    return dataclasses.replace(_with_code(record, lambda text: replacement.get(text, text)), consent=consent)


def code_in(part: Any) -> list[str]:
    """Every text of the user's in a record, each once."""
    found: dict[str, None] = {}
    _with_code(part, lambda text: found.setdefault(text))
    return list(found)


def _around(record: Record) -> tuple[str, str]:
    """The line before and after the cursor: a secret may be half typed, and half completed."""
    before, after = record.request.prefix or "", record.request.suffix or ""
    return before.rpartition("\n")[2], after.partition("\n")[0]


def _with_code(part: Part, change: Callable[[str], str | None]) -> Part:
    """A copy of a data class in which `change` was made to every text of the user's."""
    fields: dict[str, Any] = {}
    for name, is_code in _fields(type(part)):
        value = getattr(part, name)
        if is_code:
            fields[name] = None if value is None else change(value)
        elif dataclasses.is_dataclass(value):
            fields[name] = _with_code(value, change)
        elif isinstance(value, tuple) and value and dataclasses.is_dataclass(value[0]):
            fields[name] = tuple(_with_code(item, change) for item in value)
    return dataclasses.replace(part, **fields) if fields else part  # pyright: ignore[reportArgumentType, reportCallIssue]


@cache
def _fields(kind: type) -> tuple[tuple[str, bool], ...]:
    return tuple((field.name, bool(field.metadata.get("code"))) for field in dataclasses.fields(kind))
