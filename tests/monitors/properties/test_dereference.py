import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from monitors import Constraint, Document
from monitors.analysis.analyser import Completions, Name, Precedent
from monitors.host.python import JediAnalyser
from monitors.properties.dereference import DereferenceMonitor, trusted_members
from monitors.testing import ScriptedAnalyser, constrain

NAMES = ["alpha", "beta"]


def places(language: str, prefix: str, *texts: str, suffix: str = "\n") -> list[int]:
    """Where the monitor forbids something, in the generated text."""
    found = constrain(
        DereferenceMonitor(), Document("/w/x", language, prefix, suffix), ScriptedAnalyser(NAMES), texts or ("",)
    )
    return [constraint.start for constraint in found if constraint.binding]


@pytest.mark.parametrize(
    ("language", "prefix", "expected"),
    [
        ("python", "x = a.", [0]),
        ("python", "x = a.b(c).", [0]),
        ("python", "x = 'it'.", [0]),
        ("python", "x = a1.", [0]),
        ("python", "x = a[1].", [0]),
        ("python", "x = 1.", []),
        ("python", "x = ...", []),
        ("python", "x = 'a.", []),
        ("python", "# a.", []),
        ("python", "import a.", []),
        ("python", "from a.", []),
        ("python", "x = f'{a.", [0]),
        ("python", "x = f'{{a.", []),
        ("javascript", "x = a?.", [0]),
        ("javascript", "f(...a.", [0]),
        ("javascript", "f(...", []),
        ("javascript", "`${a.", [0]),
        ("typescript", "x = c ? .", []),
        ("cpp", "x = a->", [0]),
        ("cpp", "x = std::", [0]),
        ("cpp", "#include <a.", []),
        ("java", "var x = Thing::", [0]),
        ("php", "<?php $x = $a->", [0]),
        ("php", "<?php $x = A::", [0]),
        ("php", "it's a.b <?php $x = $a?->", [0]),
        ("rust", "let x = a.", [0]),
        ("rust", "let x = 0..", []),
        ("rust", "let x = a::", [0]),
        ("go", "x := a.", [0]),
        ("lua", "x = a:", [0]),
        ("ruby", "x = a&.", [0]),
        ("shellscript", "a.", []),
    ],
)
def test_where_a_member_is_named(language: str, prefix: str, expected: list[int]) -> None:
    assert places(language, prefix) == expected


def test_operators_that_arrive_in_pieces() -> None:
    assert places("cpp", "x = a", "-", "->", "->b") == [2]
    assert places("cpp", "x = a", ":", "::", "::b") == [2]
    assert places("javascript", "x = a", "?", "?.", "?.b") == [2]
    assert places("python", "x = a", ".", "..") == [1]


def test_the_middle_of_a_word_is_left_alone() -> None:
    assert places("python", "x = a.", suffix="pha\n") == []
    assert places("python", "x = a.", "b(c", suffix="d)\n") == [0]


@pytest.mark.parametrize(
    ("language", "prefix", "other"),
    [
        ("javascript", "x = a?.", "[0]"),
        ("go", "x := a.", "(T)"),
        ("java", "x = A.", "<T>f()"),
        ("php", "<?php $x = $a->", "{$n}"),
        ("rust", "let x = A::", "<T>::f()"),
        ("cpp", "a.", "~A()"),
        ("cpp", "a.", "template get<int>()"),
        ("cpp", "a->", "operator==(b)"),
        ("java", "In i = outer.", "new In()"),
    ],
)
def test_what_is_not_a_name_may_stand_there_too(language: str, prefix: str, other: str) -> None:
    document = Document("/w/x", language, prefix, "\n")
    (constraint,) = constrain(DereferenceMonitor(), document, ScriptedAnalyser(NAMES))
    assert matches(constraint, other)
    assert matches(constraint, "alpha(1)")
    assert not matches(constraint, "alphabet(1)")
    assert not matches(constraint, "gamma")


