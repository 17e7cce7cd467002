import re
from pathlib import Path

import pytest

from monitors import Document
from monitors.analysis.analyser import Name
from monitors.host.python import JediAnalyser
from monitors.properties.imports import ImportMonitor
from monitors.testing import ScriptedAnalyser, constrain

MODULES = ["os", "sys", "re", "shop"]


def growing(text: str) -> list[str]:
    return [text[:i] for i in range(len(text) + 1)]


def names_at(before: str) -> list[str]:
    return (
        ["Basket", "total"]
        if re.search(r"from .* import ", before)
        else ["cart", "till"]
        if before.endswith(".")
        else MODULES
    )


def places(text: str, known: bool = True, prefix: str = "") -> list[int]:
    document = Document("/w/x.py", "python", prefix, "\n")
    found = constrain(ImportMonitor(known), document, ScriptedAnalyser(names_at), growing(text))
    return [c.start for c in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import o", [7]),
        ("import os.pa", [7, 10]),
        ("import os, sy", [7, 11]),
        ("import os as o, sys", [7, 16]),
        ("from sh", [5]),
        ("from shop.ca", [5, 10]),
        ("from shop.cart import Ba", [5, 10, 22]),
        ("from shop import Basket, to", [5, 17, 25]),
        ("from shop import (Ba", [5, 17, 18]),
        ("from .ca", [5, 6]),
        ("from . import Ba", [5, 6, 14]),
        ("from .cart import Basket as B", [5, 6, 18]),
        ("x = 1\nimport sh", [13]),
        ("important = 1", []),
        ("'from x import y'", []),
        ("# import o", []),
        ("yield from shop", []),
    ],
)
def test_where_modules_and_names_are_imported(text: str, expected: list[int]) -> None:
    assert sorted(set(places(text))) == expected


def test_top_level_modules_are_not_judged_in_an_unknown_environment() -> None:
    assert places("import sho", known=False) == []
    assert places("from shop.cart import Bas", known=False) == [10, 22]


def modules_at(path: Path, prefix: str, root: Path | None) -> set[str]:
    document = Document(str(path), "python", prefix, "\n")
    (constraint,) = constrain(ImportMonitor(True, root), document, ScriptedAnalyser(MODULES))
    return set(constraint.names or re.findall(r"\w+", constraint.regex or ""))


@pytest.mark.parametrize("prefix", ["import ", "from "])
def test_modules_around_the_document_may_be_imported(tmp_path: Path, prefix: str) -> None:
    root = tmp_path / "work"
    made = ("app/lib/deep/view.py", "app/lib/fast.cpython-311.so", "app/tool.pyi", "app/src/kit/a.py", "app/no-te.py")
    for name in (*made, "app/data.txt", "top.py", "other/far.py", "../outside.py"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("", encoding="utf-8")
    found = modules_at(root / "app/lib/new.py", prefix, root)
    assert {"os", "deep", "fast", "tool", "lib", "kit", "top", "other", "app"} <= found
    assert not found & {"view", "no", "data", "far", "outside", "work"}
    assert not modules_at(root / "app/lib/new.py", prefix, None) & {"tool", "top"}
    (root / "app/late.py").write_text("", encoding="utf-8")
    assert "late" in modules_at(root / "app/lib/new.py", prefix, root)


def test_nothing_is_known_where_the_search_path_is_changed() -> None:
    assert places("import o", prefix="import sys\nsys.path.append('lib')\n") == []
    assert places("from shop.cart import Bas", prefix="import sys\nsys.path.append('lib')\n") == [10, 22]


def test_an_import_that_may_fail_is_not_judged() -> None:
    assert places("import sho", prefix="try:\n    ") == []
    assert places("import sho", prefix="if TYPE_CHECKING:\n    ") == []
    assert places("import sho", prefix="def f():\n    ") == [7]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("import o", ["one", "two"]),
        ("import o", [*MODULES, "print"]),
        ("from shop import x", ["__doc__", "__name__"]),
        ("from shop import x", ["x", "print", "isinstance"]),
        ("from shop import x", [Name("x"), Name("__getattr__", "function")]),
        ("from shop.x", []),
    ],
)
def test_answers_about_something_else_are_not_trusted(text: str, names: list[str | Name]) -> None:
    document = Document("/w/x.py", "python", "", "\n")
    assert constrain(ImportMonitor(True), document, ScriptedAnalyser(names), [text]) == []


def test_parentheses_stars_and_further_dots_may_stand_where_a_name_may() -> None:
    for text, rest in [("from shop import ", "(\n    Basket"), ("from shop import ", "*\n"), ("from .", ". import a")]:
        document = Document("/w/x.py", "python", "", "\n")
        found = constrain(ImportMonitor(True), document, ScriptedAnalyser(names_at), [text, text + rest])
        for constraint in found:
            if constraint.start == len(text):
                pattern = re.sub(r"\\x\{([0-9A-F]+)\}", lambda m: chr(int(m.group(1), 16)), constraint.regex or "")
                assert re.fullmatch(pattern, rest)


def test_with_jedi(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("LIMIT = 3\n", encoding="utf-8")
    (tmp_path / "shop" / "cart.py").write_text("class Basket: ...\n", encoding="utf-8")
    jedi = JediAnalyser(str(tmp_path))

    def allowed(prefix: str) -> str:
        (constraint,) = constrain(ImportMonitor(True), Document(str(tmp_path / "x.py"), "python", prefix, "\n"), jedi)
        return constraint.regex or " ".join(sorted(constraint.names or ()))

    assert "shop" in allowed("import sho").split()
    assert allowed("import shop.") == "cart"
    assert "Basket" in allowed("from shop.cart import ")
    assert "LIMIT" in allowed("from shop import ")
    assert "Basket" not in allowed("from shop import ")
