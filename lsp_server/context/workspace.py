"""What may be read of a workspace folder, and from where: `.gitignore`, sizes, and files that hold secrets.

Looks at files by name only where something points to them; never walks the tree. All paths are relative to the folder,
with forward slashes, and none leads out of it. Used off the request path, because every answer may cost a system call.
"""

from __future__ import annotations

import json
import posixpath
import re
from bisect import bisect
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsp_server.languages import language_of_path

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

MAX_FILE_BYTES = 512_000
"""Larger files are generated, or data."""
_ALWAYS_IGNORED = re.compile(
    r"(^|/)(\.git|\.hg|\.svn|node_modules|__pycache__|\.venv|venv|\.tox|\.mypy_cache|\.idea|\.gradle)(/|$)"
)
_SECRET = re.compile(
    r"(^|/)(\.env(\..+)?|\.netrc|\.pgpass|\.npmrc|\.pypirc|id_(rsa|dsa|ecdsa|ed25519)|credentials|secrets?)"
    r"(\.(json|ya?ml|toml|ini|txt))?$|\.(pem|key|p12|pfx|keystore|jks|kdbx|ovpn|asc|gpg)$",
    re.IGNORECASE,
)
_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")


def holds_secrets(path: str) -> bool:
    """Whether a file's name says that it holds credentials: its text goes into no prompt."""
    return _SECRET.search(path) is not None


class Workspace:
    """One folder. Answers are cached for the life of the object; `forget` makes it look again."""

    def __init__(self, root: str) -> None:
        self.root = Path(root).resolve()
        self.is_file = lru_cache(maxsize=1 << 14)(self._is_file)
        self.listing = lru_cache(maxsize=256)(self._listing)
        self._ignore_spec = lru_cache(maxsize=1024)(self._read_ignore_spec)
        self.config = lru_cache(maxsize=64)(self._config)

    def forget(self) -> None:
        """Look at the disk again from now on."""
        for cached in (self.is_file, self.listing, self._ignore_spec, self.config):
            cached.cache_clear()

    def read(self, path: str) -> str | None:
        """The text of a file that may be read; `None` if it is not there, too large, binary, ignored or secret."""
        if not self.is_file(path):
            return None
        try:
            data = (self.root / path).read_bytes()
        except OSError:
            return None
        if len(data) > MAX_FILE_BYTES or b"\0" in data[:4096]:
            return None
        return data.decode("utf-8", "replace")

    def stamp(self, path: str) -> tuple[int, int]:
        """Changes when the file changes: its time of change and its size; zeros if it is gone."""
        try:
            status = (self.root / path).stat()
        except OSError:
            return 0, 0
        return status.st_mtime_ns, status.st_size

    def ignored(self, path: str) -> bool:
        """Whether the `.gitignore` files on the way to a path, or our own rules, keep it out."""
        if _ALWAYS_IGNORED.search(path) or holds_secrets(path):
            return True
        verdict = False
        folders = path.split("/")[:-1]
        for depth in range(len(folders) + 1):
            folder = "/".join(folders[:depth])
            spec = self._ignore_spec(folder)
            if spec is not None:
                include = spec.check_file(path[len(folder) + 1 :] if folder else path).include
                verdict = verdict if include is None else include
        return verdict

    def nearest(self, name: str, path: str) -> str | None:
        """The folder nearest above a file that holds a file `name`; empty for the workspace folder itself."""
        folder = posixpath.dirname(path)
        while True:
            if self.is_file(posixpath.join(folder, name)):
                return folder
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    def siblings(self, path: str, limit: int) -> list[str]:
        """Files beside this one in the same language, those that stand nearest to it in the alphabet."""
        folder, own = posixpath.split(path)
        language = language_of_path(path)
        names = [name for name in self.listing(folder) if name != own and language_of_path(name) is language]
        first = max(min(bisect(names, own) - limit // 2, len(names) - limit), 0)
        return [posixpath.join(folder, name) for name in names[first : first + limit]]

    def _is_file(self, path: str) -> bool:
        clean = posixpath.normpath(path)
        if clean != path or clean.startswith(("../", "/")) or clean in ("", ".", ".."):
            return False
        try:
            target = (self.root / clean).resolve()  # a link may lead out of the folder
            return target.is_relative_to(self.root) and target.is_file() and not self.ignored(clean)
        except (OSError, ValueError):
            return False

    def _listing(self, folder: str) -> tuple[str, ...]:
        """Names of the files of a folder, sorted; not of folders in it."""
        try:
            return tuple(sorted(entry.name for entry in (self.root / folder).iterdir() if entry.is_file()))
        except (OSError, ValueError):
            return ()

    def _config(self, path: str) -> dict[str, Any]:
        """A JSON file, comments and trailing commas allowed; empty if there is none or it is broken."""
        text = self.read(path) or "{}"
        text = _TRAILING_COMMA.sub(r"\1", _COMMENT.sub(lambda found: found.group(1) or "", text))
        try:
            found = json.loads(text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _read_ignore_spec(self, folder: str) -> GitIgnoreSpec | None:
        try:
            lines = (self.root / folder / ".gitignore").read_text("utf-8", "replace").splitlines()
        except (OSError, ValueError):
            return None
        from pathspec import GitIgnoreSpec

        try:
            return GitIgnoreSpec.from_lines(lines)
        except ValueError:
            return None
