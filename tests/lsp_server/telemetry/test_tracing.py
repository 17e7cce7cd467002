"""What an OTLP endpoint is sent of a completion."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from queue import Queue
from threading import Thread
from typing import Any

import pytest

from lsp_server.completion.request import CompletionRequest, CompletionResult, Suggestion
from lsp_server.errors import UserError
from lsp_server.telemetry.tracing import Tracer

REQUEST = CompletionRequest("planted = 1\nreturn ", "\n", "python", path="planted.py", trigger_point="return")
RESULT = CompletionResult(
    (Suggestion("id", "planted + 1", tokens=3),),
    model="/home/planted/model.gguf",
    source="model",
    timings_ms={"debounce": 40.0, "queue": 1.0, "prefill": 12.0, "decode": 30.0, "analysis": 9.0, "total": 83.0},
)


@pytest.fixture
def collector() -> Iterator[tuple[str, "Queue[bytes]"]]:
    """An HTTP server that takes anything."""
    bodies: Queue[bytes] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            bodies.put(body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", bodies
    server.shutdown()
    server.server_close()


def test_a_completion_is_a_span_with_its_stages(collector: tuple[str, "Queue[bytes]"]) -> None:
    pytest.importorskip("opentelemetry.sdk.trace", reason="OpenTelemetry is an extra")
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    endpoint, bodies = collector
    tracer = Tracer(endpoint)
    tracer.completion(REQUEST, RESULT, 1_000_000_000, 1_083_000_000)
    tracer.close()
    body = bodies.get(timeout=30)
    assert b"planted" not in body
    message = ExportTraceServiceRequest.FromString(body)
    spans = {span.name: span for span in message.resource_spans[0].scope_spans[0].spans}
    assert set(spans) == {"completion", "debounce", "queue", "prefill", "decode", "analysis"}
    whole = spans.pop("completion")
    assert all(span.parent_span_id == whole.span_id for span in spans.values())
    assert spans["decode"].start_time_unix_nano == 1_053_000_000
    assert spans["decode"].end_time_unix_nano == 1_083_000_000
    assert spans["analysis"].start_time_unix_nano == 1_041_000_000
    attributes = {attribute.key: attribute.value for attribute in whole.attributes}
    assert attributes["dragoman.model"].string_value == "other"
    assert attributes["dragoman.tokens"].int_value == 3


def test_an_endpoint_that_is_none_is_refused_in_words() -> None:
    with pytest.raises(UserError, match="is no address"):
        Tracer("localhost")
