"""Comparing a translation with its source on inputs of our own: which inputs, and what is made of a difference."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lsp_server.languages import language_for
from lsp_server.sandbox import StepResult
from lsp_server.sandbox.sandbox import Sandbox, SandboxUnavailable, find_sandbox
from lsp_server.translation.types import BOOL, FLOAT, INT, STR, Type, list_of
from lsp_server.verification import Example, ExampleTests, GivenTests, Tests, Value, Verdict, against_source
from lsp_server.verification.examples import find_function
from lsp_server.verification.judge import make_judge
from lsp_server.verification.probing.domain import domain_of
from lsp_server.verification.probing.forms import learnt_form
from lsp_server.verification.probing.inputs import Inputs
from lsp_server.verification.probing.kinds import input_types
from lsp_server.verification.probing.known import constants_in, known_inputs
from lsp_server.verification.probing.mutants import mutants_of
from lsp_server.verification.probing.plan import make_probes
from lsp_server.verification.probing.variants import run_variants
from lsp_server.verification.toolbox import find_tools
from models.decoding.cancellation import NEVER

PYTHON, JAVASCRIPT, JAVA, CPP = (language_for(name) for name in ("python", "javascript", "java", "cpp"))
KINDS = st.recursive(
    st.sampled_from((INT, FLOAT, BOOL, STR)),
    lambda inner: st.one_of(inner.map(list_of), st.tuples(inner, inner).map(lambda pair: Type("tuple", pair))),
    max_leaves=3,
)

SOURCE = """def small(numbers, limit):
    found = []
    for number in numbers:
        if number < limit:
            found.append(number)
    return found
