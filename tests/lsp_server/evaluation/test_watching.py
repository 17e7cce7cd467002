"""Harm, cost, and members that do not exist, as a report tells them."""

import sys
from pathlib import Path

import pytest

from lsp_server.evaluation.cases import Case
from lsp_server.evaluation.resolving import CHECKERS, Checker, Unresolved, Written, unresolved_members
from lsp_server.evaluation.watching import Watching, harmful_monitors, watching_figures, watching_of
from models import Constraint


@pytest.mark.parametrize(
    ("constraint", "before", "harmful"),
    [
        (Constraint("m", 0, names=frozenset({"name", "size"})), "", False),
        (Constraint("m", 0, names=frozenset({"names", "size"})), "", True),
        (Constraint("m", -2, names=frozenset({"a_name"}), typed="a_"), "", False),
        (Constraint("m", -2, names=frozenset({"a_other"}), typed="a_"), "", True),
        (Constraint("m", 5, names=frozenset({"upper"})), "name.", False),
        (Constraint("m", 5, names=frozenset({"lower"})), "name.", True),
        (Constraint("m", 5, names=frozenset({"lower"})), "size.", False),  # the text had left the truth before
        (Constraint("m", 5, regex=r"(?:upper|strip)(?:[^0-9A-Za-z_$\x{80}-\x{10FFFF}](?s:.*))?"), "name.", False),
        (Constraint("m", 5, regex=r"strip(?s:.*)"), "name.", True),
        (Constraint("m", 0, regex="("), "", False),  # cannot be read, and so forbade nothing
    ],
)
def test_a_mask_is_harmful_where_it_forbids_what_really_stands_there(
    constraint: Constraint, before: str, harmful: bool
) -> None:
    assert harmful_monitors([(before, constraint)], "name.upper()", "\nmore") == (("m",) if harmful else ())


def test_what_was_watched_comes_back_from_a_journal() -> None:
    finding = {"monitor": "d", "start": 0, "outcome": "constrained", "analysis_ms": 2.0}
    watching = Watching((finding,), ("d",), "text", 3.0, 2.0, 4.0, 2.0)
    assert watching_of(watching.to_json()) == watching
    assert watching.trusted
    assert watching_of(None) is None


def test_nothing_watched_is_no_figure() -> None:
    assert watching_figures([], [])["overhead_ratio"] is None


SAYS = """\
import sys
from pathlib import Path
for name in sys.argv[1:]:
    for number, line in enumerate(Path(name).read_text().split("\\n"), start=1):
        if "missing" in line:
            print(f"{name}:{number}:{line.index('missing') + 1}: error[unresolved-attribute] it does not exist")
"""


def test_members_are_looked_up_in_a_copy_of_the_project(tmp_path: Path) -> None:
    """The checker here is a script that takes every `missing` for a fault; the real ones differ in what they print."""
    root = tmp_path / "project"
    (root / "pkg").mkdir(parents=True)
    (root / "pkg" / "m.py").write_text("untouched")
    (tmp_path / "checker.py").write_text(SAYS)
    ty = next(checker for checker in CHECKERS if checker.name == "ty")
    scripted = Checker("scripted", ty.languages, (sys.executable,), (str(tmp_path / "checker.py"),), ty.faults)

    def written(text: str) -> Written:
        return Written(str(root), "pkg/m.py", "python", "# missing\ns = 'é'; x = a.", text, "\n# missing\n")

    said = unresolved_members(scripted, [written("missing"), written("here"), written("b.missing"), written("missing")])
    assert said == [Unresolved(1, True), Unresolved(0, False), Unresolved(1, False), Unresolved(1, True)]
    assert [path.name for path in (root / "pkg").iterdir()] == ["m.py"]
    assert (root / "pkg" / "m.py").read_text() == "untouched"


@pytest.mark.slow
def test_pyright_tells_members_that_exist_from_those_that_do_not(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "other.py").write_text("class Thing:\n    size: int = 1\n\n    def go(self) -> None: ...\n")
    pyright = next(checker for checker in CHECKERS if checker.name == "pyright")
    assert pyright.program

    def written(text: str) -> Written:
        return Written(str(root), "m.py", "python", "from other import Thing\n\nx = Thing().", text, "\n")

    said = unresolved_members(pyright, [written("size"), written("nonsense"), written("size.upper")])
    assert said == [Unresolved(0, False), Unresolved(1, True), Unresolved(1, False)]
    # What a line leaves open takes nothing away from the class around it.
    head = "class A:\n    def f(self) -> None:\n        self."
    cut = Written(str(root), "m.py", "python", head, "g(", "\n\n    def g(self, a: int) -> None: ...\n")
    assert unresolved_members(pyright, [cut]) == [Unresolved(0, False)]


def test_a_case_needs_a_project_to_be_checked() -> None:
    from lsp_server.evaluation.watching import resolution_figures

    figures = resolution_figures([Case("1", "python", "x")], ["x"], [Watching()])
    assert figures == {"unresolved_members": None}
