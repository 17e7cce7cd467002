"""The store: folders whole or not at all, mended when damaged, made once by however many."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from models.acquisition.integrity import MANIFEST, damage, read_manifest
from models.acquisition.store import Store
from models.decoding.cancellation import Cancellation
from models.errors import Cancelled, ModelError

CONTENT = bytes(range(256)) * 1000


def fill(folder: Path) -> dict[str, str]:
    (folder / "sub").mkdir()
    (folder / "weights.bin").write_bytes(CONTENT)
    (folder / "sub" / "empty").touch()
    return {"made_by": "test"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def hidden(store: Store) -> list[Path]:
    return list(store.root.glob("shelf/.*"))


def test_a_folder_is_made_once_and_then_found(store: Store) -> None:
    assert store.find("shelf", "key") is None
    folder = store.ensure("shelf", "key", fill)
    assert store.find("shelf", "key") == folder == store.find("shelf", "key", thorough=True)
    assert store.details("shelf", "key") == {"made_by": "test"}
    assert store.ensure("shelf", "key", lambda _: pytest.fail("made twice")) == folder
    assert not hidden(store)


def _truncate(path: Path) -> None:
    os.truncate(path, 1000)


def _zero(path: Path) -> None:
    """As after a power cut: the right size and nothing in it, and the file's time kept."""
    stat = path.stat()
    path.write_bytes(bytes(len(CONTENT)))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def _flip(path: Path) -> None:
    with path.open("rb+") as file:
        file.seek(100_001)
        file.write(b"\0")


@pytest.mark.parametrize("harm", [_truncate, _zero, _flip, Path.unlink])
def test_a_damaged_file_is_noticed_and_made_again(store: Store, harm: Callable[[Path], None]) -> None:
    folder = store.ensure("shelf", "key", fill)
    harm(folder / "weights.bin")
    assert store.find("shelf", "key") is None
    assert store.ensure("shelf", "key", fill) == folder
    assert (folder / "weights.bin").read_bytes() == CONTENT
    assert not hidden(store)


@pytest.mark.parametrize(
    "manifest", [b"", b"{", b"[]", b'{"format": 99}', b'{"format": 1, "files": {"a": 3}}', b"\xff"]
)
def test_a_broken_manifest_is_a_broken_folder(store: Store, manifest: bytes) -> None:
    folder = store.ensure("shelf", "key", fill)
    (folder / MANIFEST).write_bytes(manifest)
    assert store.find("shelf", "key") is None
    store.ensure("shelf", "key", fill)
    assert store.find("shelf", "key") == folder


def test_one_flipped_bit_is_found_by_reading_everything(store: Store) -> None:
    folder = store.ensure("shelf", "key", fill)
    stat = (folder / "weights.bin").stat()
    _flip(folder / "weights.bin")
    os.utime(folder / "weights.bin", ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert store.find("shelf", "key", thorough=True) is None
    store.ensure("shelf", "key", fill, thorough=True)
    assert store.find("shelf", "key", thorough=True) == folder


def test_a_copied_folder_is_believed_after_one_thorough_look(store: Store) -> None:
    folder = store.ensure("shelf", "key", fill)
    os.utime(folder / "weights.bin", ns=(1, 1))
    assert damage(folder) == ""
    manifest = read_manifest(folder)
    assert manifest is not None and manifest.files["weights.bin"].modified_ns == 1


def test_what_fails_leaves_nothing(store: Store) -> None:
    def fail(folder: Path) -> dict[str, str]:
        fill(folder)
        raise ModelError("no luck")

    with pytest.raises(ModelError, match="no luck"):
        store.ensure("shelf", "key", fail)
    assert store.find("shelf", "key") is None
    assert not hidden(store)


def test_what_killed_makers_left_is_swept_by_the_next(store: Store) -> None:
    leftover = store.root / "shelf" / ".key.4242-0badf00d"
    leftover.mkdir(parents=True)
    (leftover / "half").write_bytes(b"x")
    other = store.root / "shelf" / ".other.4242-0badf00d"
    other.mkdir()
    store.ensure("shelf", "key", fill)
    assert not leftover.exists()
    assert other.exists()  # somebody may be making that one just now
    os.utime(other, (0, 0))
    store.ensure("shelf", "third", fill)
    assert not other.exists()


def test_two_threads_make_one_folder(store: Store) -> None:
    made: list[int] = []
    waited: list[str] = []

    def slowly(folder: Path) -> dict[str, str]:
        made.append(threading.get_ident())
        time.sleep(0.7)
        return fill(folder)

    def ensure() -> None:
        store.ensure("shelf", "key", slowly, progress=lambda _, what: waited.append(what))

    threads = [threading.Thread(target=ensure) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert any("another process" in what for what in waited)


def test_waiting_for_another_maker_can_be_given_up(store: Store) -> None:
    cancellation = Cancellation()
    inside = threading.Event()
    leave = threading.Event()

    def hold(folder: Path) -> dict[str, str]:
        inside.set()
        leave.wait(10)
        return fill(folder)

    holder = threading.Thread(target=store.ensure, args=("shelf", "key", hold))
    holder.start()
    inside.wait(10)
    cancellation.cancel()
    with pytest.raises(Cancelled):
        store.ensure("shelf", "key", fill, cancellation=cancellation)
    leave.set()
    holder.join()
    assert store.find("shelf", "key")


def test_a_root_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match="cannot be written"):
        Store(tmp_path / "file").ensure("shelf", "key", fill)


def test_older_versions_are_pruned_and_shelves_removed(store: Store) -> None:
    for key in ("q8-abc-v1", "q8-abc-v2", "q8-def-v1", "fp16-abc-v1"):
        store.ensure("shelf", key, fill)
    store.prune("shelf", "q8-abc-v", keep="q8-abc-v2")
    assert store.keys("shelf") == ["fp16-abc-v1", "q8-abc-v2", "q8-def-v1"]
    assert store.keys("shelf", "q8-") == ["q8-abc-v2", "q8-def-v1"]
    assert store.remove("shelf") > 3 * len(CONTENT)
    assert store.keys("shelf") == []
    assert store.remove("shelf") == 0
