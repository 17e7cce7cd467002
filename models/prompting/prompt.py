"""What is asked of a model, as text. How it becomes tokens is the business of the model's own format."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Snippet:
    """A piece of another file that may help."""

    path: str
    """Relative path with forward slashes, as it should appear in the prompt."""
    text: str


@dataclass(frozen=True)
class Prompt:
    """A place in a document. The formatter trims each part to the token budget; nobody else cuts text."""

    prefix: str
    suffix: str = ""
    path: str = ""
    """Relative path of the document; may be empty."""
    repository: str = ""
    """Name of the repository or workspace folder; may be empty."""
    snippets: tuple[Snippet, ...] = ()
    """Most helpful *last*, next to the document, so that trimming drops the least helpful first."""


@dataclass(frozen=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class ChatPrompt:
    """A conversation for models with a chat template (translation). `opening` begins the answer and is continued."""

    messages: tuple[Message, ...]
    opening: str = ""
