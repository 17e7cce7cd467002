from typing import Any

import pytest

from monitors.analysis.analyser import Parameter
from monitors.host.items import completion_names, keywords, signatures, symbols


@pytest.mark.parametrize(
    ("item", "name"),
    [
        ({"label": " increment(const std::string &key)", "insertText": "increment"}, "increment"),
        ({"label": "•push_back(T x)", "textEdit": {"newText": "push_back", "range": {}}}, "push_back"),
        ({"label": "note?", "kind": 5}, "note"),
        ({"label": "add(int x) : void", "textEditText": "add()"}, "add"),
        ({"label": "name", "textEdit": {"newText": "?.name"}}, "name"),
        ({"label": "foo-bar", "insertText": '["foo-bar"]'}, ""),
        ({"label": "$count"}, "$count"),
        ({"label": "#secret"}, "#secret"),
        ({"label": "~Store()"}, "~Store"),
        ({"label": "größe"}, "größe"),
        ({"label": "if", "kind": 14}, ""),
        ({"label": "for loop", "kind": 15}, ""),
        ({"label": ""}, ""),
        ({}, ""),
    ],
)
def test_identifiers(item: dict[str, Any], name: str) -> None:
    names, _ = completion_names([item])
    assert [n.name for n in names] == ([name] if name else [])


def test_kinds_details_and_completeness() -> None:
    names, complete = completion_names({"isIncomplete": False, "items": [{"label": "a", "kind": 20, "detail": "A"}]})
    assert [(n.name, n.kind, n.detail) for n in names] == [("a", "enum_member", "A")]
    assert complete
    assert completion_names({"isIncomplete": True, "items": None}) == ((), False)
    assert completion_names(None) == ((), True)
    assert keywords({"items": [{"kind": 14}, {"kind": 2}, 3]}) == 1


def parameters(label: str, texts: list[Any], language: str) -> tuple[Parameter, ...]:
    (signature,) = signatures({"signatures": [{"label": label, "parameters": [{"label": t} for t in texts]}]}, language)
    return signature.parameters


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("(a: int, /, b, *args: str, c: dict[str, int] = {}, d: bool, **rest) -> int", "a! b args* c=k dk rest**"),
        ("[T: (int, str)](x: T, y: str = ')(,') -> T", "x y="),
        ("def go(self: Thing, x: Unknown) -> None: ...", "x *"),
        ("f(*, x)", "xk"),
        ("(b: str =, c: (int) -> str) -> None", "b= c"),
        ("(...) -> Unknown", "* **"),
        ("() -> Any", "* **"),
        ("Unknown", "* **"),
        ("() -> int", ""),
    ],
)
def test_python_signatures(label: str, expected: str) -> None:
    marks = {"positional": "!", "either": "", "keyword": "k", "rest": "*", "keywords": "**"}
    found = parameters(label, ["what servers list here differs"], "python")
    optional = [p.name + ("=" if not p.required and p.kind not in ("rest", "keywords") else "") for p in found]
    assert " ".join(name + marks[p.kind] for name, p in zip(optional, found, strict=True)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("String key", Parameter("key", "positional")),
        ("Map<String, Integer> counts", Parameter("counts", "positional")),
        ("Object... rest", Parameter("rest", "rest", False)),
        ("by?: number", Parameter("by", "positional", False)),
        ("key: string", Parameter("key", "positional")),
        ("...items: T[]", Parameter("items", "rest", False)),
        ("int by = 1", Parameter("by", "positional", False)),
        ("const std::string &key", Parameter("key", "positional")),
        ("string $key", Parameter("key", "positional")),
        ("value: void", Parameter("value", "positional", False)),
        ("value: void | PromiseLike<void>", Parameter("value", "positional", False)),
        ("value: string | void", Parameter("value", "positional", False)),
        ("values: Map<string, void>", Parameter("values", "positional")),
        ("void *data", Parameter("data", "positional")),
    ],
)
def test_typed_signatures(text: str, expected: Parameter) -> None:
    assert parameters("f", [text], "java") == (expected,)


def test_label_offsets_are_utf16() -> None:
    assert parameters("😀f(int x)", [[4, 9]], "java") == (Parameter("x", "positional"),)


def test_symbols_nested_and_flat() -> None:
    nested = [{"name": "A", "kind": 5, "children": [{"name": "m", "kind": 6, "children": None}]}]
    assert [(s.name, s.kind, s.container) for s in symbols(nested)] == [("A", "class", ""), ("m", "method", "A")]
    assert [(s.name, s.container) for s in symbols([{"name": "m", "kind": 12, "containerName": "B"}, 3])] == [
        ("m", "B")
    ]
    assert symbols(None) == ()
