"""What is seen around a cursor. In the cases `¦` is the cursor."""

import os
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.languages import LANGUAGES, Language, language_for
from lsp_server.languages.parsing import IncrementalParser, parse, shared_head, shared_tail
from lsp_server.languages.structure import PREFIX_CHARS, Structure, structure_at


def look(language: str, text: str) -> Structure:
    prefix, suffix = text.split("¦")
    return structure_at(prefix, suffix, language_for(language))


@pytest.mark.parametrize(
    ("language", "text", "region"),
    [
        ("python", 'x = "abc¦"\n', "string"),
        ("python", 'x = "abc¦\ny = 1\n', "string"),
        ("python", 'x = ¦"abc"', "code"),
        ("python", "x = 1  # hello¦\n", "comment"),
        ("python", 'class A:\n    """Doc\n    more ¦\n    """\n', "string"),
        ("python", 'class A:\n    """Doc\n    more ¦\n    x = 1\n', "string"),
        ("python", 'f"{a.¦}"', "code"),
        ("javascript", "const a = `x ${b.¦} y`", "code"),
        ("javascript", "const a = `x ¦ ${b} y`", "string"),
        ("javascript", "// hi¦\nfoo", "comment"),
        ("javascript", "/* hi ¦ */ foo", "comment"),
        ("javascript", "/* hi */¦ foo", "code"),
        ("javascript", 'x = /"/.test(¦', "code"),
        ("java", "/** doc\n * more ¦\n */\nclass A {}", "comment"),
        ("ruby", 'puts "a #{b.¦} c"', "code"),
        ("shellscript", 'echo "abc $x¦"', "string"),
        ("sql", "select * from t where a = 'b¦c'", "string"),
        ("rust", "/// doc\n¦fn f() {}", "code"),
        ("rust", "/// doc¦\nfn f() {}", "comment"),
        ("go", "func f() {\n\tx := `a\n¦b`\n}", "string"),
        ("c", '#include "a¦b.h"\n', "string"),
        ("php", "<html>¦</html><?php f(); ?>", "string"),
        ("csharp", 'class A { string s = $"a {b.x¦} c"; }', "code"),
        ("kotlin", 'fun f(a: Int) {\n    val x = "a¦"\n}', "string"),
        ("", 'x = "a¦', "string"),
        ("", "¦", "code"),
    ],
)
def test_strings_and_comments(language: str, text: str, region: str) -> None:
    assert look(language, text).region == region


@pytest.mark.parametrize(
    ("language", "text", "kind", "header"),
    [
        ("python", "def f(a):¦\n", "function", "def f(a):"),
        ("python", "class A:\n    def f(self):\n        x = 1\n        ¦\n\n    y = 1", "function", "def f(self):"),
        ("python", "class A:\n    x = 1\n    ¦\n", "type", "class A:"),
        ("javascript", "function f(a) {\n  ¦\n}\n", "function", "function f(a) {"),
        ("typescript", "const f = async (a: A): B => {\n  ¦\n};", "function", "const f = async (a: A): B => {"),
        ("csharp", "class A\n{\n  int F(int a)\n  {\n    if (a > 1)\n    {\n      ¦", "function", "int F(int a)"),
        ("go", "type A struct {\n\tx int\n\t¦\n}\n", "type", "type A struct {"),
        ("rust", "impl A {\n  fn f(&self) {\n    if x {\n      ¦\n    }\n  }\n}", "function", "fn f(&self) {"),
        ("cpp", "namespace a {\nclass B : public C {\n public:\n  ¦\n};\n}", "type", "class B : public C {"),
        ("php", "<?php\nclass A\n{\n    function f()\n    {\n        ¦\n    }\n}\n", "function", "function f()"),
        ("kotlin", "class A {\n    fun f(x: Int) {\n        ¦\n    }\n}\n", "function", "fun f(x: Int) {"),
        ("scala", "class A {\n  def f(x: Int): Int = {\n    ¦\n  }\n}", "function", "def f(x: Int): Int = {"),
        ("lua", "local function f(a)\n  ¦\nend", "function", "local function f(a)"),
        ("java", "class A {\n  void f() {\n    run(() -> {\n      ¦\n    });\n", "function", "run(() -> {"),
    ],
)  # fmt: skip
def test_scopes(language: str, text: str, kind: str, header: str) -> None:
    scope = look(language, text).scope
    assert scope is not None
    assert (scope.kind, scope.header) == (kind, header)


def test_the_top_of_a_file_has_no_scope() -> None:
    assert look("python", "import a\n\ndef f():\n    pass\n\n\n¦\n\nx = 1\n").scope is None


