"""Classes after `new`, and names in scope: words that are judged where they end."""

import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from monitors import Constraint, Document, Monitor
from monitors.analysis.analyser import Name
from monitors.properties.instantiation import InstantiationMonitor
from monitors.properties.names import NamesMonitor
from monitors.testing import ScriptedAnalyser, constrain

CLASSES = ["Box", "Basket", "Shape"]


def analyser(known: Iterable[str], kind: str = "class") -> ScriptedAnalyser:
    """Knows some names, and answers with those that go on from what is typed."""

    def names(before: str) -> list[Name]:
        typed = re.search(r"\w*\Z", before)
        return [Name(name, kind) for name in known if typed and name.startswith(typed.group())]

    return ScriptedAnalyser(names)


def judge(
    monitor: Monitor, language: str, prefix: str, text: str, asked: ScriptedAnalyser, folder: Path = Path("/w")
) -> list[Constraint]:
    texts = [text[:i] for i in range(len(text) + 1)]
    return constrain(monitor, Document(str(folder / "x"), language, prefix, "\n"), asked, texts)


def allows(constraint: Constraint, text: str) -> bool:
    pattern = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: f"\\U{int(m.group(1), 16):08x}", constraint.regex or "")
    return re.fullmatch(pattern, text) is not None


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder of a package's modules."""
    (tmp_path / "package.json").write_text("{}", encoding="utf-8")
    (tmp_path / "src").mkdir()
    return tmp_path / "src"


@pytest.mark.parametrize("language", sorted(InstantiationMonitor.languages))
def test_a_class_that_is_not_there_is_forbidden_and_nothing_else(language: str, package: Path) -> None:
    prefix = {"php": "<?php\n", "javascript": "import 'y';\n"}.get(language, "")
    (constraint,) = judge(InstantiationMonitor(), language, prefix, "x = new Bag(1)", analyser(CLASSES), package)
    assert constraint.start == 8
    assert not allows(constraint, "Bag(1)")
    assert allows(constraint, "Bagger(1)")
    assert allows(constraint, "Box(1)")
    assert judge(InstantiationMonitor(), language, prefix, "x = new Basket(1)", analyser(CLASSES), package) == []


@pytest.mark.parametrize(
    "text",
    [
        "new int[3]",
        "new geo.Bag(1)",
        "x.new Bag(1)",
        "renew Bag(1)",
        "// new Bag(1)",
        '"new Bag(1)"',
        "new T[n]",
    ],
)
def test_what_no_class_is_named_in(text: str) -> None:
    assert judge(InstantiationMonitor(), "java", "class A<K, T> {\n  ", text + ";", analyser(CLASSES)) == []


def test_a_word_half_typed_before_the_cursor_is_judged_whole() -> None:
    (constraint,) = judge(InstantiationMonitor(), "java", "x = new Ba", "g(1)", analyser(CLASSES))
    assert (constraint.start, constraint.typed) == (-2, "Ba")
    assert judge(InstantiationMonitor(), "java", "x = new Bag", "(1)", analyser(CLASSES)) == []


def test_silence_is_no_proof() -> None:
    assert judge(InstantiationMonitor(), "java", "", "x = new Bag(1)", analyser([])) == []
    assert judge(InstantiationMonitor(), "java", "", "x = new Bag(1)", analyser(["Bottle"], "variable")) == []
    incomplete = ScriptedAnalyser([Name("Box", "class")], complete=False)
    assert judge(InstantiationMonitor(), "java", "", "x = new Bag(1)", incomplete) == []


@pytest.mark.parametrize("text", ["x = frob(1)", "frob[0]", "return frob.y", "print(frob(1))\n"])
def test_a_name_that_is_not_there_is_not_read(text: str) -> None:
    (constraint,) = judge(NamesMonitor(), "python", "y = 1\n", text, analyser(["four", "five"], "function"))
    assert constraint.start == text.index("frob")
    assert not allows(constraint, "frob(")
    assert judge(NamesMonitor(), "python", "y = 1\n", text, analyser(["four", "frob"], "function")) == []


