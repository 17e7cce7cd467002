"""What is found out about a source before anything is written: its language, its units, its types and names."""

import pytest

from lsp_server.errors import UserError
from lsp_server.languages import NEUTRAL, language_for
from lsp_server.translation.comments import comment, holds_comments, split_comment
from lsp_server.translation.detection import detect_language, require_language
from lsp_server.translation.naming import function_name, spell, variable_name
from lsp_server.translation.ordering import closure, dependencies, in_dependency_order
from lsp_server.translation.outline import outline_source
from lsp_server.translation.targets import SOURCES, TARGETS, target_language
from lsp_server.translation.type_names import write_type
from lsp_server.translation.types import (
    FLOAT,
    INT,
    LONG,
    STR,
    UNKNOWN,
    VOID,
    Type,
    join,
    list_of,
    read_type,
    type_of_values,
)

SAMPLES = {
    "python": "import math\n\ndef area(r: float, n: int = 2) -> list[int]:\n    return helper(r)\n",
    "java": "import java.util.*;\nclass Solution {\n    static int[] area(double r, int n) { return helper(r); }\n}\n",
    "cpp": "#include <vector>\nusing namespace std;\nvector<int> area(double r, int n) { return helper(r); }\n",
    "javascript": 'const fs = require("fs");\nconst area = (r, n = 2) => { return helper(r); };\n',
    "typescript": 'import { a } from "b";\nexport function area(r: number, n: number): number[] { return helper(r) }\n',
    "go": 'package main\nimport "fmt"\nfunc area(r float64, n int) []int { return helper(r) }\n',
    "rust": "use std::fmt;\npub fn area(r: f64, n: i32) -> Vec<i32> { let mut v = helper(r); v }\n",
    "csharp": "using System;\nclass Program {\n    static List<int> area(double r, int n) { return helper(r); }\n}\n",
    "c": "#include <stdio.h>\nint *area(double r, int n) { return helper(r); }\n",
    "php": "<?php\nfunction area(float $r, int $n = 2): array { return helper($r); }\n",
    "ruby": 'require "set"\ndef area(r, n = 2)\n  helper(r)\nend\n',
    "kotlin": "import a.b\nfun area(r: Double, n: Int): List<Int> { return helper(r) }\n",
}


@pytest.mark.parametrize("language", SOURCES)
def test_the_language_is_found_from_the_text_alone(language: str) -> None:
    assert detect_language(SAMPLES[language]).id == language


@pytest.mark.parametrize("language", SOURCES)
def test_one_outline_for_all_languages(language: str) -> None:
    found = outline_source(SAMPLES[language], language_for(language))
    (unit,) = found.units
    assert (unit.kind, unit.name, unit.calls) == ("function", "area", ("helper",))
    assert [parameter.name for parameter in unit.parameters] == ["r", "n"]
    assert found.imports
    assert found.error_line is None


def test_names_of_files_go_before_their_content() -> None:
    assert detect_language("x = 1\n", "a.rb").id == "ruby"
    assert detect_language(SAMPLES["cpp"], "a.h").id == "cpp"
    assert detect_language(SAMPLES["c"], "a.h").id == "c"
    assert detect_language("#!/usr/bin/env node\nfoo()\n").id == "javascript"
    assert detect_language("const a = 1", "a.tsx").id == "typescript"


@pytest.mark.parametrize(
    ("text", "path"), [("", ""), ("once upon a time", ""), ("a: 1\n", "a.yaml"), ("\x00\x01" * 50, "")]
)
def test_what_is_no_known_language_is_said_so(text: str, path: str) -> None:
    assert detect_language(text, path) is NEUTRAL
    with pytest.raises(UserError, match="cannot tell"):
        require_language(text, path)


def test_a_target_may_be_called_by_any_of_its_names() -> None:
    assert [target_language(name).id for name in ("C++", "ts", "c#", "golang")] == ["cpp", "typescript", "csharp", "go"]
    with pytest.raises(UserError, match="kotlin"):
        target_language("kotlin")


