"""Server-sent events, put together again from bytes that arrive cut anywhere.

Follows the event stream format of the WHATWG HTML standard (section 9.2.6), as far as completion servers use it: an
event is its data. Knows nothing of what the data means.
"""

import re

from models.errors import ModelError

LINE_END = re.compile(rb"\r\n|\n|\r(?!\Z)")  # a carriage return at the very end may be half of a pair
MAX_EVENT_BYTES = 4 << 20


class EventParser:
    """Bytes in, the data of finished events out."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[str] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[str]:
        """The events that `chunk` completes. Raises `ModelError` for an event that never ends."""
        self._rest += chunk
        *lines, self._rest = LINE_END.split(self._rest)
        events = [event for line in lines if (event := self._line(line)) is not None]
        if self._size + len(self._rest) > MAX_EVENT_BYTES:
            raise ModelError("The server sends an event without an end.", "Is it a completion server?")
        return events

    def finish(self) -> list[str]:
        """The event that the end of the stream completes, if there is one: not every server ends with a blank line."""
        last = self._line(self._rest.removesuffix(b"\r")) if self._rest else None
        self._rest = b""
        events = [last, self._line(b"")]
        return [event for event in events if event is not None]

    def _line(self, line: bytes) -> str | None:
        """Take up one line; the data of an event if this line ends it."""
        if not line:
            data, self._data, self._size = self._data, [], 0
            return "\n".join(data) if data else None
        field, _, value = line.removeprefix(b"\xef\xbb\xbf").partition(b":")
        if field == b"data":
            self._data.append(value.removeprefix(b" ").decode("utf-8", "replace"))
            self._size += len(value)
        return None
