"""SQL in strings names tables and columns that the database has.

Source of the need: *Lyra*'s turducken code: models invent columns freely. The schema comes from
files or a live database (`monitors/schemas.py`). Works in SQL files, and in the strings of any language whose lexicon
is known; needs no analyser.
"""

import re
import threading
import time
from collections.abc import Callable, Iterable
from functools import lru_cache

from monitors.analysis.analyser import Analyser
from monitors.constraint import WORD_ENDS, escape, forbidding
from monitors.document import View
from monitors.errors import AnalysisFailed, MonitorError
from monitors.monitor import Answer, Monitor, Trigger
from monitors.schemas import Schema, created
from monitors.text.expressions import line_start
from monitors.text.lexicon import Lexicon, lexicon_of
from monitors.text.scanner import scan

_SQL = lexicon_of("sql") or Lexicon("sql")
_VERB = re.compile(r"\s*(?:SELECT|INSERT|UPDATE|DELETE|REPLACE|MERGE|WITH)\b", re.IGNORECASE)
_STATEMENT = re.compile(
    r"\s*(?:SELECT\b|(?:INSERT|REPLACE|MERGE)\s+(?:[A-Z]+\s+){0,2}INTO\b|DELETE\s+FROM\b|UPDATE\s[^;]{1,200}?\sSET\b"
    r"|WITH\s+(?:RECURSIVE\s+)?[\w\"`]+\s*(?:\([^()]*\)\s*)?AS\b)"
)
"""How a statement begins that nobody says is one: messages have verbs in capitals too (`"UPDATE available"`)."""
_TAKES_SQL = re.compile(r"(?:execute\w*|query\w*|prepare\w*|raw|sql|text)\s*[(=]\s*[rbuf]*\Z", re.IGNORECASE)
_TABLE = re.compile(r"(?<!\w)(?:FROM|JOIN|INSERT\s+INTO|REPLACE\s+INTO|UPDATE)\s+(?:ONLY\s+)?", re.IGNORECASE)
_NO_TABLE = re.compile(r"\b(?:FOR|ON|DO|DISTINCT|KEY|THEN)\s+\Z", re.IGNORECASE)
_QUALIFIED = re.compile(r"(?<![\w.])([^\W\d]\w*)\.(?=[^\W\d]?)")
_BARE = re.compile(
    r"(?:\b(?:SELECT|WHERE|AND|OR|ON|SET|BY|HAVING|DISTINCT|NOT|WHEN|THEN|ELSE|BETWEEN)\s+|[,(=<>+*/]\s*)"
    r"([^\W\d]\w*)(?=\s*[,)=<>!+\-;]|\s+[A-Z])",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"(?<!\w)(?:FROM|JOIN|INTO|UPDATE|USING|,)\s+(?:ONLY\s+)?(?:[\"`]?\w+[\"`]?\.)?[\"`]?([^\W\d]\w*)[\"`]?"
    r"(?:(?=\s+(?:AS\s+)?([^\W\d]\w*)))?",  # not consumed: it may be the `JOIN` before the next table
    re.IGNORECASE,
)
_USED = re.compile(r"(?<!\w)(?:FROM|JOIN|INTO)\s+([a-zA-Z_]\w*)\b(?!\s*[(.])")
_SCHEMA = re.compile(r"(?i:\b(?:FROM|JOIN|INTO|UPDATE))\s+([^\W\d]\w*)\.")
_CALLED = re.compile(r"\b(?:FROM|JOIN)\s+(?:LATERAL\s+)?([^\W\d]\w*)\s*\(", re.IGNORECASE)
_ALIAS = re.compile(r"\bAS\s+[\"`]?(\w+)", re.IGNORECASE)
_BARE_ALIAS = re.compile(r"(\w+|[)\]\"'`])\s+[\"`]?([^\W\d]\w*)[\"`]?(?=\s*,|\s+FROM\b)", re.IGNORECASE)
_FUNCTIONS = re.findall(
    r"\w+",
    """generate_series generate_subscripts unnest json_each json_tree jsonb_each json_each_text jsonb_each_text
    json_array_elements jsonb_array_elements json_array_elements_text jsonb_array_elements_text json_object_keys
    jsonb_object_keys json_to_record jsonb_to_record json_to_recordset jsonb_to_recordset json_populate_record
    jsonb_populate_record json_populate_recordset jsonb_populate_recordset jsonb_path_query json_table xmltable openjson
    regexp_matches regexp_split_to_table string_to_table string_split crosstab dblink carray flatten""",
)
"""Functions of databases that give tables."""
_MADE_HERE = re.compile(
    r"\bWITH\b|\bLATERAL\b|\b(?:FROM|JOIN)\s*(?:[^\W\d]\w*\s*)?\(|[{}]|%\w|\$\w"
    rf"|(?<!\w)(?:{'|'.join(_FUNCTIONS)})\b",
    re.IGNORECASE,
)
"""Tables that the statement makes itself, or that are put in from outside: then columns are not judged."""
_VALUES = re.findall(
    r"\w+",
    """true false null rowid oid excluded new old sysdate dual century decade year quarter month week day hour minute
    second dow doy epoch isodow isoyear millisecond microsecond timezone both leading trailing nothing""",
)
"""Words that the grammar does not list and that stand for no column."""
_CATALOGS = "(?i:sqlite_|pg_|information_schema|dual|main\\.|public\\.|temp\\.)"
"""How tables begin that every database has, and the names of usual schemas."""
_BEFORE_TABLES = "(?i:only|lateral|or|rows|table)[\\s(]"
"""Words that may stand before a table, or before what gives one (`UPDATE OR IGNORE users`)."""
_ENDS = frozenset({"end", "true", "false", "null"})
"""Words of SQL's own that end a value."""
_TOO_OLD_S = 60.0


