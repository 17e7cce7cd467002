"""One record for each completion request, in five parts: what was asked, what was decided, what was written, what
became of it, and what stands there later.

These classes are the schema: docs/telemetry.md is made from them, the consent policy reads the mark `code` off them,
and a change to them is a new `SCHEMA_VERSION` with a migration. A number that nobody knows is `None`, never 0. Offsets
and lengths count code points; times are Unix seconds, durations milliseconds unless the name says otherwise.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA_VERSION = 1

Consent = Literal["off", "metrics", "context"]
"""`off`: nothing is recorded. `metrics`: sizes, times and scores, no text. `context`: the code around the cursor as
well."""

TriggerPointKind = Literal["word", "character", "manual", "idle"]
Result = Literal["not_shown", "accepted", "partly_accepted", "rejected", "superseded", "typed_through", "unknown"]
"""`not_shown`: there was nothing to see. `superseded`: another suggestion took its place before anything was decided.
`typed_through`: the user typed the same by hand. `unknown`: the server ended first, or the importer cannot tell."""
TruthState = Literal["valid", "edited", "deleted", "closed", "unknown"]
"""`valid`: the place is there, and an accepted text stands as it was accepted. `edited`: an accepted text was changed.
`deleted`: the place went with the text around it, or the accepted text did. `closed`: the document was closed before.
`unknown`: nobody watched at that time."""
TruthMoment = Literal["delay", "save", "close", "shutdown"]


def code(default: Any = None) -> Any:
    """A field that holds text out of the user's documents: recorded with the consent `context` only."""
    return field(default=default, metadata={"code": True})


@dataclass(frozen=True)
class Request:
    """What was asked, and where."""

    user: str = ""
    """Who: a keyed hash of the account's name. The key never leaves the machine, so nobody else can undo it."""
    run: str = ""
    """One life of the server: a random name."""
    workspace: str = ""
    """Which workspace folder: a keyed hash of its path; empty outside one."""
    document: str = ""
    """Which document: a keyed hash of its address."""
    version: int | None = None
    """The document's version, as the editor counts."""
    language: str = ""
    """Language id; `other` for one that we do not know, because its name may be anything."""
    editor: str = ""
    """The editor's name and version, as it introduced itself."""
    server: str = ""
    """Version of Dragoman."""
    channel: Literal["inline", "list"] = "inline"
    """Ghost text, or an item of the completion list."""
    trigger: Literal["automatic", "invoked"] = "automatic"
    """While typing, or by a key."""
    trigger_kind: TriggerPointKind = "idle"
    """What the cursor stands behind, as the Code4Me study names it: one of its words, one of its characters, neither;
    or `manual`, whatever it is, if a key was pressed."""
    trigger_point: str = ""
    """The study's word or character itself, one of a fixed list; empty for the other kinds."""
    line: int | None = None
    """Line of the cursor, from 0."""
    column: int | None = None
    """Code points before the cursor on its line."""
    offset: int | None = None
    """Code points before the cursor in the document."""
    document_chars: int | None = None
    """Size of the document."""
    prefix_chars: int | None = None
    """Size of the text before the cursor that was looked at."""
    suffix_chars: int | None = None
    """Size of the text after the cursor that was looked at."""
    line_after_chars: int | None = None
    """Code points after the cursor on its line, without blanks at the end."""
    indent: int | None = None
    """Blanks that the cursor's line begins with."""
    before: str = ""
    """The character before the cursor: itself if it is a mark of the study's list or a bracket or quote, else its
    kind: `letter`, `digit`, `blank`, `newline`, `other`, or `none`."""
    before_visible: str = ""
    """The same of the last character before the cursor that is no blank."""
    candidates: int = 1
    """How many suggestions were wanted at most."""
    since_keystroke_ms: float | None = None
    """Time since the last edit of any document."""
    since_request_ms: float | None = None
    """Time since the request before."""
    since_shown_ms: float | None = None
    """Time since a suggestion was last shown."""
    since_accepted_ms: float | None = None
    """Time since a suggestion was last accepted."""
    typing_chars_per_s: float | None = None
    """Characters a second over the last pauses-free stretch of typing."""
    typed_chars: int | None = None
    """Characters that single-character edits added to this document since its last record; of several in one message,
    the first and those that go on where the one before ended: a formatter's blanks were not typed."""
    inserted_chars: int | None = None
    """Characters that all edits added to this document since its last record, accepted suggestions and pastes
    included: the denominator of the ratio of completed code."""
    prefix: str | None = code()
    """Text before the cursor: of what was looked at, the 8,000 characters nearest to it."""
    suffix: str | None = code()
    """Text after the cursor, at most as much."""


