"""The tables of docs/telemetry.md, written from the record's classes: `python -m scripts.document_telemetry`."""

import re
from pathlib import Path

from lsp_server.telemetry.schema import field_tables

PAGE = Path(__file__).resolve().parent.parent / "docs" / "telemetry.md"
PLACE = re.compile(r"(<!-- fields: .*? -->\n).*?(<!-- end of fields -->)", re.DOTALL)


def main() -> None:
    """Write the tables into the page."""
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def updated(page: str) -> str:
    """The page with the tables as the classes have them now."""
    return PLACE.sub(lambda found: f"{found[1]}{field_tables().strip()}\n{found[2]}", page)


if __name__ == "__main__":
    main()