def matches(constraint: Constraint, text: str) -> bool:
    """Python's own engine stands in for Rust's, whose one different notation is rewritten."""
    assert constraint.regex is not None
    pattern = re.sub(r"\\x\{([0-9A-F]+)\}", lambda m: chr(int(m.group(1), 16)), constraint.regex)
    return re.fullmatch(pattern, text) is not None


@pytest.mark.parametrize(
    ("names", "complete", "trusted"),
    [
        (["go", "__init__"], True, True),
        (["go"], False, False),
        ([], True, False),
        (["__init__", "__eq__"], True, False),
        (["go", "__getattr__"], True, False),
        (["print", "len", "isinstance", "range", "go"], True, False),
    ],
)
def test_which_answers_are_trusted(names: list[str], complete: bool, trusted: bool) -> None:
    assert trusted_members("python", Completions(tuple(map(Name, names)), complete)).trusted == trusted


def test_the_getattr_of_every_module_makes_up_nothing() -> None:
    names = (Name("go", "function"), Name("__spec__", "field"))
    assert trusted_members("python", Completions((*names, Name("__getattr__", "method")))).trusted
    assert not trusted_members("python", Completions((*names, Name("__getattr__", "function")))).trusted


def trusts(prefix: str, suffix: str = "\n") -> bool:
    document = Document("/w/x.py", "python", prefix, suffix)
    return any(one.binding for one in constrain(DereferenceMonitor(), document, ScriptedAnalyser(NAMES)))


def test_an_answer_that_the_document_contradicts_is_not_trusted() -> None:
    assert trusts("def f(a):\n    a.alpha()\n    x = a.")
    assert not trusts("def f(a):\n    a.gamma()\n    x = a.")
    assert not trusts("def f(a):\n    x = a.", "\n    a.gamma()\n")
    # Another function's `a` is another thing, and so is another receiver.
    assert trusts("def g(a):\n    a.gamma()\n\ndef f(a):\n    x = a.", "\n\ndef h(a):\n    a.delta()\n")
    assert trusts("def f(a):\n    b.a.gamma()\n    aa.gamma()\n    x = a.")
    # `self` means the class, in all of its methods.
    assert not trusts("class A:\n    def g(self):\n        self.gamma()\n\n    def f(self):\n        x = self.")
    assert trusts("class B:\n    def g(self):\n        self.gamma()\n\nclass A:\n    def f(self):\n        x = self.")


def test_code_for_another_platform_is_not_judged() -> None:
    assert not trusts("import os\nif sys.platform == 'win32':\n    x = os.")
    assert not trusts("import os\ndef f():\n    if WINDOWS:\n        for a in b:\n            x = os.")
    assert trusts("import os\nif sys.platform == 'win32':\n    pass\nx = os.")
    assert not trusts("import os\nif IS_PYPY or hasattr(os, 'alpha'):\n    x = os.")
    # These say nothing about platforms, though they begin like words that do.
    for condition in ("self.is_flag", "winner", "window.open()", "is_class"):
        assert trusts(f"import os\nif {condition}:\n    x = os."), condition


def test_what_nobody_writes_may_be_written_where_somebody_does() -> None:
    special = {"__new__", "__reduce_ex__"}

    def names(prefix: str, *more: str) -> frozenset[str]:
        analyser = ScriptedAnalyser([*NAMES, *special, *more])
        (constraint,) = constrain(DereferenceMonitor(), Document("/w/x.py", "python", prefix, "\n"), analyser)
        return constraint.names or frozenset()

    assert names("def f(a):\n    x = a.") == {"alpha", "beta"}
    assert names("def f(a):\n    a.__new__(b)\n    x = a.") == {"alpha", "beta", "__new__"}
    for receiver in ("Base", "super()", "str", "builtins.float", "cls"):
        assert special <= names(f"def f(a):\n    x = {receiver}."), receiver
    assert special <= names("def f(a):\n    x = a.", "__mro__"), "the answer is about a class"
    assert {"__getstate__", "__reduce__"} <= names("def f(a):\n    x = a.", "__getstate__", "__reduce__")