@dataclass(frozen=True)
class Decision:
    """What was decided about the request, and with which odds."""

    debounce_ms: float | None = None
    """The pause in typing that was waited for."""
    source: Literal["model", "cache", "none"] = "none"
    """Where the answer came from."""
    shown_to_client: bool = False
    """The answer that went to the editor held a suggestion."""
    reason: str = ""
    """Why it held none: a word of ours, such as `unsure`, `superseded`, `filtered`, `held_out`."""
    cached_from: str = ""
    """The record whose suggestion was shown again, because the user typed along or came back. Whoever counts
    suggestions counts the records where this is empty: their outcome says what became of it in the end."""
    filter: str = ""
    """Which show filter was asked: the hash of its weights."""
    filter_score: float | None = None
    """The chance of acceptance that it gave."""
    filter_threshold: float | None = None
    """The least chance that is shown."""
    arm: str = ""
    """The arm of an A/B test that answered; empty without one."""
    assignment: Literal["none", "request", "user"] = "none"
    """What the arm was drawn for."""
    propensity: float = 1.0
    """The probability with which this arm was drawn, times that of not being held out (or of being held out)."""
    held_out: bool = False
    """Drawn to be shown nothing, so that what the user writes without help is known."""


@dataclass(frozen=True)
class Candidate:
    """One continuation that a model wrote."""

    id: str = ""
    """Of the suggestion made of it; empty if it was dropped."""
    text: str | None = code()
    """What the model wrote."""
    suggestion: str | None = code()
    """What post-processing left of it; `None` if it was dropped."""
    chars: int | None = None
    """Size of `text`."""
    suggestion_chars: int | None = None
    """Size of `suggestion`."""
    suggestion_lines: int | None = None
    """Lines of `suggestion`, the unfinished last one included."""
    replace_after: int = 0
    """Code points after the cursor that the suggestion brings along and replaces."""
    dropped: str = ""
    """Why post-processing dropped it."""
    finish_reason: str = ""
    """Why the model ended."""
    tokens: int | None = None
    """How many tokens it wrote."""
    logprobs: tuple[float, ...] | None = None
    """Natural-log probability of each token in the model's own distribution: before temperature, sampling and masks;
    `None` where the back end told none, or one that is no finite number."""
    confidence: float | None = None
    """Geometric mean of the token probabilities."""
    min_confidence: float | None = None
    """Probability of the least probable token."""


@dataclass(frozen=True)
class Intervention:
    """What a monitor did at one place; and, under the name `all`, what all of them together did to the text."""

    monitor: str = ""
    """Its name."""
    start: int | None = None
    """Where it looked, in code points of the generated text; negative for a word that was half typed."""
    outcome: str = ""
    """What came of it: `constrained`, `advised` (names were preferred, none forbidden), `kept` (nothing can be wrong
    there), `unknown` (no answer to rely on), `late`, `failed`, `moot` (the text made it irrelevant), `pending`."""
    analysis_ms: float | None = None
    """From the trigger to the answer of the static analysis."""
    cached: bool = False
    """The answer was there before it was needed."""
    names: int | None = None
    """How many names it allowed, or preferred."""
    constraints: int = 0
    """Constraints that were taken up; like the counts below, of `all`."""
    masked_steps: int = 0
    """Steps whose choice was limited."""
    changed_steps: int = 0
    """Of these, where the model would have chosen otherwise."""
    forced_tokens: int = 0
    """Tokens that followed without asking the model."""
    rolled_back: int = 0
    """Times the text was cut back because the answer came after it."""
    lifted: int = 0
    """Constraints that had to be dropped."""
    timed_out: int = 0
    """Answers of the static analysis that came too late."""


@dataclass(frozen=True)
class Generation:
    """What one model wrote. The first of a record answered the request, the others in the background (shadow)."""

    arm: str = ""
    """The arm that it belongs to; empty without an A/B test."""
    shadow: bool = False
    """Nobody was ever to see it."""
    model: str = ""
    """The model's name if it is one of our catalog; else a keyed hash, because paths and addresses are names too."""
    fingerprint: str = ""
    """SHA-256 of its weights, or a hash of what a remote server says of itself."""
    parameters: dict[str, float] = field(default_factory=dict[str, float])
    """Decoding: `max_tokens`, `max_time_ms`, `temperature`, `top_p`, `top_k`, `seed`, `candidates`, `heal`,
    `single_line`."""
    extent: Literal["line", "block"] = "line"
    """How far it was to reach."""
    prompt_tokens: int | None = None
    """Tokens of the prompt."""
    reused_tokens: int | None = None
    """Of these, tokens that were read already."""
    forward_passes: int | None = None
    """Decoding passes of the model."""
    stages_ms: dict[str, float] = field(default_factory=dict[str, float])
    """Time by stage: `queue`, `context`, `prompt`, `prefill`, `decode`, `analysis`, `postprocess`, `total`."""
    interventions: tuple[Intervention, ...] = ()
    """What the monitors did, by place, and `all` of it."""
    error: str = ""
    """What it failed of, as a class of error; empty if it did not."""
    candidates: tuple[Candidate, ...] = ()
    """All that it wrote, best first."""


