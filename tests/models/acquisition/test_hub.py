"""The hub's files, through its real client and a small server that speaks its protocol."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import huggingface_hub.constants as constants
import pytest

from models.acquisition.hub import fetch_snapshot
from models.catalog import HubSource
from models.decoding.cancellation import Cancellation
from models.errors import Cancelled, ModelError

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORIES: dict[str, dict[str, bytes]] = {
    "org/safe": {
        "config.json": b'{"model_type": "llama"}',
        "tokenizer.json": b"{}",
        "chat_template.jinja": b"{{ messages }}",
        "model.safetensors": b"\x08\0\0\0\0\0\0\0{}      " * 4000,
        "pytorch_model.bin": b"a pickle",
        "README.md": b"read me",
    },
    "org/pickled": {"config.json": b"{}", "pytorch_model.bin": b"a pickle"},
    "org/gguf": {"a.Q4_0.gguf": b"GGUF a", "b.Q8_0.gguf": b"GGUF b" * 1000},
}


class Hub(BaseHTTPRequestHandler):
    requested: list[str]

    def do_HEAD(self) -> None:
        self._file(with_body=False)

    def do_GET(self) -> None:
        parts = self.path.partition("?")[0].strip("/").split("/")
        if parts[:2] != ["api", "models"]:
            self._file(with_body=True)
            return
        name = "/".join(parts[2:4])
        files = REPOSITORIES.get(name)
        if files is None:
            self._answer(404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif "tree" in parts:
            tree = [
                {"type": "file", "path": path, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}
                for path, content in files.items()
            ]
            self._answer(200, json.dumps(tree).encode())
        elif "revision" in parts and parts[-1] not in ("main", COMMIT):
            self._answer(404, b"{}", {"X-Error-Code": "RevisionNotFound"})
        else:
            siblings = [{"rfilename": path} for path in files]
            self._answer(200, json.dumps({"id": name, "sha": COMMIT, "siblings": siblings}).encode())

    def _file(self, *, with_body: bool) -> None:
        self.requested.append(f"{self.command} {self.path}")
        organisation, name, _resolve, _revision, *path = self.path.strip("/").split("/")
        content = REPOSITORIES.get(f"{organisation}/{name}", {}).get("/".join(path))
        if content is None:
            self._answer(404, b"", {"X-Error-Code": "EntryNotFound"})
            return
        headers = {"ETag": f'"{hashlib.sha1(content).hexdigest()}"', "X-Repo-Commit": COMMIT}
        self._answer(200, content, headers, with_body=with_body)

    def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None, with_body: bool = True) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if with_body and self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the library's name for it
        """Quiet."""


def use(endpoint: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What HF_ENDPOINT and HF_HUB_CACHE would have done before the client was imported."""
    template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "ENDPOINT", endpoint)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache / "hub"))


def at_once(_seconds: float) -> None:
    """No pause."""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The requests for files that the hub gets."""
    Hub.requested = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    use(f"http://127.0.0.1:{server.server_port}", tmp_path, monkeypatch)
    yield Hub.requested
    server.shutdown()
    server.server_close()
    thread.join()


def fetch(source: HubSource, cancellation: Cancellation | None = None) -> tuple[Path, list[float]]:
    told: list[float] = []
    path = fetch_snapshot(
        source, progress=lambda fraction, _: told.append(fraction), cancellation=cancellation or Cancellation()
    )
    return path, told


def test_only_safetensors_and_their_description_are_fetched(hub: list[str]) -> None:
    folder, told = fetch(HubSource("org/safe"))
    described = {"config.json", "tokenizer.json", "chat_template.jinja"}
    assert {path.name for path in folder.iterdir()} == {*described, "model.safetensors"}
    assert (folder / "model.safetensors").read_bytes() == REPOSITORIES["org/safe"]["model.safetensors"]
    assert told and told[-1] == pytest.approx(1)
    hub.clear()
    assert fetch(HubSource("org/safe"))[0] == folder
    assert hub == []  # from the cache, without asking anybody


def test_one_gguf_file_may_be_named(hub: list[str]) -> None:
    path, _ = fetch(HubSource("org/gguf", file="b.Q8_0.gguf"))
    assert path.read_bytes() == REPOSITORIES["org/gguf"]["b.Q8_0.gguf"]
    assert not any("a.Q4_0" in request for request in hub)


@pytest.mark.parametrize(
    ("source", "complaint", "hint"),
    [
        (HubSource("org/pickled"), "no safetensors", "pickle"),
        (HubSource("org/gguf"), "one must be named", "org/gguf/a.Q4_0.gguf"),
        (HubSource("org/gguf", file="c.gguf"), "no file 'c.gguf'", "a.Q4_0.gguf"),
        (HubSource("org/nothing"), "no model 'org/nothing'", "spelling"),
        (HubSource("not a hub id"), "no model 'not a hub id'", "spelling"),
        (HubSource("org/safe", "v9"), "no revision 'v9'", "main"),
    ],
)
def test_what_cannot_be_had_is_named(source: HubSource, complaint: str, hint: str, hub: list[str]) -> None:
    with pytest.raises(ModelError, match=complaint) as caught:
        fetch(source)
    assert hint in caught.value.hint
    assert not any(request.startswith("GET") for request in hub)


def test_without_a_network_the_way_round_it_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use("http://127.0.0.1:9", tmp_path, monkeypatch)
    monkeypatch.setattr("time.sleep", at_once)  # the client tries again for twenty seconds
    with pytest.raises(ModelError, match="could not be fetched") as caught:
        fetch(HubSource("org/safe"))
    assert "give its path" in caught.value.hint
    assert "\n" not in caught.value.message


def test_a_download_can_be_given_up(hub: list[str]) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(Cancelled):
        fetch(HubSource("org/safe"), cancellation)
