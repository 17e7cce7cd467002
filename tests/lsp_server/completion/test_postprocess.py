"""Post-filters. In the cases `¦` is the cursor."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.completion.postprocess import Dropped, Kept, Postprocessed, postprocess
from lsp_server.completion.request import CompletionRequest, Extent, Trigger
from lsp_server.languages import language_for
from lsp_server.languages.lexical import scan
from lsp_server.languages.structure import structure_at
from models import Candidate, FinishReason


def run(
    language: str,
    cursor: str,
    *texts: str,
    trigger: Trigger = "automatic",
    extent: Extent = "line",
    finish_reason: FinishReason = "stop",
) -> Postprocessed:
    prefix, suffix = cursor.split("¦")
    request = CompletionRequest(prefix, suffix, language, trigger=trigger)
    candidates = [Candidate(text, (), (), finish_reason) for text in texts]
    return postprocess(candidates, request, extent, structure_at(prefix, suffix, language_for(language)))


@pytest.mark.parametrize(
    ("language", "cursor", "text", "kept"),
    [
        ("python", "x = ¦\n", "f(a)  ", "f(a)"),
        ("python", "f(¦)\n", "a, b)", "a, b"),
        ("python", "f(¦)\n", "g()", "g()"),
        ("python", "f(¦)\n", "g())", "g()"),
        ("python", "f(g(¦)\n", "a)", "a)"),
        ("python", "f(g(¦)\n", "a))", "a)"),
        ("python", "f(¦);\n", "a);", "a"),
        ("python", 'f("¦")\n', 'a")', "a"),
        ("python", 'f("¦")\n', "a", "a"),
        ("python", 'f(¦"a")\n', '"b", ', '"b", '),
        ("python", "f(¦, b)\n", "a, b)", "a"),
        ("python", "x = ¦ + b\n", "a + b", "a"),
        ("python", "x = ¦name\n", "sur", "sur"),
        ("python", "x = ¦e\n", "name", "name"),
        ("python", "x = [¦\n", "a)", "a"),
        ("python", "x = ¦\n", "[1, 2]]", "[1, 2]"),
        ("java", "if (a) {\n    ¦\n}\n", "return b;\n}", "return b;"),
        ("java", "if (a) {\n    ¦\n}\n", "if (b) {\n        c();\n    }", "if (b) {\n        c();\n    }"),
        ("python", "def f():\n    ¦\n    return value_of_all\n", "x = 1\n    return value_of_all", "x = 1"),
        ("ruby", "def f\n  ¦\nend\n", "a + 1\nend", "a + 1"),
        ("python", "# see (¦\n", "a] b)", "a] b)"),
        ("python", "x = ¦\n", "-----------------", "-----------------"),
        ("python", "x = [¦\n", "0, 0, 0, 0, 0, 0, 0]", "0, 0, 0, 0, 0, 0, 0]"),
        ("python", "¦\n", "print(a)\nprint(a)\nprint(a)\nprint(a)", "print(a)"),
        ("", "some ¦\n", "words)", "words"),
    ],
)
def test_kept(language: str, cursor: str, text: str, kept: str) -> None:
    assert run(language, cursor, text, trigger="invoked").kept == (Kept(0, kept),)


@pytest.mark.parametrize(
    ("language", "cursor", "text", "kept"),
    [
        ("python", "print(¦, file=sys.stderr)\n", '"hello")', '"hello"'),
        ("python", "f(¦, b)\n", "a, b) + c", "a"),
        ("python", "f(g(¦, b)\n", "a)) + c", "a)"),
        ("python", "f(¦) + c\n", "a) + (b", "a) + (b"),
        ("python", "with open(¦) as f:\n", 'path, "r") as fh:', 'path, "r"'),
        ("python", "f(\n    g(¦), a,\n    b,\n)\n", "c), d", "c"),
        ("python", "f(\n    a,\n    ¦\n) -> int:\n", "b) -> int", "b"),
        ("python", "x = f(¦\n\ny = a)\n", "b)", "b)"),
        ("java", "f(¦).bar();\n", "a, b);", "a, b"),
        ("java", "if (a) {\n    ¦\n  }\n", "b(); }", "b();"),
        ("javascript", 'import { ¦ } from "x";\n', 'a, b } from "y";', "a, b"),
        ("markdown", "(see ¦\n\n2) the second\n", "here)", "here)"),
        ("python", 'print("¦", x)\n', 'hello", y)', "hello"),
        ("python", 'print("¦", x)  # twice\n', 'hello", y)', "hello"),
        ("python", 'print("¦ you", x)\n', 'hello", y)', "hello"),
        ("python", 'print("¦", x)\n', 'hello", "you', 'hello", "you'),
        ("python", 'print("¦ + x)\n', 'hello"', 'hello"'),
        ("python", 'd["¦"] = 1\n', 'key"] = 2', "key"),
        ("python", '"""¦ it"""\n', 'Does""" + x', "Does"),
        ("csharp", 'x = F(@"¦", y);\n', 'a" + b', "a"),
        ("rust", 'println!("¦", x);\n', '{}", y);', "{}"),
    ],
)
def test_what_the_rest_closes_is_not_closed_twice(language: str, cursor: str, text: str, kept: str) -> None:
    assert run(language, cursor, text, trigger="invoked").kept == (Kept(0, kept),)


