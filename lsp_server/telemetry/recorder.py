"""From requests, edits and what the editor tells to records. Runs on the thread that reads the editor's messages.

Knows no protocol and no disk: records leave through a function, time comes in through others, so that a test may be its
clock.
"""

import heapq
import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Protocol

from lsp_server.completion.request import CompletionRequest, CompletionResult, Suggestion
from lsp_server.documents import Document, key_of
from lsp_server.documents.units import code_points_before, count_units
from lsp_server.telemetry.identity import Pseudonyms, new_id
from lsp_server.telemetry.parts import Origin, generation_part, request_part
from lsp_server.telemetry.places import Place, splices
from lsp_server.telemetry.record import Consent, Decision, Generation, Outcome, Record, TruthMoment, TruthState
from lsp_server.telemetry.rhythm import Rhythm
from lsp_server.telemetry.watch import Watch, newest_with

MAX_WATCHES = 4_000
"""So many requests are watched at once: an hour of typing takes fewer. The oldest are given up first."""
MAX_GENERATIONS = 1_000
"""Of so many suggestions it is remembered where they came from: what the cache of suggestions may bring back."""
WORD_CHARS = 80
PATIENCE_S = 600.0
"""Without delays for ground truth, so long is waited for what becomes of a suggestion."""

Decide = Callable[[Record], Decision]
"""Looks at a record with its answer; a decision with a reason keeps the answer from the editor."""

_STRICTEST_FIRST: tuple[Consent, ...] = ("off", "metrics", "context")

Sink = Callable[[Record, Consent], None]
"""Takes each version of a record, with its code, and the consent that counts now."""


class Handle(Protocol):
    def cancel(self) -> None: ...


class Time(Protocol):
    """What a recorder needs of a clock."""

    def monotonic(self) -> float: ...
    def wall(self) -> float: ...
    def call_later(self, delay_s: float, callback: Callable[[], None], /) -> Handle: ...


