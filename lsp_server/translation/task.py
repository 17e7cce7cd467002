"""What is asked of a translation, and what it answers, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

from lsp_server.languages import Language
from lsp_server.translation.outline import Unit
from lsp_server.verification import Tests, Verdict
from models import Cancellation, ChatPrompt, DecodingParameters, Generation, Guide, Prompt, StopRule

Form = Literal["completion", "chat"]


class Writer(Protocol):
    """A model, however it is reached: `Generator.generate` itself, or a queue in front of it."""

    def __call__(
        self,
        prompt: Prompt | ChatPrompt,
        parameters: DecodingParameters,
        *,
        stop: StopRule | None = None,
        guide: Guide | None = None,
        cancellation: Cancellation,
    ) -> Generation: ...


TestsOf = Callable[[str, Language, str, Cancellation], Tests | None]
"""Tests of the function with this name in a source text, if there are any or some can be made; of the whole program
where the name is empty."""


@dataclass(frozen=True)
class Task:
    """A text to translate."""

    text: str
    """The whole file."""
    source: Language
    target: Language
    path: str = ""
    """The file's name, for what is named after it; may be empty."""
    span: tuple[int, int] | None = None
    """Only the units that touch these characters; `None` is all."""
    declaration: str = ""
    """How the translation begins, up to where the body is open: for a task that fixes the signature."""
    tests: Tests | None = None
    """Tests that came with the task."""


@dataclass(frozen=True)
class Options:
    """How much is tried. Each stage can be switched off, which is how its gain is measured."""

    form: Form = "completion"
    demonstrations: int = 1
    """Examples in the prompt."""
    constrained: bool = True
    """Write under the target's syntax monitor."""
    samples: int = 3
    """Candidates that are drawn after the greedy one, while none is verified."""
    temperature: float = 0.6
    rounds: int = 1
    """Rounds of repair, each with the message that the best candidate so far met."""
    rules: bool = True
    """Ask the rule-based translators first."""
    model: bool = True
    """Ask the model."""
    max_tokens: int = 512
    """Of one candidate."""
    max_time_s: float = 120.0
    """After this no further candidate is begun; what is there is chosen from."""


@dataclass(frozen=True)
class Attempt:
    """A candidate that was tried, for the record."""

    text: str
    """Of its unit alone."""
    origin: str
    round: int
    verdict: Verdict
    log_probability: float | None = None


@dataclass(frozen=True)
class UnitTranslation:
    """A unit and what became of it."""

    unit: Unit
    text: str
    """Empty where nothing could be written."""
    origin: str
    verdict: Verdict
    attempts: tuple[Attempt, ...] = ()
    """Everything that was tried, in order."""


@dataclass(frozen=True)
class Translation:
    """The answer."""

    text: str
    """The whole file in the target language."""
    verdict: Verdict
    units: tuple[UnitTranslation, ...]
    """In the order of the source."""
    model: str = ""
    warnings: tuple[str, ...] = ()
    milliseconds: float = 0.0

    @property
    def origin(self) -> str:
        """Who wrote it: `model`, a rule-based translator, or `mixed`."""
        origins = {unit.origin for unit in self.units}
        return origins.pop() if len(origins) == 1 else "mixed" if origins else ""

    @property
    def candidates(self) -> int:
        """How many candidates were tried in all."""
        return sum(len(unit.attempts) for unit in self.units)

    @property
    def rounds(self) -> int:
        """Rounds of repair in all."""
        return sum(attempt.round > 0 for unit in self.units for attempt in unit.attempts)
