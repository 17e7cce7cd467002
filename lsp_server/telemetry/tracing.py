"""Completions as OpenTelemetry spans, sent to an OTLP endpoint: when each stage began, and how long it took.

Spans hold times, sizes and words of ours; never text, and no names but those of our own catalog.
"""

import re
from importlib import import_module
from importlib.metadata import version
from typing import Any

from lsp_server.completion.request import CompletionRequest, CompletionResult
from lsp_server.errors import UserError
from lsp_server.telemetry.parts import is_known_model

STAGES = ("debounce", "queue", "context", "prompt", "prefill", "decode", "postprocess")
"""In the order in which they follow each other."""
BESIDE = {"analysis": "prompt"}
"""Stages that run beside others, and with which they begin."""
SHUTDOWN_MS = 2_000


class Tracer:
    """Sends spans from a thread of its own. What cannot be sent is dropped."""

    def __init__(self, endpoint: str, processor: Any = None) -> None:
        """`endpoint` is the base address, such as `http://localhost:4318`. Raises `UserError`."""
        if not re.match(r"https?://[^\s/]+", endpoint):
            raise UserError(f"telemetry.otlpEndpoint {endpoint} is no address.", "Write it as http://localhost:4318.")
        try:
            sdk = import_module("opentelemetry.sdk.trace")
            export = import_module("opentelemetry.sdk.trace.export")
            resources = import_module("opentelemetry.sdk.resources")
            otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
            self._trace = import_module("opentelemetry.trace")
        except ImportError:
            hint = "Install them with `pip install 'dragoman[otel]'`."
            raise UserError("Traces need OpenTelemetry's packages.", hint) from None
        self.endpoint = endpoint
        resource = resources.Resource.create({"service.name": "dragoman", "service.version": version("dragoman")})
        self._provider = sdk.TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = otlp.OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces")
        self._provider.add_span_processor(processor or export.BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("dragoman")

    def completion(self, request: CompletionRequest, result: CompletionResult, began_ns: int, ended_ns: int) -> None:
        """One completion, with a child for each of its stages. Times are nanoseconds of the wall clock."""
        whole = self._tracer.start_span("completion", start_time=began_ns, attributes=_attributes(request, result))
        inside = self._trace.set_span_in_context(whole)
        starts: dict[str, int] = {}
        at = began_ns
        for stage in STAGES:
            starts[stage] = at
            if stage in result.timings_ms:
                at = self._stage(stage, at, result.timings_ms[stage], inside)
        for stage, first in BESIDE.items():
            if stage in result.timings_ms:
                self._stage(stage, starts[first], result.timings_ms[stage], inside)
        whole.end(ended_ns)

    def close(self) -> None:
        """Send what is waiting, for a moment. Blocking."""
        self._provider.force_flush(SHUTDOWN_MS)
        self._provider.shutdown()

    def _stage(self, name: str, start_ns: int, duration_ms: float, inside: Any) -> int:
        end_ns = start_ns + round(duration_ms * 1e6)
        self._tracer.start_span(name, context=inside, start_time=start_ns).end(end_ns)
        return end_ns


def _attributes(request: CompletionRequest, result: CompletionResult) -> dict[str, str | int | bool]:
    first = result.suggestions[0] if result.suggestions else None
    return {
        "dragoman.language": request.language,
        "dragoman.trigger": request.trigger,
        "dragoman.trigger_point": request.trigger_point,
        "dragoman.model": result.model if is_known_model(result.model) else "other",
        "dragoman.source": result.source,
        "dragoman.reason": result.reason,
        "dragoman.extent": result.extent,
        "dragoman.suggestions": len(result.suggestions),
        "dragoman.tokens": first.tokens if first is not None else 0,
        "dragoman.prompt_tokens": result.prompt_tokens,
        "dragoman.reused_tokens": result.reused_tokens,
        "dragoman.prefix_chars": len(request.prefix),
        "dragoman.suffix_chars": len(request.suffix),
    }
