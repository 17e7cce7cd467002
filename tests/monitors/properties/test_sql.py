import re

import pytest

from monitors import Document, MonitorError
from monitors.constraint import Constraint
from monitors.properties.sql import SqlMonitor
from monitors.schemas import Schema, schema_of_sql
from monitors.testing import constrain

SCHEMA = schema_of_sql("CREATE TABLE users (id INT, name TEXT); CREATE TABLE orders (user_id INT, total INT);")


def found(text: str, prefix: str = "", suffix: str = '"\n', language: str = "python") -> list[Constraint]:
    texts = [text[:i] for i in range(len(text) + 1)]
    return constrain(SqlMonitor(lambda: SCHEMA), Document("/w/x", language, prefix, suffix), texts=texts)


def allows(constraint: Constraint, text: str) -> bool:
    pattern = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: f"\\U{int(m.group(1), 16):08x}", constraint.regex or "")
    return re.fullmatch(pattern, text) is not None


@pytest.mark.parametrize(
    "prefix",
    [
        'q = "SELECT * FROM ',
        'q = """\n  SELECT u.id\n  FROM users u JOIN ',
        "q = 'DELETE FROM ",
        'q = "INSERT INTO ',
        'q = "UPDATE ',
        'db.execute("select * from ',
        "q = `SELECT 1 FROM ",
    ],
)
def test_tables_that_there_are(prefix: str) -> None:
    language = "javascript" if "`" in prefix else "python"
    (constraint,) = found("", prefix, language=language)
    assert allows(constraint, "users WHERE")
    assert allows(constraint, "Orders")
    assert allows(constraint, "(SELECT 1)")
    assert not allows(constraint, "customers WHERE")
    assert not allows(constraint, "usersx ")


@pytest.mark.parametrize(
    ("prefix", "suffix", "columns"),
    [
        ('"SELECT u.', ' FROM users u"', {"id", "name"}),
        ('"SELECT * FROM orders AS o WHERE o.', '"', {"user_id", "total"}),
        ('"SELECT orders.', '"', {"user_id", "total"}),
        ('"SELECT x.', '"', {"id", "name", "user_id", "total"}),
    ],
)
def test_columns_of_the_table_that_is_meant(prefix: str, suffix: str, columns: set[str]) -> None:
    (constraint,) = found("", prefix, suffix)
    for name in ("id", "name", "user_id", "total", "email"):
        assert allows(constraint, name + " ") == (name in columns)


@pytest.mark.parametrize("text", ["email FROM", "id FROM users WHERE email = 1", "id, email, name"])
def test_columns_that_stand_alone(text: str) -> None:
    constraint = next(c for c in found(text + " ", '"SELECT ') if c.start == text.index("email"))
    assert not allows(constraint, "email ")
    assert allows(constraint, "name ")


@pytest.mark.parametrize(
    "text",
    [
        "name, count(*) AS n FROM users GROUP BY n ORDER BY n DESC ",
        "max(total) FROM orders WHERE user_id = 3 AND NOT total > 4 ",
        "DISTINCT u.name FROM users u WHERE u.id IN (1, 2) ",
        "CASE WHEN total = 1 THEN name ELSE id END FROM users, orders ",
        "EXTRACT(YEAR FROM total) FROM orders ",
        "name FROM users WHERE name = 'email, x = y' ",
    ],
)
def test_what_is_right_stays(text: str) -> None:
    for constraint in found(text, '"SELECT '):
        assert allows(constraint, text[constraint.start :])


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ('x = "Select one from ', ""),
        ('x = "FROM ', ""),
        ("# SELECT a FROM ", ""),
        ("SELECT = FROM ", ""),
        ('"WITH x AS (SELECT 1) SELECT ', "email "),
        ('f"SELECT ', "email FROM {table} "),
        ('old = "SELECT 1 FROM elsewhere"\nq = "SELECT 1 FROM ', ""),
    ],
)
def test_what_is_no_sql_or_not_known_is_left_alone(prefix: str, text: str) -> None:
    kept = [c for c in found(text, prefix) if not allows(c, text[c.start :] + "zzz ")]
    assert kept == []


def test_a_sql_file_is_watched_too() -> None:
    (constraint,) = found("", "CREATE TABLE a (b INT);\nSELECT * FROM ", ";\n", "sql")
    assert allows(constraint, "users;")
    assert not allows(constraint, "customers;")


def test_a_schema_that_cannot_be_read_forbids_nothing() -> None:
    def fail() -> Schema:
        raise MonitorError("no such file")

    assert constrain(SqlMonitor(fail), Document("/w/x", "python", 'q = "SELECT * FROM ')) == []
    assert constrain(SqlMonitor(None), Document("/w/x", "python", 'q = "SELECT * FROM ')) == []
