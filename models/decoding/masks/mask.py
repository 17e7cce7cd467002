"""What every kind of constraint answers once it is compiled."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

TokenIds = NDArray[np.int64]


class Likely(NamedTuple):
    """The likeliest of some names."""

    rest: bytes = b""
    """What is left to be said of it; empty where no name is likely."""
    share: float = 0.0
    """Of all that can come, as far as it is known, so much is that name."""
    is_begun: bool = True
    """Whether some of it was said, so that the model has spoken for it."""


class Mask(Protocol):
    """A constraint and how far the text has come in it. Steps are taken and taken back in order, like a stack."""

    @property
    def satisfied(self) -> bool:
        """Whether everything is allowed from here on."""
        ...

    def allows(self, data: bytes) -> bool:
        """Whether `data` may come next: what was said so far and `data` together begin some text that is allowed."""
        ...

    def allowed(self, after: bytes) -> TokenIds:
        """Tokens that start with `after`, are longer, and whose rest is allowed; in no order, perhaps twice."""
        ...

    def preferred(self, after: bytes) -> TokenIds:
        """Those of `allowed` that may be worth more than the others, as far as anything is preferred."""
        ...

    def forced(self) -> bytes:
        """Bytes that must come next, as far as there is no choice; empty if there is one."""
        ...

    def likely(self, after: bytes = b"") -> "Likely":
        """What comes after `after`, which is said next, if it is the likeliest of the names that go on so."""
        ...

    @property
    def accepts_end(self) -> bool:
        """Whether the text may end here."""
        ...

    def worth(self, data: bytes) -> float:
        """How much better the text becomes by `data`, which must be allowed, beyond what a model says of it: nats, to
        be added to its log-probability. The sum over the steps of a text depends on the text, not on where it is cut.
        """
        ...

    @property
    def worth_of_end(self) -> float:
        """The same of ending the text here, where that is accepted."""
        ...

    @property
    def most_worth(self) -> float:
        """What no data is worth more than here; 0 where nothing is preferred."""
        ...

    def advance(self, data: bytes) -> None:
        """Say `data`, which must be allowed. One step, also where `data` is empty."""
        ...

    def retreat(self, steps: int) -> None:
        """Take the last `steps` steps back."""
        ...
