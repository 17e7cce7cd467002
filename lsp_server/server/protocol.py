"""JSON-RPC as the specification has it, on top of pygls: every request gets an answer, and nothing that arrives ends
the server.

pygls leaves some of that open: a request whose parameters do not fit gets no answer at all (the client would wait for
ever), errors carry tracebacks to the client, and documents are kept as whole strings. Here a message is taken apart
before pygls sees it, and what pygls would do to documents is left to our own handlers.
"""

import asyncio
import contextvars
import inspect
import json
import logging
from collections.abc import Callable, Generator
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, cast

from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInternalError,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcParseError,
    JsonRpcRequestCancelled,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import LanguageServerProtocol, lsp_method

from lsp_server.logs import event
from lsp_server.server.tokens import work_done_token

if TYPE_CHECKING:
    from lsp_server.server.server import DragomanServer

logger = logging.getLogger(__name__)

MessageId = int | str
Json = dict[str, Any]

_LEFT_TO_OUR_HANDLERS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
)
"""pygls has handlers of its own for these, which would keep every document a second time."""


class DragomanProtocol(LanguageServerProtocol):
    """One connection. Everything here runs on the event loop."""

    @property
    def _dragoman(self) -> "DragomanServer":
        return cast("DragomanServer", self._server)

    def _register_builtin_features(self) -> None:
        super()._register_builtin_features()
        for method in _LEFT_TO_OUR_HANDLERS:
            del self.fm.builtin_features[method]

    @property
    def told_to_shut_down(self) -> bool:
        return self._shutdown

    def receive(self, body: bytes) -> None:
        """Take one message from the client, whatever is in it."""
        try:
            message = json.loads(body)
        except (ValueError, RecursionError) as error:
            self._refuse(None, JsonRpcParseError(f"The message is not JSON: {error}"))
            return
        if isinstance(message, list) and message:
            for one in message:
                self._receive_one(one)
        else:
            self._receive_one(message)

    def _receive_one(self, message: Any) -> None:
        answer_to: MessageId | None = None
        try:
            if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
                raise JsonRpcInvalidRequest('The message is not a JSON-RPC object with "jsonrpc": "2.0".')
            answer_to = _id_of(message)
            method = message.get("method")
            if isinstance(method, str):
                self._take_call(method, answer_to, message)
            elif answer_to is not None and ("result" in message or "error" in message):
                self._take_response(answer_to, message)
            else:
                raise JsonRpcInvalidRequest("The message is neither a request, nor a notification, nor a response.")
        except JsonRpcException as error:
            if isinstance(message, dict) and "id" not in message and isinstance(message.get("method"), str):
                logger.warning(event("notification refused", method=message["method"], reason=error.message))
            else:
                self._refuse(answer_to, error)
        except Exception:
            logger.exception(event("message failed", id=answer_to))
            if answer_to is not None:
                self._refuse(answer_to, JsonRpcInternalError("The server failed on this message; its log says why."))

    def _take_call(self, method: str, msg_id: MessageId | None, message: Json) -> None:
        self._check_state(method)
        params = self._params(method, message)
        context = contextvars.copy_context()
        context.run(work_done_token.set, getattr(params, "work_done_token", None))
        if msg_id is not None:
            context.run(self._handle_request, msg_id, method, params)
        else:
            context.run(self._handle_notification, method, params)

    def _check_state(self, method: str) -> None:
        """The order that the protocol prescribes: initialize first and once, nothing but exit after shutdown."""
        if method == types.EXIT:
            return
        if self._shutdown:
            raise JsonRpcInvalidRequest("The server was told to shut down.")
        if (self._workspace is not None) == (method == types.INITIALIZE):
            if self._workspace is None:
                raise JsonRpcServerNotInitialized("Send `initialize` first.")
            raise JsonRpcInvalidRequest("The server is initialized already.")

    def _params(self, method: str, message: Json) -> Any:
        """The parameters as the method's own type; methods beyond the specification get them as plain JSON."""
        if method != types.CANCEL_REQUEST:
            if method.startswith("$/") and "id" not in message and method not in self.fm.builtin_features:
                return None  # may be ignored, says the specification
            self._get_handler(method)
        message_type = self.get_message_type(method)
        if message_type is None:
            return message.get("params")
        from cattrs import transform_error

        try:
            return self._converter.structure(message, message_type).params
        except Exception as error:
            raise JsonRpcInvalidParams(f"{method}: {'; '.join(transform_error(error))}") from error

    def _take_response(self, msg_id: MessageId, message: Json) -> None:
        """What the client answers to a request of ours."""
        future = self._request_futures.pop(msg_id, None)
        result_type = self._result_types.pop(msg_id, None)
        if future is None or future.done():
            return
        error = message.get("error")
        if error is not None:
            text = str(error.get("message", "")) if isinstance(error, dict) else str(error)
            future.set_exception(JsonRpcException(text or "The client refused."))
            return
        try:
            structured = self._converter.structure(message, result_type).result if result_type else message["result"]
        except Exception as problem:  # noqa: BLE001 - it belongs to whoever asked
            future.set_exception(problem)
        else:
            future.set_result(structured)

    def _execute_handler(
        self,
        msg_id: Any,
        handler: Callable[..., Any],
        callback: Callable[[Any], None],
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
    ) -> None:
        """As pygls, and a plain handler may also return an awaitable.

        So a handler looks at the documents at once, before the next message changes them, and waits afterwards.
        """
        if inspect.iscoroutinefunction(handler) or inspect.isgeneratorfunction(handler):
            super()._execute_handler(msg_id, handler, callback, args, kwargs)
            return
        future: Future[Any] | asyncio.Future[Any] = Future()
        try:
            result = handler(*(args or ()), **(kwargs or {}))
            if inspect.isawaitable(result):
                future = asyncio.ensure_future(result)
                self._request_futures[msg_id] = future  # type: ignore[assignment] - pygls keeps both kinds here
            else:
                future.set_result(result)
        except Exception as error:  # noqa: BLE001 - the callback turns it into an answer
            future.set_exception(error)
        future.add_done_callback(callback)

    def _handle_cancel_notification(self, msg_id: MessageId) -> None:
        """Cancel a request of the client's. One that is answered already is none; the two messages crossed."""
        future = self._request_futures.pop(msg_id, None)
        if future is not None:
            future.cancel()

    def _send_handler_result(self, future: Any, *, msg_id: MessageId) -> None:
        """Answer a request with what its handler came to."""
        self._request_futures.pop(msg_id, None)
        error = asyncio.CancelledError() if future.cancelled() else future.exception()
        if error is None:
            self._send_response(msg_id, result=future.result())
        elif isinstance(error, asyncio.CancelledError):
            self._refuse(msg_id, JsonRpcRequestCancelled("The request was cancelled."))
        elif isinstance(error, JsonRpcException):
            self._refuse(msg_id, error)
        else:
            logger.error(event("request failed", id=msg_id), exc_info=error)
            self._refuse(msg_id, JsonRpcInternalError(_one_line(error)))

    def _check_handler_result(self, future: Any) -> None:
        """A notification has no answer, so what went wrong can only be logged."""
        if not future.cancelled() and (error := future.exception()) is not None:
            logger.error(event("notification failed"), exc_info=error)

    def _refuse(self, msg_id: MessageId | None, error: JsonRpcException) -> None:
        logger.debug(event("refused", id=msg_id, code=error.code, reason=error.message))
        self._send_data(
            {"jsonrpc": self.VERSION, "id": msg_id, "error": {"code": error.code, "message": error.message}}
        )

    def _send_data(self, data: Any) -> None:
        if self.writer is None or not data:
            return
        body = json.dumps(data, default=self._serialize_message).encode(self.CHARSET)
        self.writer.write(body)

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """As pygls; then the server has its say about the capabilities."""
        result = yield from super().lsp_initialize(params)
        return self._dragoman.settle_capabilities(result)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Any:  # type: ignore[override] - below
        """As pygls, but not as a generator: one of those cannot be cancelled while its command is under way."""
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams(f"There is no command {params.command}.")
        return handler(*(params.arguments or ()))

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> Generator[Any, Any, None]:
        """The end of the connection: with status 0 after `shutdown`, else 1, as the protocol says."""
        yield from ()
        self._dragoman.disconnected()


def _id_of(message: Json) -> MessageId | None:
    """The id of a request or response; `None` for a notification. Raises where it is something else."""
    msg_id = message.get("id")
    if "id" not in message:
        return None
    if isinstance(msg_id, bool) or not isinstance(msg_id, (int, str)):
        raise JsonRpcInvalidRequest("The id must be a whole number or a string.")
    return msg_id


def _one_line(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
