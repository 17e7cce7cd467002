"""Names under which users, folders and documents are recorded: hashes with a key that never leaves this machine.

Without the key nobody can try likely names one after the other, as they could with a plain hash.
"""

import getpass
import hmac
import os
import secrets
from pathlib import Path
from uuid import uuid4

KEY_BYTES = 32
HASH_CHARS = 24
"""96 bits: no two names of one machine will ever meet."""


class Pseudonyms:
    """The hashes of one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, kind: str, name: str) -> str:
        """The pseudonym of a name; empty for an empty one. The same name of another `kind` has another pseudonym."""
        if not name:
            return ""
        return hmac.digest(self._key, f"{kind}\0{name}".encode("utf-8", "surrogatepass"), "sha256").hex()[:HASH_CHARS]

    def user(self) -> str:
        """Whoever runs this process."""
        try:
            return self.of("user", getpass.getuser())
        except (OSError, KeyError, ImportError):  # a container without an account
            return self.of("user", "somebody")


def new_id() -> str:
    """A random name."""
    return uuid4().hex


def load_key(path: Path) -> bytes:
    """The key in a file that only its owner can read, made on first use. Raises `OSError`.

    Two servers that start at once agree on one key: the file appears whole, and only if there is none yet.
    """
    try:
        key = path.read_bytes()
        if len(key) >= KEY_BYTES:
            return key
        path.unlink()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{new_id()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secrets.token_bytes(KEY_BYTES))
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        os.link(temporary, path)
    except FileExistsError:
        pass
    except OSError:  # a file system without links
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path.read_bytes()
