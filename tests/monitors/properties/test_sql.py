import re

import pytest

from monitors import Document, MonitorError
from monitors.constraint import Constraint
from monitors.properties.sql import SqlMonitor
from monitors.schemas import Schema, schema_of_sql
from monitors.testing import constrain

SCHEMA = schema_of_sql("CREATE TABLE users (id INT, name TEXT); CREATE TABLE orders (user_id INT, total INT);")
OF_SHOP = schema_of_sql(
    "CREATE TABLE users (id INT, name TEXT); CREATE TABLE shop.orders (total INT);"
    "CREATE OR REPLACE FUNCTION shop.best_of(n INT) RETURNS SETOF shop.orders AS 'SELECT 1' LANGUAGE SQL;"
)


def found(
    text: str, prefix: str = "", suffix: str = '"\n', language: str = "python", schema: Schema = SCHEMA
) -> list[Constraint]:
    texts = [text[:i] for i in range(len(text) + 1)]
    return constrain(SqlMonitor(lambda: schema), Document("/w/x", language, prefix, suffix), texts=texts)


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
        'db.execute("UPDATE ',
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
        "COUNT(*) n, total t FROM orders GROUP BY t ORDER BY n DESC, t ASC ",
        "CASE WHEN total = 1 THEN 2 ELSE 3 END kind FROM orders ORDER BY kind DESC ",
        "* FROM generate_series(1, 10) g ",
        "key FROM JSON_EACH(?) ",
        "json_each.value FROM users, json_each(users.name) ",
        "id FROM users JOIN orders ON id = user_id WHERE total = 3 ",
        "* FROM ONLY users ",
        "* FROM users JOIN LATERAL (SELECT total FROM orders) x ON TRUE ",
        "* FROM users JOIN LATERAL unnest(name) x ON x > 1 ",
    ],
)
def test_what_is_right_stays(text: str) -> None:
    for constraint in found(text, '"SELECT '):
        assert allows(constraint, text[constraint.start :])


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM shop.orders ",
        "SELECT total FROM Shop.orders, users ",
        "SELECT * FROM best_of(3) ",
        "WITH t AS MATERIALIZED (SELECT id FROM users) SELECT * FROM t ",
        "WITH t AS NOT MATERIALIZED (SELECT id FROM users), u AS (SELECT 1) SELECT * FROM t JOIN u ",
        "UPDATE OR IGNORE users SET name = 'x' ",
        "MERGE INTO users USING orders ON id = total WHEN MATCHED THEN UPDATE SET name = 'x' ",
    ],
)
@pytest.mark.parametrize("prefix", ['q = "', 'db.execute("'])
def test_what_is_right_stays_in_statements_of_every_kind(text: str, prefix: str) -> None:
    assert [c for c in found(text, prefix, schema=OF_SHOP) if not allows(c, text[c.start :])] == []


def test_functions_and_namespaces_of_the_document_are_known_there() -> None:
    used = 'a = "SELECT * FROM rows_of(1)"\nb = "SELECT 1 FROM audit.log"\nq = "SELECT * FROM '
    made = 'a = "CREATE TABLE audit.log (x INT); CREATE FUNCTION rows_of(n INT) ..."\nq = "SELECT * FROM '
    for prefix in (used, made):
        (constraint,) = found("", prefix)
        assert allows(constraint, "rows_of(2)")
        assert allows(constraint, "audit.log")
        assert not allows(constraint, "other(2)")
        assert not allows(constraint, "other.log")


def test_messages_with_verbs_in_capitals_are_no_statements() -> None:
    for message in (
        "UPDATE available: 3 ",
        "DELETE items FROM disk ",
        "INSERT a coin FROM here ",
        "REPLACE it FROM stock ",
        "WITH love FROM us ",
        "MERGE requests FROM others ",
    ):
        assert found(message, 'print("') == []


def test_an_update_is_a_statement_once_it_sets_something() -> None:
    text = "UPDATE customers SET x "
    first = found(text, 'q = "')[0]
    assert first.start == len("UPDATE ")
    assert not allows(first, text[first.start :])
    assert all(allows(c, "users SET x ") for c in found("UPDATE users SET name = 1", 'q = "')[:1])


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