@pytest.mark.parametrize(
    ("prefix", "text"),
    [
        ("", "x.frob(1)"),
        ("", "print(1)"),
        ("", "def frob(x)"),
        ("", "class frob(x)"),
        ("", "'frob(1)'"),
        ("", "[frob(1) for frob in x]\n"),
        ("", "@frob(1)"),
        ("def frob(x): pass\n", "frob(1)"),
        ("from x import *\n", "frob(1)"),
    ],
)
def test_what_is_defined_bound_or_of_another_kind_is_left_alone(prefix: str, text: str) -> None:
    assert judge(NamesMonitor(), "python", prefix, text, analyser(["four"], "function")) == []


@pytest.mark.parametrize(
    "text",
    [
        "class A {\n  frob(x) {",
        "class A extends B\n  implements C {\n  frob(x) {",
        "class A { a() {} frob(x) {",
        "class A {\n  static async *frob(x) {",
        "class A {\n  override frob(x) {",
        "class A {\n  @on('click') frob(x) {",
        "const a = {\n  frob(x) {",
        "const a = { frob(x) {",
        "const a = { b: 1, async frob(x) {",
        "const a = {\n  async *frob(x) {",
        "const a = { *frob(x) {",
        "const a = { get frob() {",
        "const a = b && { frob(x) {",
        "export default {\n  frob(x) {",
        "let a: Promise<{ frob(x: number): void }>",
        "function frob(x)",
        "function *frob(x)",
        "new Frob(x)",
    ],
)
def test_definitions_in_javascript_are_left_alone(text: str) -> None:
    assert judge(NamesMonitor(), "typescript", "", text, analyser(["four", "Four"], "function")) == []


@pytest.mark.parametrize(
    "text",
    [
        "if (x) {\n  frob(x);",
        "if (x) { frob(x);",
        "const a = () => { frob(x);",
        "const a = { b: frob(x) };",
        "const a = { b, ...c(frob(x)) };",
        "const a = { [frob(x)]: 1 };",
        "class A { m() { frob(x);",
        "class A { m = [1, frob(x)];",
    ],
)
def test_calls_in_javascript_are_judged(text: str) -> None:
    (constraint,) = judge(NamesMonitor(), "typescript", "", text, analyser(["four"], "function"))
    assert constraint.start == text.index("frob")
    assert not allows(constraint, "frob(")


@pytest.mark.parametrize("prefix", ["import a from 'y';\n", "const a = require('y');\n", "export const a = 1;\n"])
def test_in_javascript_a_module_of_a_package_is_judged(prefix: str, package: Path) -> None:
    (called,) = judge(NamesMonitor(), "javascript", prefix, "frob(a);", analyser(["four"], "function"), package)
    (made,) = judge(InstantiationMonitor(), "javascript", prefix, "new Bag(a);", analyser(CLASSES), package)
    assert not allows(called, "frob(")
    assert not allows(made, "Bag(")


@pytest.mark.parametrize("prefix", ["", "import('y');\n", "// export\n"])
def test_in_javascript_what_is_no_module_may_use_other_scripts(prefix: str, package: Path) -> None:
    assert judge(NamesMonitor(), "javascript", prefix, "frob(a);", analyser(["four"], "function"), package) == []
    assert judge(InstantiationMonitor(), "javascript", prefix, "new Bag(a);", analyser(CLASSES), package) == []


def test_in_javascript_a_module_without_a_package_may_use_other_scripts(tmp_path: Path) -> None:
    prefix = "import { a } from './y.js';\n"
    assert judge(NamesMonitor(), "javascript", prefix, "frob(a);", analyser(["four"], "function"), tmp_path) == []
    assert judge(InstantiationMonitor(), "javascript", prefix, "new Bag(a);", analyser(CLASSES), tmp_path) == []


@pytest.mark.parametrize("language", ["javascript", "typescript"])
@pytest.mark.parametrize(
    "text",
    ["Buffer.from(a);", "setImmediate(a);", "jQuery(a);", "chrome.runtime;", "Deno.args;", "let b: NodeJS.Timeout;"],
)
def test_names_of_hosts_and_test_runners_are_left_alone(language: str, text: str, package: Path) -> None:
    prefix, known = "import 'y';\n", [word + "s" for word in re.findall(r"\w+", text)]
    assert judge(NamesMonitor(), language, prefix, text, analyser(known, "class"), package) == []


@pytest.mark.parametrize("language", ["javascript", "typescript"])
def test_classes_of_hosts_are_left_alone(language: str, package: Path) -> None:
    prefix, text = "import 'y';\n", "new WebSocketPair();"
    assert judge(InstantiationMonitor(), language, prefix, text, analyser(["Ws"]), package) == []
