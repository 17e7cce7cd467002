"""Line or block, and where either ends. In the cases `¦` is the cursor and `‡` the place where the text must end."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.completion.extent import decide_extent, stop_rule_for
from lsp_server.completion.request import CompletionRequest, Extent, Trigger
from lsp_server.languages import language_for
from lsp_server.languages.structure import structure_at


def request_at(
    language: str, text: str, extent: Extent | None = None, trigger: Trigger = "automatic"
) -> CompletionRequest:
    prefix, suffix = text.split("¦")
    return CompletionRequest(prefix, suffix, language, extent=extent, trigger=trigger)


@pytest.mark.parametrize(
    ("language", "text", "extent", "reason"),
    [
        ("python", "x = f(¦)\n", "line", "rest_of_line"),
        ("python", "x = ¦ + b\n", "line", "text_after_cursor"),
        ("python", 'x = "¦"\n', "line", "string"),
        ("python", "# find the ¦\n", "line", "comment"),
        ("python", "a.¦\n", "line", "rest_of_line"),
        ("python", "def f(a):¦\n", "block", "empty_block"),
        ("python", "def f(a):\n    ¦\n\n\nx = 1\n", "block", "empty_block"),
        ("python", "def f(a):\n    ¦\n    return a\n", "line", "between_statements"),
        ("python", "def f(a):\n    x = 1\n    ¦\n\n\ny = 2\n", "block", "blank_line_in_block"),
        ("python", "def f(a):\n    x = 1\n    ¦\n    return x\n", "line", "between_statements"),
        ("python", "f(\n    a,\n    ¦\n)\n", "line", "brackets"),
        ("python", "x = {'a':¦\n", "line", "rest_of_line"),
        ("python", "import a\n¦\n", "line", "top_level"),
        ("python", "import a\n\n# parse the header\n¦\n", "block", "introduced"),
        ("python", "@cache\n¦\n", "block", "introduced"),
        ("python", "#!/usr/bin/env python\n¦\n", "line", "top_level"),
        ("java", "int f(int a) {¦}\n", "block", "empty_block"),
        ("java", "class A {\n    int f(int a) {\n        ¦\n    }\n}\n", "block", "empty_block"),
        ("java", "class A {\n    int x;\n\n    ¦\n}\n", "block", "blank_line_in_block"),
        ("java", "f(new int[] {1,¦\n", "line", "rest_of_line"),
        ("javascript", "f(() => {¦});\n", "block", "empty_block"),
        ("javascript", "f(a, ¦);\n", "line", "rest_of_line"),
        ("javascript", "/** Adds two numbers. */\n¦\n", "block", "introduced"),
        ("csharp", "int F()\n{\n    ¦\n}\n", "block", "empty_block"),
        ("ruby", "def f(a)\n  ¦\nend\n", "block", "empty_block"),
        ("lua", "if a then¦\nend\n", "block", "empty_block"),
        ("yaml", "a:\n  b:¦\n", "block", "empty_block"),
        ("yaml", "a:\n  b:¦\n  - c\n", "line", "rest_of_line"),
        ("yaml", "a:\n- b:¦\n- c\n", "block", "empty_block"),
        ("sql", "select ¦\n", "line", "no_blocks"),
        ("", "hello ¦\n", "line", "no_blocks"),
    ],
)
def test_decisions(language: str, text: str, extent: Extent, reason: str) -> None:
    request = request_at(language, text)
    decision = decide_extent(request, structure_at(request.prefix, request.suffix, language_for(language)))
    assert (decision.extent, decision.reason) == (extent, reason)


def test_the_request_goes_first() -> None:
    request = request_at("python", "def f(a):¦\n", extent="line")
    decision = decide_extent(request, structure_at(request.prefix, request.suffix, language_for("python")))
    assert (decision.extent, decision.reason) == ("line", "requested")


@pytest.mark.parametrize(
    ("language", "cursor", "generated"),
    [
        ("python", "x = ¦\n", "f(a)‡\ny = 2"),
        ("python", "x = f(a)¦\n", "‡\ny = 2"),
        ("python", "x = ¦)\n", "f(a‡\ny = 2"),
        ("python", "def f():\n    ¦\n", "return 1‡\n"),
        ("python", "def f():\n    ¦\n", "\n    return 1‡\n"),
        ("python", "def f():\n    x = 1\n    ¦\n", "‡\n\ndef g():\n"),
        ("java", "x = ¦\r\n", "f(a);‡\r\ny = 2"),
    ],
)
def test_a_line_ends_at_its_break(language: str, cursor: str, generated: str) -> None:
    assert_ends(request_at(language, cursor, extent="line"), "line", generated)


def test_asked_by_key_at_the_end_of_a_line_the_next_one_is_taken() -> None:
    request = request_at("python", "def f():\n    x = 1¦\n", trigger="invoked")
    assert_ends(request, "line", "\n    return x‡\n\n")
    assert_ends(request, "line", "‡\n\ndef g():\n")


@pytest.mark.parametrize(
    ("cursor", "generated"),
    [
        ("def f(a):¦\n", "\n    b = a\n\n    return b‡\n\n\ndef g():"),
        ("def f(a):¦\n", " return a‡\nx = 1\n"),
        ("def f(a):\n    ¦\n", "b = a\n\n    return b‡\n\n\ndef g():"),
        ("def f(a):\n    b = 1\n    ¦\n\n", "c = 2\n    d = 3‡\n\n    return d\n"),
        ("def f(a):\n    b = 1\n    ¦\n\n", "if a:\n        d = 3\n\n        e = 4‡\n\n    return d\n"),
        ("def f(a):\n    b = 1\n¦\n\n", "    c = 2\n    d = 3‡\ndef g():\n    pass"),
        ("class A:\n    ¦\n", 'x = """\ntext at the margin\n"""\n    y = 1‡\nz = 2'),
        (
            "class A:\n\n    x = 1\n\n    ¦\n\n    def b(self):\n",
            "def a(self):\n        return 1‡\n\n    def b(self):\n",
        ),
        ("# the answer\n¦\n", "def f():\n    return 42\n‡".replace("\n‡", "‡\n\n\ndef g():")),
        ("if a:¦\n", "\n    b()‡\nelse:\n    c()\n"),
        ("def f(a,\n          b):¦\n", "\n    return a‡\n\nx = 1"),
    ],
)
def test_an_indented_block_ends_at_a_dedent(cursor: str, generated: str) -> None:
    assert_ends(request_at("python", cursor), "block", generated)


@pytest.mark.parametrize(
    ("cursor", "generated"),
    [
        ("spec:\n  containers:¦\n", "\n  - name: a\n    image: b\n  - name: c‡\n  volumes:\n"),
        ("spec:\n  containers:\n  ¦\n", "- name: a\n    image: b\n\n  - name: c‡\nstatus:\n"),
        ("jobs:\n¦\n", "- a: b\n- c‡\n---\n"),
        ("jobs:¦\n", "\n  - a\n  - b‡\n- c\n"),
        ("- ports:¦\n", "\n    - 1‡\n- ports:\n"),
        ("- a: 1\n  ports:¦\n", "\n  - 1\n  - 2‡\n- a: 2\n"),
        ("jobs:\n- a\n¦\n", "- b\n- c‡\n\n- d\n"),
    ],
)
def test_items_are_of_the_list_that_a_key_as_deep_opens(cursor: str, generated: str) -> None:
    assert_ends(request_at("yaml", cursor), "block", generated)


@pytest.mark.parametrize(
    ("language", "cursor", "generated"),
    [
        ("java", "int f(int a) {¦\n", "\n    if (a > 1) {\n        a = 2;\n    }\n    return a;\n}‡\n\nint g() {"),
        ("java", "int f(int a) {¦\n}\n", "\n    return a;‡\n}\n"),
        ("java", "int f(int a) {¦}\n", "\n    return a;\n‡}\n"),
        ("java", "int f(\n        int a) {¦\n", "\n    return a;\n}‡\nint g"),
        ("cpp", "namespace a {\nint f() {¦\n}\n", "\n  return 1;\n}‡\n\nint g"),
        ("cpp", "namespace a {\nint f() {¦\n}\n}\n", "\n  return 1;‡\n}\n\nint g"),
        ("go", "func f() {¦\n", "\n\ta := `\\`\n\treturn a\n}‡\n\nfunc"),
        ("csharp", "int F() {¦\n", '\n  var a = @"{\\";\n  return 1;\n}‡\n\nint'),
        ("java", "class A {\n    int f(int a) {¦\n}\n", "\n        return a;\n    }‡\n\n    int g"),
        ("java", "class A {\n    int x;\n\n    ¦\n}\n", "int f() {\n        return x;\n    }‡\n\n    int g() {"),
        ("java", "class A {\n    int x;\n    ¦\n}\n", "int y;‡\n}\n\nclass B"),
        ("javascript", "f(() => {¦\n", "\n  g();\n});‡\nh();"),
        ("javascript", "f(() => {¦\n", "\n  g('}');\n});‡\nh();"),
        ("javascript", "const a = {¦\n", "\n  b: 1,\n  c: [2],\n};‡\nh();"),
        ("c", "int f(void)\n{\n\t¦\n", "#ifdef A\n\treturn 1;\n#endif\n\treturn 2;\n}‡\n\nint g"),
        ("go", "func f() {\n\t¦\n}\n", "x := 1\n\treturn‡\n}\n\nfunc g"),
        ("scala", "def f(x: Int) =¦\n", "\n  x + 1‡\n\ndef g(y: Int)"),
    ],
)
def test_a_block_in_braces_ends_at_its_brace(language: str, cursor: str, generated: str) -> None:
    assert_ends(request_at(language, cursor), "block", generated)


@pytest.mark.parametrize(
    ("language", "cursor", "generated"),
    [
        ("ruby", "def f(a)¦\n", "\n  if a\n    b\n  end\n  c\nend‡\n\ndef g"),
        ("ruby", "def f(a)¦\nend\n", "\n  a + 1‡\nend\n"),
        ("ruby", "if a¦\n", "\n  b\nelse\n  c\nend‡\nd\n"),
        ("ruby", "class A\n  def f(a)\n    ¦\n  end\nend\n", "a + 1‡\n  end\n"),
        ("lua", "f(function()¦\n", "\n  return 1\nend)‡\nx = 2"),
        ("lua", "repeat¦\n", "\n  x = x + 1\nuntil x > 3‡\n"),
        ("shellscript", "if [ -f a ]; then¦\n", "\n  rm a\nelse\n  touch a\nfi‡\necho"),
        ("shellscript", "f() {¦\n", "\n  rm a\n}‡\nf\n"),
    ],
)
def test_a_block_with_a_keyword_ends_at_it(language: str, cursor: str, generated: str) -> None:
    assert_ends(request_at(language, cursor), "block", generated)


def assert_ends(request: CompletionRequest, extent: Extent, generated: str) -> None:
    """Feed the text character by character, as the decoder does, and look where the rule first says stop."""
    rule = stop_rule_for(request, extent, language_for(request.language))
    text = generated.replace("‡", "")
    for length in range(1, len(text) + 1):
        end = rule(text[:length])
        if end is not None:
            assert text[:end] + "‡" + text[end:] == generated
            return
    pytest.fail("the rule never said stop")


CURSORS = st.sampled_from(
    [
        ("python", "def f(a):¦\n"),
        ("python", "class A:\n    def f(self):\n        x = 1\n        ¦\n\n    y = 1\n"),
        ("java", "int f(int a) {¦}\n"),
        ("java", "class A {\n    int f() {\n        ¦\n    }\n}\n"),
        ("ruby", "def f(a)¦\n"),
        ("lua", "f(function()¦\n"),
        ("yaml", "a:\n  b:¦\n"),
    ]
)
GENERATED = st.lists(
    st.sampled_from(
        [
            "x",
            "(",
            ")",
            "{",
            "}",
            "\n",
            "\n\n",
            "    ",
            "  ",
            "end",
            "else",
            "if a:",
            '"',
            ":",
            "return 1",
            ";",
            "-",
            " ",
        ]
    ),
    max_size=25,
).map("".join)


@given(CURSORS, GENERATED, st.sampled_from(["line", "block"]))
@settings(max_examples=150)
def test_once_said_an_end_is_not_unsaid_and_lies_in_the_text(
    cursor: tuple[str, str], text: str, extent: Extent
) -> None:
    request = request_at(*cursor)
    rule = stop_rule_for(request, extent, language_for(request.language))
    said: int | None = None
    for length in range(len(text) + 1):
        end = rule(text[:length])
        if said is not None:
            assert end == said
        if end is not None:
            assert 0 <= end <= length
            said = end
