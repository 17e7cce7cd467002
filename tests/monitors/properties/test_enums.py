import pytest

from monitors import Document
from monitors.analysis.analyser import Name
from monitors.properties.enums import EnumMonitor
from monitors.testing import ScriptedAnalyser, constrain

COLOUR = [
    Name("RED", "enum_member"),
    Name("GREEN", "enum", "Literal[Color.GREEN]"),
    Name("parse", "method"),
    Name("name", "property"),
    Name("__doc__", "variable"),
]
JAVA = [Name("RED", "enum_member", "Color.RED : Color"), Name("GREEN", "enum_member"), Name("parse", "method")]


@pytest.mark.parametrize(
    ("language", "text", "allowed"),
    [
        ("python", "case Color.", {"RED", "GREEN"}),
        ("csharp", "switch (c) { case Color.", {"RED", "GREEN"}),
        ("cpp", "switch (c) { case ns::Color::", {"RED", "GREEN"}),
        ("typescript", "if (c === Color.", {"RED", "GREEN", "parse"}),
        ("python", "if c is not Color.", {"RED", "GREEN", "parse"}),
        ("java", "if (c != Color.", {"RED", "GREEN", "parse"}),
        ("java", "switch (c) {\n  case ", {"RED", "GREEN", "null", "default"}),
        ("php", "<?php $x = match($c) { Color::", {"RED", "GREEN"}),
        ("rust", "match c { A::B => 1, Color::", {"RED", "GREEN"}),
    ],
)
def test_only_constants_where_a_constant_belongs(language: str, text: str, allowed: set[str]) -> None:
    analyser = ScriptedAnalyser(JAVA if language == "java" else COLOUR)
    (constraint,) = constrain(EnumMonitor(), Document("/w/x", language, text), analyser)
    assert constraint.names == allowed
    assert constraint.start == 0


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "x = Color."),
        ("python", "'case Color."),
        ("java", "case "),
        ("php", "<?php $x = [Color::"),
        ("python", "case Color.RED."),
    ],
)
def test_elsewhere_it_has_no_say(language: str, text: str) -> None:
    assert constrain(EnumMonitor(), Document("/w/x", language, text), ScriptedAnalyser([Name("a", "method")])) == []


def test_a_class_without_constants_is_none_of_its_business() -> None:
    document = Document("/w/x", "python", "case Shape.")
    assert constrain(EnumMonitor(), document, ScriptedAnalyser([Name("SQUARE", "field")])) == []
    assert constrain(EnumMonitor(), document, ScriptedAnalyser(COLOUR, complete=False)) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("python", "if x == Color.RED."),
        ("python", "if x == DEFAULT."),
        ("python", "if x != s."),
        ("python", "    case Color.RED."),
        ("python", "if x == colours."),
        ("java", "if (n == Color.RED."),
        ("cpp", "case ns::"),
    ],
)
def test_a_constant_has_fields_and_a_module_has_more_than_constants(language: str, text: str) -> None:
    assert constrain(EnumMonitor(), Document("/w/x", language, text), ScriptedAnalyser(COLOUR)) == []


def test_an_enumeration_is_told_from_what_holds_one() -> None:
    holds_one = [Name("M1", "enum", "W::Mode"), Name("Mode", "enum"), Name("size", "property", "const int")]
    assert constrain(EnumMonitor(), Document("/w/x.cpp", "cpp", "case W::"), ScriptedAnalyser(holds_one)) == []
    in_scope = [Name("Kind", "enum", "B.Kind"), Name("B", "class")]
    document = Document("/w/B.java", "java", "switch (code) {\n  case ")
    assert constrain(EnumMonitor(), document, ScriptedAnalyser(in_scope)) == []


def test_a_number_in_an_enumeration_may_be_compared_with() -> None:
    names = [*JAVA, Name("LIMIT", "constant", "Color.LIMIT : int"), Name("class", "field")]
    (constraint,) = constrain(EnumMonitor(), Document("/w/A.java", "java", "n == Color."), ScriptedAnalyser(names))
    assert constraint.names == {"RED", "GREEN", "parse", "LIMIT"}
