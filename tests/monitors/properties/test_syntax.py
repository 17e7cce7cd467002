import re

import pytest

from monitors import Document
from monitors.properties.syntax import SyntaxMonitor
from monitors.testing import constrain, constraints_of
from monitors.text.grammar import LANGUAGES, Fragments, keywords
from monitors.unaided import Unaided

PROGRAMS = {
    "python": "def area(shape):\n    if shape.w > 0:\n        return [x for x in shape.s]\n    return f'{shape}'\n",
    "javascript": "export function area(s) {\n  const sides = s.sides.map((x) => x * 2);\n  return sides[0] || 1;\n}\n",
    "typescript": "export function area<T>(s: Map<string, T>): number {\n  return s.size ? 1 : 0;\n}\n",
    "java": "class A {\n  int area(int[] s) {\n    for (int x : s) { if (x > 1) return x; }\n    return 0;\n  }\n}\n",
    "c": "int area(int *s, int n) {\n  for (int i = 0; i < n; i++) s[i] += 1;\n  return s[0];\n}\n",
    "cpp": "template <class T>\nint area(std::vector<T> s) {\n  for (auto x : s) return x;\n  return 0;\n}\n",
    "csharp": "class A {\n  public int Area(int[] s) => s.Length > 0 ? s[0] : 0;\n}\n",
    "go": "package a\n\nfunc area(s []int) int {\n\tfor _, x := range s {\n\t\treturn x\n\t}\n\treturn 0\n}\n",
    "rust": "fn area(s: &[u8]) -> u8 {\n    match s.first() {\n        Some(x) => *x,\n        None => 0,\n    }\n}\n",
    "php": "<?php\nfunction area(array $s): int {\n  foreach ($s as $x) { return $x; }\n  return 0;\n}\n",
    "ruby": "def area(s)\n  s.each do |x|\n    return x if x > 0\n  end\n  0\nend\n",
    "kotlin": "fun area(s: List<Int>): Int {\n    for (x in s) { if (x > 0) return x }\n    return 0\n}\n",
    "scala": "object A {\n  def area(s: List[Int]): Int = s match {\n    case Nil => 0\n    case x :: _ => x\n  }\n}\n",
    "lua": "local function area(s)\n  for _, x in ipairs(s) do\n    return x\n  end\n  return 0\nend\n",
}
CASES = [
    ("python", "def f(a):\n    return (a", "])", ")"),
    ("python", "x = a", " b;", " + b"),
    ("javascript", "let a = [1, 2", ");", "];"),
    ("java", "class A { int x = 3", " y;", ";"),
    ("rust", "fn main() { let x =", " ;", " 1;"),
    ("go", "package a\nfunc f(", "{", "a int)"),
    ("cpp", "int f() { return 0", " 0;", ";"),
    ("typescriptreact", "const a = <b>{x", "]</b>;", "}</b>;"),
]


def allows(pattern: str | None, text: str) -> bool:
    pattern = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: f"\\U{int(m.group(1), 16):08x}", pattern or "")
    return re.fullmatch(pattern, text) is not None


@pytest.mark.parametrize("language", sorted(LANGUAGES - {"javascriptreact", "typescriptreact"}))
def test_whatever_begins_a_program_is_no_fault(language: str) -> None:
    program = PROGRAMS[language]
    fragments = Fragments(language)
    for end in [m.end() for m in re.finditer(r"[()\[\]{};,\n]", program)]:
        assert fragments.fault(program[:end]) is None, program[:end]
        assert fragments.fault(program[:end], end // 2) is None, program[:end]
    assert keywords(language)


@pytest.mark.parametrize("language", sorted(LANGUAGES - {"javascriptreact", "typescriptreact"}))
def test_what_cannot_go_on_is_a_fault_where_it_goes_wrong(language: str) -> None:
    broken = PROGRAMS[language].rstrip() + "\n" + ("))" if language == "ruby" else ")")
    fault = Fragments(language).fault(broken)
    assert fault is not None
    assert fault.start == broken.index(")", len(PROGRAMS[language]) - 1)


@pytest.mark.parametrize(("language", "prefix", "wrong", "right"), CASES)
def test_a_wrong_token_is_not_written(language: str, prefix: str, wrong: str, right: str) -> None:
    document = Document("/w/x", language, prefix, "\n")
    texts = [wrong[:i] for i in range(len(wrong) + 1)]
    (constraint,) = constrain(SyntaxMonitor(), document, texts=texts)[:1]
    assert not allows(constraint.regex, wrong[constraint.start :])
    assert allows(constraint.regex, right[constraint.start :])
    assert constrain(SyntaxMonitor(), document, texts=["", right]) == []


def test_an_empty_document_is_guided_too() -> None:
    document = Document("", "python", "")
    assert constrain(SyntaxMonitor(), document, texts=["def f(x):\n    return x\n"]) == []
    assert constrain(SyntaxMonitor(), document, texts=["def f(x:\n    return x)\n"])


def test_it_is_silent_where_the_text_above_does_not_parse() -> None:
    document = Document("/w/x.py", "python", "x = )\ny = ")
    assert constrain(SyntaxMonitor(), document, texts=["(]\n"]) == []


def test_strings_and_comments_are_not_judged() -> None:
    document = Document("/w/x.py", "python", "x = 1\n")
    assert constrain(SyntaxMonitor(), document, texts=["y = 'a) b:", "y = 'a) b:'  # ) x,"]) == []


def test_a_translation_is_guided_without_a_workspace() -> None:
    with Unaided() as unaided:
        assert unaided.watches("rust")
        assert not unaided.watches("cobol")
        watch = unaided.watch(Document("", "rust", ""))
        assert constraints_of(watch, ["fn main() {", "fn main() { let x = ;"])
