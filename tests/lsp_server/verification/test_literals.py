"""Values written for parameters of declared types."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.languages import language_for
from lsp_server.languages.parsing import parse
from lsp_server.verification.literals import literal
from lsp_server.verification.tests import Value
from lsp_server.verification.values import NoValue, value_of


@pytest.mark.parametrize(
    ("language", "kind", "value", "expected"),
    [
        ("python", "", {"a": [1, None]}, "{'a': [1, None]}"),
        ("javascript", "", ["x", None, True], '["x", null, true]'),
        ("typescript", "Map<string, number>", {"a": 1}, 'new Map<any, any>([["a", 1]])'),
        ("java", "int[]", [1, 2], "new int[]{1, 2}"),
        ("java", "List<Double>", [1], "new java.util.ArrayList<Double>(java.util.Arrays.<Double>asList(1.0))"),
        ("java", "long", 5, "5L"),
        ("java", "Map<String, Integer>", {"a": 1}, 'new java.util.HashMap<String, Integer>() {{ put("a", 1); }}'),
        ("cpp", "const std::vector<std::string>&", ["a"], 'std::vector<std::string>{std::string("a")}'),
        ("cpp", "map<int, bool>", {"3": True}, "map<int, bool>{{3, true}}"),
        ("go", "map[string][]int", {"a": [1]}, 'map[string][]int{"a": []int{1}}'),
        ("go", "rune", "x", "rune('x')"),
        ("rust", "&[&str]", ["a"], 'vec!["a"]'),
        ("rust", "Vec<String>", ["a"], 'vec!["a".to_string()]'),
        ("rust", "Option<i32>", None, "None"),
        ("rust", "&mut Vec<f64>", [1], "vec![1.0]"),
        ("csharp", "IList<int>", [1], "new System.Collections.Generic.List<int> { 1 }"),
        ("csharp", "double", 2, "2.0"),
        ("ruby", "", {"a": None}, '{"a" => nil}'),
        ("php", "", ["$x"], '["\\$x"]'),
        ("c", "double", 1, "1.0"),
    ],
)
def test_literals(language: str, kind: str, value: Value, expected: str) -> None:
    assert literal(value, kind, language) == expected


@pytest.mark.parametrize(
    ("language", "kind", "value"),
    [
        ("java", "int", "text"),
        ("java", "int", 1 << 40),
        ("java", "int", True),
        ("java", "Tree", 1),
        ("cpp", "int*", [1, 2]),
        ("cpp", "bool", 1),
        ("go", "*Node", None),
        ("rust", "u32", -1),
        ("rust", "i32", 1.5),
        ("csharp", "List<int>", ["a"]),
        ("kotlin", "Int", 1),
    ],
)
def test_what_a_type_cannot_hold_is_no_literal(language: str, kind: str, value: Value) -> None:
    assert literal(value, kind, language) is None


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31 - 1) | st.floats(-1e6, 1e6)
    | st.text("ab'\"\\\n$é", max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(PLAIN)
def test_what_is_written_in_python_and_javascript_is_read_back(value: Value) -> None:
    for name in ("python", "javascript"):
        text = literal(value, "", name)
        assert text is not None
        source = f"x = {text}" if name == "python" else f"x = ({text})"
        tree = parse(source.encode(), language_for(name), limit_ms=1000)
        assert tree is not None
        assignment = tree.root_node.named_children[0].named_children[0]
        right = assignment.child_by_field_name("right")
        assert right is not None
        read = value_of(right)
        assert json.dumps(read) == json.dumps(value) or read == value


def test_what_has_to_be_computed_is_no_value() -> None:
    tree = parse(b"x = len([1])", language_for("python"), limit_ms=1000)
    assert tree is not None
    with pytest.raises(NoValue):
        value_of(tree.root_node.named_children[0].named_children[0].named_children[1])
