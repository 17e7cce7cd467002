"""The collector as an ASGI application: three addresses, and an error for a person in every answer that is none."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from math import ceil
from time import perf_counter
from typing import TYPE_CHECKING, Any

from lsp_server.collector.access import RateLimit, Tokens
from lsp_server.collector.batch import RefusedError, read_batch, too_large, unpack
from lsp_server.collector.database import Database, UnavailableError
from lsp_server.collector.measures import Measures
from lsp_server.errors import UserError
from lsp_server.logs import event

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

logger = logging.getLogger(__name__)

RECORDS = "/v1/records"


@dataclass(frozen=True)
class Limits:
    """What one token may send."""

    body_bytes: int = 8_000_000
    """Of a body as it is sent."""
    unpacked_bytes: int = 64_000_000
    """Of a body after gunzip."""
    requests_per_minute: float = 120.0
    burst: int = 60
    """Requests at once."""

    @staticmethod
    def of(requests_per_minute: float) -> "Limits":
        """The defaults with another rate, half of a minute's requests of which may come at once."""
        return Limits(requests_per_minute=requests_per_minute, burst=max(1, ceil(requests_per_minute / 2)))


def make_application(database: Database, tokens: Tokens, limits: Limits | None = None) -> "Starlette":
    """`POST /v1/records` (bearer token), `GET /health`, `GET /metrics`. Raises `UserError` without its libraries."""
    applications, routing = _starlette("applications"), _starlette("routing")
    endpoints = _Endpoints(database, tokens, limits or Limits())
    return applications.Starlette(
        routes=[
            routing.Route(RECORDS, endpoints.records, methods=["POST"]),
            routing.Route("/health", endpoints.health, methods=["GET"]),
            routing.Route("/metrics", endpoints.metrics, methods=["GET"]),
        ],
        exception_handlers={404: endpoints.unknown, 405: endpoints.wrong_method},
    )


class _Endpoints:
    def __init__(self, database: Database, tokens: Tokens, limits: Limits) -> None:
        self._database = database
        self._tokens = tokens
        self._limits = limits
        self._rate = RateLimit(limits.requests_per_minute, limits.burst)
        self._measures = Measures()

    async def records(self, request: "Request") -> "Response":
        """Take a batch. On 200 it is on the disk."""
        started = perf_counter()
        try:
            owner = self._owner(request)
            body = await self._body(request)
            # Unpacking and writing wait for the processor and the disk: never on the event loop.
            kept = await _in_thread(self._keep, owner, body, request.headers.get("content-encoding", ""))
            answer = _json(200, kept)
        except RefusedError as refused:
            answer = self._refusal(refused)
        except UnavailableError as error:
            logger.error(event("collector", database=str(error)))
            answer = _error(503, "unavailable", "The records cannot be stored now; send them again later.")
        except _starlette("requests").ClientDisconnect:
            answer = _error(400, "disconnected", "The connection ended before the batch did.")
        self._measures.request(answer.status_code, perf_counter() - started)
        return answer

    async def health(self, _: "Request") -> "Response":
        """Whether records can be taken."""
        is_up = await _in_thread(self._database.is_up)
        return _json(200 if is_up else 503, {"database": "up" if is_up else "down"})

    async def metrics(self, _: "Request") -> "Response":
        """Counts and times for Prometheus."""
        self._measures.database(await _in_thread(self._database.is_up))
        text, media_type = self._measures.render()
        return _starlette("responses").Response(text, media_type=media_type)

    async def unknown(self, request: "Request", _: Exception) -> "Response":
        return _error(404, "not_found", f"There is nothing here; records go to {RECORDS}.")

    async def wrong_method(self, request: "Request", _: Exception) -> "Response":
        return _error(405, "method", "This address does not take that method.")

    def _owner(self, request: "Request") -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        owner = self._tokens.owner(token.strip()) if scheme.lower() == "bearer" and token.strip() else None
        if owner is None:
            raise RefusedError(
                401, "token", "The bearer token is missing or not known; ask whoever runs the collector."
            )
        if wait := self._rate.wait_s(owner):
            raise _TooOftenError(wait)
        return owner

    async def _body(self, request: "Request") -> bytes:
        limit = self._limits.body_bytes
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length) > limit:
            raise too_large(limit)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > limit:
                raise too_large(limit)
        return bytes(body)

    def _keep(self, owner: str, body: bytes, encoding: str) -> dict[str, int]:
        uploads = read_batch(unpack(body, encoding, self._limits.unpacked_bytes))
        kept = self._database.put(owner, uploads)
        self._measures.records(kept)
        return {"stored": kept.stored, "updated": kept.updated, "repeated": kept.repeated}

    def _refusal(self, refused: RefusedError) -> "Response":
        self._measures.refused(refused.code)
        answer = _error(refused.status, refused.code, refused.message, refused)
        if isinstance(refused, _TooOftenError):
            answer.headers["Retry-After"] = str(ceil(refused.wait_s))
        if refused.status == 401:
            answer.headers["WWW-Authenticate"] = "Bearer"
        return answer


class _TooOftenError(RefusedError):
    def __init__(self, wait_s: float) -> None:
        super().__init__(429, "rate_limit", f"Too many requests; the next one may come in {ceil(wait_s)} s.")
        self.wait_s = wait_s


def _error(status: int, code: str, message: str, refused: RefusedError | None = None) -> "Response":
    error: dict[str, Any] = {"code": code, "message": message}
    if refused is not None and refused.lines:
        error["lines"] = [{"line": f.line, "code": f.code, "message": f.message} for f in refused.lines]
    return _json(status, {"error": error})


def _json(status: int, value: object) -> "Response":
    return _starlette("responses").JSONResponse(value, status_code=status)


async def _in_thread(function: Callable[..., Any], *arguments: Any) -> Any:
    return await _starlette("concurrency").run_in_threadpool(function, *arguments)


def _starlette(part: str) -> Any:
    try:
        return import_module(f"starlette.{part}")
    except ImportError as error:
        raise UserError(
            "Starlette is not installed.", "Install it with `pip install 'dragoman[collector]'`."
        ) from error
