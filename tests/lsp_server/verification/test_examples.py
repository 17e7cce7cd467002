"""Examples: which results agree, calls in every language, and examples made by running a source."""

import random

import pytest

from lsp_server.languages import language_for
from lsp_server.sandbox.sandbox import SandboxUnavailable, find_sandbox
from lsp_server.translation.types import read_type
from lsp_server.verification import Example, ExampleTests, ProgramTests, Tests
from lsp_server.verification.derived import can_be_held, draw, value_for
from lsp_server.verification.examples import agree, find_function
from lsp_server.verification.from_source import make_tests
from lsp_server.verification.harnesses import results
from lsp_server.verification.judge import make_judge
from lsp_server.verification.tests import Value
from lsp_server.verification.toolbox import find_tools
from models.decoding.cancellation import NEVER

MAX_PAIR = {
    "python": "def max_pair(nums, name):\n    return (max(nums), name.upper())\n",
    "javascript": "function maxPair(nums, name) { return [Math.max(...nums), name.toUpperCase()] }",
    "typescript": "function maxPair(nums: number[], name: string): [number, string] "
    "{ return [Math.max(...nums), name.toUpperCase()] }",
    "java": "import java.util.*;\nclass Solution { public List<Object> maxPair(List<Integer> nums, String name) "
    "{ return Arrays.asList(Collections.max(nums), name.toUpperCase()); } }",
    "cpp": "#include <bits/stdc++.h>\nusing namespace std;\npair<int, string> max_pair(const vector<int>& nums, "
    "string name) { for (auto& c : name) c = toupper(c); return {*max_element(nums.begin(), nums.end()), name}; }",
    "go": 'package main\nimport "strings"\nfunc maxPair(nums []int, name string) (int, string) '
    "{ m := nums[0]; for _, v := range nums { if v > m { m = v } }; return m, strings.ToUpper(name) }",
    "rust": "fn max_pair(nums: &[i32], name: &str) -> (i32, String) "
    "{ (*nums.iter().max().unwrap(), name.to_uppercase()) }",
    "csharp": "using System.Linq; using System.Collections.Generic;\nclass P { public static object[] MaxPair("
    "List<int> nums, string name) { return new object[] { nums.Max(), name.ToUpper() }; } }",
    "php": "<?php\nfunction maxPair($nums, $name) { return [max($nums), strtoupper($name)]; }\n",
    "ruby": "def max_pair(nums, name)\n  [nums.max, name.upcase]\nend\n",
}  # fmt: skip
SOURCES = {
    "python": ("gcd", "def gcd(a: int, b: int) -> int:\n    while b:\n        a, b = b, a % b\n    return a\n"),
    "javascript": ("vowels", "function vowels(text) { return [...text].filter(c => 'aeiou'.includes(c)).length }"),
    "typescript": ("evens", "export function evens(nums: number[]): number[] { return nums.filter(n => n % 2 === 0) }"),
    "java": (
        "counts",
        "import java.util.*;\nclass Solution { public static Map<String, Integer> counts(List<String> words) { "
        "Map<String, Integer> m = new HashMap<>(); for (String w : words) m.merge(w, 1, Integer::sum); return m; } }",
    ),
    "cpp": (
        "flat",
        "#include <vector>\n#include <set>\nusing namespace std;\nset<int> flat(vector<vector<int>> rows) "
        "{ set<int> r; for (auto& row : rows) for (int x : row) r.insert(x); return r; }",
    ),
    "go": ("divmod", "package main\n\nfunc divmod(a int, b int) (int, int) {\n\treturn a / b, a % b\n}\n"),
    "rust": ("twice", "fn twice(values: &mut Vec<i32>) { for v in values.iter_mut() { *v *= 2; } }"),
    "csharp": ("Half", "class P { public static double Half(double x) { return x / 2; } }"),
    "c": ("add", "int add(int a, int b) { return a + b; }\n"),
    "php": ("add", "<?php\nfunction add(int $a, int $b): int { return $a + $b; }\n"),
    "ruby": ("add", "def add(a, b)\n  a + b\nend\n"),
}
QUICK = ("python", "javascript")
EXAMPLES = (Example(([1, 5, 2], 'ab"c'), [5, 'AB"C']), Example(([-1], ""), [-1, ""]))


