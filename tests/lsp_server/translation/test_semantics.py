"""What an expression gives is the same in both languages: many random ones, computed by Python and by a target."""

import contextlib
import io

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lsp_server.languages import language_for
from lsp_server.translation.assembly import assemble
from lsp_server.translation.outline import outline_source
from lsp_server.translation.rules.translator import translate_unit
from lsp_server.translation.service import RuleTask
from lsp_server.verification import ProgramRun, ProgramTests
from lsp_server.verification.judge import make_judge
from models import Cancellation

INPUTS = ((7, -3, "Hello you"), (-8, 5, ""), (0, 1, "a,b"), (-1, -12, "xyx"))
_DIVISORS = st.sampled_from(["2", "7", "-3", "(b * 2 + 1)"])
_PLACES = st.sampled_from(["", "0", "1", "3", "-1", "-2", "9"])


def _numbers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(inner, st.sampled_from(["//", "%"]), _DIVISORS).map(lambda p: f"({p[0]} {p[1]} {p[2]})"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda p: f"{p[0]}({p[1]}, {p[2]})"),
        st.tuples(inner, inner, inner).map(lambda p: f"({p[0]} if {p[1]} > {p[2]} else {p[1]})"),
        inner.map(lambda p: f"abs({p})"),
        inner.map(lambda p: f"-{p}"),
    )


def _texts(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(inner, inner).map(lambda p: f"({p[0]} + {p[1]})"),
        st.tuples(inner, _PLACES, _PLACES).map(lambda p: f"{p[0]}[{p[1]}:{p[2]}]"),
        st.tuples(inner, st.sampled_from(["upper()", "lower()", "strip()", "replace('l', 'LL')"])).map(".".join),
        inner.map(lambda p: f"{p}[::-1]"),
        st.tuples(inner, st.sampled_from(["0", "2"])).map(lambda p: f"({p[0]} * {p[1]})"),
        inner.map(lambda p: f"'-'.join({p}.split('l'))"),
        inner.map(lambda p: f"' '.join(sorted({p}.split()))"),
        inner.map(lambda p: f"''.join(c for c in {p} if c.isalpha() and c != 'o')"),
        st.tuples(inner, NUMBERS).map(lambda p: f"f'{{{p[1]}}}:{{{p[0]}}}'" if "'" not in p[0] + p[1] else p[0]),
    )


NUMBERS = st.recursive(st.sampled_from(["a", "b", "3", "10", "len(s)", "s.count('l')"]), _numbers, max_leaves=5)
TEXTS = st.recursive(st.sampled_from(["s", "'ab'", "str(a)", "str(b % 4)"]), _texts, max_leaves=4)
TESTS = st.one_of(
    st.tuples(NUMBERS, st.sampled_from(["<", "<=", "==", "!="]), NUMBERS).map(" ".join),
    st.tuples(TEXTS, st.sampled_from(["<", "==", "in"]), TEXTS).map(" ".join),
    st.tuples(NUMBERS, TEXTS).map(lambda p: f"bool({p[0]}) and not {p[1]}"),
)
FUNCTIONS = st.lists(
    st.one_of(
        NUMBERS.map(lambda text: ("int", text)),
        NUMBERS.map(lambda text: ("float", f"{text} / 4 + 1")),  # see docs/translation.md on the sign of zero
        TEXTS.map(lambda text: ("str", text)),
        TESTS.map(lambda text: ("bool", text)),
    ),
    min_size=25,
    max_size=25,
)


def program(functions: list[tuple[str, str]]) -> str:
    """A file that shows what each function gives for each input."""
    defined = [
        f"def f{i}(a: int, b: int, s: str) -> {kind}:\n    return {text}\n" for i, (kind, text) in enumerate(functions)
    ]
    shown = [f"    print(f{i}({a}, {b}, {s!r}))" for i in range(len(functions)) for a, b, s in INPUTS]
    return "\n".join([*defined, 'if __name__ == "__main__":', *(shown or ["    print(0)"]), ""])


def check(functions: list[tuple[str, str]], target: str) -> None:
    """Translate what the rules reach, and compare what both programs write."""
    python, language = language_for("python"), language_for(target)

    def written(text: str, unit: str) -> str | None:
        return translate_unit(RuleTask(text, python, language, unit))

    everything = program(functions)
    reached = [one for i, one in enumerate(functions) if written(everything, f"f{i}") is not None]
    assert len(reached) > len(functions) // 3, "most are within reach"
    text = program(reached)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(text, {"__name__": "__main__"})
    units = outline_source(text, python).units
    whole = assemble([(unit, written(text, unit.name) or "") for unit in units], language)
    verdict = make_judge(allowed=True)(
        whole, language, ProgramTests((ProgramRun("", output.getvalue()),)), Cancellation()
    )
    if verdict.status == "unchecked":
        pytest.skip(verdict.evidence)
    if verdict.status != "verified":
        theirs = verdict.messages.rpartition("Actual output:\n")[2].split("\n")
        ours = output.getvalue().split("\n")
        wrong = [
            f"{reached[i // len(INPUTS)]} of {INPUTS[i % len(INPUTS)]}: {a!r}, not {b!r}"
            for i, (a, b) in enumerate(zip(theirs, ours, strict=False))
            if a.rstrip() != b.rstrip()
        ]
        pytest.fail("\n".join([*wrong[:10], "" if wrong else verdict.messages + whole]))


@pytest.mark.slow
@settings(
    max_examples=3,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(FUNCTIONS)
def test_expressions_give_the_same_in_javascript(functions: list[tuple[str, str]]) -> None:
    check(functions, "javascript")