class Recorder:
    """One editor's records."""

    def __init__(self, sink: Sink, names: Pseudonyms, origin: Origin, time: Time) -> None:
        self.consent: Consent = "off"
        self.delays_s: tuple[float, ...] = ()
        self.rhythm = Rhythm(time.monotonic)
        self._sink = sink
        self._names = names
        self._origin = origin
        self._time = time
        self._watches: defaultdict[str, list[Watch]] = defaultdict(list)
        self._due: list[tuple[float, int, Watch]] = []
        self._order = count()
        self._timer: Handle | None = None
        self._timer_due = float("inf")
        self._generated: OrderedDict[str, tuple[str, Generation]] = OrderedDict()
        self._client_tells_shown = False
        self._amid_message = False
        """Some edits of a message were made, and there may be more."""

    # --- requests ---

    def asked(
        self,
        channel: str,
        request: CompletionRequest,
        document: Document,
        decision: Decision | None = None,
        item: tuple[str, str] = ("", ""),
    ) -> Watch:
        """A request came, at the document's cursor. To be told before the document changes again.

        `item` is the item of the editor's own list that suggestions go on from: what is typed of it, and the rest.
        """
        now = self._time.monotonic()
        self.opened(document)
        watch = Watch(
            record=Record(
                id=new_id(),
                time=self._time.wall(),
                consent=self.consent,
                request=request_part(request, document, channel, self._origin, self._names, self.rhythm),
                decision=decision or Decision(),
                outcome=Outcome("unknown"),
            ),
            document=document,
            started=now,
            place=Place(document.cursor, document.cursor),
            channel=channel,
            word=_half_word(request.prefix),
            typed=item[0],
            rest=item[1],
            delays=sorted(self.delays_s),
        )
        self.rhythm.note("request")
        self._watches[key_of(document.uri)].append(watch)
        self._await_truth(watch)
        if len(self._due) > MAX_WATCHES:
            self.forget_oldest()
        return watch

    def answered(self, watch: Watch, result: CompletionResult, *, decide: Decide | None = None) -> bool:
        """The answer is ready; whether it may go to the editor, which `decide` says by leaving the reason empty.

        A record that is finished, because its document was closed meanwhile, stays as it is.
        """
        if watch.record.finished:
            return not watch.record.decision.held_out
        now = self._time.monotonic()
        cached_from, generations = self._generations(watch.record, result, watch.record.decision.arm)
        watch.record = replace(
            watch.record,
            generations=(*generations, *watch.record.generations),
            decision=replace(
                watch.record.decision,
                source=result.source,
                cached_from=cached_from,
                debounce_ms=result.timings_ms.get("debounce"),
            ),
        )
        decision = decide(watch.record) if decide is not None and result.suggestions else watch.record.decision
        shown = () if decision.reason else tuple(_with_text_before(result.suggestions, watch.rest))
        watch.record = replace(
            watch.record,
            decision=replace(decision, reason=decision.reason or result.reason, shown_to_client=bool(shown)),
        )
        for older in self._beside(watch) if shown else ():
            if not _share(older.suggestions, shown) and older.superseded(now, shown_is_told=self._client_tells_shown):
                self._emit(older)
        watch.offer(shown, now, client_tells=self._client_tells_shown)
        if watch.record.outcome.shown_from == "assumed":
            self.rhythm.note("shown")
        self._emit(watch)
        return bool(shown)

    def abandoned(self, watch: Watch, reason: str) -> None:
        """There will be no answer: a newer request came, or the editor did not want one any more."""
        if not watch.answered:
            self.answered(watch, CompletionResult((), reason=reason))

    def also_generated(self, watch: Watch, result: CompletionResult, arm: str) -> None:
        """A shadow arm has answered the same request."""
        if watch.record.finished or result.written is None:
            return
        generation = generation_part(result, result.written, self._names, arm=arm, shadow=True)
        watch.record = replace(watch.record, generations=(*watch.record.generations, generation))
        self._emit(watch)

    def prefetched(self, result: CompletionResult, arm: str = "") -> None:
        """Something was written ahead: a later request may be answered with it."""
        if result.written is not None:
            self._remember("", generation_part(result, result.written, self._names, arm=arm))

    # --- what became of suggestions ---

    def shown(self, candidate: str) -> None:
        """The editor shows a suggestion."""
        self._client_tells_shown = True
        watch = newest_with(self._all(), candidate)
        if watch is not None and watch.client_showed(self._time.monotonic()):
            self.rhythm.note("shown")
            self._emit(watch)

    def rejected(self, candidate: str) -> None:
        """The editor's user has dismissed a suggestion."""
        for watch in self._all():
            if watch.client_rejected(candidate, self._time.monotonic()):
                self._emit(watch)

    def accepted(self, candidate: str) -> None:
        """The editor's user has accepted a suggestion whole."""
        for watch in self._all():
            if watch.client_accepted(candidate, self._time.monotonic()):
                self.rhythm.note("accepted")
                self._emit(watch)

    def accepted_part(self, candidate: str, units: int) -> None:
        """The first `units` UTF-16 units of a suggestion as it is shown stand there now, by the user's wish.

        What was accepted of it before is among them, and what was typed of the editor's own list item.
        """
        newest = newest_with(self._all(), candidate)
        if newest is None:
            return
        text = next(suggestion.text for suggestion in newest.suggestions if suggestion.id == candidate)
        chars = code_points_before(text, units - count_units(newest.typed, "utf-16"), "utf-16")
        for watch in self._all():
            if watch.client_accepted_part(candidate, chars, len(text), self._time.monotonic()):
                self.rhythm.note("accepted")
                self._emit(watch)

    # --- documents ---

    def opened(self, document: Document) -> None:
        """Follow a document's edits. One that is opened anew takes the place of what was watched under its name."""
        watches = self._watches.get(key_of(document.uri))
        if watches and watches[0].document is not document:
            self.closed(watches[0].document)
        document.before_edit = self._before_edit

    def changed(self, document: Document) -> None:
        """All edits of a message were made."""
        self._amid_message = False
        now = self._time.monotonic()
        for watch in list(self._watches.get(key_of(document.uri), ())):
            before = watch.record.outcome.result
            if watch.edited and watch.after_edit(now):
                if watch.record.outcome.result == "accepted" != before:
                    self.rhythm.note("accepted")
                self._emit(watch)

    def saved(self, document: Document) -> None:
        for watch in self._watches.get(key_of(document.uri), ()):
            if not watch.saved:
                watch.saved = True
                watch.take_truth(self._time.monotonic(), "save")
                self._emit(watch)

    def closed(self, document: Document) -> None:
        for watch in list(self._watches.get(key_of(document.uri), ())):
            watch.give_up(self._time.monotonic())
            self._finish(watch, "closed", "close")
        document.before_edit = None

    def close(self) -> None:
        """The server ends: nobody will know more."""
        if self._timer is not None:
            self._timer.cancel()
        for watch in list(self._all()):
            self._finish(watch, "unknown", "shutdown")

    def drop(self) -> None:
        """The consent was taken back: forget what is watched, and keep no more of it."""
        self.consent = "off"  # an answer that is under way is still told to this recorder
        for watches in self._watches.values():
            for watch in watches:
                watch.document.before_edit = None
                watch.record = replace(watch.record, consent="off")  # a shadow arm's is told to the next one
        self._watches.clear()
        self._due.clear()
        self._generated.clear()

    def _before_edit(self, document: Document, start: int, end: int, new: str) -> None:
        watches = self._watches.get(key_of(document.uri), ())
        removed = document.text.slice(start, end)
        inside = bool(removed and new) and any(watch.touches(start, end) for watch in watches)
        added = 0
        for splice in splices(start, removed, new, inside):
            gone = removed[splice.start - start : splice.end - start]
            removed = removed[: splice.start - start] + splice.new + removed[splice.end - start :]
            added += len(splice.new)
            for watch in watches:
                watch.before_splice(splice.start, gone, splice.new)
        # Some editors send all the text with each key, others the keys of a while in one message: those go on where the
        # one before ended, and what a formatter writes does not.
        key = len(new) == 1 or end - start == len(document.text)
        self.rhythm.edited(document.uri, added, key=key and (not self._amid_message or start == document.cursor))
        self._amid_message = True

    # --- ground truth ---

    def _await_truth(self, watch: Watch) -> None:
        due = watch.started + (watch.delays[0] if watch.delays else PATIENCE_S)
        heapq.heappush(self._due, (due, next(self._order), watch))
        self._set_timer()

    def _set_timer(self) -> None:
        if not self._due or self._due[0][0] >= self._timer_due:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer_due = self._due[0][0]
        self._timer = self._time.call_later(max(self._timer_due - self._time.monotonic(), 0.0), self._take_due)

    def _take_due(self) -> None:
        self._timer, self._timer_due = None, float("inf")
        now = self._time.monotonic()
        while self._due and self._due[0][0] <= now:
            watch = heapq.heappop(self._due)[2]
            if watch.record.finished:
                continue
            if watch.delays:
                watch.take_truth(now, "delay", watch.delays.pop(0))
            if watch.delays:
                self._await_truth(watch)
                self._emit(watch)
            else:
                watch.give_up(now)
                self._finish(watch, "unknown")
        self._set_timer()

    def _finish(self, watch: Watch, left: TruthState, moment: TruthMoment | None = None) -> None:
        """Say what is known, and of the delays that are left why nothing is."""
        now = self._time.monotonic()
        if not watch.answered:
            watch.offer((), now, client_tells=self._client_tells_shown)
        if moment is not None:
            watch.take_truth(now, moment)
        watch.end_truths(left)
        watch.record = replace(watch.record, finished=True)
        self._emit(watch)
        watches = self._watches.get(key_of(watch.document.uri), [])
        if watch in watches:
            watches.remove(watch)
        if not watches:
            self._watches.pop(key_of(watch.document.uri), None)

    def forget_oldest(self) -> None:
        """Watch one request less: that whose ground truth comes next."""
        self._finish(heapq.heappop(self._due)[2], "unknown")

    # --- helpers ---

    def _emit(self, watch: Watch) -> None:
        """Hand a record on, under the stricter of the consents of then and now."""
        consents = (watch.record.consent, self.consent)
        self._sink(watch.record, next(consent for consent in _STRICTEST_FIRST if consent in consents))

    def _all(self) -> list[Watch]:
        """Oldest first within a document."""
        return [watch for watches in self._watches.values() for watch in watches]

    def _beside(self, watch: Watch) -> Iterator[Watch]:
        """Older requests of the same document and channel whose suggestions may still be on the screen."""
        for other in self._watches.get(key_of(watch.document.uri), ()):
            if other is watch:
                return
            if other.channel == watch.channel and other.answered and not other.decided:
                yield other

    def _generations(self, record: Record, result: CompletionResult, arm: str) -> tuple[str, tuple[Generation, ...]]:
        """The record whose suggestion is shown again, and what was written for this one."""
        if result.written is not None:
            generation = generation_part(result, result.written, self._names, arm=arm)
            self._remember(record.id, generation)
            return "", (generation,)
        if not result.suggestions:
            return "", ()
        origin, generation = self._generated.get(result.suggestions[0].id, ("", None))
        if generation is None:
            return "", ()
        shown = {suggestion.id: suggestion for suggestion in result.suggestions}
        left = tuple(
            replace(
                candidate,
                suggestion=shown[candidate.id].text,
                suggestion_chars=len(shown[candidate.id].text),
                suggestion_lines=shown[candidate.id].text.count("\n") + 1,
                replace_after=shown[candidate.id].replace_after,
            )
            for candidate in generation.candidates
            if candidate.id in shown
        )
        if not origin:
            self._remember(record.id, generation)
        stages = {stage: round(value, 3) for stage, value in result.timings_ms.items()}
        return origin, (replace(generation, candidates=left, stages_ms=stages),)

    def _remember(self, record: str, generation: Generation) -> None:
        for candidate in generation.candidates:
            if candidate.id:
                self._generated[candidate.id] = record, generation
        while len(self._generated) > MAX_GENERATIONS:
            self._generated.popitem(last=False)


def _with_text_before(suggestions: tuple[Suggestion, ...], before: str) -> Iterator[Suggestion]:
    return (replace(suggestion, text=before + suggestion.text) for suggestion in suggestions)


def _half_word(prefix: str) -> str:
    found = re.search(r"\w*\Z", prefix[-WORD_CHARS:])
    return found[0] if found is not None else ""


def _share(one: tuple[Suggestion, ...], other: tuple[Suggestion, ...]) -> bool:
    return bool({suggestion.id for suggestion in one} & {suggestion.id for suggestion in other})