def test_units_of_a_file_are_functions_types_and_what_stands_between_them() -> None:
    source = (
        "import math\nLIMIT = 3\n\n# adds\ndef add(a, b):\n    return a + b\n\n"
        'class P:\n    def m(self): return self.x\n\nif __name__ == "__main__":\n    print(add(1, 2))\n'
    )
    units = outline_source(source, language_for("python")).units
    assert [(unit.kind, unit.name) for unit in units] == [
        ("statements", "statements 1"),
        ("function", "add"),
        ("type", "P"),
        ("statements", "statements 2"),
    ]
    assert units[1].text.startswith("# adds\ndef add")
    assert all(source[unit.start : unit.end].startswith(unit.text[:5]) for unit in units)


def test_offsets_are_code_points_also_after_other_alphabets() -> None:
    source = '# größer\nA = "ß"\n\ndef f():\n    return 1\n'
    unit = outline_source(source, language_for("python")).units[-1]
    assert source[unit.start : unit.end] == unit.text == "def f():\n    return 1"


def test_a_class_with_state_stays_whole_and_one_without_does_not() -> None:
    java = language_for("java")
    apart = outline_source("class A { static int f() { return 1; } static int g() { return f(); } }", java)
    assert [(unit.name, unit.owner) for unit in apart.units] == [("f", "A"), ("g", "A")]
    whole = outline_source("class A { int x; int f() { return x; } }", java)
    assert [(unit.name, unit.kind) for unit in whole.units] == [("A", "type")]


def test_a_syntax_error_is_found_with_its_line() -> None:
    assert outline_source("def f(:\n  pass\n", language_for("python")).error_line == 1
    assert outline_source("int f() {\n  return 1;\n", language_for("java")).error_line is not None


def test_units_come_after_what_they_call() -> None:
    source = (
        "def a():\n    return b()\n\ndef b():\n    return c()\n\ndef c():\n    return a()\n\ndef d():\n    return 1\n"
    )
    units = outline_source(source, language_for("python")).units
    order = [units[number].name for number in in_dependency_order(units)]
    assert sorted(order) == ["a", "b", "c", "d"]
    assert order.index("c") < order.index("b") < order.index("a")
    assert closure(0, dependencies(units)) == [1, 2]


def test_comments_and_docstrings_move_as_they_are() -> None:
    python = language_for("python")
    words, code = split_comment('# above\ndef f():\n    """Says.\n\n    More.\n    """\n    return 1', python)
    assert words == ["above", "Says.", "", "More."]
    assert code == "def f():\n    return 1"
    words, code = split_comment("/**\n * Adds.\n * @param a one\n */\n// twice\nint f() {}", language_for("java"))
    assert words == ["Adds.", "@param a one", "twice"]
    assert code == "int f() {}"
    assert comment(["a", ""], language_for("cpp")) == "// a\n//\n"
    words, code = split_comment('"""Of all."""\n\n# a limit\nN = "x"\n', python)
    assert (words, code) == (["Of all.", "", "a limit"], 'N = "x"\n')


def test_a_comment_stays_one_in_languages_that_look_into_it() -> None:
    assert comment(["C:\\"], language_for("cpp")) == "/* C:\\ */\n"
    assert comment(["\\users \\\\u \\n"], language_for("java")) == "// \\\\users \\\\u \\n\n"
    assert comment(["a\u2028b\rc"], language_for("javascript")) == "// a b c\n"


def test_comments_inside_a_unit_are_found() -> None:
    python = language_for("python")
    assert holds_comments("def f(a):\n    return a  # so\n", python)
    assert holds_comments('class A:\n    def f(self):\n        """Says."""\n        return 1\n', python)
    assert not holds_comments('def f(a):\n    return a + "# no"\n', python)
    assert holds_comments("int f() { return 1; /* so */ }", language_for("cpp"))