def needs(name: str) -> None:
    try:
        find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    if find_tools(language_for(name)) is None:
        pytest.skip(f"no toolchain for {name}")


def marked(names: dict[str, object]) -> list[object]:
    return [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in names]


@pytest.mark.parametrize("name", marked(dict(MAX_PAIR)))
def test_calls_in_every_language(name: str) -> None:
    needs(name)
    judge = make_judge(allowed=True)
    right = judge(MAX_PAIR[name], language_for(name), ExampleTests("max_pair", EXAMPLES), NEVER)
    assert (right.status, right.test_origin, right.tests_agreed) == ("verified", "translated", 2), right
    wrong = (*EXAMPLES, Example(([1, 2], "a"), [1, "A"]))
    verdict = judge(MAX_PAIR[name], language_for(name), ExampleTests("max_pair", wrong), NEVER)
    assert (verdict.status, verdict.stage, verdict.tests_run, verdict.tests_agreed) == ("failed", "tests", 3, 2)
    assert verdict.messages == 'max_pair([1, 2], "a") gave [2, "A"], expected [1, "A"]'


@pytest.mark.parametrize("name", marked(dict(SOURCES)))
def test_examples_made_from_a_source_hold_for_it(name: str) -> None:
    needs(name)
    function, text = SOURCES[name]
    tests = make_tests(text, language_for(name), function, NEVER, allowed=True)
    assert isinstance(tests, ExampleTests)
    assert len(tests.examples) >= 3
    assert len({repr(example.expected) for example in tests.examples}) > 1
    verdict = make_judge(allowed=True)(text, language_for(name), tests, NEVER)
    assert (verdict.status, verdict.test_origin) == ("verified", "derived"), verdict


def test_an_assertion_that_the_source_breaks_is_no_example() -> None:
    needs("python")
    text = "def inc(x):\n    return x + 1\n\ndef test():\n"
    text += "    assert inc(1) == 2\n    assert inc(2) == 3\n    assert inc(3) == 9\n"
    tests = make_tests(text, language_for("python"), "inc", NEVER, allowed=True)
    assert isinstance(tests, ExampleTests)
    assert tests.translated
    assert [example.expected for example in tests.examples] == [2, 3]


def test_without_leave_only_what_stands_in_the_source() -> None:
    text = "def inc(x):\n    return x + 1\n\nassert inc(1) == 2\n"
    tests = make_tests(text, language_for("python"), "inc", NEVER, allowed=False)
    assert tests == ExampleTests("inc", (Example((1,), 2),))
    assert make_tests("def inc(x): return x", language_for("python"), "inc", NEVER, allowed=False) is None


@pytest.mark.parametrize(
    "text",
    [
        "import random\ndef f(n):\n    return random.random()\n",
        "def f(n):\n    raise ValueError(n)\n",
        "def f(n):\n    return object()\n" + "import time\n",
        "def f(node: Node) -> int:\n    return 1\n",
        "def f():\n    return 1\n",
    ],
    ids=["random", "raises", "an object", "a type of its own", "no parameters"],
)
def test_sources_that_show_nothing_have_no_examples(text: str) -> None:
    needs("python")
    tests: Tests | None = make_tests(text, language_for("python"), "f", NEVER, allowed=True)
    assert tests is None


