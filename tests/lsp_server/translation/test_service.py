"""The pipeline between a scripted model and a scripted judge."""

from pathlib import Path

import pytest

from lsp_server.errors import UserError
from lsp_server.languages import language_for
from lsp_server.translation import Options, Task
from lsp_server.translation.service import Rule, RuleTask, Translator
from lsp_server.verification import AgainstSource, GivenTests
from models import Cancellation, Cancelled, Prompt
from tests.lsp_server.translation.scripted import ScriptedJudge, ScriptedWriter

PYTHON, JAVASCRIPT, JAVA = language_for("python"), language_for("javascript"), language_for("java")
ADD = "def add_all(a_b, c):\n    return a_b + c\n"


def task(text: str = ADD, **more: object) -> Task:
    return Task(text, PYTHON, JAVASCRIPT, "tools.py", **more)  # type: ignore[arg-type] - a shorthand


def test_the_first_verified_candidate_ends_the_search() -> None:
    writer, judge = ScriptedWriter("BAD }", "GOOD }", "GOOD too }"), ScriptedJudge()
    answer = Translator(judge).translate(task(), writer, Options(samples=5), cancellation=Cancellation())
    assert answer.text == "function addAll(aB, c) {\nGOOD }\n"
    assert (answer.verdict.status, answer.candidates, answer.rounds, answer.origin) == ("verified", 2, 0, "model")
    assert [parameters.temperature for parameters in writer.parameters] == [0.0, 0.6]


def test_a_repair_is_told_the_message_and_recorded() -> None:
    writer = ScriptedWriter("BAD }", "FAIR }")
    answer = Translator(ScriptedJudge()).translate(
        task(), writer, Options(samples=0, rounds=2), cancellation=Cancellation()
    )
    prompt = writer.prompts[1]
    assert isinstance(prompt, Prompt)
    assert "// This does not compile:\n// expected ';'" in prompt.prefix
    assert "BAD" in prompt.prefix
    assert (answer.verdict.status, answer.rounds) == ("builds", 1)
    assert [attempt.round for attempt in answer.units[0].attempts] == [0, 1]


def test_the_best_of_what_failed_is_kept() -> None:
    answer = Translator(ScriptedJudge()).translate(
        task(), ScriptedWriter("BAD ( }", "BAD; }"), Options(samples=1, rounds=0), cancellation=Cancellation()
    )
    assert answer.verdict.status == "failed"
    assert "BAD;" in answer.text, "the one without a syntax error"


def test_rules_come_first_and_are_named() -> None:
    rule = Rule("rules", lambda asked: "function f() {\n    GOOD;\n}\n" if not asked.opening else None)
    writer = ScriptedWriter("never }")
    answer = Translator(ScriptedJudge(), rules=[rule]).translate(task(), writer, Options(), cancellation=Cancellation())
    assert (answer.origin, answer.verdict.status, writer.prompts) == ("rules", "verified", [])
    off = Translator(ScriptedJudge(), rules=[rule]).translate(
        task(), ScriptedWriter("GOOD }"), Options(rules=False), cancellation=Cancellation()
    )
    assert off.origin == "model"


def test_a_rule_that_fails_leaves_the_model_its_turn(caplog: pytest.LogCaptureFixture) -> None:
    def broken(_task: RuleTask) -> str:
        raise KeyError("there is none")

    translator = Translator(ScriptedJudge(), rules=[Rule("broken", broken)])
    answer = translator.translate(task(), ScriptedWriter("GOOD }"), Options(), cancellation=Cancellation())
    assert (answer.origin, answer.verdict.status) == ("model", "verified")
    assert "a rule failed" in caplog.text


def test_units_see_what_they_call_and_are_told_as_they_are_done() -> None:
    source = "def b():\n    return a()\n\n\ndef a():\n    return 1\n"
    judge = ScriptedJudge()
    done: list[tuple[int, int, str]] = []
    answer = Translator(judge).translate(
        task(source),
        ScriptedWriter("  GOOD A }", "  GOOD B }"),
        Options(samples=0),
        cancellation=Cancellation(),
        on_unit=lambda index, count, unit: done.append((index, count, unit.unit.name)),
    )
    assert done == [(1, 2, "a"), (0, 2, "b")]
    assert "GOOD A" in judge.seen[1][0], "b is judged together with a"
    assert [unit.unit.name for unit in answer.units] == ["b", "a"]
    assert answer.text.index("function b") < answer.text.index("function a")


