import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from monitors import MonitorError
from monitors.schemas import read_schema, schema_of_sql

SCRIPT = """
-- CREATE TABLE commented (x INT);
CREATE TABLE IF NOT EXISTS "Users" (
    id INTEGER PRIMARY KEY,       -- the key
    `name` VARCHAR(20) NOT NULL DEFAULT 'a, b',
    price NUMERIC(10, 2) CHECK (price > 0),
    PRIMARY KEY (id),
    CONSTRAINT one UNIQUE (name)
);
create temp table shop.orders (user_id int references "Users" (id), total int);
ALTER TABLE shop.orders ADD COLUMN paid_at TIMESTAMP;
CREATE VIEW rich AS SELECT * FROM "Users";
CREATE TABLE copied AS SELECT 1;
CREATE OR REPLACE FUNCTION shop.best_of(n INT) RETURNS SETOF copied AS 'SELECT 1' LANGUAGE SQL;
"""


def test_tables_and_columns_of_a_script() -> None:
    assert schema_of_sql(SCRIPT).tables == {
        "users": {"id", "name", "price"},
        "orders": {"user_id", "total", "paid_at"},
        "rich": None,
        "copied": None,
    }
    assert schema_of_sql(SCRIPT).namespaces == {"shop"}
    assert schema_of_sql(SCRIPT).functions == {"best_of"}


def test_a_database_is_read_and_not_written(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            "CREATE TABLE Users (Id INTEGER, name TEXT); CREATE VIEW names AS SELECT name FROM Users"
        )
    before = path.read_bytes()
    schema = read_schema(["shop.db"], tmp_path)
    assert schema.tables == {"users": {"id", "name"}, "names": {"name"}}
    assert path.read_bytes() == before


def test_sources_are_taken_together(tmp_path: Path) -> None:
    (tmp_path / "a.sql").write_text("CREATE TABLE a (x INT);")
    (tmp_path / "b.sql").write_text("CREATE TABLE z.b (y INT); CREATE FUNCTION f() RETURNS INT AS 'SELECT 1';")
    schema = read_schema(["a.sql", "b.sql"], tmp_path)
    assert (schema.namespaces, schema.functions) == ({"z"}, {"f"})
    assert schema.columns() == {"x", "y"}
    assert schema.columns(["b"]) == {"y"}
    assert schema_of_sql(SCRIPT).columns() is None


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "odd.sql").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "broken.db").write_bytes(b"SQLite format 3\x00" + b"x" * 600)
    for source, said in [("none.sql", "Cannot read"), ("odd.sql", "neither"), ("broken.db", "database")]:
        with pytest.raises(MonitorError, match=said):
            read_schema([source], tmp_path)


@pytest.mark.slow
def test_a_live_database_is_asked(postgres: str, tmp_path: Path) -> None:
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE Shelves (id INTEGER, label TEXT)")
        connection.execute("CREATE VIEW labels AS SELECT label FROM Shelves")
    try:
        schema = read_schema([postgres], tmp_path)
        assert (schema.tables["shelves"], schema.tables["labels"]) == ({"id", "label"}, {"label"})
        assert "public" in schema.namespaces
    finally:
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute("DROP TABLE Shelves CASCADE")


def test_a_database_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(MonitorError, match="Cannot read the schema") as raised:
        read_schema(["postgresql://me:secret@127.0.0.1:9/none"], tmp_path)
    assert "secret" not in raised.value.message
