"""What is open at a place does not depend on how it is found out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitors.document import Document, View
from monitors.text.scanner import scan

texts = st.lists(
    st.sampled_from(["f(", "[", "{", ")", "]", "}", "x", '"', "'", '"""', "\n", "    ", "# ", ", ", 'f"{', "`", "${"]),
    max_size=30,
).map("".join)


@pytest.mark.parametrize("language", ["python", "typescript"])
@given(texts, texts)
@settings(max_examples=60)
def test_what_is_open_where_a_bracket_was_opened(language: str, prefix: str, suffix: str) -> None:
    document = Document("/w/x", language, prefix, suffix)
    for frame in document.at_cursor.frames:
        offset = frame.offset + len(frame.opening)
        assert document.before(offset).frames == scan(document.lexicon, prefix[:offset]).frames


def test_a_call_that_was_opened_above_is_asked_about_there() -> None:
    prefix = "def f(a):\n    g(\n        [1, (2)],\n        b="
    place = View(Document("/w/x.py", "python", prefix, "\n")).place(prefix.index("g(") + 2)
    assert place.text[: place.offset].endswith("g(")
    assert place.text[place.offset :] == ")\n"
