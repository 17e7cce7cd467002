"""The tables of docs/models.md, written from the catalog: `python -m scripts.document_models` puts them there."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from models.catalog import HubSource, ModelEntry, PackagedSource, WheelSource, builtin_models
from models.catalog.catalog import family_tables
from models.catalog.entry import FimFormat
from models.prompting.layout import arrange
from models.prompting.prompt import Prompt, Snippet

PAGE = Path(__file__).resolve().parent.parent / "docs" / "models.md"


def main() -> None:
    """Write the tables into the page."""
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def updated(page: str) -> str:
    """The page with the tables as the catalog has them now."""
    for name, table in (("catalog", catalog_table()), ("families", family_table()), ("formats", format_examples())):
        pattern = rf"(<!-- {name}: .*? -->\n).*?(<!-- end of {name} -->)"
        page, count = re.subn(pattern, lambda found, table=table: found[1] + table + found[2], page, flags=re.DOTALL)
        if count != 1:
            raise SystemExit(f"docs/models.md has no place for the {name} table")
    return page


def catalog_table() -> str:
    """Every model of the catalog."""
    rows = [
        (
            f"`{entry.name}`",
            entry.description,
            _source(entry),
            f"{entry.context_length}",
            entry.family,
            entry.chat_template or "–",
            entry.licence,
        )
        for entry in builtin_models().values()
    ]
    return _table(("name", "what it is", "weights", "context", "family", "chat template", "licence"), rows)


def family_table() -> str:
    """Every family's special tokens."""
    rows: list[tuple[str, ...]] = []
    for name, table in family_tables().items():
        fim = FimFormat(**table["fim"]) if "fim" in table else None
        sentinels = " ".join(_code(mark) for mark in (fim.prefix, fim.suffix, fim.middle)) if fim else "–"
        separators = [_code(table.get(part, "")) for part in ("repository_separator", "file_separator")]
        rows.append(
            (f"`{name}`", fim.order.upper() if fim else "–", sentinels, *separators, _code(table.get("begin", "")))
        )
    return _table(("family", "order", "prefix, suffix, middle", "repository", "file", "begins with"), rows)


def format_examples() -> str:
    """One prompt in every format, as the model reads it."""
    prompt = Prompt("def area(", "):\n    return", "shape.py", "demo", (Snippet("unit.py", "CM = 0.01\n"),))
    shown: dict[str, str] = {}
    for entry in builtin_models().values():
        text = entry.begin + "".join(piece.content for piece in arrange(prompt, entry)) + entry.end
        shown.setdefault(text, entry.family)
    return "```text\n" + "\n".join(f"{family:15} {text!r}" for text, family in shown.items()) + "\n```\n"


def _source(entry: ModelEntry) -> str:
    match entry.source:
        case WheelSource(distribution=distribution, version=version):
            return f"`{distribution}=={version}` on the package index"
        case PackagedSource():
            return "ships with Dragoman"
        case HubSource(repository=repository):
            return f"`{repository}` on the hub"
        case _:
            raise SystemExit(f"{entry.name}: a model of the catalog ships, or comes from the index or the hub")


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', '&#124;') for cell in line)} |\n" for line in lines)


def _code(token: str) -> str:
    """A token as code; HTML, because a table's cell cannot hold `|` inside backticks."""
    if not token:
        return "–"
    return f"<code>{token.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</code>"


if __name__ == "__main__":
    main()
