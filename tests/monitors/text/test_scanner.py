import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.document import Document
from monitors.text.lexicon import Lexicon, lexicon_of
from monitors.text.scanner import scan


def lexicon(language: str) -> Lexicon:
    found = lexicon_of(language)
    assert found is not None
    return found


def state(language: str, text: str) -> str:
    """What is open, in one line: closing marks from the outermost on, `#` for a line comment."""
    frames = scan(lexicon(language), text).frames
    return " ".join("#" if frame.kind == "line" else frame.closing for frame in frames)


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("python", "f(a[1], {", ") }"),
        ("python", "f(a[1], {}", ")"),
        ("python", "x = 'it", "'"),
        ("python", "x = 'it\ny(", ")"),
        ("python", 'x = """a "quoted" \n', '"""'),
        ("python", 'x = f"{self.', '" }'),
        ("python", 'x = f"{{self.', '"'),
        ("python", 'x = f"{self.name} and ', '"'),
        ("python", 'x = f\'{d["a"].', "' }"),
        ("python", 'x = f"{n:#x}"; f(', ")"),
        ("python", 'x = f"{n!r:\'>{width}}" + y[', "]"),
        ("python", 'x = f"{d[a:b]:#0{', '" } }'),
        ("python", 'x = f"{n:', '" }'),
        ("python", 'x = f"{n:#x\nf(', ")"),
        ("python", 'x = f"{n\nf(', ")"),
        ("python", 'x = f"{n:{w\nf(', ")"),
        ("python", 'x = f"""{n\n:#x\n} {m.', '""" }'),
        ("python", 'x = f"""{f"{n:#\n', '""" }'),
        ("kotlin", '"${a\n.', '" }'),
        ("python", "x = rb'\\'", "'"),
        ("python", "# f(", "#"),
        ("python", "# f(\n", ""),
        ("python", "g(  # f(\n", ")"),
        ("javascript", "`a ${b.", "` }"),
        ("javascript", "`a ${b.c} d`.", ""),
        ("javascript", "x = /[/(]'/.", ""),
        ("javascript", "a / b / (", ")"),
        ("typescriptreact", "f(() => {", ") }"),
        ("java", "char c = '('; f(", ")"),
        ("java", 'String s = """\n  "(" \n', '"""'),
        ("java", "/* ( */ f(", ")"),
        ("cpp", 'auto s = R"x( )" ( )x"; f(', ")"),
        ("cpp", "// it's\nf(", ")"),
        ("rust", "fn f<'a>(x: &'a str) {", "}"),
        ("rust", 'let s = r#"a " ("#; f(', ")"),
        ("rust", "/* /* */ (", "*/"),
        ("csharp", '$"{a.', '" }'),
        ("csharp", '@"c:\\" + f(', ")"),
        ("go", 's := `a " ( ` + f(', ")"),
        ("php", "'<p>' . f(", ")"),
        ("kotlin", '"${a.', '" }'),
        ("lua", "x = [==[ ]] ( ]==] f(", ")"),
        ("sql", "select 'it''s' from (", ")"),
    ],
)
def test_what_is_open(language: str, text: str, expected: str) -> None:
    assert state(language, text) == expected


@pytest.mark.parametrize("language", ["python", "javascript", "cpp", "rust", "php", "kotlin"])
@given(parts=st.lists(st.sampled_from([*"(){}[]\"'`#/\\*\n$ab:{ ", '"""', "/*", "*/", "//", "${", 'f"']), max_size=40))
def test_any_text_is_read_and_its_literals_are_in_order(language: str, parts: list[str]) -> None:
    text = "".join(parts)
    found = scan(lexicon(language), text)
    flat = [offset for pair in found.literals for offset in pair]
    assert flat == sorted(flat)
    assert all(0 <= offset <= len(text) for offset in flat)


@given(
    lines=st.lists(st.text(alphabet="(){}[]:'\"#ab = f", max_size=12), max_size=6),
    cut=st.integers(min_value=0, max_value=6),
)
def test_a_scan_can_be_continued_at_a_line(lines: list[str], cut: int) -> None:
    first, second = "\n".join(lines[:cut]) + "\n", "\n".join(lines[cut:])
    python = lexicon("python")
    whole = scan(python, first + second)
    halves = scan(python, first + second, len(first), scan(python, first).frames)
    assert halves.frames == whole.frames


def test_a_hole_may_close_over_brackets_left_open_in_it() -> None:
    text = 'f"${(}'
    assert scan(lexicon("kotlin"), text).literals == ((1, 4), (5, 6))


def test_a_format_is_no_code_and_its_hole_ends_at_a_literals_edge() -> None:
    assert scan(lexicon("python"), 'f"{n:#x}"').literals == ((0, 3), (4, 7), (7, 9))


def test_unopened_brackets_are_told() -> None:
    assert scan(lexicon("java"), "a) } f() ]").unopened == (")", "}", "]")


@pytest.mark.parametrize("language", ["python", "typescript", "php", "cpp"])
def test_a_scan_from_the_cursors_line_is_a_scan_from_the_beginning(language: str) -> None:
    text = '<?php a(b[\'x"\', """(\n) [ """], // {\n /* ( \n */ x = f(a.b, {c: [d.e\n  g = (1, \'it\', h[i.j]'
    for cursor in range(0, len(text), 3):
        document = Document("/w/x", language, text[:cursor])
        for offset in range(cursor + 1):
            start = 2 if language == "php" and offset >= 2 else 0
            whole = scan(document.lexicon, text[:offset], start)
            assert document.before(offset).frames == whole.frames, (cursor, offset)
