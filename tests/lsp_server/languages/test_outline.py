"""Outlines against the expected ones beside the sources in `outlines/`."""

from pathlib import Path
from time import perf_counter

import pytest

from lsp_server.languages import LANGUAGES, language_for
from lsp_server.languages.outline import Definition, outline, render

SOURCES = sorted((Path(__file__).parent / "outlines").glob("*.source"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_outline_is_as_expected(path: Path) -> None:
    language = language_for(path.stem)
    found = outline(path.read_text(encoding="utf-8"), language)
    assert "".join(render(item, language) + "\n" for item in found) == path.with_suffix(".outline").read_text("utf-8")


def test_every_grammar_has_a_sample() -> None:
    variants = {"typescriptreact", "javascriptreact"}
    assert {item.id for item in LANGUAGES if item.grammar} - variants == {path.stem for path in SOURCES}


def test_a_definition_says_where_it_stands_and_whose_it_is() -> None:
    source = "package a\n\nfunc (s *Stack[T]) Push(\n\tx T,\n) {\n\ts.x = x\n}\n"
    assert outline(source, language_for("go")) == (
        Definition("Push", "function", "func (s *Stack[T]) Push( x T, )", 2, 6, owner="Stack"),
    )


def test_broken_and_foreign_text_gives_an_outline_all_the_same() -> None:
    python = language_for("python")
    assert [item.name for item in outline("class A:\n    pass\n\ndef f(a):\n    x = a.\n", python)] == ["A", "f"]
    assert outline("\x00\ud800" * 1000, python) is not None
    assert outline("anything", language_for("")) == ()


def test_time_is_bounded() -> None:
    started = perf_counter()
    outline("([{<" * 200_000, language_for("cpp"), limit_ms=20)
    assert perf_counter() - started < 1.0
