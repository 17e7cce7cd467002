"""One completion request and its answer: the shape that the editor, the command line and the evaluation share.

Text comes as windows around the cursor, never as a whole document, so that nothing below here costs what the file's
size costs.
"""

from dataclasses import dataclass, field
from typing import Literal

from lsp_server.documents.lines import readable
from models import DecodingParameters, FinishReason, Generation, Interventions
from monitors import Finding

Trigger = Literal["automatic", "invoked"]
"""`automatic` while typing (one suggestion), `invoked` by a key (up to three)."""

Extent = Literal["line", "block"]
"""How far a suggestion may reach: the rest of the line, or the rest of the block at the cursor."""


@dataclass(frozen=True)
class Surroundings:
    """The rest of the document as it was when the question came: only static analysis looks at it, and puts it together
    when it does."""

    pieces: tuple[str, ...]
    """The whole text."""
    cursor: int
    """Its offset in them."""
    prefix_chars: int
    """How much of the text before the cursor is in the window, as the window shows it."""
    suffix_chars: int
    before: str = ""
    """What a reader has read before the document begins."""

    def texts(self) -> tuple[str, str]:
        """The text above the window, and the text below it, both `readable`."""
        whole = "".join(self.pieces)
        above, below = readable(self.before + whole[: self.cursor]), readable(whole[self.cursor :])
        return above[: max(len(above) - self.prefix_chars, 0)], below[self.suffix_chars :]


@dataclass(frozen=True)
class CompletionRequest:
    """A cursor in a document."""

    prefix: str
    """Text before the cursor, from a start that stays put while the user types (a line start on a coarse grid)."""
    suffix: str
    """Text after the cursor, cut at a generous length."""
    language: str
    """Language id as in `languages`; empty if unknown."""
    path: str = ""
    """Path relative to the workspace folder, with forward slashes; empty for an unnamed document."""
    root: str = ""
    """Absolute path of the workspace folder; empty outside one."""
    uri: str = ""
    """Document URI as the client spells it; empty without an editor."""
    version: int | None = None
    trigger: Trigger = "automatic"
    trigger_point: str = ""
    """The character or word just typed, as the Code4Me study names trigger points; empty when idle or invoked."""
    candidates: int = 1
    extent: Extent | None = None
    """`None` lets the syntax at the cursor decide."""
    max_tokens: int | None = None
    """Token budget per candidate; `None` takes the setting."""
    max_time_ms: float | None = None
    """Time budget; `None` takes the setting."""
    hurried: bool = False
    """Somebody waits for the answer: the first one in a file that nobody has read yet is made from less of it."""
    surroundings: Surroundings | None = field(default=None, compare=False, repr=False)
    """What lies around the windows; `None`: nothing."""


@dataclass(frozen=True)
class Suggestion:
    """Text that may be inserted at the cursor."""

    id: str
    text: str
    replace_after: int = 0
    """Code points after the cursor that the text replaces (a closing bracket it brings along); usually 0."""
    confidence: float | None = None
    """Geometric mean of token probabilities, 0 to 1."""
    min_confidence: float | None = None
    tokens: int = 0
    finish_reason: FinishReason = "stop"


@dataclass(frozen=True)
class Written:
    """All that the model wrote for a request, for those who keep records of it."""

    generation: Generation
    parameters: DecodingParameters
    fingerprint: str
    """Of the model (see `Generator.fingerprint`)."""
    made: "tuple[Suggestion | str, ...]"
    """What became of each candidate: a suggestion, even if it was held back as unsure, or why it was dropped."""


@dataclass(frozen=True)
class CompletionResult:
    """Suggestions, best first, and how they came about."""

    suggestions: tuple[Suggestion, ...]
    model: str = ""
    extent: Extent = "line"
    source: Literal["model", "cache", "none"] = "none"
    """`none`: nothing was worth asking or showing; `reason` says why."""
    reason: str = ""
    timings_ms: dict[str, float] = field(default_factory=dict)
    """Stage name to milliseconds: `queue`, `context`, `prompt`, `prefill`, `decode`, `postprocess`, `total`."""
    prompt_tokens: int = 0
    reused_tokens: int = 0
    interventions: Interventions = field(default_factory=Interventions)
    """What constraints did to the text."""
    findings: tuple[Finding, ...] = ()
    """What each monitor did at each place where it looked, constraints or none."""
    written: Written | None = None
    """`None` where the model was not asked."""
