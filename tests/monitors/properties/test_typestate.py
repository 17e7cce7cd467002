import re
from pathlib import Path

import pytest

from monitors import Document, MonitorError
from monitors.properties.typestate import TypestateMonitor
from monitors.testing import constrain
from monitors.typestates import read_protocols

CONNECTION = """
[connection]
languages = ["python"]
made_by = ["sqlite3.connect", "connect"]
start = "open"
[connection.states.open]
execute = "open"
commit = "open"
close = "closed"
[connection.states.closed]
"""
THREAD = """
[thread]
languages = ["java"]
made_by = ["new Thread"]
[thread.states.fresh]
start = "running"
setDaemon = "fresh"
[thread.states.running]
join = "ended"
interrupt = "running"
[thread.states.ended]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "order.toml"
    path.write_text(text, encoding="utf-8")
    return path


def allowed(tmp_path: Path, protocols: str, language: str, prefix: str, words: list[str]) -> set[str]:
    monitor = TypestateMonitor(read_protocols([written(tmp_path, protocols)]))
    found = constrain(monitor, Document("/w/x", language, prefix, "\n"))
    if not found:
        return set(words)
    (constraint,) = found
    pattern = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: f"\\U{int(m.group(1), 16):08x}", constraint.regex or "")
    return {word for word in words if re.fullmatch(pattern, word + "(")}


METHODS = ["execute", "commit", "close", "cursor", "closed"]


@pytest.mark.parametrize(
    ("prefix", "forbidden"),
    [
        ("c = sqlite3.connect('a')\nc.", set[str]()),
        ("c = sqlite3.connect('a')\nc.execute(1)\nc.close()\nc.", {"execute", "commit", "close"}),
        ("def f():\n    c = connect('a')\n    c.close()\n    c.", {"execute", "commit", "close"}),
        ("c = connect('a')\nif x:\n    c.close()\nc.", set[str]()),
        ("c = connect('a')\nif x:\n    c.close()\n    c.", {"execute", "commit", "close"}),
        ("c = connect('a')\nif x:\n    c.close()\nelse:\n    c.", set[str]()),
        ("c = connect('a')\nc.close()\nc = connect('b')\nc.", set[str]()),
        ("c = connect('a')\nc.close()\nreopen(c)\nc.", set[str]()),
        ("c = connect('a')\nc.close()\nc = other()\nc.", set[str]()),
        ("c = connect('a')\nwhile x:\n    c.close()\n    c.", set[str]()),
        ("with connect('a') as c:\n    c.close()\n    c.", {"execute", "commit", "close"}),
        ("def f():\n    c = connect('a')\n    c.close()\n\ndef g():\n    c.", set[str]()),
        ("d = other()\nd.close()\nd.", set[str]()),
        ("c = connect('a')\n# later: c.close()\nc.", set[str]()),
        ("c = connect('a')\nprint('c.close()')\nc.", set[str]()),
        ('c = connect(\'a\')\n"""\nc.close()\n"""\nc.', set[str]()),
        ("c = connect('a')\natexit.register(lambda: c.close())\nc.", set[str]()),
        ("c = connect('a')\natexit.register(c.close)\nc.", set[str]()),
        ("c = connect('a')\ndef end(): c.close()\nc.", set[str]()),
        ("c = connect('a')\nif bad: c.close(); return\nc.", set[str]()),
        ("c = connect('a')\nc.close() if bad else None\nc.", set[str]()),
        ("c = connect('a')\nok = c.close()\nc.", set[str]()),
        ('"""\n>>> c = connect(\'a\')\n>>> c.close()\n"""\nc.', set[str]()),
        ("c = connect('a')\nc.close()\n# c = connect('b')\nc.", {"execute", "commit", "close"}),
        ("c = connect('a')\nrows = c.execute('c')  # of c\nawait c.close()\nc.", {"execute", "commit", "close"}),
        ("c = connect('a')\nprint(f'{c.execute(1)}')\nc.close()\nc.", {"execute", "commit", "close"}),
        ("c = connect('a')\nprint(f'{c}')\nc.close()\nc.", set[str]()),
    ],
)
def test_a_connection_is_not_used_after_it_was_closed(tmp_path: Path, prefix: str, forbidden: set[str]) -> None:
    assert allowed(tmp_path, CONNECTION, "python", prefix, METHODS) == set(METHODS) - forbidden


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("Thread t = new Thread(r);\n", {"start", "setDaemon", "getName"}),
        ("Thread t = new Thread(r);\nt.start();\n", {"join", "interrupt", "getName"}),
        ("Thread t = new Thread(r);\nt.start();\nt.join();\n", {"getName"}),
        ("/*\n Thread t = new Thread(r);\n t.start();\n*/\n", {"start", "setDaemon", "join", "interrupt", "getName"}),
        ("Thread t = new Thread(r);\n/* t.start();\n   t.join(); */\n", {"start", "setDaemon", "getName"}),
        (
            "Thread t = new Thread(r);\nif (now) { t.start(); }\n",
            {"start", "setDaemon", "join", "interrupt", "getName"},
        ),
        ("Thread t = new Thread(r);\nrun(() -> t.start());\n", {"start", "setDaemon", "join", "interrupt", "getName"}),
    ],
)
def test_a_thread_is_started_before_it_is_joined(tmp_path: Path, prefix: str, expected: set[str]) -> None:
    words = ["start", "setDaemon", "join", "interrupt", "getName"]
    assert allowed(tmp_path, THREAD, "java", prefix + "t.", words) == expected


def test_a_document_in_two_languages_is_read_where_its_code_begins(tmp_path: Path) -> None:
    protocol = CONNECTION.replace("python", "php").replace('"connect"', '"open"')
    code = "it's <?php\n$c = open('a');\n$c->close();\n$c->"
    assert allowed(tmp_path, protocol, "php", code, METHODS) == {"cursor", "closed"}
    assert allowed(tmp_path, protocol, "php", code.replace("$c->close", "// $c->close"), METHODS) == set(METHODS)


def test_only_the_code_nearest_to_the_cursor_is_read(tmp_path: Path) -> None:
    code = "c = connect('a')\n" + 'x = """a\nb"""\n' * 2000 + "c.close()\nc."
    assert allowed(tmp_path, CONNECTION, "python", code, METHODS) == set(METHODS)
    code = 'x = """' + "it's\n" * 5000 + '"""\nc = connect(1)\nc.close()\nc.'
    assert allowed(tmp_path, CONNECTION, "python", code, METHODS) == {"cursor", "closed"}


def test_other_languages_are_left_alone(tmp_path: Path) -> None:
    assert allowed(tmp_path, THREAD, "python", "t = new Thread(r)\nt.start()\nt.", ["start"]) == {"start"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x = [", "no TOML"),
        ("x = 1", "not a table"),
        ('[x]\nmade_by = ["f"]', "no states"),
        ('[x]\nmade_by = ["f"]\n[x.states.a]\ngo = "b"', "no state"),
        ('[x]\n[x.states.a]\ngo = "a"', "what makes"),
        ('[x]\nmade_by = ["f"]\nlanguages = "python"\n[x.states.a]', "languages"),
    ],
)
def test_a_faulty_specification_is_told(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(MonitorError, match=said):
        read_protocols([written(tmp_path, text)])


def test_a_specification_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MonitorError, match="Cannot read"):
        read_protocols([tmp_path / "none.toml"])
