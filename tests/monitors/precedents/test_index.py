"""A project's files as precedents: which are read, which count, and that they are followed when they change."""

import os
from pathlib import Path

import pytest

from monitors.analysis.analyser import Place
from monitors.precedents import index as module
from monitors.precedents.index import PrecedentIndex

HERE = "def f(reply):\n    if reply."


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def likeliest(index: PrecedentIndex, root: Path, above: str = HERE, below: str = "\n") -> list[str]:
    place = Place(str(root / "here.py"), "python", above + below, len(above))
    found = index.precedents(place)
    return [one.name for one in sorted(found, key=lambda one: -one.by_words)]


def read(root: Path) -> PrecedentIndex:
    index = PrecedentIndex(root, "python", ".py")
    index.refresh(root / "here.py")
    return index


def test_what_followed_the_same_words(tmp_path: Path) -> None:
    write(
        tmp_path,
        {"a.py": "    if reply.is_late:\n    print(reply.text, reply.text)\n", "sub/b.py": "if reply.is_late:\n"},
    )
    assert likeliest(read(tmp_path), tmp_path) == ["is_late", "text"]
    assert likeliest(read(tmp_path), tmp_path, "x = other.") == []
    assert likeliest(read(tmp_path), tmp_path, "x = other") == []


def test_the_document_counts_as_it_stands_and_its_file_does_not(tmp_path: Path) -> None:
    write(tmp_path, {"here.py": HERE + "on_disk:\n"})
    index = read(tmp_path)
    assert likeliest(index, tmp_path) == []
    assert likeliest(index, tmp_path, "print(reply.above)\n" + HERE, "\nprint(reply.below)\n") == ["above", "below"]
    (tmp_path / "link").symlink_to(tmp_path)
    assert likeliest(index, tmp_path / "link") == []


def test_a_line_above_the_same_line(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "x = reply.one\ny = 1\nx = reply.two\nz = 2\n"})
    place = Place(str(tmp_path / "here.py"), "python", "x = reply.\n    z = 2\n", 10)
    assert {one.name: one.by_line for one in read(tmp_path).precedents(place)} == {"one": 0.0, "two": 1.0}


def test_files_are_followed(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "if reply.old:\n", "b.py": "if reply.gone:\n"})
    index = read(tmp_path)
    assert not index.is_stale
    assert sorted(likeliest(index, tmp_path)) == ["gone", "old"]
    write(tmp_path, {"a.py": "if reply.newer:\n"})
    (tmp_path / "b.py").unlink()
    index.refresh(tmp_path / "here.py")
    assert likeliest(index, tmp_path) == ["newer"]


def test_which_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["a.py", "a.pyi", ".git/b.py", ".venv/c.py", "node_modules/d.py", "x/site-packages/e.py", "build/f.py"]
    write(tmp_path, {name: f"if reply.{Path(name).stem}:\n" for name in names})
    (tmp_path / "bytes.py").write_bytes(b"if reply.\xff\xfe:\n")
    (tmp_path / "large.py").write_text("if reply.large:\n" * 40_000)
    (tmp_path / "dangling.py").symlink_to(tmp_path / "nowhere.py")
    if hasattr(os, "mkfifo"):  # which whoever reads waits for
        os.mkfifo(tmp_path / "pipe.py")
    assert likeliest(read(tmp_path), tmp_path) == ["a"]
    monkeypatch.setattr(module, "MOST_SEEN", 1)
    assert likeliest(read(tmp_path), tmp_path) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="a superuser may read everything")
def test_a_file_that_may_not_be_read_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "if reply.secret:\n", "b.py": "if reply.open:\n"})
    (tmp_path / "a.py").chmod(0)
    assert likeliest(read(tmp_path), tmp_path) == ["open"]


def test_near_files_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(
        tmp_path, {"a/far.py": "if reply.far:\n", "z/near.py": "if reply.near:\n", "z/y/nearer.py": "if reply.same:\n"}
    )
    monkeypatch.setattr(module, "MOST_BYTES", 40)
    index = PrecedentIndex(tmp_path, "python", ".py")
    index.refresh(tmp_path / "z" / "here.py")
    assert sorted(likeliest(index, tmp_path)) == ["near", "same"]
    outside = PrecedentIndex(tmp_path / "z", "python", ".py")
    outside.refresh(tmp_path / "a" / "here.py")
    assert sorted(likeliest(outside, tmp_path)) == ["near", "same"]


def test_a_path_in_circles_is_as_good_as_any(tmp_path: Path) -> None:
    write(tmp_path, {"a.py": "if reply.text:\n"})
    (tmp_path / "round").symlink_to(tmp_path / "round")
    index = PrecedentIndex(tmp_path, "python", ".py")
    index.refresh(tmp_path / "round" / "here.py")
    assert likeliest(index, tmp_path / "round") == ["text"]
