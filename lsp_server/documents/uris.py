"""Document addresses as editors send them, and the files they may stand for."""

import os
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit


def key_of(uri: str) -> str:
    """The same for every spelling of an address: editors differ in what they percent-encode."""
    return unquote(uri)


def file_of(uri: str) -> str:
    """The path of a `file:` address on this machine; empty for any other scheme (`untitled:`,
    `vscode-notebook-cell:`)."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    if parts.scheme != "file":
        return ""
    path = unquote(parts.path)
    if os.name == "nt":  # /c:/folder/file
        path = path.lstrip("/").replace("/", "\\")
    return f"//{parts.netloc}{path}" if parts.netloc not in ("", "localhost") else path


def name_of(uri: str) -> str:
    """The last part of an address, whatever its scheme."""
    try:
        path = unquote(urlsplit(uri).path)
    except ValueError:
        path = unquote(uri)
    return PurePosixPath(path.replace("\\", "/")).name
