"""An editor's hands on a document, and a clock that only tests move: what the recorder's tests share."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.completion.request import CompletionRequest, CompletionResult, Suggestion, Trigger, Written
from lsp_server.documents import Change, Document, Documents
from lsp_server.telemetry import Consent, Record
from lsp_server.telemetry.identity import Pseudonyms
from lsp_server.telemetry.parts import Origin
from lsp_server.telemetry.recorder import Recorder
from lsp_server.telemetry.watch import Watch
from models import Candidate, DecodingParameters, Generation

DELAYS = (15.0, 30.0, 45.0, 90.0, 120.0, 300.0, 600.0)


@dataclass(eq=False)
class Timer:
    due: float
    callback: Callable[[], None]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class FakeTime:
    now: float = 1000.0
    timers: list[Timer] = field(default_factory=list[Timer])

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_764_000_000.0 + self.now

    def call_later(self, delay_s: float, callback: Callable[[], None], /) -> Timer:
        timer = Timer(self.now + delay_s, callback)
        self.timers.append(timer)
        return timer

    def go(self, seconds: float) -> None:
        """Let time pass; what is due happens at its time."""
        end = self.now + seconds
        while ready := [timer for timer in self.timers if not timer.cancelled and timer.due <= end]:
            timer = min(ready, key=lambda timer: timer.due)
            self.timers.remove(timer)
            self.now = max(self.now, timer.due)
            timer.callback()
        self.now = end


class Desk:
    """One document, one recorder."""

    def __init__(self, text: str, *, language: str = "python", delays: tuple[float, ...] = DELAYS) -> None:
        self.time = FakeTime()
        self.kept: dict[str, Record] = {}
        self.recorder = Recorder(self._keep, Pseudonyms(b"key"), Origin("user", "run", "editor", "0"), self.time)
        self.recorder.consent = "context"
        self.recorder.delays_s = delays
        self.documents = Documents("utf-16")
        self.document: Document = self.documents.open("file:///a.py", language, 1, text)
        self.recorder.opened(self.document)

    def _keep(self, record: Record, consent: Consent) -> None:
        self.kept[record.id] = record

    def edit(self, start: int, end: int, new: str) -> None:
        """One edit, in the protocol's own terms."""
        text = self.document.text
        change = Change(new, text.position(start), text.position(end))
        self.documents.change("file:///a.py", self.document.version + 1, [change])
        self.recorder.changed(self.document)

    def type(self, text: str) -> None:
        """Key by key, at the cursor."""
        for character in text:
            self.time.go(0.1)
            self.edit(self.document.cursor, self.document.cursor, character)

    def ask(
        self, trigger: Trigger = "automatic", channel: str = "inline", item: tuple[str, str] = ("", "")
    ) -> tuple[Watch, CompletionRequest]:
        request = request_at(self.document.text, self.document.cursor, Source("python", "a.py"), trigger=trigger)
        return self.recorder.asked(channel, request, self.document, item=item), request

    def complete(
        self, *texts: str, at: int | None = None, replace_after: int = 0, trigger: Trigger = "automatic"
    ) -> Record:
        """A request and its answer, 0.05 s later."""
        self.document.cursor = len(self.document.text) if at is None else at
        watch, _ = self.ask(trigger)
        self.time.go(0.05)
        self.recorder.answered(watch, written(*texts, replace_after=replace_after))
        return watch.record

    def now(self, record: Record) -> Record:
        """The same record as it was kept last."""
        return self.kept[record.id]


def written(*texts: str, replace_after: int = 0) -> CompletionResult:
    """What a model would have written; suggestions are named by their texts."""
    candidates = tuple(Candidate(text, (1, 2), (-0.1, -0.2), "stop") for text in texts)
    made = tuple(Suggestion(f"id {text}", text, replace_after, 0.8, 0.7, 2) for text in texts)
    return CompletionResult(
        made,
        model="smollm2-135m",
        source="model" if texts else "none",
        reason="" if texts else "empty",
        timings_ms={"queue": 1.0, "decode": 30.0},
        written=Written(Generation(candidates, 10, 8, 2), DecodingParameters(), "ab" * 32, made),
    )