@dataclass(frozen=True)
class Outcome:
    """What the user saw, and what they did with it."""

    result: Result = "not_shown"
    """What became of it."""
    known_from: Literal["none", "client", "edits"] = "none"
    """Who says so: the editor itself, or the edits that followed."""
    answered_ms: float | None = None
    """From the request to its answer."""
    shown_ms: float | None = None
    """From the request to when it was seen; `None` if nothing was, or nobody can tell."""
    shown_from: Literal["none", "client", "assumed"] = "none"
    """Who says that it was seen: the editor; or nobody, and it is assumed, because this editor never tells and the text
    had not moved on when the answer came."""
    decided_ms: float | None = None
    """From the request to the result."""
    candidate: str = ""
    """The id of the suggestion that was accepted or typed; else of the first one shown."""
    accepted_chars: int = 0
    """Code points of it that were accepted."""
    typed_chars: int = 0
    """Code points of it that the user typed by hand, before or instead of accepting."""
    parts: tuple[int, ...] = ()
    """How much of it stood there after each partial acceptance, in code points."""


@dataclass(frozen=True)
class Match:
    """How one candidate compares with a ground truth; worked out when the truth is taken, so that no text is needed."""

    candidate: str = ""
    """The suggestion's id, or `generation:index`, both from 0, of a candidate that was never one."""
    exact: bool = False
    """Equal but for blanks at both ends, over as many lines as the candidate has."""
    similarity: float | None = None
    """Their edit similarity as the study takes it, 0 to 1 (Indel ratio, blanks at both ends left out); `None` where
    both are empty."""
    kept_chars: int | None = None
    """Code points of the candidate that stand there still, in order."""


@dataclass(frozen=True)
class GroundTruth:
    """What stands at the place of the request after a while."""

    after_s: float
    """The delay that was aimed at, or the time since the request for the other moments."""
    moment: TruthMoment = "delay"
    """Why it was taken: the delay was over, the document was saved (the first time after the request) or closed, the
    server was shut down."""
    state: TruthState = "unknown"
    """What is known of the place."""
    taken_s: float | None = None
    """When it was really taken, in seconds since the request."""
    chars: int | None = None
    """Size of what stands there."""
    lines: int | None = None
    """Its lines."""
    matches: tuple[Match, ...] = ()
    """The candidates beside it."""
    text: str | None = code()
    """What stands in the place itself: the accepted text as it is now, or what was written at the cursor since."""
    line: str | None = code()
    """From the place to the end of its line, as the Code4Me study takes it."""


@dataclass(frozen=True)
class Replay:
    """Of a request that was asked again, headless: what it stands for, and who was looking when its truths were
    written."""

    of: str = ""
    """The record that was replayed; where that was a replay itself, the one that it stood for."""
    origin: str = ""
    """Who recorded that one."""
    configuration: str = ""
    """Hash of all that decides the answer besides the request: model, parameters, monitors."""
    label: str = ""
    """The replay's name in reports."""
    result: Result = "unknown"
    """What became of the suggestion that was really made: accepted code leans toward the model that wrote it."""
    held_out: bool = False
    """Nothing was shown then, by the draw of a lot: these ground truths are nobody's."""
    fingerprint: str = ""
    """Of the model that answered then."""


@dataclass(frozen=True)
class Record:
    """One completion request and all that is known of it."""

    id: str
    """A random name; an upload that is repeated is known by it."""
    time: float
    """When the request came."""
    consent: Consent = "metrics"
    """What its user had agreed to then."""
    origin: str = "dragoman"
    """Who recorded it: ourselves, or `code4me`, `code4me2`, `evaluation` for what was imported; `replay` for what was
    asked again."""
    schema: int = SCHEMA_VERSION
    """Version of this schema."""
    request: Request = field(default_factory=Request)
    """What was asked."""
    decision: Decision = field(default_factory=Decision)
    """What was decided."""
    generations: tuple[Generation, ...] = ()
    """What was written: by the model that answered, then by shadow arms. Empty where no model was asked."""
    outcome: Outcome = field(default_factory=Outcome)
    """What became of it."""
    truths: tuple[GroundTruth, ...] = ()
    """What stood there later, by time."""
    replay: Replay | None = None
    """Only of replayed requests."""
    finished: bool = False
    """Nothing will be added any more."""