class SqlMonitor(Monitor):
    """Tables after `FROM` and the like, columns after `table.`, and columns that stand alone."""

    name = "sql"
    languages = frozenset[str]()
    works_long = True

    def __init__(self, read: Callable[[], Schema] | None) -> None:
        """`read` reads the schema, at the first use and again when it has become old; without it there is none."""
        self._read = read
        self._lock = threading.Lock()
        self._schema: Schema | None = None
        self._read_at = 0.0

    def pre(self, view: View) -> Iterable[Trigger]:
        begin = self._statement_start(view) if self._read is not None else None
        if begin is None:
            return
        statement = view.text[begin:]
        since = max(view.since - begin, 0)
        for match in _TABLE.finditer(statement, max(0, since - 20)):
            if not _NO_TABLE.search(statement, 0, match.start()) and not _in_call(statement[: match.start()]):
                yield Trigger(begin + match.end(), True, "table")
        for match in _QUALIFIED.finditer(statement, since):
            yield Trigger(begin + match.end(), True, "." + match.group(1))
        for match in _BARE.finditer(statement, max(0, since - 20)):
            if begin + match.end(1) > view.cursor and _in_sql_code(statement, match.start(1)):
                yield Trigger(begin + match.end(1), True, "=" + match.group(1))

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        schema = self._known()
        begin = self._statement_start(view)
        if begin is None:
            return Answer(reason="not in a statement")
        statement = view.text[begin:]
        used = {name for name in _used_tables(view) if not re.match(_CATALOGS, name)}
        known = created(view.document.prefix + view.document.suffix)
        here = _made(statement) | set(known.tables)
        unknown = used - set(schema.tables) - here
        if unknown:
            return Answer(reason=f"the document also uses the table {min(unknown)}")
        if trigger.detail == "table":
            namespaces, functions = schema.namespaces | known.namespaces, schema.functions | known.functions
            return Answer(regex=_words(set(schema.tables) | here, _otherwise(view, namespaces, functions)))
        whole = statement + _rest_of_statement(view)
        if _MADE_HERE.search(whole) or any(name in whole.lower() for name in here - set(schema.tables)):
            return Answer(reason="the statement uses tables that are made here")
        sources = _sources(whole, schema)
        if trigger.detail.startswith("."):
            tables = {sources[q]} if (q := trigger.detail[1:].lower()) in sources else None
            columns = schema.columns(tables) if tables or q not in schema.tables else schema.columns({q})
            if not columns:
                return Answer(reason="nothing known of that table's columns")
            return Answer(regex=_words(columns | set(schema.tables), r"[*\"`\[{%]"))
        if not sources and _may_have_holes(view):
            return Answer(reason="the tables are still to come, perhaps from outside")
        columns = schema.columns(set(sources.values()) or None)
        if columns is None or not columns:
            return Answer(reason="nothing known of these tables' columns")
        word = trigger.detail[1:]
        if word.lower() in columns | set(sources) | set(schema.tables) | _aliases(whole) | _keywords():
            return Answer()
        return Answer(regex=forbidding([word]), start=trigger.start - len(word))

    def _known(self) -> Schema:
        with self._lock:
            if self._read is None:
                raise AnalysisFailed("no schema is set")
            if self._schema is None or time.monotonic() - self._read_at > _TOO_OLD_S:
                try:
                    self._schema = self._read()
                except MonitorError as error:
                    raise AnalysisFailed(f"{error.message} {error.hint}") from error
                self._read_at = time.monotonic()
            return self._schema

    @staticmethod
    def _statement_start(view: View) -> int | None:
        """Where the statement begins that is being written; `None` where none is."""
        if view.language == "sql":
            begin = view.text.rfind(";", 0, view.cursor) + 1
            return begin if view.in_code(len(view.text)) and _VERB.match(view.text, begin) else None
        frames = view.scan_at(len(view.text)).frames
        if not frames or frames[-1].kind != "string":
            return None
        begin = frames[-1].offset + len(frames[-1].opening)
        if _STATEMENT.match(view.text, begin):
            return begin
        before = view.text[line_start(view.text, frames[-1].offset) : frames[-1].offset]
        return begin if _TAKES_SQL.search(before) and _VERB.match(view.text, begin) else None


