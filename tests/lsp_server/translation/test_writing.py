"""What stands around the model: declarations, where a body ends, imports, reassembly, prompts, demonstrations."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.languages import language_for
from lsp_server.translation.assembly import assemble, suggested_name
from lsp_server.translation.candidates import syntax_errors
from lsp_server.translation.declarations import declaration, signature_of
from lsp_server.translation.demonstrations import STORE, Demonstration, find_demonstrations
from lsp_server.translation.ending import body_end, closed
from lsp_server.translation.imports import header, imports_for, split_imports
from lsp_server.translation.outline import Unit, outline_source
from lsp_server.translation.prompts import Failure, translation_prompt
from lsp_server.translation.targets import TARGETS
from lsp_server.verification import Example, ExampleTests
from models import ChatPrompt, Prompt

SOURCE = "def has_close(numbers: list[float], threshold: float) -> bool:\n    return False\n"
DECLARATIONS = {
    "python": "def has_close(numbers: list[float], threshold: float) -> bool:\n",
    "java": "public static boolean hasClose(List<Double> numbers, double threshold) {\n",
    "cpp": "bool has_close(std::vector<double> numbers, double threshold) {\n",
    "javascript": "function hasClose(numbers, threshold) {\n",
    "typescript": "function hasClose(numbers: number[], threshold: number): boolean {\n",
    "go": "func hasClose(numbers []float64, threshold float64) bool {\n",
    "rust": "fn has_close(numbers: Vec<f64>, threshold: f64) -> bool {\n",
    "csharp": "public static bool HasClose(List<double> numbers, double threshold) {\n",
}


def only_unit(source: str, language: str) -> Unit:
    (unit,) = outline_source(source, language_for(language)).units
    return unit


@pytest.mark.parametrize("target", TARGETS)
def test_the_declaration_comes_from_the_outline(target: str) -> None:
    signature = signature_of(only_unit(SOURCE, "python"), language_for("python"))
    assert declaration(signature, language_for(target)) == DECLARATIONS[target]


def test_types_that_the_source_leaves_open_come_from_examples() -> None:
    unit = only_unit("function f(a, b) { return a.concat(b); }", "javascript")
    javascript, java = language_for("javascript"), language_for("java")
    assert declaration(signature_of(unit, javascript), java) == "public static "
    tests = ExampleTests("f", (Example(([1], ["x"]), ["x"]), Example(([2], []), [])))
    assert declaration(signature_of(unit, javascript, tests), java) == (
        "public static List<String> f(List<Integer> a, List<String> b) {\n"
    )


@pytest.mark.parametrize(
    ("language", "before", "body", "after"),
    [
        ("python", "def f(a):\n", "    if a:\n        return 1\n    return 2\n", "\n\ndef g():\n    pass\n"),
        ("python", "def f(a):\n", '    s = """\nx\n"""\n    return s\n', "print(1)\n"),
        ("python", "    def f(self):\n", "        return [\n1,\n]\n", "    def g(self):\n"),
        ("java", "class A {\n    int f() {\n", '        if (x) { g("}"); }\n        return 1; // }\n    }', "\n}\n"),
        ("javascript", "const f = (a) => {\n", "  return { a: [1] }\n}", "\nf(1)\n"),
        ("cpp", "int f(", "int a) {\n  return {1}[0];\n}", "\nint main() {}\n"),
    ],
)
def test_a_body_ends_where_its_block_does(language: str, before: str, body: str, after: str) -> None:
    rule = body_end(before, language_for(language))
    text = ""
    for character in body + after:
        text += character
        end = rule(text)
        if end is not None:
            assert text[:end] == body
            return
    pytest.fail("it never ended")


@given(st.text(alphabet="ab{}()\n \"'", max_size=40))
def test_ends_and_closings_never_fail(text: str) -> None:
    for language in (language_for("java"), language_for("python")):
        end = body_end("int f() {\n" if language.id == "java" else "def f():\n", language)(text)
        assert end is None or 0 <= end <= len(text)
        assert closed(text, language).endswith("\n")


def test_what_is_open_is_closed() -> None:
    java = language_for("java")
    assert closed("class A {\n    int f() {\n        return 1;\n    }", java) == (
        "class A {\n    int f() {\n        return 1;\n    }\n}\n"
    )


@pytest.mark.parametrize(
    ("language", "text", "lines"),
    [
        ("cpp", "std::vector<int> f() { return {}; }", ["#include <vector>"]),
        ("cpp", "vector<int> f() { return {}; }", ["#include <vector>", "using namespace std;"]),
        ("java", "static List<Integer> f() { return null; }", ["import java.util.*;"]),
        ("python", "def f(a: List[int]):\n    return math.pi\n", ["from typing import *", "import math"]),
        ("rust", "fn f() -> HashMap<i32, i32> { HashMap::new() }", ["use std::collections::HashMap;"]),
        ("go", 'func f() { fmt.Println(strings.ToUpper("a")) }', ["fmt", "strings"]),
        ("javascript", "function f() { return 1; }", []),
    ],
)
def test_imports_are_those_that_are_used(language: str, text: str, lines: list[str]) -> None:
    assert imports_for(text, language_for(language)) == lines


def test_go_has_one_package_and_one_import_block() -> None:
    go = language_for("go")
    lines, rest = split_imports('package main\n\nimport (\n\t"fmt"\n)\n\nfunc f() {}\n', go)
    assert header([*lines, "strings"], go) == 'package main\n\nimport (\n\t"fmt"\n\t"strings"\n)\n\n'
    assert rest == "func f() {}\n"


@pytest.mark.parametrize("target", TARGETS)
def test_units_are_put_together_as_a_file_that_parses(target: str) -> None:
    signature = signature_of(only_unit(SOURCE, "python"), language_for("python"))
    language = language_for(target)
    head = declaration(signature, language)
    text = head + "    return False\n" if target == "python" else closed(head + "    return false;", language)
    first = only_unit(SOURCE, "python")
    second = only_unit("def other() -> int:\n    return 1\n", "python")
    whole = assemble(
        [(first, text), (second, text.replace("has", "other").replace("Has", "Other"))], language, "a_file.py"
    )
    assert syntax_errors(whole, language) == 0
    assert whole.count("class AFile {") == TARGETS[target].in_class


def test_a_name_is_suggested_that_is_not_taken() -> None:
    assert suggested_name("some/my_tool.py", language_for("java")) == "MyTool.java"
    assert suggested_name("MyTool.java", language_for("python"), ["my_tool.py"]) == "my_tool_2.py"


def test_the_completion_prompt_ends_with_the_declaration() -> None:
    python, rust = language_for("python"), language_for("rust")
    example = Demonstration("p", "def a(): pass\n", "fn a() {}\n")
    prompt = translation_prompt("def f(): pass", python, rust, "fn f() {\n", [example])
    assert prompt == Prompt(
        "# Python\ndef a(): pass\n\n// Rust\nfn a() {}\n\n# Python\ndef f(): pass\n\n// Rust\nfn f() {\n"
    )
    repair = translation_prompt(
        "def f(): pass", python, rust, "fn f() {\n", [], Failure("fn f( {}", "no\nway", built=False)
    )
    assert isinstance(repair, Prompt)
    assert "// Rust\nfn f( {}\n\n// This does not compile:\n// no\n// way\n\n// Rust\nfn f() {\n" in repair.prefix


def test_the_chat_prompt_begins_the_answer() -> None:
    python, rust = language_for("python"), language_for("rust")
    prompt = translation_prompt(
        "def f(): pass", python, rust, "fn f() {\n", [], Failure("fn f( {}", "no", built=True), "chat"
    )
    assert isinstance(prompt, ChatPrompt)
    assert [message.role for message in prompt.messages] == ["user", "assistant", "user"]
    assert prompt.opening == "```rust\nfn f() {\n"
    assert "wrong result:\nno" in prompt.messages[-1].content


def test_demonstrations_ship_with_their_origin_and_licence_and_are_found_by_words() -> None:
    import json

    rows = [json.loads(line) for line in STORE.read_text(encoding="utf-8").splitlines()]
    assert STORE.stat().st_size < 400_000
    assert all(
        item["source"] and item["license"] in ("MIT", "CC-BY-4.0") for row in rows for item in row["solutions"].values()
    )
    found = find_demonstrations(
        "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n", "python", "java", 3
    )
    assert len(found) == 3
    assert all(example.source and "{" in example.target for example in found)
    assert find_demonstrations("x", "python", "java", 0) == []


@pytest.mark.parametrize("source", ["c", "php", "ruby", "kotlin"])
def test_other_sources_borrow_the_examples_of_a_relative(source: str) -> None:
    assert isinstance(find_demonstrations("int max sum", source, "go", 1), list)
