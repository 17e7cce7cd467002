"""The view of lines against a plain split, before and after edits, around block boundaries and very long lines."""

import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.documents import lines as lines_module
from lsp_server.documents.lines import Lines, readable
from lsp_server.documents.text import Text

texts = st.text("ab\n\r\u2028😀\ud800", max_size=80)


@pytest.fixture(autouse=True)
def tiny_blocks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(lines_module, "BLOCK_LINES", 3)
        yield


def split(content: str) -> list[str]:
    parts = re.split(r"(\r\n|\r|\n)", content)
    lines = [content + ("\n" if ending else "") for content, ending in zip(parts[::2], [*parts[1::2], ""], strict=True)]
    return [line.replace("\ud800", "\ufffd") for line in lines]


@given(texts, st.integers(0, 80), st.integers(0, 80), texts)
def test_the_view_follows_the_text(content: str, start: int, end: int, new: str) -> None:
    text = Text(content)
    view = Lines(text)
    assert list(view) == split(content)
    text.replace(start, end, new)
    assert list(view) == split(str(text))
    assert view[-1] == split(str(text))[-1]
    assert view[1:3] == split(str(text))[1:3]
    with pytest.raises(IndexError):
        view[len(view)]


@given(texts)
def test_readable_text_has_plain_breaks_and_whole_characters(content: str) -> None:
    text = readable(content)
    assert "\r" not in text
    text.encode()
    assert len(re.findall(r"\r\n|\r|\n", content)) == text.count("\n")


def test_a_very_long_line_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines_module, "MAX_LINE_CHARS", 5)
    assert list(Lines(Text("abc\n" + "x" * 50 + "\nde"))) == ["abc\n", "xxxxx", "de"]
