"""What the decoder is told about text that must hold, and by whom it is told.

A monitor speaks about *text*, the model about *tokens*; a constraint is the only thing that passes between them. The
decoder polls a `Guide` after every token. An answer may come late (speculative monitoring): the decoder then replays
what it has written since `start` against the pattern, and rolls back to the first token that breaks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Constraint:
    """From character `start` of the generated text on, the text must be a prefix of some match of what is described.

    Exactly one of `names`, `regex`, `grammar` is set.
    """

    source: str
    """Who says so (the monitor's name), for counts and records."""
    start: int
    """Offset in the generated text, in code points; negative where it begins before the cursor (a half-typed word)."""
    names: frozenset[str] | None = None
    """One of these words, ended by a character that cannot continue a word; free text after that."""
    regex: str | None = None
    """A regular expression in Rust's syntax over all text from `start` on."""
    grammar: str | None = None
    """A Lark grammar in llguidance's dialect over all text from `start` on."""
    typed: str = ""
    """What already stands in the document between a negative `start` and the cursor."""
    weights: tuple[tuple[str, float], ...] = ()
    """What speaks for some of `names` beside the model, to be added to their log-probability; it forbids nothing. Names
    that are not listed weigh 0."""
    binding: bool = True
    """Whether nothing but `names` may stand there. If not, any text may, and the weights are all that is said."""


class Guide(Protocol):
    """Asked after every token; must answer at once. Slow analysis runs elsewhere; its answer is handed over later."""

    def poll(self, text: str) -> Sequence[Constraint]:
        """Constraints that became known since the last call, given all text generated so far."""
        ...

    def rolled_back(self, text: str) -> None:
        """The generated text was cut back to `text`: forget triggers that lay beyond it."""
        ...

    def wait(self) -> bool:
        """The text is about to end: wait for what is still being found out about it, no longer than that is worth.
        Whether to poll once more."""
        ...


@dataclass(frozen=True)
class Interventions:
    """What constraints did to one generation."""

    constraints: int = 0
    """Constraints that were taken up."""
    masked_steps: int = 0
    """Steps whose logits were masked."""
    changed_steps: int = 0
    """Masked steps where the unmasked choice would have been another token."""
    rolled_back: int = 0
    """Times the text was cut back because a late answer forbade it."""
    forced_tokens: int = 0
    """Tokens that followed from a constraint, and so cost no forward pass of their own."""
    lifted: int = 0
    """Constraints that were dropped because they could not be read, or left nothing to write."""
