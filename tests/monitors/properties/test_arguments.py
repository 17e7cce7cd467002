import re
from pathlib import Path

import pytest

from monitors import Document
from monitors.analysis.analyser import Parameter, Signature
from monitors.host.python import JediAnalyser
from monitors.properties.arguments import ArgumentCountMonitor, KeywordMonitor
from monitors.testing import ScriptedAnalyser, constrain

SEND = Signature((Parameter("to"), Parameter("text", required=False), Parameter("urgent", "keyword", False)))
PAIR = Signature((Parameter("a"), Parameter("b")))
ANY = Signature((Parameter("a"), Parameter("rest", "rest", False), Parameter("more", "keywords", False)))


def growing(text: str) -> list[str]:
    return [text[:i] for i in range(len(text) + 1)]


def keywords(prefix: str, text: str, *signatures: Signature) -> list[tuple[int, str]]:
    document = Document("/w/x.py", "python", prefix, "\n")
    found = constrain(KeywordMonitor(), document, ScriptedAnalyser(signatures=signatures), growing(text))
    return [(c.start, (c.regex or "").partition(")")[0].strip("(?:")) for c in found]


def counts(language: str, prefix: str, text: str, *signatures: Signature, suffix: str = "\n") -> list[tuple[int, bool]]:
    """Where the count is judged wrong, and whether the text that follows keeps to the judgement."""
    document = Document("/w/x", language, prefix, suffix)
    found = constrain(ArgumentCountMonitor(), document, ScriptedAnalyser(signatures=signatures), growing(text))
    return [(c.start, re.fullmatch(c.regex or "", text[c.start :]) is not None) for c in found]


def test_keywords_that_exist() -> None:
    assert keywords("send(x, ", "txt=1)", SEND) == [(0, "text|urgent")]
    assert keywords("send(", "a, urgent=1, txt=1)", SEND) == [(3, "text|urgent"), (13, "text")]
    assert keywords("send(1, te", "xt=1)", SEND) == [(-2, "text|urgent")]


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("send(", "a == 1)"),
        ("send(", "a, b)"),
        ("", "txt = 1\n"),
        ("def send(", "txt=1)"),
        ("class A(", "metaclass=B)"),
        ("send([", "x=1"),
        ("send('", "x=1')"),
        ("send(*a, ", "txt=1)"),
        ("send(lambda ", "txt=1: 1)"),
    ],
)
def test_what_is_no_keyword_argument(prefix: str, text: str) -> None:
    assert keywords(prefix, text, SEND) == []


def test_keywords_are_not_judged_where_any_may_be_taken() -> None:
    assert keywords("send(", "txt=1)", SEND, ANY) == []
    assert keywords("send(", "txt=1)") == []
    assert keywords("send(1, 2, urgent=1, ", "txt=1)", SEND) == []


@pytest.mark.parametrize("language", ["python", "java", "typescript", "cpp", "go"])
def test_one_argument_too_many(language: str) -> None:
    assert counts(language, "x = pair(", "1, 2, 3)", PAIR) == [(4, False)]
    assert counts(language, "x = pair(1, 2", ", 3)", PAIR) == [(0, False)]


@pytest.mark.parametrize("language", ["python", "java", "typescript", "cpp", "go", "php"])
def test_one_argument_too_few(language: str) -> None:
    prefix = "<?php $x = pair(" if language == "php" else "x = pair("
    assert counts(language, prefix, "1)", PAIR) == [(1, False)]
    assert counts(language, prefix, ")", PAIR) == [(0, False)]
    assert counts(language, prefix, "1, 2)", PAIR) == []


def test_a_trailing_comma_is_no_argument() -> None:
    assert counts("python", "pair(", "\n    1,\n    2,\n)", PAIR) == [(13, True)]


@pytest.mark.parametrize(
    ("language", "comment"),
    [
        ("python", "# last"),
        ("typescript", "// last"),
        ("java", "// last"),
        ("cpp", "/* last */"),
        ("go", "// last"),
        ("php", "// last"),
        ("php", "# last"),
    ],
)
def test_a_comment_is_no_argument(language: str, comment: str) -> None:
    opening = "<?php $x = pair(" if language == "php" else "x = pair("
    assert counts(language, opening, f"\n    1,\n    2,  {comment}\n)", PAIR) == [(13, True)]
    assert counts(language, opening, f"\n    1,  {comment}\n    2)", PAIR) == []
    assert counts(language, "<?php " * (language == "php"), f"seal(  {comment}\n)", Signature(())) == []


def test_comments_between_keyword_arguments() -> None:
    assert keywords("pair(\n    # the last first\n    b=1,\n    ", "a=2)", PAIR) == [(0, "a")]
    assert counts("python", "pair(\n    # the last first\n    b=1,\n    ", "a=2)", PAIR) == []
    assert counts("python", "send(1, 2", ",  # now\n  urgent=3)", SEND) == [(0, True)]


def test_keyword_arguments_count_for_what_they_name() -> None:
    assert counts("python", "pair(", "1, b=2)", PAIR) == []
    assert counts("python", "pair(", "1, c=2)", PAIR) == [(6, False)]
    assert counts("python", "send(", "1, 2, urgent=3)", SEND) == [(4, True)]
    assert counts("python", "send(", "1, 2, 3)", SEND) == [(4, False)]


