"""Who may upload, and how much: tokens, kept as hashes, and a bucket of requests for each."""

import re
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from secrets import token_urlsafe
from threading import Lock
from time import monotonic

from lsp_server.errors import UserError

_LINE = re.compile(r"(?P<name>[\w.@-]{1,100}) (?P<hash>[0-9a-f]{64})")
_FORMAT = "Each line is NAME HASH, as `dragoman collect --new-token NAME` writes it."


class Tokens:
    """The tokens of a file, read again when it changes, so that one can be taken away while the collector runs."""

    def __init__(self, path: Path) -> None:
        """Raises `UserError`."""
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._owners: dict[str, str] = {}
        self._refresh()

    def owner(self, token: str) -> str | None:
        """Whose token this is; `None` if nobody's."""
        try:
            self._refresh()
        except UserError:
            return None  # a file that cannot be read lets nobody in
        # Tokens are random and looked up by their hash: how long it takes tells nothing about them.
        return self._owners.get(_hash(token))

    def _refresh(self) -> None:
        try:
            stat = self._path.stat()
            if self._read_at == (stat.st_mtime_ns, stat.st_size):
                return
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            self._owners, self._read_at = {}, None
            hint = "Make one with `dragoman collect --new-token NAME --tokens FILE`."
            raise UserError(f"The tokens in {self._path} cannot be read.", hint) from error
        owners: dict[str, str] = {}
        for number, line in enumerate(lines, start=1):
            if not line.strip() or line.startswith("#"):
                continue
            match = _LINE.fullmatch(line.strip())
            if match is None:
                raise UserError(f"{self._path}:{number} is no token.", _FORMAT)
            owners[match["hash"]] = match["name"]
        self._owners, self._read_at = owners, (stat.st_mtime_ns, stat.st_size)


def new_token(path: Path, name: str) -> str:
    """Add a token for `name` to a file that only its owner can read; the token itself is written nowhere. Raises
    `UserError`."""
    token = token_urlsafe(32)
    line = f"{name} {_hash(token)}"
    if _LINE.fullmatch(line) is None:
        raise UserError(f"{name!r} cannot be a token's name.", "Letters, digits and . @ _ - will do.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600, exist_ok=True)
        before = "" if path.read_bytes()[-1:] in (b"", b"\n") else "\n"  # an editor may leave out the last line break
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{before}{line}\n")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}.", "Give --tokens another path.") from error
    return token


class RateLimit:
    """A bucket for each owner: `burst` requests at once, and then `per_minute`. Thread-safe."""

    def __init__(self, per_minute: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate = per_minute / 60
        self._burst = burst
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = Lock()

    def wait_s(self, owner: str) -> float:
        """0 if a request may pass, which is then counted; else the seconds until the next one may."""
        with self._lock:
            now = self._clock()
            left, then = self._buckets.get(owner, (float(self._burst), now))
            left = min(self._burst, left + (now - then) * self._rate)
            if left < 1:
                self._buckets[owner] = (left, now)
                return (1 - left) / self._rate
            self._buckets[owner] = (left - 1, now)
            return 0.0


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
