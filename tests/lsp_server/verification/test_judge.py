"""The judge on small programs in every language whose toolchain is here."""

import json
from collections.abc import Callable

import pytest

from lsp_server.languages import language_for
from lsp_server.languages.toolchains import TOOLCHAINS
from lsp_server.sandbox import Limits
from lsp_server.sandbox.sandbox import Sandbox, SandboxUnavailable, find_sandbox
from lsp_server.verification import GivenTests, ProgramRun, ProgramTests, Tests, Verdict
from lsp_server.verification.judge import SandboxJudge, make_judge
from lsp_server.verification.toolbox import find_program, find_tools
from models import Cancellation, Cancelled
from models.decoding.cancellation import NEVER

Judging = Callable[[str, str, Tests | None], Verdict]

TWICE = {
    "python": ("def twice(x):\n    return x * 2\n", "assert twice(4) == 8\n"),
    "javascript": ("function twice(x) { return x * 2 }\n", "console.assert(twice(4) === 8)\n"),
    "cpp": ("int twice(int x) { return x * 2; }\n", "#include <cassert>\nint main() { assert(twice(4) == 8); }\n"),
    "c": ("int twice(int x) { return x * 2; }\n", "#include <assert.h>\nint main(void) { assert(twice(4) == 8); }\n"),
    "java": (
        "import java.util.*;\n\npublic class Solution {\n    public int twice(int x) { return x * 2; }\n}\n",
        "import static java.util.Objects.equals;\n\npublic class Main {\n    public static void main(String[] args) {\n"
        "        if (new Solution().twice(4) != 8) { throw new AssertionError(); }\n    }\n}\n",
    ),
    "typescript": ("function twice(x: number): number { return x * 2; }\n", "console.assert(twice(4) === 8);\n"),
    "go": (
        "package main\n\nfunc twice(x int) int { return x * 2 }\n",
        'import "fmt"\n\nfunc main() {\n\tif twice(4) != 8 {\n\t\tpanic(fmt.Sprint("test failed"))\n\t}\n}\n',
    ),
    "rust": ("fn twice(x: i32) -> i32 { x * 2 }\n", "fn main() { assert_eq!(twice(4), 8); }\n"),
    "csharp": (
        "class Solution { public static int Twice(int x) { return x * 2; } }\n",
        "class Tests { static void Main() { if (Solution.Twice(4) != 8) throw new System.Exception(); } }\n",
    ),
    "php": ("<?php\nfunction twice($x) { return $x * 2; }\n", "assert(twice(4) === 8);\n"),
    "ruby": ("def twice(x)\n  x * 2\nend\n", "raise 'wrong' unless twice(4) == 8\n"),
}
QUICK = ("python",)
EVERY = [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.slow]) for name in TWICE]


@pytest.fixture
def judge() -> Judging:
    try:
        real = SandboxJudge(find_sandbox(), Limits(wall_s=60, cpu_s=2, memory_mb=1024))
    except SandboxUnavailable as error:
        pytest.skip(str(error))

    def judging(candidate: str, name: str, tests: Tests | None) -> Verdict:
        language = language_for(name)
        if find_tools(language) is None:
            pytest.skip(f"no toolchain for {name}")
        return real(candidate, language, tests, NEVER)

    return judging


@pytest.mark.parametrize("name", EVERY)
def test_right_wrong_and_broken(name: str, judge: Judging) -> None:
    candidate, tests = TWICE[name]
    given = GivenTests(tests)
    verdict = judge(candidate, name, given)
    assert (verdict.status, verdict.tests_agreed) == ("verified", verdict.tests_run), verdict
    wrong = judge(candidate.replace("* 2", "+ 2"), name, given)
    assert (wrong.status, wrong.built, wrong.tests_agreed) == ("failed", True, 0), wrong
    broken = judge(candidate.replace("* 2", "* (2"), name, given)
    assert (broken.status, broken.stage) == ("failed", "build"), broken
    assert broken.messages
    assert "/job" not in broken.messages


@pytest.mark.parametrize("name", EVERY)
def test_without_tests_it_builds(name: str, judge: Judging) -> None:
    assert judge(TWICE[name][0], name, None).status == "builds"