CASE = 'f() {\n  case "$1" in\n    start)\n      run\n      ;;\n    ¦\n  esac\n}\n'


@pytest.mark.parametrize(
    ("cursor", "text", "kept"),
    [
        (CASE, "stop)\n      halt\n      ;;", "stop)\n      halt\n      ;;"),
        (CASE, "-h | --help) usage ;;\n    'a b'*) x ;; *) y ;;", "-h | --help) usage ;;\n    'a b'*) x ;; *) y ;;"),
        (CASE.replace("¦", "st¦)"), "op)", "op"),
        ("case $1 in ¦\n", "a) b ;; esac", "a) b ;; esac"),
        (CASE, "echo stop)", "echo stop"),
        (CASE, "x=(a b))", "x=(a b)"),
        (CASE.replace("¦", "x=$(f ¦)"), "a)", "a"),
        (CASE.replace("¦", "x=$(f ¦)\n      ;;\n    stop)"), "a) b)", "a) b"),
    ],
)
def test_a_pattern_of_a_shell_case_closes_nothing(cursor: str, text: str, kept: str) -> None:
    assert [item.text for item in run("shellscript", cursor, text, trigger="invoked").kept] == [kept]


def test_a_brace_without_a_partner_stays_only_where_its_partner_may_lie_above_the_window() -> None:
    def kept(language: str, prefix: str) -> str:
        return run(language, f"{prefix}x = ¦\n", "1}", trigger="invoked").kept[0].text

    assert kept("python", "") == "1"
    assert kept("python", "y = 1\n" * 4_000) == "1}"
    assert kept("java", "") == "1}"


@pytest.mark.parametrize(
    ("language", "cursor", "text", "kept", "replaced"),
    [
        ("python", "f(¦)\n", "a).g(b", "a).g(b", 1),
        ("python", "f(¦)\n", "a) + b", "a) + b", 1),
        ("python", "f(g(¦))\n", "a).b) + c", "a).b) + c", 2),
        ("python", "f(g(¦)\n", "a) + b", "a) + b", 0),
        ("python", 'f("¦")\n', 'a" + b', 'a" + b', 1),
        ("java", "f(¦);\n", "a).g();", "a).g();", 2),
        ("python", "if a.b(¦):\n", '"x") and c:', '"x") and c:', 2),
        ("python", 'if a.b("¦"):\n', 'x") and c:', 'x") and c:', 3),
        ("python", "def f(a, ¦):\n", "b=None) -> int:", "b=None) -> int:", 2),
        ("python", "a[¦:3]\n", "1:2", "1:2", 0),
        ("python", "if a[¦]:\n", "0] and b[1:", "0] and b[1:", 1),
        ("javascript", "a = b ? f(¦) : d\n", "c", "c", 0),
        ("python", "x = f( ¦ )\n", "a)", "a)", 2),
        ("python", "x = [f( ¦ ) ]\n", "a)] + b", "a)] + b", 4),
        ("python", "f(¦) + x\n", "a).g(b", "a).g(b", 0),
    ],
)
def test_brackets_that_the_editor_inserted_are_replaced(
    language: str, cursor: str, text: str, kept: str, replaced: int
) -> None:
    assert run(language, cursor, text, trigger="invoked").kept == (Kept(0, kept, replaced),)


@pytest.mark.parametrize(
    ("cursor", "text", "reason"),
    [
        ("x = ¦\n", "", "empty"),
        ("x = ¦\n", " \n ", "blank"),
        ("x = (1¦\n", ")", "punctuation"),
        ("x = ¦\n", "y", "too_short"),
        ("x = ¦\n", "a + a + a + a + a + a + ", "looping"),
        ("x = 1¦\n", ")", "unbalanced"),
        ("f(¦)\n", ")", "redundant"),
        ("x = ¦\nx = compute(a)\n", "compute(a)", "redundant"),
        ("import numpy as np\nimport ¦\n", "numpy as np", "repeats_prefix"),
        ("def f():\n    first = 1\n    second = 2\n\ndef ¦\n", "f():\n    first = 1\n    second = 2", "repeats_prefix"),
    ],
)
def test_dropped(cursor: str, text: str, reason: str) -> None:
    assert run("python", cursor, text).dropped == (Dropped(0, reason),)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(("cursor", "text"), [("x = (1¦\n", ")"), ("x = ¦\n", "y")])