def _words(words: Iterable[str], otherwise: str) -> str:
    """One of these words in either case, or something that is no plain name."""
    alternatives = "|".join(escape(word) for word in sorted(words))
    return f"(?:(?i:{alternatives})(?:{WORD_ENDS}(?s:.*))?|{otherwise}(?s:.*))"


def _otherwise(view: View, namespaces: Iterable[str], functions: Iterable[str]) -> str:
    """What may stand for a table besides its name: brackets, quotes, holes, and namespaces and functions that are
    known, or that the document uses.
    """
    document = view.document.prefix + view.document.suffix
    called = "|".join(map(escape, sorted({*_FUNCTIONS, *functions, *_CALLED.findall(document)})))
    before = "|".join(map(escape, sorted({*namespaces, *_SCHEMA.findall(document)})))
    named = rf"|(?i:{before})\." if before else ""
    return rf"(?:[(\"`\[{{%?:$\s]|{_CATALOGS}|{_BEFORE_TABLES}|(?i:{called})\s*\({named})"


def _in_call(before: str) -> bool:
    """Whether a bracket is open that no query begins in, as in `EXTRACT(YEAR FROM ...)`."""
    brackets = scan(_SQL, before).brackets
    return bool(brackets) and _VERB.match(before, brackets[-1].offset + 1) is None


def _in_sql_code(statement: str, offset: int) -> bool:
    return scan(_SQL, statement[:offset]).in_code


def _rest_of_statement(view: View) -> str:
    """The suffix up to the end of the string, or of the statement in an SQL file."""
    suffix = view.document.suffix
    if view.language == "sql":
        return suffix.partition(";")[0]
    frames = view.scan_at(len(view.text)).frames
    return suffix.partition(frames[-1].closing)[0] if frames else ""


def _may_have_holes(view: View) -> bool:
    """Whether the string is one into which values can be put."""
    frames = view.scan_at(len(view.text)).frames
    return bool(frames) and frames[-1].quote is not None and frames[-1].quote.hole is not None


def _sources(statement: str, schema: Schema) -> dict[str, str]:
    """Tables of a statement and their aliases, each with the table that it stands for."""
    found: dict[str, str] = {}
    for match in _SOURCE.finditer(statement):
        table, alias = match.group(1).lower(), (match.group(2) or "").lower()
        if table in schema.tables:
            found[table] = table
            if alias and alias not in _keywords():
                found[alias] = table
    return found


def _made(statement: str) -> set[str]:
    """Names that a `WITH` gives to its queries."""
    return {
        name.lower()
        for name in re.findall(
            r"(?:\bWITH\s+(?:RECURSIVE\s+)?|,\s*)(\w+)\s*(?:\([^()]*\)\s*)?AS\s*(?:(?:NOT\s+)?MATERIALIZED\s*)?\(",
            statement,
            re.IGNORECASE,
        )
    }


def _aliases(statement: str) -> set[str]:
    """Names that a statement gives to its columns, with `AS` or, after a value, without."""
    plain = {name for before, name in _BARE_ALIAS.findall(statement) if before.lower() not in _keywords() - _ENDS}
    return {name.lower() for name in (*_ALIAS.findall(statement), *plain)}


def _used_tables(view: View) -> set[str]:
    """Tables that other statements of the document name, in capitals as programmers write SQL."""
    around = view.document.prefix[-20_000:] + view.document.suffix[:20_000]
    outside = "\n".join(
        line for line in around.split("\n") if not line.lstrip().startswith(("#", "//", "from ", "import "))
    )
    return {name.lower() for name in _USED.findall(outside) if name.lower() not in _keywords()}


@lru_cache(maxsize=1)
def _keywords() -> frozenset[str]:
    """SQL's own words, as its grammar lists them, and what stands for a value without being called."""
    from monitors.text.grammar import kinds

    words = {kind.removeprefix("keyword_") for kind in kinds("sql") if kind.startswith("keyword_")}
    return frozenset(words) | frozenset(_VALUES)