def test_leaving_early_is_not_passing(judge: Judging) -> None:
    verdict = judge("import sys\ndef twice(x):\n    sys.exit(0)\n", "python", GivenTests(TWICE["python"][1]))
    assert verdict.status == "failed"
    verdict = judge("function twice(x) { process.exit(0) }\n", "javascript", GivenTests(TWICE["javascript"][1]))
    assert verdict.status == "failed"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "candidate"),
    [
        ("cpp", "#include <cstdlib>\nint twice(int x) { exit(0); }\n"),
        ("java", "class Solution { int twice(int x) { System.exit(0); return 0; } }\n"),
        ("rust", "fn twice(_: i32) -> i32 { std::process::exit(0) }\n"),
        ("go", 'package main\n\nimport "os"\n\nfunc twice(x int) int {\n\tos.Exit(0)\n\treturn 0\n}\n'),
        ("csharp", "class Solution { public static int Twice(int x) { System.Environment.Exit(0); return 0; } }\n"),
    ],
)
def test_leaving_early_is_not_passing_elsewhere(name: str, candidate: str, judge: Judging) -> None:
    verdict = judge(candidate, name, GivenTests(TWICE[name][1]))
    assert verdict.status == "failed"
    assert "before its tests" in verdict.evidence


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("cpp", "#include <cstdio>\n{}\nint main() { puts(\"program\"); }\n"),
        ("go", '{}\n\nfunc main() {{ println("program") }}\n'),
        ("rust", '{}\nfn main() {{ println!("program"); }}\n'),
        ("java", "{}\nclass Main {{ public static void main(String[] a) {{ System.out.println(1); }} }}\n"),
    ],
)  # fmt: skip
def test_a_candidate_with_an_entry_point_of_its_own(name: str, program: str, judge: Judging) -> None:
    candidate, tests = TWICE[name]
    program = program.replace("{}", "@").replace("{{", "{").replace("}}", "}").replace("@", candidate)
    assert judge(program, name, GivenTests(tests)).status == "verified"


def test_a_python_candidate_is_not_run_as_a_program(judge: Judging) -> None:
    candidate = TWICE["python"][0] + "\nif __name__ == '__main__':\n    print(input())\n"
    assert judge(candidate, "python", GivenTests(TWICE["python"][1])).status == "verified"


@pytest.mark.parametrize(
    "tests",
    [
        "def test_twice():\n    assert twice(4) == {}\n",
        "import unittest\nclass Test(unittest.TestCase):\n    def test_twice(self):\n"
        "        self.assertEqual(twice(4), {})\n",
    ],
)
def test_tests_that_wait_for_a_runner_are_run(tests: str, judge: Judging) -> None:
    candidate = TWICE["python"][0]
    assert judge(candidate, "python", GivenTests(tests.format(8))).status == "verified"
    assert judge(candidate, "python", GivenTests(tests.format(9))).status == "failed"


PYTEST = "import pytest\n\ndef test_twice():\n    assert twice(4) == {}\n"
JEST = "describe('twice', () => {{ it('doubles', () => {{ expect(twice(4)).toBe({}) }}) }})\n"
JUNIT = "import org.junit.Test;\nclass T {{ @Test public void t() {{ assertEquals({}, new Solution().twice(4)); }} }}\n"
GO_TEST = "func TestTwice(t *testing.T) {{ if twice(4) != {} {{ t.Error() }} }}\n"


@pytest.mark.parametrize(
    ("name", "tests"),
    [
        ("python", PYTEST),
        pytest.param("javascript", JEST, marks=pytest.mark.slow),
        pytest.param("java", JUNIT, marks=pytest.mark.slow),
        pytest.param("go", GO_TEST, marks=pytest.mark.slow),
    ],
)
def test_tests_for_a_framework_are_read_as_examples(name: str, tests: str, judge: Judging) -> None:
    verdict = judge(TWICE[name][0], name, GivenTests(tests.format(8)))
    assert (verdict.status, verdict.tests_agreed) == ("verified", 1), verdict
    assert judge(TWICE[name][0], name, GivenTests(tests.format(9))).status == "failed"


def test_tests_for_a_framework_that_cannot_be_read_verify_nothing(judge: Judging) -> None:
    verdict = judge(TWICE["python"][0], "python", GivenTests("import pytest\n\ndef test(x):\n    assert twice(x)\n"))
    assert verdict.status == "builds"
    assert "pytest" in verdict.evidence


@pytest.mark.slow
def test_rust_tests_that_wait_for_a_runner_are_run(judge: Judging) -> None:
    tests = (
        "#[cfg(test)]\nmod tests {\n    use super::*;\n    #[test]\n    fn doubles() { assert_eq!(twice(4), 8); }\n}\n"
    )
    assert judge(TWICE["rust"][0], "rust", GivenTests(tests)).status == "verified"
    assert judge(TWICE["rust"][0], "rust", GivenTests(tests.replace("8", "9"))).status == "failed"


@pytest.mark.slow
def test_modules(judge: Judging) -> None:
    candidate = "import path from 'node:path'\nexport function twice(x) { return path.sep.length * 2 * x }\n"
    assert judge(candidate, "javascript", GivenTests(TWICE["javascript"][1])).status == "verified"


