"""The tables and columns of a database, from SQL that creates them, a SQLite file, or a live PostgreSQL server."""

import re
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from monitors.errors import MonitorError
from monitors.text.calls import split_arguments
from monitors.text.lexicon import Lexicon, lexicon_of
from monitors.text.scanner import scan

_CREATE = re.compile(
    r"\bcreate\s+(?:(?:or\s+replace|global|local|temp|temporary|unlogged|materialized|virtual|external)\s+)*"
    r"(table|view|function)\s+(?:if\s+not\s+exists\s+)?((?:[\"`\[]?[\w$]+[\"`\]]?\s*\.\s*)*[\"`\[]?[\w$]+[\"`\]]?)",
    re.IGNORECASE,
)
_ADD_COLUMN = re.compile(
    r"\balter\s+table\s+(?:only\s+)?(?:if\s+exists\s+)?((?:[\"`]?\w+[\"`]?\.)*[\"`]?\w+[\"`]?)\s+add\s+"
    r"(?:column\s+)?(?:if\s+not\s+exists\s+)?[\"`]?(\w+)",
    re.IGNORECASE,
)
_NO_COLUMN = re.compile(
    r"\s*(?:(?:primary|foreign)\s+key|(?:unique|check|exclude|fulltext|spatial|constraint|like|period)\b"
    r"|(?:key|index)\s+[\w`\"]*\s*\()",
    re.IGNORECASE,
)
_COLUMN = re.compile(r"\s*[\"`\[]?([\w$]+)")
_SQL = lexicon_of("sql") or Lexicon("sql")


@dataclass(frozen=True)
class Schema:
    """Names in lower case, because SQL does not tell cases apart where names are not quoted."""

    tables: Mapping[str, frozenset[str] | None]
    """Table or view to its columns; `None` where they are not known."""
    namespaces: frozenset[str] = frozenset()
    """What may stand before a table and a dot, where it is known: `shop` of `shop.orders`."""
    functions: frozenset[str] = frozenset()
    """Functions that are defined there. Some of them may give tables."""

    def columns(self, tables: Iterable[str] | None = None) -> frozenset[str] | None:
        """The columns of some tables, or of all; `None` if those of one are not known."""
        chosen = [self.tables.get(table) for table in (self.tables if tables is None else tables)]
        if any(columns is None for columns in chosen):
            return None
        return frozenset(name for columns in chosen if columns is not None for name in columns)


def read_schema(sources: Iterable[str], root: Path) -> Schema:
    """All sources together: paths relative to `root`, or PostgreSQL addresses. Raises `MonitorError`."""
    parts = [
        _of_postgres(source) if re.match(r"postgres(?:ql)?://", source) else _of_file(root / source)
        for source in sources
    ]
    return Schema(
        {table: columns for part in parts for table, columns in part.tables.items()},
        frozenset(name for part in parts for name in part.namespaces),
        frozenset(name for part in parts for name in part.functions),
    )


def created(text: str) -> Schema:
    """What statements anywhere in `text` create, without the columns."""
    names = [(match.group(1).lower(), _parts(match.group(2))) for match in _CREATE.finditer(text)]
    return Schema(
        {parts[-1]: None for kind, parts in names if kind != "function"},
        frozenset(name for _, parts in names for name in parts[:-1]),
        frozenset(parts[-1] for kind, parts in names if kind == "function"),
    )


def schema_of_sql(text: str) -> Schema:
    """What a script of `CREATE TABLE`, `CREATE VIEW` and `ALTER TABLE ... ADD` makes."""
    literals = scan(_SQL, text).literals
    comments = [span for span in literals if text[span[0] : span[0] + 2] in ("--", "/*")]
    for start, end in reversed(comments):
        text = text[:start] + " " * (end - start) + text[end:]
    tables: dict[str, frozenset[str] | None] = {}
    for match in _CREATE.finditer(text):
        opening = re.compile(r"\s*\(").match(text, match.end())
        kind = match.group(1).lower()
        if kind != "function":
            known = _columns(text, opening.end()) if opening and kind == "table" else None
            tables[_parts(match.group(2))[-1]] = known
    for match in _ADD_COLUMN.finditer(text):
        table = _parts(match.group(1))[-1]
        tables[table] = (tables.get(table) or frozenset()) | {match.group(2).lower()} if tables.get(table) else None
    return replace(created(text), tables=tables)


def _columns(text: str, start: int) -> frozenset[str]:
    depth, position = 1, start
    for match in re.compile(r"[()]").finditer(text, start):
        depth += 1 if match.group() == "(" else -1
        if depth == 0:
            position = match.start()
            break
    found: set[str] = set()
    for part in split_arguments(_SQL, text[start:position]):
        column = _COLUMN.match(part)
        if column is not None and not _NO_COLUMN.match(part):
            found.add(column.group(1).lower())
    return frozenset(found)


def _parts(name: str) -> list[str]:
    """The names in `schema.table`, without quotes."""
    return re.sub(r"[\"`\[\]\s]", "", name).lower().split(".")


def _of_file(path: Path) -> Schema:
    try:
        with path.open("rb") as stream:
            is_database = stream.read(16) == b"SQLite format 3\x00"
        return Schema(_of_sqlite(path)) if is_database else schema_of_sql(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MonitorError(f"Cannot read the schema {path}: {error.strerror}", "Mend `monitors.schemas`.") from error
    except UnicodeDecodeError as error:
        raise MonitorError(f"{path} is neither SQL in UTF-8 nor a SQLite database", "Mend the file.") from error


def _of_sqlite(path: Path) -> Mapping[str, frozenset[str] | None]:
    """Read only, and without waiting for anyone who writes."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1.0)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
            return {
                name.lower(): frozenset(
                    column.lower()
                    for (column,) in connection.execute("SELECT name FROM pragma_table_xinfo(?)", (name,)).fetchall()
                )
                for (name,) in rows
            }
    except sqlite3.Error as error:
        raise MonitorError(f"Cannot read the database {path}: {error}", "Is it whole, and not locked?") from error


def _of_postgres(address: str) -> Schema:
    try:
        import psycopg
    except ImportError as error:
        raise MonitorError("A PostgreSQL schema needs psycopg", "Install the extra: dragoman[postgres].") from error
    query = (
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        " WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    tables: dict[str, set[str]] = {}
    namespaces: set[str] = set()
    try:
        with psycopg.connect(address, connect_timeout=3) as connection:
            for namespace, table, column in connection.execute(query).fetchall():
                namespaces.add(str(namespace).lower())
                tables.setdefault(str(table).lower(), set()).add(str(column).lower())
    except psycopg.Error as error:
        where = re.sub(r"//[^@/]*@", "//", address)
        raise MonitorError(f"Cannot read the schema of {where}: {error}".strip(), "Is the server running?") from error
    return Schema({table: frozenset(columns) for table, columns in tables.items()}, frozenset(namespaces))
