"""The table of docs/settings.md, written from the settings themselves: `python -m scripts.document_settings`."""

import re
from pathlib import Path

from lsp_server.settings.schema import settings_table

PAGE = Path(__file__).resolve().parent.parent / "docs" / "settings.md"
PLACE = re.compile(r"(<!-- settings: .*? -->\n).*?(<!-- end of settings -->)", re.DOTALL)


def main() -> None:
    """Write the table into the page."""
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def updated(page: str) -> str:
    """The page with the table as the settings have it now."""
    return PLACE.sub(lambda found: f"{found[1]}{settings_table().strip()}\n{found[2]}", page)


if __name__ == "__main__":
    main()
