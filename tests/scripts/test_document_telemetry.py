"""docs/telemetry.md says what the record has."""

import dataclasses

from lsp_server.telemetry import GroundTruth, Record, Request
from scripts.document_telemetry import PAGE, updated


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert updated(page) == page, "run `python -m scripts.document_telemetry`"


def test_every_field_is_described() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for kind in (Record, Request, GroundTruth):
        for field in dataclasses.fields(kind):
            assert f"| `{field.name}` | `{'context' if field.metadata.get('code') else 'metrics'}` | " in page
