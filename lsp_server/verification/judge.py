"""Judging: build a candidate with the real toolchain, run its tests in the sandbox, say what came of it.

A judge never raises for what a candidate does, and never runs anything outside the sandbox. What it cannot find out,
for want of permission, of a sandbox or of a toolchain, it says is unchecked.
"""

import logging
import re
import secrets
from dataclasses import replace
from time import perf_counter

from lsp_server.languages import Language
from lsp_server.languages.toolchains import toolchain_for
from lsp_server.sandbox import Job, Limits, Step, StepResult
from lsp_server.sandbox.sandbox import Sandbox, SandboxUnavailable, find_sandbox
from lsp_server.verification.assembly import Program, assemble
from lsp_server.verification.examples import compared, find_function
from lsp_server.verification.faults import classify
from lsp_server.verification.frameworks import framework_of, readable
from lsp_server.verification.harnesses import harness, results
from lsp_server.verification.messages import MOST_CHARS, build_message, limit_of, run_message
from lsp_server.verification.probing.compare import compare_with_source
from lsp_server.verification.tests import AgainstSource, ExampleTests, GivenTests, Judge, ProgramTests, Tests
from lsp_server.verification.toolbox import Tools, find_tools
from lsp_server.verification.verdict import Stage, TestOrigin, Verdict
from models import Cancellation, Cancelled

log = logging.getLogger("dragoman.verification")

BUILD_LIMITS = Limits(wall_s=120, cpu_s=60, memory_mb=2048, processes=256)
"""Generous with wall time, not with processor time: a busy machine must not make a right candidate a wrong one."""
RUN_LIMITS = Limits(wall_s=60, cpu_s=10, memory_mb=1536, processes=128)

_ASSERTION = re.compile(r"(?i)assert|test failed|panicked at|expected .* (?:but|got)")
_ASSERT_WORD = re.compile(r"\b(?:assert\w*[!\s(]|console\.assert\b|Assert\.\w+|assertThat\b|expect\s*\()")


def make_judge(*, allowed: bool, run_limits: Limits = RUN_LIMITS, build_limits: Limits = BUILD_LIMITS) -> Judge:
    """The judge for this machine. `allowed` is the user's word that candidates may be run here."""
    if not allowed:
        return _unasked
    try:
        sandbox = find_sandbox()
    except SandboxUnavailable as error:
        return _Unable(str(error))
    return SandboxJudge(sandbox, run_limits, build_limits)


def _unasked(_candidate: str, _language: Language, _tests: Tests | None, _cancellation: Cancellation) -> Verdict:
    evidence = "Not run, because running translations was not allowed."
    return Verdict("unchecked", evidence, "permission", hint="Give --run, or trust the workspace.")


class _Unable:
    """Judges a machine on which no sandbox can be made."""

    def __init__(self, why: str) -> None:
        self._why = why

    def __call__(self, candidate: str, language: Language, tests: Tests | None, cancellation: Cancellation) -> Verdict:
        hint = "Install bubblewrap (Debian: apt install bubblewrap), or allow user namespaces."
        return Verdict("unchecked", f"Not run: {self._why}.", "sandbox", hint=hint)


class SandboxJudge:
    """The real one. Holds no state; several threads may use it at once."""

    def __init__(self, sandbox: Sandbox, run_limits: Limits = RUN_LIMITS, build_limits: Limits = BUILD_LIMITS) -> None:
        self._sandbox = sandbox
        self._run_limits = run_limits
        self._build_limits = build_limits

    def __call__(self, candidate: str, language: Language, tests: Tests | None, cancellation: Cancellation) -> Verdict:
        """The verdict on a candidate. Raises `Cancelled` only."""
        start = perf_counter()
        verdict = self._judge(candidate, language, tests, cancellation)
        if verdict.status == "failed":
            verdict = replace(verdict, fault=classify(verdict, candidate, language))
        return replace(verdict, milliseconds=round((perf_counter() - start) * 1000, 1))

    def _judge(self, candidate: str, language: Language, tests: Tests | None, cancellation: Cancellation) -> Verdict:
        tools = find_tools(language)
        if tools is None:
            return _no_toolchain(language)
        if not candidate.strip():
            return Verdict("failed", "There is no code.", "build")
        if isinstance(tests, AgainstSource):
            verdict = self._judge(candidate, language, tests.tests, cancellation)
            return self._beside_source(verdict, candidate, language, tests, cancellation)
        framework = framework_of(tests, language) if isinstance(tests, GivenTests) else ""
        if framework and isinstance(tests, GivenTests):
            read = readable(tests, candidate, language)
            if read is None:
                verdict = self._judge(candidate, language, None, cancellation)
                reason = f"The given tests need {framework}, and no examples could be read in them."
                return replace(verdict, evidence=f"{verdict.evidence} {reason}")
            tests = read
        if isinstance(tests, ExampleTests):
            try:
                return self._judge_examples(candidate, language, tests, tools, cancellation)
            except SandboxUnavailable as error:
                return Verdict("unchecked", f"Not run: {error}.", "sandbox")
        given = tests.text if isinstance(tests, GivenTests) else ""
        program = assemble(candidate, given, language, tools)
        stdins = [run.stdin for run in tests.runs] if isinstance(tests, ProgramTests) else [""] if given.strip() else []
        try:
            results = self._run(program, stdins, tools, cancellation)
        except SandboxUnavailable as error:
            return Verdict("unchecked", f"Not run: {error}.", "sandbox")
        build, runs = results[: len(program.build)], results[len(program.build) :]
        failed = _failed_build(build, tools)
        if failed is not None:
            return failed
        if isinstance(tests, ProgramTests):
            return _compared(tests, runs, tools)
        if not runs:
            return Verdict("builds", f"{_builder(tools)} accepts it; there was nothing to test it with.")
        return _judged_run(runs[0], program, given, language, tools)

    def _beside_source(
        self, verdict: Verdict, candidate: str, language: Language, tests: AgainstSource, cancellation: Cancellation
    ) -> Verdict:
        """What is known from the tests, and more if the source can be asked: that it cannot takes nothing away."""
        if verdict.status != "verified":
            return verdict
        try:
            return compare_with_source(verdict, candidate, language, tests, self._sandbox, cancellation)
        except Cancelled:
            raise
        except Exception as error:  # noqa: BLE001 - the tests have passed, whatever this was
            log.warning("comparison failed language=%s source=%s error=%r", language.id, tests.language.id, error)
            return verdict

    def _judge_examples(
        self, candidate: str, language: Language, tests: ExampleTests, tools: Tools, cancellation: Cancellation
    ) -> Verdict:
        """Call the function with every example's arguments. Where that cannot be written or built, only build it."""
        function = find_function(candidate, language, tests)
        mark = f"result-{secrets.token_hex(8)}"
        calls = [example.arguments for example in tests.examples]
        code = harness(function, calls, language.id, mark) if function else None
        reason = f"it has no function like {tests.name}" if function is None else "its types do not take the examples"
        if code is not None:
            program = assemble(candidate, code, language, tools)
            outcomes = self._run(program, [""], tools, cancellation)
            if len(outcomes) > len(program.build):
                return compared(tests, outcomes[-1], results(outcomes[-1].stdout, mark), language.id, _builder(tools))
        program = assemble(candidate, "", language, tools)
        alone = self._run(program, [], tools, cancellation)
        failed = _failed_build(alone, tools)
        return failed or Verdict("builds", f"{_builder(tools)} accepts it; it could not be tested, because {reason}.")

    def _run(self, program: Program, stdins: list[str], tools: Tools, cancellation: Cancellation) -> list[StepResult]:
        steps = [Step(command, self._build_limits) for command in program.build]
        steps += [Step(program.run, self._run_limits, stdin) for stdin in stdins]
        job = Job(program.files, tuple(steps), tools.visible, program.environment)
        results = self._sandbox.run(job, cancellation)
        if any(result.stopped_by == "cancelled" for result in results):
            raise Cancelled
        return results


