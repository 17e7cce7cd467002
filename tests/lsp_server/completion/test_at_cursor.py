"""From a place in a text to a request."""

import time

import pytest

from lsp_server.completion.at_cursor import Source, request_at, window_at
from lsp_server.documents.text import Text


def test_what_is_known_of_the_document_is_passed_on() -> None:
    source = Source("python", "src/a.py", "/projects", "file:///projects/src/a.py", 7)
    request = request_at(Text("x = 1\ny"), 7, source, trigger="invoked", candidates=3, extent="line", max_tokens=5)
    assert (request.prefix, request.suffix) == ("x = 1\ny", "")
    assert (request.language, request.path, request.root, request.uri, request.version) == (
        "python",
        "src/a.py",
        "/projects",
        "file:///projects/src/a.py",
        7,
    )
    assert (request.trigger, request.candidates, request.extent, request.max_tokens) == ("invoked", 3, "line", 5)


@pytest.mark.parametrize(
    ("language_id", "path", "language"),
    [("python", "a.rs", "python"), ("", "a.rs", "rust"), ("unheard-of", "a.go", "go"), ("", "", "")],
)
def test_the_editors_language_goes_before_the_files_name(language_id: str, path: str, language: str) -> None:
    assert request_at(Text(""), 0, Source(language_id, path)).language == language


def test_breaks_are_plain_and_broken_characters_are_marked() -> None:
    request = request_at(Text("a\r\nb\rc\ud800|\udc00d\r\n"), 7, Source())
    assert (request.prefix, request.suffix) == ("a\nb\nc\ufffd", "|\ufffdd\n")


def test_what_is_read_before_comes_before() -> None:
    request = request_at(Text("c"), 1, Source(before="a = 1\nb = 2\n"))
    assert request.prefix == "a = 1\nb = 2\nc"


@pytest.mark.parametrize(
    "content", ["x=1;" * 2_500_000, "short line\n" * 900_000, ("y" * 3_000_000 + "\n") * 3 + "z\n"]
)
def test_the_size_of_a_document_does_not_enter(content: str) -> None:
    text = Text(content)
    for offset in (0, 5_000_003, len(text)):
        window = window_at(text, offset)
        assert content[:offset].endswith(window.prefix) and content[offset:].startswith(window.suffix)
    start = time.perf_counter()
    for _ in range(20):
        window_at(text, 5_000_003)
    assert (time.perf_counter() - start) / 20 < 0.05


def test_on_a_long_line_the_window_begins_where_it_began() -> None:
    """Typing on must not move the beginning, or everything would have to be read again."""
    content = "".join(f"v{i}=f({i});" for i in range(50_000))
    starts: set[int] = set()
    for typed in range(200):
        text = Text(content[:300_000] + "x" * typed + content[300_000:])
        starts.add(300_000 + typed - len(window_at(text, 300_000 + typed).prefix))
    assert len(starts) <= 2
