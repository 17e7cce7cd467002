"""Messages out of a stream of bytes, as the protocol's base part frames them. Knows no transport: bytes go in, bodies
come out."""

import re
from collections.abc import Iterator

MAX_BODY_BYTES = 1 << 29
"""A length beyond this is taken for garbage."""
MAX_HEADER_BYTES = 1 << 16
"""Of what does not become a header by then, only the end is kept."""

_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"content-length:[ \t]*(\d+)[ \t]*(?:\r?\n|$)", re.IGNORECASE)


class Frames:
    """Bytes in any portions in, whole message bodies out. Garbage between messages is skipped."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None

    @property
    def pending_bytes(self) -> int:
        """Bytes that wait for the rest of their message."""
        return len(self._buffer)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The bodies that became whole with `data`."""
        self._buffer += data
        while True:
            if self._length is None:
                end = _BLANK_LINE.search(self._buffer)
                if end is None:
                    del self._buffer[:-MAX_HEADER_BYTES]
                    return
                self._length = _content_length(self._buffer[: end.start()])
                del self._buffer[: end.end()]
                continue
            if len(self._buffer) < self._length:
                return
            body = bytes(self._buffer[: self._length])
            del self._buffer[: self._length]
            self._length = None
            yield body


def frame(body: bytes) -> bytes:
    """A body as it goes over the wire."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def _content_length(header: bytes | bytearray) -> int | None:
    """The length that a header states, the last one if there are several; `None` if there is none to be believed."""
    stated = _LENGTH.findall(bytes(header))
    length = int(stated[-1][:20]) if stated else None
    return length if length is not None and length <= MAX_BODY_BYTES else None