def test_overloads_and_open_ends_are_generous() -> None:
    assert counts("java", "x = pair(", "1)", PAIR, Signature((Parameter("a"),))) == []
    assert counts("python", "pair(", "1, 2, 3, 4)", ANY, PAIR) == []
    assert counts("python", "pair(", "1)") == []


@pytest.mark.parametrize(
    ("language", "prefix", "text"),
    [
        ("python", "pair(", "*args)"),
        ("python", "pair(", "x for a, b, c in d)"),
        ("python", "pair(", "lambda a, b, c: 1, 2)"),
        ("python", "if (", "1)"),
        ("python", "def pair(", "a, b, c)"),
        ("java", "pair(", "a < b, c > d, e)"),
        ("go", "pair(", "all...)"),
        ("typescript", "pair(", "...all)"),
        ("php", "<?php pair(", "array(1), 2)"),
        ("php", "<?php pair(", "fn($v) => $v, 2)"),
    ],
)
def test_what_cannot_be_counted_is_not_judged(language: str, prefix: str, text: str) -> None:
    assert counts(language, prefix, text, PAIR) == []


def test_a_call_in_go_may_give_several_values() -> None:
    analyser = ScriptedAnalyser(signatures=lambda before: (PAIR,) if before.endswith("pair(") else ())
    document = Document("/w/x.go", "go", "pair(", "\n")
    assert constrain(ArgumentCountMonitor(), document, analyser, growing("both())")) == []


def test_a_call_that_goes_on_behind_the_cursor_is_not_judged() -> None:
    assert counts("python", "pair(", "1)", PAIR, suffix=", 2)\n") == []
    assert counts("python", "pair(", "1)", PAIR, suffix=")\n") == [(1, False)]


def test_with_jedi(tmp_path: Path) -> None:
    prefix = "def send(to, text='', *, urgent=False): ...\n\nsend("
    document = Document(str(tmp_path / "x.py"), "python", prefix, "\n")
    (keyword,) = constrain(KeywordMonitor(), document, JediAnalyser(str(tmp_path)), ["1, ", "1, now=", "1, now=True"])
    assert (keyword.start, keyword.regex) == (3, r"(?:text|urgent)[ \t]*=(?s:.*)")
    (count,) = constrain(ArgumentCountMonitor(), document, JediAnalyser(str(tmp_path)), ["1, 2", "1, 2, ", "1, 2, 3"])
    assert count.start == 4


@pytest.mark.parametrize(
    ("definition", "judged"),
    [
        ("@inject\ndef make(a, b): ...", False),
        ("@missing.command()\nasync def make(a, b): ...", False),
        ("class make:\n    @inject\n    def __init__(self, a, b): ...", False),
        ("@define\nclass make:\n    a: int\n    b: int", False),
        ("@define\nclass Base:\n    a: int\n\nclass make(Base):\n    b: int", False),
        ("class make(metaclass=Makes):\n    a: int", False),
        ("@functools.lru_cache(None)\ndef make(a, b): ...", True),
        ("@inject\ndef other(): ...\n\ndef make(a, b): ...", True),
        ("class make:\n    def __init__(self, a, b): ...", True),
        ("class make:\n    pass", True),
    ],
)
def test_what_a_decorator_may_change_is_not_counted_with_jedi(definition: str, judged: bool, tmp_path: Path) -> None:
    prefix = f"import functools\nfrom missing import Makes, define, inject\n\n{definition}\n\nmake("
    document = Document(str(tmp_path / "x.py"), "python", prefix, "\n")
    found = constrain(ArgumentCountMonitor(), document, JediAnalyser(str(tmp_path)), ["", "1", "1)"])
    assert bool(found) == judged


def test_a_callee_without_places_is_given_nothing() -> None:
    nothing = Signature(())
    assert counts("java", "", "x.seal(parts)", nothing) == [(7, False)]
    assert counts("java", "x.seal(", "parts)", nothing) == [(0, False)]
    assert counts("java", "x.seal(pa", "rts)", nothing) == []
    assert counts("java", "", "x.seal()", nothing) == []
    assert counts("java", "", "x.seal(parts)", nothing, Signature((Parameter("a"),))) == []
    named = Signature((Parameter("deep", "keyword", False),))
    assert counts("python", "", "x.seal(parts)", named) == [(7, False)]
    assert counts("python", "", "x.seal(deep=1)", named) == []
    document = Document("/w/x.py", "python", "x.seal(", "\n")
    analyser = ScriptedAnalyser(signatures=(nothing,))
    (constraint,) = constrain(ArgumentCountMonitor(), document, analyser, growing("  # none\n  parts)"))
    assert re.fullmatch(constraint.regex or "", "  # none\n)")


@pytest.mark.parametrize("callee", ["object.__getattribute__", "Base.visit", "super().__init__"])
def test_a_method_called_on_its_class_is_not_counted(callee: str) -> None:
    analyser = ScriptedAnalyser(signatures=(Signature((Parameter("name"),)),))
    document = Document("/w/x.py", "python", f"def f(obj):\n    x = {callee}(", "\n")
    assert constrain(ArgumentCountMonitor(), document, analyser, ("", "obj", "obj,")) == []
    plain = Document("/w/x.py", "python", "def f(obj):\n    x = visit(", "\n")
    assert constrain(ArgumentCountMonitor(), plain, analyser, ("", "obj", "obj,"))