def test_a_string_inside_a_function_is_no_docstring() -> None:
    source = 'def f(a):\n    x = """no"""\n    return x'
    assert split_comment(source, language_for("python")) == ([], source)


@pytest.mark.parametrize(
    ("name", "snake", "camel", "pascal"),
    [
        ("maxRetryCount", "max_retry_count", "maxRetryCount", "MaxRetryCount"),
        ("parse_HTTP_header", "parse_http_header", "parseHttpHeader", "ParseHttpHeader"),
        ("_private_name", "_private_name", "_privateName", "_PrivateName"),
        ("vector2_length", "vector2_length", "vector2Length", "Vector2Length"),
        ("x", "x", "x", "x"),
        ("MAX_SIZE", "MAX_SIZE", "MAX_SIZE", "MaxSize"),
    ],
)
def test_names_follow_conventions(name: str, snake: str, camel: str, pascal: str) -> None:
    assert [spell(name, "snake"), spell(name, "camel"), spell(name, "pascal")] == [snake, camel, pascal]


def test_no_name_is_a_keyword_of_the_target() -> None:
    assert variable_name("lambda", TARGETS["python"]) == "lambda_"
    assert function_name("delete", TARGETS["cpp"]) == "delete_"


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("List<Integer>", "java", list_of(INT)),
        ("int[][]", "java", list_of(list_of(INT))),
        ("Map<String, List<Double>>", "java", Type("map", (STR, list_of(FLOAT)))),
        ("const std::vector<long long>&", "cpp", list_of(LONG)),
        ("const string&", "cpp", STR),
        ("char*", "c", STR),
        ("Optional[int]", "python", Type("optional", (INT,))),
        ("int | None", "python", Type("optional", (INT,))),
        ("tuple[int, str]", "python", Type("tuple", (INT, STR))),
        ("&[i32]", "rust", list_of(INT)),
        ("&str", "rust", STR),
        ("Option<Vec<String>>", "rust", Type("optional", (list_of(STR),))),
        ("map[string][]int", "go", Type("map", (STR, list_of(INT)))),
        ("(int, string)", "go", Type("tuple", (INT, STR))),
        ("number[]", "typescript", list_of(FLOAT)),
        ("Array<string>", "typescript", list_of(STR)),
        ("", "python", UNKNOWN),
        ("Node", "java", Type("named", name="Node")),
    ],
)
def test_types_are_read(text: str, language: str, expected: Type) -> None:
    assert read_type(text, language) == expected


@pytest.mark.parametrize("language", [name for name in TARGETS if name != "javascript"])
def test_types_that_are_written_are_read_back(language: str) -> None:
    for kind in (INT, FLOAT, STR, list_of(INT), list_of(list_of(STR)), Type("map", (STR, INT))):
        written = write_type(kind, language)
        again = read_type(written, language)
        assert written
        if language != "typescript":  # it has one number for all
            assert str(again).replace("long", "int") == str(kind), written


def test_types_of_values_and_their_union() -> None:
    assert type_of_values([1, 2**40]) == LONG
    assert type_of_values([[1], [], [2.5]]) == list_of(FLOAT)
    assert type_of_values([1, None]) == Type("optional", (INT,))
    assert join(INT, STR) == UNKNOWN
    assert type_of_values([]) == UNKNOWN
    assert write_type(VOID, "go") == ""


def test_types_and_constants_that_are_named_come_first() -> None:
    text = "LIMIT = 3\n\ndef f(p: P) -> int:\n    return p.x + LIMIT\n\nclass P:\n    x: int = 0\n\nprint(f(P()))\n"
    units = outline_source(text, language_for("python")).units
    assert [unit.name for unit in units] == ["statements 1", "f", "P", "statements 2"]
    assert dependencies(units) == [[], [0, 2], [], [1, 2]]