def test_who_presses_a_key_sees_short_suggestions(cursor: str, text: str) -> None:
    assert run("python", cursor, text, trigger="invoked").kept == (Kept(0, text),)


def test_of_equal_candidates_the_first_is_kept() -> None:
    found = run("python", "f(¦)\n", "alpha", "beta", "alpha)", "beta ")
    assert found.kept == (Kept(0, "alpha"), Kept(1, "beta"))
    assert found.dropped == (Dropped(2, "duplicate"), Dropped(3, "duplicate"))


@pytest.mark.parametrize(
    ("reason", "kept"),
    [("length", "a = 1\n    b = 2"), ("time", "a = 1\n    b = 2"), ("stop", "a = 1\n    b = 2\n    c = so")],
)
def test_a_block_cut_off_by_the_budget_loses_its_half_line(reason: FinishReason, kept: str) -> None:
    text = "a = 1\n    b = 2\n    c = so"
    assert run("python", "def f():\n    ¦\n", text, extent="block", finish_reason=reason).kept == (Kept(0, kept),)


def test_brackets_are_left_alone_where_the_window_begins_inside_a_string() -> None:
    cursor = 'the end of a docstring (with\n"""\nx = ["a", "b"]\ny = x[¦\n'
    assert run("python", cursor, "0][1]").kept == (Kept(0, "0][1]"),)


CURSORS = st.sampled_from(
    [
        ("python", "f(¦)\n"),
        ("python", "x = g(f(¦))\ny = 1\n"),
        ("python", 'f("¦")\n'),
        ("python", "def f(a):\n    ¦\n    return a\n"),
        ("javascript", "f([¦], () => {\n});\n"),
        ("java", "int f(int a) {\n    ¦\n}\n"),
        ("", "¦"),
    ]
)
TEXTS = st.lists(
    st.sampled_from(
        ["a", "b c", "(", ")", "[", "]", "{", "}", '"', ", ", " ", "\n", "\n    ", ";", "return a", "==", "\t"]
    ),
    max_size=16,
).map("".join)


def without_blanks(text: str) -> str:
    return re.sub(r"[ \t]+(?=\n|$)", "", text)


@given(
    CURSORS, st.lists(TEXTS, max_size=4), st.sampled_from(["automatic", "invoked"]), st.sampled_from(["line", "block"])
)
@settings(max_examples=150, deadline=None)
def test_laws(cursor: tuple[str, str], texts: list[str], trigger: Trigger, extent: Extent) -> None:
    found = run(*cursor, *texts, trigger=trigger, extent=extent)
    rest = cursor[1].split("¦")[1].split("\n")[0]
    assert sorted(item.index for item in (*found.kept, *found.dropped)) == list(range(len(texts)))
    assert len({item.text for item in found.kept}) == len(found.kept)
    for item in found.kept:
        assert without_blanks(texts[item.index]).startswith(without_blanks(item.text))
        assert 0 <= item.replace_after <= len(rest)
        assert item.text.strip()
        if not rest[item.replace_after :].strip():
            assert item.text == item.text.rstrip()
        again = run(*cursor, item.text, trigger="invoked", extent=extent)
        assert [kept.text for kept in again.kept] == [item.text]


@given(
    st.sampled_from(
        [
            ("python", "f(¦)\n"),
            ("python", "x = g(f(¦))\n"),
            ("python", "x = [f(¦)]\n"),
            ("python", "x = ¦\n"),
            ("python", "f(¦, b)\n"),
            ("python", "x = a[¦].b\n"),
            ("python", "x = f( ¦ )\n"),
            ("python", "def f():\n    ¦\n    return (1)\n"),
            ("javascript", "import { ¦ } from 'x';\n"),
            ("java", "f(¦).g();\n"),
            ("java", "class A {\n    int f() {\n        ¦\n    }\n}\n"),
            ("go", "if err := f(¦); err != nil {\n}\n"),
            ("lua", "f(function() ¦ end)\n"),
        ]
    ),
    TEXTS.map(lambda text: text.replace('"', "")),
)
@settings(max_examples=300, deadline=None)
def test_nothing_that_is_kept_closes_a_bracket_twice(cursor: tuple[str, str], text: str) -> None:
    language = language_for(cursor[0])
    prefix, suffix = cursor[1].split("¦")

    closed = {bracket.character for bracket in scan(suffix, language).unopened}
    stray = {"}"} - closed if language.block_style == "braces" else set[str]()  # its partner may lie above the window

    def closes_too_much(text: str) -> int:
        return sum(bracket.character not in stray for bracket in scan(text, language).unopened)

    for item in run(*cursor, text, trigger="invoked").kept:
        whole = prefix + item.text + suffix[item.replace_after :]
        assert closes_too_much(whole) <= closes_too_much(prefix + suffix)