def test_an_answer_says_which_of_its_members_are_likely() -> None:
    document = Document("/w/x.py", "python", "def f(a):\n    alpha = a.", "\n    return a.beta\n")
    (constraint,) = constrain(DereferenceMonitor(), document, ScriptedAnalyser(NAMES))
    weights = dict(constraint.weights)
    assert weights.keys() == {"alpha", "beta"}
    assert weights["beta"] > weights["alpha"] > 0, "what is used below weighs more than what the value goes to"
    assert constraint.names == frozenset(NAMES)


def test_members_are_made_where_an_object_is_set_up_and_for_functions() -> None:
    def said(prefix: str, *names: str) -> list[Constraint]:
        document = Document("/w/x.py", "python", prefix, "\n")
        return [one for one in constrain(DereferenceMonitor(), document, ScriptedAnalyser(names)) if one.binding]

    for name in ("__init__", "__new__", "__post_init__", "setUp", "setup_method"):
        assert not said(f"class A:\n    def {name}(self):\n        self.", *NAMES)
    assert not said("a.", *NAMES)
    assert said("class A:\n    def f(self):\n        self.", *NAMES)
    assert said("def f(a):\n    a.", *NAMES)
    assert not said("def f(a):\n    a.", *NAMES, "__code__", "__closure__")
    assert said("def f(a):\n    x = a.", *NAMES, "__code__", "__closure__")


def test_classes_have_a_name_whatever_the_analyser_says() -> None:
    document = Document("/w/x.py", "python", "x = type(self).", "\n")
    (constraint,) = constrain(DereferenceMonitor(), document, ScriptedAnalyser(NAMES))
    assert constraint.names is not None
    assert "__name__" in constraint.names


@pytest.mark.parametrize("language", ["python", "javascript", "php"])
def test_members_are_made_by_assignment_where_the_language_does_so(language: str) -> None:
    own = {"python": "self.", "javascript": "this.", "php": "$this->"}[language]
    prefix = "<?php\nfunction f() {\n  " if language == "php" else "def __init__(self):\n    "
    assert places(language, prefix + own, "", "new", "new ", "new =", "new = 1") == []
    assert places(language, prefix + own, "", "alpha", "alpha(") == [0]
    assert places("java", "class A { void f() {\n  this.") == [0]


def test_arguments_on_lines_of_their_own_are_not_targets() -> None:
    assert places("python", "f(\n    self.", "", "new", "new,") == [0]
    assert places("python", "(\n    self.", "", "new", "new,") == []


def test_a_format_with_a_comments_mark_opens_nothing() -> None:
    prefix = 'x = f"{n:#010b}"\n\nclass A:\n  def __init__(self, new):\n    self.'
    assert places("python", prefix, "", "new", "new =", "new = new") == []


TARGETS = {
    "python": ("class A:\n  def __init__(self):\n    ", "self."),
    "javascript": ("class A {\n  constructor() {\n    ", "this."),
    "php": ("<?php\nfunction f() {\n  ", "$this->"),
}


@pytest.mark.parametrize("language", TARGETS)
@pytest.mark.parametrize("before", ["{}alpha, ", "({}alpha, ", "x, ", "a[1], *", "{}alpha = ", "x = {}alpha = "])
def test_every_target_of_an_assignment_may_be_new(language: str, before: str) -> None:
    head, own = TARGETS[language]
    prefix = head + before.format(own) + own
    closing = ")" if "(" in before else ""
    assert places(language, prefix, "", "new", f"new{closing}", f"new{closing} =", f"new{closing} = 1") == []
    assert places(language, prefix, "", "alpha", "alpha(") == [0]