def test_a_file_is_verified_only_if_all_its_functions_are() -> None:
    source = "def a():\n    return 1\n\n\ndef b():\n    return 2\n"
    translator = Translator(ScriptedJudge(verifies="ONLY", builds="function"))
    one = translator.translate(task(source), ScriptedWriter("  x }"), Options(samples=0), cancellation=Cancellation())
    assert one.verdict.status == "builds"


def test_what_is_left_out_is_said() -> None:
    source = "def a():\n    # why\n    return 1\n\n\ndef b():\n    return 2\n"
    rule = Rule("rules", lambda asked: "function a() {\n    GOOD;\n}\n" if asked.unit == "a" else None)
    translator = Translator(ScriptedJudge(), rules=[rule])
    answer = translator.translate(task(source), None, Options(), cancellation=Cancellation())
    assert (answer.verdict.status, answer.verdict.evidence) == ("failed", "b not translated; 3 of 3 agree")
    assert answer.warnings == ("b was not translated.", "Comments inside a were left out.")


def test_a_selection_takes_whole_units() -> None:
    source = "def a():\n    return 1\n\n\ndef b():\n    return 2\n"
    at = source.index("return 2")
    answer = Translator(ScriptedJudge()).translate(
        task(source, span=(at, at + 3)), ScriptedWriter("GOOD }"), Options(), cancellation=Cancellation()
    )
    assert [unit.unit.name for unit in answer.units] == ["b"]


def test_a_declaration_and_tests_of_the_task_are_kept() -> None:
    judge = ScriptedJudge()
    given = Task(
        ADD,
        PYTHON,
        JAVA,
        declaration="import java.util.*;\n\nclass Solution {\n    public int addAll(int a, int b) {\n",
        tests=GivenTests("class Main {}"),
    )
    writer = ScriptedWriter("        return GOOD;\n    }\n}\nclass X {}")
    answer = Translator(judge).translate(given, writer, Options(), cancellation=Cancellation())
    assert answer.text == (
        "import java.util.*;\n\nclass Solution {\n"
        "    public int addAll(int a, int b) {\n        return GOOD;\n    }\n}\n"
    )
    asked = AgainstSource(GivenTests("class Main {}"), ADD, PYTHON, "add_all")
    assert judge.seen == [(answer.text, asked)]
    prompt = writer.prompts[0]
    assert isinstance(prompt, Prompt)
    assert prompt.prefix.endswith("// Java\nclass Solution {\n    public int addAll(int a, int b) {\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "nothing to translate"), ("def f(:\n", "syntax error in line 1"), ("# only words\n", "nothing")],
)
def test_what_cannot_be_translated_is_said(text: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Translator(ScriptedJudge()).translate(task(text), ScriptedWriter("x"), Options(), cancellation=Cancellation())


def test_the_same_language_twice_is_refused() -> None:
    with pytest.raises(UserError, match="already"):
        Translator(ScriptedJudge()).translate(
            Task(ADD, PYTHON, PYTHON), ScriptedWriter("x"), Options(), cancellation=Cancellation()
        )


def test_cancelling_ends_it_between_two_steps() -> None:
    cancellation = Cancellation()
    source = "".join(f"def f{number}():\n    return {number}\n\n" for number in range(20))
    done: list[int] = []

    def stop_soon(index: int, _count: int, _unit: object) -> None:
        done.append(index)
        if len(done) == 3:
            cancellation.cancel()

    with pytest.raises(Cancelled):
        Translator(ScriptedJudge()).translate(
            task(source), ScriptedWriter("x }"), Options(), cancellation=cancellation, on_unit=stop_soon
        )
    assert len(done) == 3


def test_a_long_file_goes_unit_by_unit() -> None:
    source = "\n".join(f"def f{number}(a):\n    # step\n    return a + {number}\n" for number in range(750))
    assert source.count("\n") >= 2_999
    counts: list[int] = []
    answer = Translator(ScriptedJudge(builds="function")).translate(
        task(source),
        ScriptedWriter("    return a; }"),
        Options(),
        cancellation=Cancellation(),
        on_unit=lambda _index, count, _unit: counts.append(count),
    )
    assert counts == [750] * 750
    assert answer.text.count("function f") == 750


def test_the_store_of_demonstrations_lies_in_the_package() -> None:
    import lsp_server.translation as room

    assert (Path(room.__file__).parent / "demonstrations.jsonl").is_file()