def test_output_of_programs(judge: Judging) -> None:
    program = "import sys\nfor line in sys.stdin:\n    print(int(line) * 2)\n"
    runs = (ProgramRun("1\n2\n", "2\n4\n"), ProgramRun("5\n", "10 \n\n"))
    assert judge(program, "python", ProgramTests(runs)).status == "verified"
    verdict = judge(program.replace("* 2", "* 3"), "python", ProgramTests(runs))
    assert (verdict.status, verdict.stage, verdict.tests_run, verdict.tests_agreed) == ("failed", "tests", 2, 0)
    assert "Expected output:\n2\n4\n\nActual output:\n3\n6\n" in verdict.messages


@pytest.mark.parametrize(
    ("program", "limit"),
    [
        pytest.param("while True: pass", "time", marks=pytest.mark.slow),
        pytest.param("x = []\nwhile True: x.append(bytearray(1 << 22))", "memory", marks=pytest.mark.slow),
        ("while True: print('x' * 1000)", "output"),
        ("import os\nwhile True: os.fork()", "processes"),
        pytest.param(
            "i = 0\nwhile True:\n    i += 1\n    open(str(i), 'wb').write(bytes(1 << 22))",
            "disk",
            marks=pytest.mark.slow,
        ),
    ],
)
@pytest.mark.usefixtures("judge")
def test_the_verdict_says_which_limit_stopped_it(program: str, limit: str) -> None:
    small = SandboxJudge(find_sandbox(), Limits(wall_s=60, cpu_s=4, memory_mb=512, disk_mb=32, processes=40))
    verdict = small(program, language_for("python"), GivenTests("assert True"), NEVER)
    assert (verdict.status, verdict.stopped_by) == ("failed", limit)
    assert "stopped" in verdict.evidence


@pytest.mark.parametrize(
    ("program", "word"),
    [
        ("import socket\nsocket.create_connection(('192.0.2.1', 80), 3)", "unreachable"),
        ("import os\nopen('/usr/bin/x', 'w')", "Read-only file system"),
        ("import os, pathlib\nopen('/etc/shadow')", "No such file"),
    ],
)
def test_the_verdict_says_what_it_ran_into(program: str, word: str, judge: Judging) -> None:
    verdict = judge(program, "python", GivenTests("assert True"))
    assert verdict.status == "failed"
    assert word in verdict.messages


def test_without_permission_nothing_is_run() -> None:
    judge = make_judge(allowed=False)
    verdict = judge("x = 1", language_for("python"), GivenTests("assert x"), NEVER)
    assert (verdict.status, verdict.stage) == ("unchecked", "permission")
    assert "--run" in verdict.hint


def test_without_a_sandbox_nothing_is_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> None:
        raise SandboxUnavailable("no walls here")

    monkeypatch.setattr("lsp_server.verification.judge.find_sandbox", nowhere)
    verdict = make_judge(allowed=True)("x = 1", language_for("python"), None, NEVER)
    assert (verdict.status, verdict.stage) == ("unchecked", "sandbox")
    assert "no walls here" in verdict.evidence


@pytest.mark.parametrize("tests", [None, GivenTests("assert x"), ProgramTests((ProgramRun("", ""),))])
@pytest.mark.parametrize("results", [0, 1])
def test_a_keeper_that_ends_early_leaves_it_unchecked(
    tests: Tests | None, results: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = 1 if tests is None else 2
    said = f"{json.dumps({'exit_code': 0, 'stdout': '', 'stderr': ''})}\n" * min(results, steps - 1)

    def command(*_: object) -> list[str]:
        return ["/bin/sh", "-c", f"cat > /dev/null; printf %s '{said}'"]

    monkeypatch.setattr(Sandbox, "_command", command)
    verdict = SandboxJudge(Sandbox("namespaces"))("x = 1", language_for("python"), tests, NEVER)
    assert (verdict.status, verdict.stage) == ("unchecked", "sandbox"), verdict
    assert verdict.evidence == "Not run: the keeper ended early."


@pytest.mark.parametrize("name", [toolchain.language for toolchain in TOOLCHAINS])
def test_without_a_toolchain_the_verdict_says_what_to_install(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(_program: str) -> None:
        return None

    monkeypatch.setattr("lsp_server.verification.toolbox.find_program", nothing)
    judge = make_judge(allowed=True)
    verdict = judge("anything", language_for(name), None, NEVER)
    assert verdict.status == "unchecked"
    if verdict.stage == "toolchain":  # else this machine has no sandbox, which is said first
        assert "nstall" in verdict.hint


def test_cancelling(judge: Judging) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Cancelled):
        make_judge(allowed=True)("while True: pass", language_for("python"), GivenTests("assert 1"), cancellation)


def test_programs_are_found_by_absolute_paths() -> None:
    python = find_program("python3")
    assert python is not None
    assert python.startswith("/")
    assert find_program("no-such-program-anywhere") is None
