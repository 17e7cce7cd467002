from pathlib import Path

import pytest

from monitors import Document
from monitors.analysis.analyser import Analyser
from monitors.document import View
from monitors.host.python import JediAnalyser
from monitors.monitor import Answer, Trigger
from monitors.properties.dereference import DereferenceMonitor
from monitors.testing import ScriptedAnalyser, constrain

PROJECT = "class Bare: ...\n\n\nclass Store:\n    def save(self): ...\n"
METHOD = "\n    def save(self): ...\n\n    def go(self):\n        x = "


def answer(prefix: str, analyser: Analyser, language: str = "python", path: str = "/w/x.py") -> Answer:
    view = View(Document(path, language, prefix, "\n"))
    *_, trigger = DereferenceMonitor().pre(View(view.document, since=prefix.rfind("\n") + 1))
    return DereferenceMonitor().analyse(view, Trigger(trigger.start, True, trigger.detail), analyser)


@pytest.mark.parametrize(
    "prefix",
    [
        f"from missing import Base\n\nclass A(Base):{METHOD}self.",
        f"import missing\n\nclass A(missing.Base[int]):{METHOD}self.",
        f"from missing import make\n\nclass A(make()):{METHOD}self.",
        f"from missing import Base\n\nclass A(Base):{METHOD}pass\n\nx = A.",
        f"from missing import Base\n\nclass B(Base):\n    y = 1\n\nclass A(B):{METHOD}self.",
        f"from missing import Base\nfrom shop import Store\n\nclass A(Store, Base):{METHOD}self.",
    ],
)
def test_with_jedi_a_base_that_is_not_found_forbids_nothing(prefix: str, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(PROJECT, encoding="utf-8")
    jedi = JediAnalyser(str(tmp_path))
    assert answer(prefix, jedi, path=str(tmp_path / "x.py")).reason == "nothing known of its base"


@pytest.mark.parametrize(
    "prefix",
    [
        f"class A:{METHOD}self.",
        f"class A(object):{METHOD}self.",
        f"class A(Exception):{METHOD}self.",
        f"from abc import ABC\n\nclass A(ABC):{METHOD}self.",
        f"from typing import Protocol\n\nclass A(Protocol):{METHOD}self.",
        f"from typing import Generic, TypeVar\n\nT = TypeVar('T')\n\nclass A(Generic[T]):{METHOD}self.",
        f"from shop import Bare\n\nclass A(Bare):{METHOD}self.",
        f"from shop import Store\n\nclass A(Store):{METHOD}self.",
        f"from shop import Bare, Store\n\nclass A(Bare, Store):{METHOD}self.",
        f"from shop import Store\n\nclass A(Store):{METHOD}pass\n\nx = A.",
        f"class B:\n    y = 1\n\nclass A(B):{METHOD}self.",
        f"class B(Exception):\n    y = 1\n\nclass A(B):{METHOD}self.",
    ],
)
def test_with_jedi_a_base_that_is_found_is_trusted(prefix: str, tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(PROJECT, encoding="utf-8")
    judged = answer(prefix, JediAnalyser(str(tmp_path)), path=str(tmp_path / "x.py"))
    assert judged.trusted, judged.reason
    assert "save" in judged.names


BRACES = {
    "typescript": ("class A extends b.Base<{}, {}> {\n  own() {\n    x = ", "this.", "b.Base."),
    "javascript": ("class A extends Base {\n  own() {\n    x = ", "this.", "Base."),
    "java": ("class A extends Base {\n  void own() {\n    x = ", "this.", "Base."),
    "php": ("<?php\nclass A extends Base\n{\n  function own() {\n    $x = ", "$this->", "(new Base)->"),
}


@pytest.mark.parametrize("language", BRACES)
def test_the_base_is_asked_about_where_nothing_of_it_is_listed(language: str) -> None:
    head, receiver, question = BRACES[language]

    def trusts(inherited: list[str], of_base: list[str]) -> tuple[bool, int]:
        scripted = ScriptedAnalyser(lambda text: of_base if text.endswith(question) else ["own", *inherited])
        return answer(head + receiver, scripted, language).trusted, len(scripted.asked)

    assert trusts([], []) == (False, 2)
    assert trusts([], ["prototype"]) == (True, 2)
    assert trusts(["render"], []) == (True, 1), "an inherited name is listed: the base is known, and nothing is asked"


def test_other_receivers_cost_no_question() -> None:
    head = "class A(Base):\n    def own(self, other):\n        x = "
    for receiver in ("other.", "self.own.", "own().", "Other."):
        scripted = ScriptedAnalyser(["own"])
        assert answer(head + receiver, scripted).trusted
        assert len(scripted.asked) == 1, receiver


def test_what_php_makes_up_for_a_class_is_not_judged() -> None:
    document = Document("/w/x.php", "php", "<?php\n$x = Bag::", "\n")
    for name in ("__callStatic", "__callstatic"):
        assert constrain(DereferenceMonitor(), document, ScriptedAnalyser(["make", name])) == []