def _no_toolchain(language: Language) -> Verdict:
    toolchain = toolchain_for(language)
    name = language.name or "this language"
    if toolchain is None:
        return Verdict("unchecked", f"Nothing here knows how to build {name}.", "toolchain")
    return Verdict("unchecked", f"No toolchain for {name} was found.", "toolchain", hint=toolchain.hint)


def _builder(tools: Tools) -> str:
    return next(iter(tools.programs))


def _failed_build(build: list[StepResult], tools: Tools) -> Verdict | None:
    last = build[-1]
    if last.ok:
        return None
    limit, detail = limit_of(last)
    evidence = f"{_builder(tools)} was stopped: {detail}." if limit else f"{_builder(tools)} rejects it."
    return Verdict("failed", evidence, "build", build_message(last), stopped_by=limit)


def _judged_run(run: StepResult, program: Program, given: str, language: Language, tools: Tools) -> Verdict:
    """Given tests: they agree if the program ends well, has come to the end of the tests, and nothing complained."""
    assertions = len(_ASSERT_WORD.findall(given))
    count = max(1, assertions)
    origin: TestOrigin = "given"
    message = run_message(run)
    limit, detail = limit_of(run)
    if limit:
        evidence = f"Built, then stopped while the tests ran: {detail}."
        return Verdict("failed", evidence, "run", message, "", origin, count, 0, limit)
    ended = not program.mark or program.mark in run.stdout or program.mark in run.stderr
    complained = tools.toolchain.stderr_fails and bool(run.stderr.strip())
    if run.exit_code == 0 and ended and not complained:
        tests = "all tests agree" if count == 1 else f"all {count} assertions of the given tests hold"
        if not assertions:
            tests = "the given tests came to their end, but no assertion is known among them"
        return Verdict("verified", f"Built with {_builder(tools)}; {tests}.", "", "", "", origin, count, count)
    if run.exit_code == 0 and not ended and not complained:
        evidence = "Built, but the program ended before its tests did."
        return Verdict("failed", evidence, "run", message, "", origin, count, 0)
    stage: Stage = "tests" if _ASSERTION.search(message) or complained else "run"
    evidence = "Built, but the given tests do not agree." if stage == "tests" else "Built, but fails when it is run."
    return Verdict("failed", evidence, stage, message, "", origin, count, 0)


def _compared(tests: ProgramTests, runs: list[StepResult], tools: Tools) -> Verdict:
    """Whole programs: every run has to end well and write the same, but for blanks at ends of lines."""
    total = len(tests.runs)
    for agreed, (expected, run) in enumerate(zip(tests.runs, runs, strict=True)):
        limit, detail = limit_of(run)
        if limit or run.exit_code:
            evidence = f"Built, then stopped: {detail}." if limit else "Built, but fails when it is run."
            return Verdict("failed", evidence, "run", run_message(run), "", "program", total, agreed, limit)
        if _lines(run.stdout) != _lines(expected.stdout):
            message = f"Input:\n{expected.stdin}\nExpected output:\n{expected.stdout}\nActual output:\n{run.stdout}"
            evidence = "Built, but writes something else."
            return Verdict("failed", evidence, "tests", message[:MOST_CHARS], "", "program", total, agreed)
    evidence = f"Built with {_builder(tools)}; the output agrees in {total} of {total} runs."
    return Verdict("verified", evidence, "", "", "", "program", total, total)


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.rstrip().splitlines()]
