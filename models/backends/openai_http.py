"""One OpenAI-compatible server as something that streams JSON: connections, deadlines, cancellation, second tries.

Knows HTTP; nothing of prompts, candidates or constraints. To its callers it is synchronous. Inside, the calling thread
runs an event loop for as long as a call lasts, because only an asynchronous read can be given up the moment the caller
loses interest, whether the server is silent in the middle of an answer or has not begun one.
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Coroutine, Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from models.backends.openai_errors import Complaints, bad_url, missing_key, unknown_model
from models.backends.openai_sse import EventParser
from models.catalog.entry import RemoteSource
from models.decoding.cancellation import NEVER, Cancellation, Deadline, OutOfTime
from models.errors import ModelError

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")
Json = dict[str, Any]

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 60.0
"""Longest silence: a busy server may let a request wait for its first token."""
GLANCE_S = 0.01
"""How often a waiting call looks whether it was cancelled."""
PAUSE_S = 0.25
"""Before the second try, where the server does not say how long."""
LONGEST_PAUSE_S = 2.0
"""A server that asks for more patience is called busy."""
LONGEST_DRAIN_MS = 100.0
BUSY = {429, 500, 502, 503, 504}
"""Statuses that are worth a second try."""


class Server:
    """Connections to one server, kept for the next call. One call at a time."""

    def __init__(self, source: RemoteSource, read_timeout_s: float = READ_TIMEOUT_S) -> None:
        """Connects to nothing yet. Raises `ModelError` for an impossible URL and for a key missing in the environment.

        Certificates and proxies are those of the environment (`SSL_CERT_FILE`, `HTTPS_PROXY`, `NO_PROXY`, ...).
        """
        import httpx

        try:
            url = httpx.URL(source.url.rstrip("/"))
        except httpx.InvalidURL as error:
            raise bad_url(source) from error
        if url.scheme not in ("http", "https") or not url.host:
            raise bad_url(source)
        key = os.environ.get(source.api_key_env, "") if source.api_key_env else ""
        if source.api_key_env and not key:
            raise missing_key(source)
        self._url = str(url.copy_with(userinfo=b""))  # httpx writes URLs to the log
        self._complaints = Complaints(self._url, source.model, source.api_key_env, key)
        self._client = httpx.AsyncClient(
            auth=(url.username, url.password) if url.userinfo else None,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S),
        )
        self._loop = asyncio.new_event_loop()

    @property
    def url(self) -> str:
        """Without a password, for people."""
        return self._complaints.url

    def stream(self, path: str, body: Json, cancellation: Cancellation = NEVER) -> Generator[Json]:
        """Post `body` and yield each JSON object of the answer as it comes; closing the iterator hangs up at once.

        Raises `Cancelled`, `OutOfTime`, `RefusedError`, and `ModelError` for whatever else keeps the answer from its
        end. Tries a second time when the server is busy, and when a kept connection turns out to be dead.
        """
        response = self._open(path, body, cancellation)
        chunks = response.aiter_bytes()
        try:
            begun = finished = False
            for data in self._events(response, chunks, cancellation):
                if data == "[DONE]":
                    return self._drain(chunks)
                parsed = self._parse(data)
                finished = finished or any(choice.get("finish_reason") for choice in parsed.get("choices", ()))
                begun = True
                yield parsed
            if not finished:
                raise self._complaints.broke_off() if begun else self._complaints.said_nothing()
        finally:
            if not self._loop.is_closed():
                self._run(response.aclose(), NEVER)

    def model_names(self, cancellation: Cancellation = NEVER) -> list[str]:
        """The models that the server says it has; empty if it does not say."""
        with suppress(ModelError, ValueError, TypeError, KeyError):
            response = self._send("GET", "/models", None, cancellation)
            return [str(model["id"]) for model in json.loads(self._read(response, cancellation))["data"]]
        return []

    def close(self) -> None:
        """Hang up. Later calls raise `ModelError`."""
        if not self._loop.is_closed():
            self._run(self._client.aclose(), NEVER)
            self._loop.close()

    def _open(self, path: str, body: Json, cancellation: Cancellation) -> "httpx.Response":
        """An answer that has begun well."""
        tries = 2
        while True:
            tries -= 1
            response = self._send("POST", path, body, cancellation)
            status = response.status_code
            if status == 200:
                return response
            said = self._read(response, cancellation)
            wait = _seconds(response.headers.get("retry-after"))
            pause = PAUSE_S if wait is None else wait
            if not tries or status not in BUSY or pause > LONGEST_PAUSE_S:
                names = self.model_names(cancellation) if unknown_model(status, said) else ()
                raise self._complaints.refused(status, said, wait, names)
            self._run(asyncio.sleep(pause), cancellation)

    def _send(self, method: str, path: str, body: Json | None, cancellation: Cancellation) -> "httpx.Response":
        import httpx

        tries = 2
        while True:
            tries -= 1
            request = self._client.build_request(method, self._url + path, json=body)
            try:
                return self._run(self._client.send(request, stream=True), cancellation)
            except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError) as error:
                if not tries:  # the first time it may have been a kept connection that the server had closed
                    raise self._complaints.unreachable(error) from error
            except httpx.HTTPError as error:
                raise self._complaints.unreachable(error) from error

    def _read(self, response: "httpx.Response", cancellation: Cancellation) -> str:
        import httpx

        try:
            return self._run(response.aread(), cancellation).decode("utf-8", "replace")
        except httpx.HTTPError as error:
            raise self._complaints.unreachable(error) from error

    def _drain(self, chunks: AsyncIterator[bytes]) -> None:
        """Read the end of a finished answer, without which its connection could not be used again."""
        import httpx

        with suppress(httpx.HTTPError, OutOfTime):
            while self._run(_next(chunks), Deadline(NEVER, LONGEST_DRAIN_MS)):
                pass

    def _events(
        self, response: "httpx.Response", chunks: AsyncIterator[bytes], cancellation: Cancellation
    ) -> Iterator[str]:
        """Data of the answer's events; all of the answer and an end, where the server does not stream."""
        import httpx

        kind = response.headers.get("content-type", "")
        if "json" in kind or "html" in kind:
            yield self._read(response, cancellation)
            yield "[DONE]"
            return
        parser = EventParser()
        try:
            while chunk := self._run(_next(chunks), cancellation):
                yield from parser.feed(chunk)
        except httpx.HTTPError as error:
            raise self._complaints.unreachable(error) from error
        yield from parser.finish()

    def _parse(self, data: str) -> Json:
        try:
            parsed = json.loads(data)
        except ValueError as error:
            raise self._complaints.garbage(data) from error
        if isinstance(parsed, dict) and parsed.get("error"):
            raise self._complaints.failed(parsed)
        if not isinstance(parsed, dict) or not isinstance(parsed.get("choices", []), list):
            raise self._complaints.garbage(data)
        return parsed

    def _run(self, work: Coroutine[Any, Any, T], cancellation: Cancellation) -> T:
        """The result of `work`; it is cancelled when nobody waits for it any more."""
        if self._loop.is_closed():
            work.close()
            raise ModelError(f"The connection to {self.url} was closed.", "Load the model again.")
        task = self._loop.create_task(work)
        try:
            while True:
                cancellation.raise_if_cancelled()
                self._loop.run_until_complete(asyncio.wait({task}, timeout=GLANCE_S))
                if task.done():
                    return task.result()
        finally:
            if not task.done():
                task.cancel()
                self._loop.run_until_complete(asyncio.wait({task}))


async def _next(chunks: AsyncIterator[bytes]) -> bytes:
    """The next bytes; none at the end."""
    async for chunk in chunks:
        if chunk:
            return chunk
    return b""


def _seconds(header: str | None) -> float | None:
    """A `Retry-After` in seconds; its other form, a date, counts as unknown."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