@pytest.mark.parametrize(
    ("language", "text", "opener", "empty"),
    [
        ("python", "def f(a):¦\n", "def f(a):", True),
        ("python", "def f(a):  # why\n    ¦\n", "def f(a):  # why", True),
        ("python", "if a:\n    ¦\n    b()\n", "if a:", False),
        ("python", "x = {'a':¦\n", None, False),
        ("python", "f(a[1:¦\n", None, False),
        ("python", "x = 'if a:¦'\n", None, False),
        ("ruby", "class A\n  def f(x)¦\n  end\nend", "  def f(x)", True),
        ("ruby", "a.each do |x|\n  ¦\nend", "a.each do |x|", True),
        ("ruby", "x if y¦", None, False),
        ("ruby", "x = if y¦", "x = if y", True),
        ("lua", "for i = 1, 2 do¦\nend", "for i = 1, 2 do", True),
        ("shellscript", "if [ -f x ]; then\n  ¦\nfi", "if [ -f x ]; then", True),
        ("c", "int f(void)\n{\n\t¦\n}\n", "{", True),
        ("javascript", "f(() => {¦\n});", "f(() => {", True),
        ("scala", "def f(x: Int) =¦\n", "def f(x: Int) =", True),
        ("yaml", "a:\n  b:¦\n  c:\n", "  b:", True),
        ("yaml", "a:\n  b:¦\n  - c\n", "  b:", False),
        ("yaml", "a:\n- b:¦\n- c\n", "- b:", True),
        ("sql", "begin¦", None, False),
    ],
)
def test_openers(language: str, text: str, opener: str | None, empty: bool) -> None:
    found = look(language, text)
    assert (found.opener, found.block_is_empty) == (opener, empty)


@given(st.text(max_size=300), st.text(max_size=100), st.sampled_from(LANGUAGES))
@settings(max_examples=150, deadline=None)
def test_nothing_raises(prefix: str, suffix: str, language: Language) -> None:
    found = structure_at(prefix, suffix, language)
    assert found.region in ("code", "string", "comment")
    assert found.scope is None or found.scope.indent >= 0
    assert isinstance(found.block_is_empty, bool)


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language.grammar], ids=lambda item: item.id)
def test_hostile_text_is_bounded_in_time(language: Language) -> None:
    load = structure_at("", "", language)
    assert load.region == "code"
    for text in (os.urandom(200_000).decode("latin-1"), "([{" * 100_000, "a=b+c;" * 100_000, '"' * 100_000):
        started = perf_counter()
        found = structure_at(text, text, language)
        assert found.region in ("code", "string", "comment")
        assert (found.scope, found.block_is_empty) is not None
        assert perf_counter() - started < 10  # tens of milliseconds; the margin is for a busy machine


def test_a_cursor_deep_in_a_long_file_is_seen_like_one_in_a_short_file() -> None:
    filler = "def g():\n    return 1\n\n\n" * (3 * PREFIX_CHARS // 20)
    prefix = filler + "class A:\n    def f(self):\n        x = "
    found = structure_at(prefix, "\n", language_for("python"))
    assert found.scope is not None
    assert found.scope.header == "def f(self):"
    assert len(found.prefix) <= PREFIX_CHARS


EDITS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 5), st.text("ab(){}:\n \"'", max_size=6)), max_size=6)


@given(EDITS, st.sampled_from(["python", "javascript", "c", "ruby"]))
@settings(max_examples=60, deadline=None)
def test_parsing_again_after_edits_gives_the_tree_of_a_fresh_parse(
    edits: list[tuple[int, int, str]], name: str
) -> None:
    language = language_for(name)
    parser = IncrementalParser()
    text = "def f(a):\n    b = {c: (d)}\n    return 'e'\n"
    for start, length, replacement in edits:
        text = text[:start] + replacement + text[start + length :]
        source = text.encode()
        again = parser.parse(source, language, limit_ms=1000)
        fresh = parse(source, language, limit_ms=1000)
        assert again is not None
        assert fresh is not None
        assert again.root_node.end_byte == fresh.root_node.end_byte
        if not fresh.root_node.has_error:  # of broken code an earlier tree may suggest another reading
            assert str(again.root_node) == str(fresh.root_node)


@given(st.binary(max_size=30), st.binary(max_size=30), st.binary(max_size=30))
def test_shared_ends(a: bytes, b: bytes, common: bytes) -> None:
    head = shared_head(common + a, common + b)
    assert head >= len(common)
    assert (common + a)[:head] == (common + b)[:head]
    assert (common + a)[: head + 1] != (common + b)[: head + 1] or head == min(len(a), len(b)) + len(common)
    limit = min(len(a), len(b)) + len(common)
    tail = shared_tail(a + common, b + common, limit)
    assert len(common) <= tail <= limit
    assert (a + common)[len(a + common) - tail :] == (b + common)[len(b + common) - tail :]
