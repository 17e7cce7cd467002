"""How the model is, in the words of copilot-language-server's `didChangeStatus`."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["Normal", "Warning", "Error", "Inactive"]


@dataclass(frozen=True)
class Status:
    """What an editor shows in its status bar."""

    kind: Kind
    message: str
    """One line for a person; empty when there is nothing to say."""
    busy: bool = False
    """Something goes on that ends by itself."""
    fraction: float | None = None
    """How much of it is done, 0 to 1; `None` if nobody can tell."""

    def as_params(self) -> dict[str, Any]:
        """The parameters of `didChangeStatus`."""
        return {"kind": self.kind, "busy": self.busy, "message": self.message}


NOT_STARTED = Status("Inactive", "No model was asked for yet.")