@pytest.mark.parametrize(
    "before",
    [
        "x = ",
        "self.alpha == ",
        "self.alpha += ",
        "return x, ",
        "f(x, ",
        "x = y, ",
        "b.alpha = ",
        "x = [\n    (x, ",
        "if x, ",
    ],
)
def test_what_is_no_target_is_judged_at_once(before: str) -> None:
    assert places("python", f"class A:\n  def __init__(self):\n    {before}self.") == [0]


def test_with_jedi(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("class Basket:\n    def add(self, item): ...\n    total = 0\n", encoding="utf-8")
    prefix = "from shop import Basket\n\ndef f(basket: Basket):\n    return basket."
    document = Document(str(tmp_path / "x.py"), "python", prefix, "\n")
    (constraint,) = constrain(DereferenceMonitor(), document, JediAnalyser(str(tmp_path)))
    assert constraint.names is not None
    assert {"add", "total"} <= constraint.names
    assert "append" not in constraint.names


def advice(
    prefix: str, suffix: str = "\n", names: Iterable[str] = (), precedents: Iterable[str] = ()
) -> dict[str, float]:
    """What is said at the end of `prefix`, where nothing may be forbidden."""
    analyser = ScriptedAnalyser(names, precedents=[Precedent(name, 2.0, 0.0) for name in precedents])
    document = Document("/w/x.py", "python", prefix, suffix)
    (constraint,) = constrain(DereferenceMonitor(), document, analyser)
    assert not constraint.binding
    assert constraint.names == {name for name, _ in constraint.weights}
    return dict(constraint.weights)


def test_the_project_advises_where_the_analyser_knows_nothing() -> None:
    said = advice("def f(reply):\n    if reply.", names=["__init__", "__eq__"], precedents=["is_late"])
    assert said.keys() == {"is_late"}
    assert said["is_late"] > 0
    assert advice("def f(reply):\n    if reply.is_", precedents=["is_late", "text"]).keys() == {"is_late"}


def test_what_a_value_goes_to_is_likely_of_anything() -> None:
    assert advice("def f(reply):\n    headers = reply.")["headers"] > 0


def test_a_member_that_is_used_and_nowhere_made_is_likely_to_be_made_here() -> None:
    head = "class A:\n    def __init__(self, size, depth):\n"
    below = "\n\n    def f(self):\n        return self.gamma\n"
    said = advice(head + "        self.", below, NAMES)
    assert said["gamma"] > said["size"] > said["depth"] > 0
    kept = advice(head + "        self.depth = depth\n        self.", "\n", [*NAMES, "depth"])
    assert kept["size"] > 0
    assert "depth" not in kept
    assert "depth" not in advice(head + "        self.", "\n        self._depth = 1\n", [*NAMES, "_depth"])


def test_advice_before_it_is_settled_is_not_repeated() -> None:
    document = Document("/w/x.py", "python", "class A:\n    def __init__(self, alpha):\n        self.", "\n")
    texts = ["", "alpha", "alpha("]
    first, then = constrain(DereferenceMonitor(), document, ScriptedAnalyser(NAMES), texts)
    assert (first.binding, then.binding) == (False, True)
    assert dict(first.weights)["alpha"] > 0
    assert then.weights == ()
    assert constrain(DereferenceMonitor(), document, ScriptedAnalyser(NAMES), ["", "alpha", "alpha ="]) == [first]


def test_special_methods_of_a_base_are_as_likely_as_any() -> None:
    head = "class A(B):\n    def __exit__(self, *error):\n        return "
    analyser = ScriptedAnalyser(["__exit__", "__enter__", "close"])
    for receiver, special in (("super().", 0), ("Base.", 0), ("abc.Base.", 0), ("self.", 2)):
        (said,) = constrain(DereferenceMonitor(), Document("/w/x.py", "python", head + receiver, "\n"), analyser)
        assert sum(weight < 0 for _, weight in said.weights) == special, receiver