"""
TESTS = """console.assert(JSON.stringify(small([1, 5, 3, 9], 4)) === JSON.stringify([1, 3]))
console.assert(JSON.stringify(small([7, 8, 2, 2], 3)) === JSON.stringify([2, 2]))
console.assert(JSON.stringify(small([6, 10], 20)) === JSON.stringify([6, 10]))
console.assert(JSON.stringify(small([], 1)) === JSON.stringify([]))
"""
RIGHT = """function small(numbers, limit) {
  const found = []
  for (let i = 0; i < numbers.length; i++)
    if (numbers[i] < limit) found.push(numbers[i])
  return found
}
"""


@pytest.fixture(scope="module")
def sandbox() -> Sandbox:
    try:
        return find_sandbox()
    except SandboxUnavailable as error:
        pytest.skip(str(error))


def fits(value: Value, kind: Type) -> bool:
    if kind.kind == "bool":
        return isinstance(value, bool)
    if kind.kind == "int":
        return isinstance(value, int) and not isinstance(value, bool)
    if kind.kind == "float":
        return isinstance(value, float) and value * 4 == int(value * 4)
    if kind.kind == "str":
        return isinstance(value, str)
    if kind.kind == "tuple":
        return isinstance(value, list) and all(fits(x, part) for x, part in zip(value, kind.of, strict=True))
    return isinstance(value, list) and all(fits(item, kind.of[0]) for item in value)


@settings(deadline=None, max_examples=30)
@given(st.lists(KINDS, min_size=1, max_size=3), st.integers(0, 99))
def test_inputs_fit_their_types_and_repeat(kinds: list[Type], seed: int) -> None:
    found = Inputs(kinds, (7, "xy"), seed).pool([], 40)
    assert found == Inputs(kinds, (7, "xy"), seed).pool([], 40)
    assert len({json.dumps(arguments) for arguments in found}) == len(found)
    assert all(fits(value, kind) for arguments in found for value, kind in zip(arguments, kinds, strict=True))


def test_inputs_lie_at_the_boundaries_of_the_program() -> None:
    constants = constants_in("def f(n, s):\n    return n > 17 and s == 'quux'\n", PYTHON)
    assert constants == (17, "quux")
    numbers = [arguments[0] for arguments in Inputs([INT, STR], constants).pool([(3, "a")], 400)]
    assert all(number in numbers for number in (16, 17, 18))
    lists = Inputs([list_of(INT), INT], ()).pool([([4, 1, 4], 9)], 400)
    assert ([4, 1, 4], 3) in lists, "a number as large as the list is long"
    assert ([1, 4, 4], 9) in lists, "in order"
    assert ([], 9) in lists
    assert lists[0] == ([4, 1, 4], 9)


@settings(deadline=None)
@given(st.lists(st.tuples(st.lists(st.integers(-9, 9)), st.text("aB1 ", max_size=4)), min_size=1, max_size=6))
def test_what_is_known_is_in_its_domain(known: list[tuple[list[int], str]]) -> None:
    rows: list[tuple[Value, ...]] = [([*numbers], text) for numbers, text in known]
    for domain in (domain_of(rows), domain_of(rows, "all")):
        assert all(domain.holds(row) for row in rows)


def test_a_domain_ends_at_signs_and_other_letters() -> None:
    known: list[tuple[Value, ...]] = [([3, 5, 8], "ab"), ([1, 9], "c"), ([2], "xyz"), ([4, 6, 7, 7], "q")]
    narrow, wide = domain_of(known), domain_of(known, "all")
    outside: list[tuple[Value, ...]] = [
        ([-1, 2], "ab"),
        ([1, 2], "aB"),
        ([1, 2], "a b"),
        ([], "a"),
        ([5, 1], "a"),
        ([2.5], "a"),
    ]
    for row in outside:
        assert not narrow.holds(row)
        assert not wide.holds(row)
    assert wide.holds(([12, 15], "longer"))
    assert not narrow.holds(([12, 15], "longer"))
    assert not domain_of([]).holds((1,))


def test_a_mutant_of_a_mutant_is_the_program_again() -> None:
    for text, language in ((SOURCE + "x = 1 + 2 * 3 // 4 if not a or b else c\n", PYTHON), (RIGHT, JAVASCRIPT)):
        for mutant in mutants_of(text, language):
            assert mutant.text != text
            if mutant.after:
                back = [again.text for again in mutants_of(mutant.text, language) if again.line == mutant.line]
                assert text in back, str(mutant)
    first = mutants_of(SOURCE, PYTHON)[0]
    assert (str(first), first.line) == ("`<=` for `<` in line 4", 4)


@pytest.mark.parametrize(
    ("pairs", "same", "different"),
    [
        ([(1, 1), ([2.0], [2])], (3, 3), (3, 4)),
        ([(1.23, 1.2345)], (6.5, 6.501), (6, 7)),
        ([(1.23, "1.23")], (6.5, "6.50"), (6.5, "7.50")),
        ([(None, -1), (4, 4)], (None, -1), (None, 4)),
        ([(True, "Yes"), (False, "No")], (False, "No"), (False, "Yes")),
    ],
)
def test_forms_are_learnt(
    pairs: list[tuple[Value, Value]], same: tuple[Value, Value], different: tuple[Value, Value]
) -> None:
    form = learnt_form(pairs, 1e-6, "javascript")
    assert form is not None
    assert form.same(*same, "javascript")
    assert not form.same(*different, "javascript")


def test_no_form_where_results_are_unlike() -> None:
    assert learnt_form([(1, 7), (2, 9), (3, 1)], 1e-6, "javascript") is None


VARIANTS = {
    "python": ("def f(n):\n    while n > 4:\n        pass\n    return [n, 1 // n]\n", "1 // n", "(1"),
    "javascript": ("function f(n) { while (n > 4) {} return [n, [1][n - 1].valueOf()] }", "n > 4", "("),
    "java": (
        "import java.util.*;\npublic class Solution { public List<Integer> f(int n) "
        "{ while (n > 4) ; return Arrays.asList(n, 1 / n); } }",
        "1 / n",
        "(1",
    ),
    "cpp": (
        "#include <vector>\nusing namespace std;\nvector<int> f(int n) "
        "{ volatile int m = n; while (m > 4) ; if (m == 0) __builtin_trap(); return {n, m}; }",
        "{n, m}",
        "(1",
    ),
}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name in ("java", "cpp") else []) for name in VARIANTS]
)
def test_variants_side_by_side(name: str, sandbox: Sandbox) -> None:
    language = language_for(name)
    if find_tools(language) is None:
        pytest.skip(f"no toolchain for {name}")
    text, part, broken = VARIANTS[name]
    function = find_function(text, language, ExampleTests("f", ()))
    assert function is not None
    other = text.replace("n > 4", "n > 9").replace("m > 4", "m > 9")
    texts = [text, text.replace(part, broken), other]
    inputs: list[tuple[Value, ...]] = [(1,), (5,), (0,), (1,)]
    found = run_variants(texts, function, language, inputs, sandbox, NEVER)
    assert found is not None
    plain, none, changed = found
    assert plain[0] == plain[3] == [1, 1], "what ended one call does not end the others"
    assert plain[1] == {"$late": True}
    assert isinstance(plain[2], dict)
    assert "$error" in plain[2]
    assert none == {}
    assert isinstance(changed[1], list) or name == "javascript"


@pytest.mark.parametrize(
    ("said", "seen"),
    [("0 0 5\n\nresult-0 0", {0: 5}), ("0 0 5\n\nresult-0 0 1 53", {0: 5}), ('0 0 "a\u2028b"\n', {0: "a\u2028b"})],
)
def test_lines_of_results_end_at_line_feeds(
    said: str, seen: dict[int, Value], sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hex_zero(_bytes: int) -> str:
        return "0"

    def run(*_: object) -> list[StepResult]:
        return [StepResult(0, f"\nresult-0 {said}", "")]

    monkeypatch.setattr("secrets.token_hex", hex_zero)
    monkeypatch.setattr(Sandbox, "run", run)
    text = VARIANTS["python"][0]
    function = find_function(text, PYTHON, ExampleTests("f", ()))
    assert function is not None
    assert run_variants([text], function, PYTHON, [(1,), (2,)], sandbox, NEVER) == [seen]


def judged(candidate: str, sandbox: Sandbox, *, source: str = SOURCE, tests: Tests | None = None) -> Verdict:
    assert sandbox
    judge = make_judge(allowed=True)
    both = against_source(tests or GivenTests(TESTS), source, PYTHON, "small")
    return judge(candidate, JAVASCRIPT, both, NEVER)


def test_a_right_translation_stays_verified_and_says_on_what(sandbox: Sandbox) -> None:
    verdict = judged(RIGHT, sandbox)
    assert verdict.status == "verified", verdict
    assert verdict.inputs_tried == verdict.inputs_agreed > 100
    assert "made from the source agree" in verdict.evidence


@pytest.mark.parametrize("slip", ["numbers[i] <= limit", pytest.param("numbers[i] == limit", marks=pytest.mark.slow)])
def test_a_slip_that_the_tests_let_pass_is_found(slip: str, sandbox: Sandbox) -> None:
    tests = GivenTests(TESTS if "<=" in slip else "console.assert(small([], 1).length === 0)\n" * 2)
    verdict = judged(RIGHT.replace("numbers[i] < limit", slip), sandbox, tests=tests)
    assert (verdict.status, verdict.stage) == ("failed", "tests"), verdict
    assert "small(" in verdict.messages
    assert verdict.test_origin == "given"


@pytest.mark.slow
def test_a_slip_is_found_after_tests_of_the_source_too(sandbox: Sandbox) -> None:
    examples = (Example(([1, 5, 3, 9], 4), [1, 3]), Example(([7, 8, 2, 2], 3), [2, 2]), Example(([6, 9], 20), [6, 9]))
    tests = ExampleTests("small", examples)
    assert judged(RIGHT, sandbox, tests=tests).status == "verified"
    verdict = judged(RIGHT.replace("numbers[i] < limit", "numbers[i] <= limit"), sandbox, tests=tests)
    assert (verdict.status, verdict.test_origin) == ("failed", "translated"), verdict


def test_a_difference_that_the_tests_leave_open_is_told_and_not_held_against_it(sandbox: Sandbox) -> None:
    source = SOURCE.replace("    found = []", "    if limit == 13:\n        return None\n    found = []")
    verdict = judged(RIGHT, sandbox, source=source)
    assert verdict.status == "verified", verdict
    assert verdict.inputs_agreed < verdict.inputs_tried
    assert "leave open" in verdict.evidence


def test_a_candidate_that_was_fitted_to_its_tests_fails(sandbox: Sandbox) -> None:
    fitted = "function small(numbers, limit) { return { 4: [1, 3], 3: [2, 2], 20: [6, 10] }[limit] || [] }\n"
    verdict = judged(fitted, sandbox)
    assert verdict.status == "failed", verdict
    assert "inputs like those of the tests" in verdict.evidence


def test_a_source_that_cannot_be_run_changes_nothing(sandbox: Sandbox) -> None:
    verdict = judged(RIGHT, sandbox, source="import nothing_of_that_name\n" + SOURCE)
    assert verdict.status == "verified"
    assert verdict.inputs_tried == 0


def test_where_the_source_is_the_only_judge_every_difference_counts(sandbox: Sandbox) -> None:
    source = "def small(numbers, limit):\n    return sorted(numbers)[:limit]\n"
    candidate = "function small(numbers, limit) { return numbers.sort().slice(0, limit) }\n"
    examples = (
        Example(([3, 1, 2], 2), [1, 2]),
        Example(([9, 4], 1), [4]),
        Example(([5, 7, 8, 6], 3), [5, 6, 7]),
        Example(([30, 20, 11], 2), [11, 20]),
    )
    verdict = judged(candidate, sandbox, source=source, tests=ExampleTests("small", examples))
    assert (verdict.status, verdict.stage) == ("failed", "tests"), verdict


def test_whatever_goes_wrong_in_comparing_takes_nothing_away(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> None:
        raise RecursionError

    monkeypatch.setattr("lsp_server.verification.probing.compare.make_probes", broken)
    verdict = judged(RIGHT, sandbox, source=SOURCE + "\n")
    assert (verdict.status, verdict.inputs_tried) == ("verified", 0)


@pytest.mark.slow
def test_inputs_tell_the_source_from_its_mutants(sandbox: Sandbox) -> None:
    function = find_function(SOURCE, PYTHON, ExampleTests("small", ()))
    assert function is not None
    known = known_inputs(GivenTests(TESTS), JAVASCRIPT, "small")
    assert known[0] == ([1, 5, 3, 9], 4)
    kinds = (list_of(INT), INT)
    assert input_types(function, PYTHON, function, JAVASCRIPT, known) == kinds
    probes = make_probes(SOURCE, PYTHON, function, kinds, known, sandbox, NEVER)
    assert probes is not None
    assert {mutant.after for mutant, _ in probes.mutants} == {"<=", ">", ">=", "==", "!="}
    assert probes.alike == 0
    assert len(probes.known) == 4
    plain = random.Random(0).sample(range(len(probes.inputs)), 20)
    for place in plain:
        numbers, limit = probes.inputs[place]
        assert isinstance(numbers, list)
        assert isinstance(limit, int)
        assert probes.expected[place] == [x for x in numbers if isinstance(x, int) and x < limit]
