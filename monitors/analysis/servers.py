"""How to start a language server, as data that travels to the analysis host."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class ServerSpec:
    """One language server and its peculiarities."""

    name: str
    languages: tuple[str, ...]
    """Languages it answers for, as the lexicon names them."""
    command: tuple[str, ...]
    """Absolute program and its arguments; it must speak over its standard streams."""
    environment: dict[str, str] = field(default_factory=dict[str, str])
    initialisation: dict[str, Any] = field(default_factory=dict[str, Any])
    """The `initializationOptions` that it wants."""
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    """What it is told when it asks for its configuration; nested by section."""
    ready_when: tuple[str, str] | None = None
    """A notification, and a text that must occur in it, before which its answers are not to be had."""
    hover_first: bool = False
    """Whether a hover must return after a document was opened before completions can be believed."""
    words_when_unready: bool = False
    """Whether words of the file among the members mean that it is not ready; elsewhere they are extras, and left out.
    """
    always_incomplete: bool = False
    """Whether it calls every answer incomplete, so that its saying so means nothing."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> "ServerSpec":
        ready = data["ready_when"]
        fields: dict[str, Any] = {
            **data,
            "languages": tuple(data["languages"]),
            "command": tuple(data["command"]),
            "ready_when": tuple(ready) if ready else None,
        }
        return ServerSpec(**fields)
