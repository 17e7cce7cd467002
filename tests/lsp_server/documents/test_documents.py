"""What an editor tells us, in the order in which editors tell it, and in orders in which they should not."""

from pathlib import Path

import pytest

from lsp_server.documents import Cell, Change, Documents, file_of, name_of


def test_changes_apply_one_after_the_other() -> None:
    documents = Documents()
    documents.open("file:///a.py", "python", 1, "one\ntwo\n")
    changes = [Change("three", (1, 0), (1, 3)), Change("\n", (0, 3), (0, 3)), Change("!", (2, 5), (2, 5))]
    document = documents.change("file:///a.py", 2, changes)
    assert document is not None
    assert str(document.text) == "one\n\nthree!\n"
    assert (document.version, document.cursor) == (2, len("one\n\nthree!"))


def test_a_whole_text_replaces_everything() -> None:
    documents = Documents()
    documents.open("untitled:Untitled-1", "python", 1, "long text")
    document = documents.change("untitled:Untitled-1", 2, [Change("ab"), Change("c", (0, 1), (0, 9))])
    assert document is not None and str(document.text) == "ac"


def test_positions_outside_are_clamped() -> None:
    documents = Documents()
    documents.open("file:///a", "", 1, "a\r\nb")
    document = documents.change("file:///a", 2, [Change("X", (0, 99), (0, 99)), Change("Y", (99, 0), (99, 7))])
    assert document is not None and str(document.text) == "aX\r\nbY"


def test_an_edit_of_a_document_that_was_never_opened() -> None:
    documents = Documents()
    assert documents.change("file:///a", 5, [Change("x", (0, 0), (0, 0))]) is None
    assert documents.get("file:///a") is None
    document = documents.change(
        "file:///a", 6, [Change("lost", (0, 0), (0, 0)), Change("whole"), Change("!", (0, 5), (0, 5))]
    )
    assert document is not None and str(document.text) == "whole!"


def test_the_same_address_spelt_twice() -> None:
    documents = Documents()
    documents.open("file:///c%3A/a%20b.py", "python", 1, "x")
    assert documents.get("file:///c:/a b.py") is not None
    documents.close("file:///c:/a%20b.py")
    assert documents.get("file:///c%3A/a%20b.py") is None


def test_most_recently_touched_first() -> None:
    documents = Documents()
    for name in "abc":
        documents.open(name, "", 1, "")
    documents.change("a", 2, [])
    documents.touch("b")
    assert [document.uri for document in documents] == ["b", "a", "c"]


def test_the_innermost_folder_around_a_document() -> None:
    documents = Documents()
    documents.folders.add(["file:///projects", "file:///projects/inner", "memfs:/elsewhere"])
    inner = documents.open("file:///projects/inner/src/a.py", "python", 1, "")
    assert (documents.locate(inner).path, documents.locate(inner).root) == ("src/a.py", str(Path("/projects/inner")))
    documents.folders.remove(["file:///projects/inner"])
    assert documents.locate(inner).path == "inner/src/a.py"
    outside = documents.open("file:///elsewhere/b.py", "python", 1, "")
    assert (documents.locate(outside).path, documents.locate(outside).root) == ("b.py", "")
    assert [documents.locate(document).file for document in (inner, outside)] == [
        "/projects/inner/src/a.py",
        "/elsewhere/b.py",
    ]
    unnamed = documents.open("untitled:Untitled-1", "python", 1, "")
    assert documents.locate(unnamed).path == ""


def test_a_cell_reads_the_code_cells_above_it() -> None:
    documents = Documents()
    cells = [Cell("nb#1", code=True), Cell("nb#2", code=False), Cell("nb#3", code=True), Cell("nb#4", code=True)]
    documents.open_notebook("file:///n.ipynb", cells)
    documents.folders.add(["file:///"])
    for name, language, text in (
        ("1", "python", "a = 1"),
        ("2", "markdown", "# T"),
        ("3", "sql", "b"),
        ("4", "python", "c"),
    ):
        documents.open(f"nb#{name}", language, 1, text)
    last = documents.get("nb#4")
    assert last is not None
    assert documents.text_before(last) == "a = 1\n"
    assert (documents.locate(last).path, documents.locate(last).file) == ("n.ipynb", "/n.ipynb")
    documents.open("nb#5", "python", 1, "new = 2\n")
    documents.splice_notebook("file:///n.ipynb", 0, 1, [Cell("nb#5", code=True)])
    documents.close("nb#1")
    assert documents.text_before(last) == "new = 2\n"
    documents.close_notebook("file:///n.ipynb")
    assert documents.text_before(last) == ""


def test_a_splice_beyond_the_end_or_of_an_unknown_notebook() -> None:
    documents = Documents()
    documents.open_notebook("n", [Cell("n#1", code=True)])
    documents.splice_notebook("n", 7, 3, [Cell("n#2", code=True)])
    documents.splice_notebook("unknown", 0, 0, [])
    documents.open("n#1", "python", 1, "a")
    second = documents.open("n#2", "python", 1, "b")
    assert documents.text_before(second) == "a\n"


@pytest.mark.parametrize(
    ("uri", "path", "name"),
    [
        ("file:///home/a%20b.py", "/home/a b.py", "a b.py"),
        ("file://localhost/x", "/x", "x"),
        ("file://server/share/x.c", "//server/share/x.c", "x.c"),
        ("untitled:Untitled-1", "", "Untitled-1"),
        ("vscode-notebook-cell:/n.ipynb#X1", "", "n.ipynb"),
        ("file://[broken", "", "[broken"),
        ("", "", ""),
    ],
)
def test_addresses(uri: str, path: str, name: str) -> None:
    assert (file_of(uri), name_of(uri)) == (path, name)
