"""One request that is still watched: where its place is by now, what became of its suggestions, what stands there.

What the editor tells counts; where it tells nothing, the edits do. Text that comes in one piece was accepted (or
pasted, which nobody can tell apart); single characters were typed; anything else that is written there, or anywhere
else in the document, says no.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lsp_server.completion.request import Suggestion
from lsp_server.documents import Document
from lsp_server.documents.lines import readable
from lsp_server.telemetry.matching import matches
from lsp_server.telemetry.places import Place
from lsp_server.telemetry.record import GroundTruth, Outcome, Record, Result, TruthMoment, TruthState
from lsp_server.telemetry.standing import comes_by_itself, standing

TEXT_CHARS = 4_000
"""Of what stands at a place, at most so much is looked at."""


@dataclass(eq=False)
class Watch:
    """Changes with every edit. Belongs to the thread that reads the editor's messages."""

    record: Record
    """With its code, whatever the consent: it is taken out on the way to the disk."""
    document: Document
    started: float
    """When the request came, on the monotonic clock."""
    place: Place
    channel: str
    delays: list[float] = field(default_factory=list[float])
    """When ground truth is still to be taken, in seconds after the request; the next one first."""
    suggestions: tuple[Suggestion, ...] = ()
    """What the editor was given."""
    word: str = ""
    """The half-typed word before the place. Completion lists take it away and write it again with the rest."""
    typed: str = ""
    """What stood before the place of the editor's own list item; suggestions on the screen begin with the item."""
    rest: str = ""
    """What did not stand there yet of that item: suggestions insert it too."""
    answered: bool = False
    decided: bool = False
    accepted: Place | None = None
    """Where accepted text is."""
    accepted_text: str = ""
    saved: bool = False
    edited: bool = False
    """Something was edited that may decide about its suggestions; `after_edit` has not looked yet."""
    _progress: int = 0
    _touched: bool = False
    """Edited at the place since the last look."""
    _elsewhere: bool = False
    """Edited anywhere else since then."""
    _whole_piece: bool = False
    """More than a character came at once."""
    _moved_on: bool = False
    """Something else was edited before the answer was there."""

    # --- edits ---

    def touches(self, start: int, end: int) -> bool:
        """Whether a place of its lies within what goes from `start` to `end`, in part at least."""
        return (start < self.place.end and self.place.start < end) or (
            self.accepted is not None and start < self.accepted.end and self.accepted.start < end
        )

    def before_splice(self, start: int, removed: str, new: str) -> None:
        """The text is about to change."""
        place, accepted = self.place, self.accepted
        if self.decided:  # most are, and most edits are made elsewhere: this is what a key costs
            if accepted is not None:
                if start > place.end and start > accepted.end:
                    return
            elif self.record.outcome.result == "accepted":
                self.edited = True
            elif start > place.end:
                return
        elif self.place.start <= start <= self.place.end and start + len(removed) <= self.place.end + self._overlap():
            self.edited = self._touched = True
            self._whole_piece |= len(new) > 1 and not comes_by_itself(new)
        else:
            self.edited = self._elsewhere = True
        place.splice(start, removed, new)
        if accepted is not None:
            accepted.splice(start, removed, new)

    def after_edit(self, now: float) -> bool:
        """Look what the edits say of the suggestions; whether something is known now that was not before."""
        self.edited = False
        touched, elsewhere, piece = self._touched, self._elsewhere, self._whole_piece
        self._touched = self._elsewhere = self._whole_piece = False
        if self.accepted is None and self.record.outcome.result == "accepted":
            return self._seal_awaited()
        if not self.answered:  # nothing to compare with yet: `offer` does it
            self._moved_on |= elsewhere
            return False
        if self.decided or not (touched or elsewhere):
            return False
        return self._compare(touched, piece, now)

    def offer(self, suggestions: tuple[Suggestion, ...], now: float, *, client_tells: bool) -> None:
        """The answer went to the editor."""
        self.answered = True
        self.suggestions = suggestions
        outcome = replace(self.record.outcome, answered_ms=self._ms(now))
        if not suggestions:
            self.decided = True
            self._set(replace(outcome, result="not_shown"))
            return
        outcome = replace(outcome, result="unknown", candidate=suggestions[0].id)
        best, progress = self._best()
        if best is None or self.place.deleted or self._moved_on:
            self.decided = True
            self._set(replace(outcome, result="superseded", known_from="edits", decided_ms=self._ms(now)))
            return
        self._progress = progress
        if not client_tells:
            outcome = replace(outcome, shown_ms=outcome.answered_ms, shown_from="assumed")
        self._set(replace(outcome, typed_chars=progress))

    def _compare(self, touched: bool, piece: bool, now: float) -> bool:
        outcome = self.record.outcome
        written_again = self._step_over_word()
        best, progress = self._best()
        if not (touched or written_again) or best is None or self.place.deleted:
            return self._decide("partly_accepted" if outcome.accepted_chars else "rejected", "edits", now)
        piece |= written_again
        gained = progress - self._progress
        self._progress = progress
        if gained > 0 and piece:
            outcome = replace(outcome, accepted_chars=outcome.accepted_chars + gained, candidate=best.id)
            if progress < len(best.text):
                outcome = replace(
                    outcome, result="partly_accepted", known_from="edits", parts=(*outcome.parts, progress)
                )
        elif gained > 0:
            outcome = replace(outcome, typed_chars=outcome.typed_chars + gained, candidate=best.id)
        elif gained < 0:  # taken back: what was typed last goes first
            typed = max(outcome.typed_chars + gained, 0)
            accepted = max(outcome.accepted_chars + outcome.typed_chars + gained - typed, 0)
            outcome = replace(outcome, typed_chars=typed, accepted_chars=accepted)
        changed = outcome.result != self.record.outcome.result or outcome.parts != self.record.outcome.parts
        self._set(outcome)
        if outcome.accepted_chars and gained > 0 and piece:
            self._seal(best.text[:progress])
        if progress == len(best.text):
            result = "accepted" if piece else "partly_accepted" if outcome.accepted_chars else "typed_through"
            return self._decide(result, "edits", now)
        return changed

    # --- what the editor tells ---

    def client_showed(self, now: float) -> bool:
        if self.record.outcome.shown_from == "client":
            return False
        self._set(replace(self.record.outcome, shown_ms=self._ms(now), shown_from="client"))
        return True

    def client_accepted(self, candidate: str, now: float) -> bool:
        """A suggestion of ours was accepted whole; its edit may come before or after."""
        suggestion = self._suggestion(candidate)
        if suggestion is None:
            return False
        outcome = self.record.outcome
        if not (self.decided and outcome.result == "accepted"):
            typed = min(outcome.typed_chars, len(suggestion.text))
            outcome = replace(outcome, typed_chars=typed, accepted_chars=len(suggestion.text) - typed)
            outcome = replace(outcome, decided_ms=self._ms(now))
        self.decided = True
        self._set(replace(outcome, result="accepted", known_from="client", candidate=candidate))
        self.accepted_text = suggestion.text
        self._seal_awaited()
        return True

    def client_accepted_part(self, candidate: str, chars: int, left: int, now: float) -> bool:
        """The first `chars` characters were accepted of a suggestion of which `left` were still to be written."""
        suggestion = self._suggestion(candidate)
        if suggestion is None:
            return False
        stands = min(max(len(suggestion.text) - left + chars, 0), len(suggestion.text))
        if stands == len(suggestion.text):
            return self.client_accepted(candidate, now)
        outcome = self.record.outcome
        typed = min(outcome.typed_chars, stands)
        self._set(
            replace(
                outcome,
                result="partly_accepted",
                known_from="client",
                candidate=candidate,
                accepted_chars=max(stands - typed, outcome.accepted_chars),
                typed_chars=typed,
                parts=outcome.parts if outcome.parts[-1:] == (stands,) else (*outcome.parts, stands),
                decided_ms=self._ms(now),
            )
        )
        if self._written().startswith(suggestion.text[:stands]):
            self._seal(suggestion.text[:stands])
        return True

    def client_rejected(self, candidate: str, now: float) -> bool:
        """A suggestion of ours was dismissed; of one that is decided already, this is no news."""
        if self.decided or self._suggestion(candidate) is None:
            return False
        return self._decide("partly_accepted" if self.record.outcome.accepted_chars else "rejected", "client", now)

    def superseded(self, now: float, *, shown_is_told: bool) -> bool:
        """Something else took the place of its suggestions on the screen."""
        if self.decided:
            return False
        if self.record.outcome.accepted_chars:
            return self._decide("partly_accepted", self.record.outcome.known_from, now)
        if shown_is_told and self.answered and self.record.outcome.shown_from == "none":
            return self._decide("not_shown", "client", now)
        return self._decide("superseded", "edits", now)

    def give_up(self, now: float) -> None:
        """Nobody will tell any more: what is still on the screen after the last look was not wanted."""
        if not self.decided and self.answered:
            self._decide("partly_accepted" if self.record.outcome.accepted_chars else "rejected", "edits", now)

    # --- ground truth ---

    def take_truth(self, now: float, moment: TruthMoment, after_s: float | None = None) -> None:
        """Note what stands at the place."""
        taken = now - self.started
        text = self.document.text
        place = self.accepted or self.place
        content = readable(text.slice(place.start, min(place.end, place.start + TEXT_CHARS)))
        line_end = text.line_end(text.line_of(place.start))
        after = readable(text.slice(self.place.end, self.place.end + TEXT_CHARS))
        accepted = (self.record.outcome.candidate, content) if self.accepted is not None else None
        self._add(
            GroundTruth(
                after_s=round(taken, 3) if after_s is None else after_s,
                moment=moment,
                state=self._state(content),
                taken_s=round(taken, 3),
                chars=place.end - place.start,
                lines=content.count("\n") + 1,
                matches=matches(self.record.generations, self._written(), after, accepted),
                text=content,
                line=readable(text.slice(place.start, min(line_end, place.start + TEXT_CHARS))),
            )
        )

    def end_truths(self, state: TruthState) -> None:
        """Nothing can be taken at the delays that are left."""
        for delay in self.delays:
            self._add(GroundTruth(after_s=delay, state=state))
        self.delays.clear()

    def _state(self, content: str) -> TruthState:
        if (self.accepted or self.place).deleted:
            return "deleted"
        return "edited" if self.accepted is not None and content != self.accepted_text else "valid"

    def _add(self, truth: GroundTruth) -> None:
        self.record = replace(self.record, truths=(*self.record.truths, truth))

    # --- looking at the text ---

    def _written(self) -> str:
        """What was written at the place since the request."""
        end = min(self.place.end, self.place.start + TEXT_CHARS)
        return readable(self.document.text.slice(self.place.start, end))

    def _best(self) -> tuple[Suggestion | None, int]:
        """The suggestion of which most stands there, and how much; `None` if what stands there is none of them."""
        written = self._written()
        best: tuple[Suggestion | None, int] = (None, -1)
        for suggestion in self.suggestions:
            progress = standing(suggestion.text, written, self._following(suggestion))
            if progress is not None and progress > best[1]:
                best = suggestion, progress
        return best

    def _step_over_word(self) -> bool:
        """Where the word before the place was written again at the place, begin behind it; whether it was."""
        text, start, length = self.document.text, self.place.start, len(self.word)
        if not length or text.slice(start - length, start) == self.word or not self._written().startswith(self.word):
            return False
        self.place.start += length
        return True

    def _following(self, suggestion: Suggestion) -> str:
        """What comes after the place, as far as the suggestion would have replaced it."""
        return readable(self.document.text.slice(self.place.end, self.place.end + suggestion.replace_after))

    def _overlap(self) -> int:
        return max((suggestion.replace_after for suggestion in self.suggestions), default=0)

    def _suggestion(self, candidate: str) -> Suggestion | None:
        return next((suggestion for suggestion in self.suggestions if suggestion.id == candidate), None)

    def _seal_awaited(self) -> bool:
        """Mark the accepted text once it is there."""
        length = len(self.accepted_text)
        if self.accepted is not None and not self.accepted.deleted:
            if self._stands(self.accepted_text):
                self._seal(self.accepted_text)
            return False
        if not self._stands(self.accepted_text) and self._written() == "" and length:
            return False
        self._seal(self.accepted_text)
        return False

    def _stands(self, text: str) -> bool:
        return readable(self.document.text.slice(self.place.start, self._end_of(text))) == text

    def _end_of(self, text: str) -> int:
        """Where `text` ends if it begins at the place; a line break may take two characters in the document."""
        whole = self.document.text
        end = self.place.start + len(text)
        for _ in range(text.count("\n")):
            if len(readable(whole.slice(self.place.start, end))) >= len(text):
                break
            end += 1
        return min(end, len(whole))

    def _seal(self, text: str) -> None:
        end = self._end_of(text) if self._stands(text) else self.place.end
        self.accepted = Place(self.place.start, max(end, self.place.start), sealed=True)
        self.accepted_text = text

    def _decide(self, result: Result, known_from: Literal["none", "client", "edits"], now: float) -> bool:
        self.decided = True
        outcome = self.record.outcome
        source = "client" if outcome.result == result and outcome.known_from == "client" else known_from
        self._set(replace(outcome, result=result, known_from=source, decided_ms=self._ms(now)))
        return True

    def _set(self, outcome: Outcome) -> None:
        self.record = replace(self.record, outcome=outcome)

    def _ms(self, now: float) -> float:
        return round((now - self.started) * 1000, 3)


def newest_with(watches: Sequence[Watch], candidate: str) -> Watch | None:
    """The last of the watched requests that offered a suggestion."""
    return next((w for w in reversed(watches) if any(s.id == candidate for s in w.suggestions)), None)
