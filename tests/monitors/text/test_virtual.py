import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.document import Document, View
from monitors.text.lexicon import lexicon_of
from monitors.text.scanner import scan


def made_whole(language: str, prefix: str, suffix: str = "") -> str:
    document = Document("/w/x", language, prefix, suffix)
    place = View(document).place(len(prefix))
    assert place.text[: place.offset] == prefix
    return place.text[place.offset :]


@pytest.mark.parametrize(
    ("language", "prefix", "suffix", "expected"),
    [
        ("python", "f(a.", "", ")"),
        ("python", "f(a.", ")\n", ")\n"),
        ("python", "f(\n    x=a.", "\n    y=1,\n)\n", ")\n    y=1,\n)\n"),
        ("python", "print(f'{a.", "\n", "}')\n"),
        ("java", "class A { void f() { g(a.", "\n}\n}\n", ")\n}\n}\n"),
        ("java", "class A { void f() { g(a.", ");\n}\n}\n", ");\n}\n}\n"),
        ("java", "class A { void f() { if (a.", "\n}\n", ")}\n}\n"),
        ("typescript", "f(`${a.", "\n", "}`)\n"),
        ("cpp", "int main() { v[a.", "]; }", "]; }"),
    ],
)
def test_open_brackets_are_closed_where_the_suffix_does_not(
    language: str, prefix: str, suffix: str, expected: str
) -> None:
    assert made_whole(language, prefix, suffix) == expected


@given(st.lists(st.sampled_from("([{"), max_size=8), st.integers(0, 8), st.text(alphabet="()ab \n", max_size=9))
def test_nothing_stays_open(openers: list[str], closed: int, inside: str) -> None:
    """The suffix closes the outermost few of what the prefix opened, as the rest of a file does."""
    closers = [{"(": ")", "[": "]", "{": "}"}[opener] for opener in openers]
    suffix = "\n" + "\n".join(reversed(closers[:closed]))
    lexicon = lexicon_of("java")
    assert lexicon is not None
    prefix = "".join(openers) + ("f(" + inside if scan(lexicon, inside).unopened == () else "f(")
    whole = View(Document("/w/x", "java", prefix, suffix)).place(len(prefix)).text
    assert scan(lexicon, whole).frames == ()
    assert scan(lexicon, whole).unopened == ()


def test_half_typed_words_and_what_was_generated_after_the_place_are_left_out() -> None:
    document = Document("/w/x.py", "python", "value.na", "\nend\n")
    assert View(document, "me.b").place(6).text == "value.\nend\n"
    assert View(document, "me.b").place(11).text == "value.name.\nend\n"


def test_something_can_be_put_in() -> None:
    document = Document("/w/x.py", "python", "f(value", "\n")
    place = View(document).place(7, insert=".")
    assert (place.text, place.offset) == ("f(value.)\n", 8)


@given(st.lists(st.sampled_from([*"ab.'\"#\n{}(", 'f"', "'''"]), max_size=12), st.integers(0, 12))
def test_a_view_knows_what_is_code_everywhere(parts: list[str], cut: int) -> None:
    """The quick look-up agrees with reading up to the place."""
    view = View(Document("/w/x.py", "python", "".join(parts[:cut]) + "\n"), "".join(parts[cut:]))
    for offset in range(view.cursor, len(view.text) + 1):
        before = view.scan_at(offset)
        # In the middle of a mark the two may differ: half of `'''` is an empty string, half of `{{` a hole.
        if not set(view.text[offset - 1 : offset + 1]) & set("'\"#{\n"):
            assert view.in_code(offset) == before.in_code, offset


def test_what_is_closed_behind_a_comment_is_not_part_of_it() -> None:
    view = View(Document("/a.py", "python", "x = f(", "\ny = 1\n"), "a,  # type")
    assert view.place(len(view.text)).text == "x = f(a,  # type\n)\ny = 1\n"
    view = View(Document("/a.py", "python", "x = 1  # so", "me\n"))
    assert view.place(len(view.text)).text == "x = 1  # some\n"