@pytest.mark.slow
def test_a_whole_program_is_known_by_its_output() -> None:
    needs("python")
    tests = make_tests("print(sum(range(5)))\n", language_for("python"), "", NEVER, allowed=True)
    assert isinstance(tests, ProgramTests)
    assert tests.runs[0].stdout == "10\n"
    assert make_judge(allowed=True)("console.log(10)", language_for("javascript"), tests, NEVER).status == "verified"
    assert make_tests("x = 1\n", language_for("python"), "", NEVER, allowed=True) is None
    assert make_tests("import time\nprint(time.time_ns())\n", language_for("python"), "", NEVER, allowed=True) is None


def test_types_that_cannot_take_the_examples_are_not_blamed() -> None:
    needs("python")
    verdict = make_judge(allowed=True)("def g(x): return x\ndef h(x): return x\n", language_for("python"),
                                       ExampleTests("f", EXAMPLES), NEVER)  # fmt: skip
    assert verdict.status == "builds"
    assert "no function like f" in verdict.evidence


@pytest.mark.parametrize(
    ("expected", "actual", "same"),
    [
        (1, 1.0, True),
        (0.1 + 0.2, 0.3, True),
        (1, True, False),
        (True, 1, False),
        ([1, 2], [2, 1], False),
        ({"$set": [1, 2]}, {"$set": [2, 1]}, True),
        ({"$set": [1, 2]}, [2, 1], True),
        ({"$set": [1, 1]}, [1, 2], False),
        ({"a": [1]}, {"a": [1.0]}, True),
        ({"a": 1}, {"b": 1}, False),
        ("1", 1, False),
        (None, [], False),
        ([], None, False),
        (None, None, True),
    ],
)
def test_agreement(expected: Value, actual: Value, same: bool) -> None:
    assert agree(expected, actual, 1e-6) is same


def test_what_languages_say_differently_agrees_in_theirs() -> None:
    assert agree([], None, 1e-6, "go")
    assert agree(True, 1, 1e-6, "c")


@pytest.mark.parametrize("text", ['"a\u2028b"', '"a\x85b"'])
def test_a_result_may_hold_what_python_ends_lines_at(text: str) -> None:
    assert results(f"\nmark 0 {text}\n", "mark") == {0: text.strip('"')}


@pytest.mark.parametrize("rest", ["mark", "mark ", "mark 1", "mark 1 ", "mark 1 53", f"mark 1 {'[' * 100_000}\n"])
def test_a_result_that_was_cut_off_is_missing(rest: str) -> None:
    assert results(f"\nmark 0 5\n\n{rest}", "mark") == {0: 5}


def test_inputs_are_the_same_every_time_and_start_plainly() -> None:
    kinds = [read_type("int", "python"), read_type("list[str]", "python")]
    first, second = (draw(kinds, random.Random(7)) for _ in range(2))
    assert first == second
    assert len(first) == len({repr(call) for call in first}) > 20
    assert first[0][0] == 3


@pytest.mark.parametrize(
    "text", ["int", "float", "bool", "str", "list[int]", "dict[int, str]", "set[int]", "tuple[int, str]", "int | None"]
)
def test_every_type_has_values_that_can_be_held(text: str) -> None:
    generator = random.Random(0)
    assert all(can_be_held(value_for(read_type(text, "python"), generator, number)) for number in range(40))


def test_values_that_cannot_be_held() -> None:
    assert not can_be_held([1, {"$error": "no"}])
    assert not can_be_held(1 << 40)
    assert not can_be_held(float("inf"))


def test_a_function_is_found_under_its_other_name() -> None:
    function = find_function(MAX_PAIR["java"], language_for("java"), ExampleTests("max_pair", ()))
    assert function is not None
    assert (function.name, function.owner, function.static) == ("maxPair", "Solution", False)


def test_a_function_is_static_whatever_its_comment_calls() -> None:
    text = "class C {\n    // half(4); nothing static (here)\n    public static int half(int x) { return x / 2; }\n}\n"
    for name in ("csharp", "java"):
        for source, static in ((text, True), (text.replace("public static", "public"), False)):
            function = find_function(source, language_for(name), ExampleTests("half", ()))
            assert function is not None
            assert function.static is static
