"""The questions that monitors ask about a place in a document, and the shape of the answers, whoever gives them."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Place:
    """A place in a virtual document."""

    path: str
    """Absolute path; the file need not exist, and what it holds on disk is not looked at."""
    language: str
    """Language id as editors write it."""
    text: str
    offset: int
    """Code points from the beginning of `text`."""


@dataclass(frozen=True)
class Name:
    """Something that may be written at a place."""

    name: str
    kind: str = ""
    """`method`, `function`, `class`, `enum_member`, ... : the completion kinds of the Language Server Protocol."""
    detail: str = ""
    """What the analyser says beside the name: a type, a signature."""


@dataclass(frozen=True)
class Precedent:
    """A member that the project names after the same words elsewhere."""

    name: str
    by_words: float
    """How much likelier it is, after ever longer matches of the words before, than all together that are never named
    there."""
    by_line: float
    """The same of lines that are the same up to there, and have the same line below."""


@dataclass(frozen=True)
class Completions:
    """All that may be written at a place, as far as the analyser knows."""

    names: tuple[Name, ...]
    complete: bool = True
    """False where the analyser itself says that there may be more."""
    analyser: str = ""
    precedents: tuple[Precedent, ...] = ()
    """After a dereference, what the project names at like places; some may be no members at all."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of a callable."""

    name: str
    kind: str = "either"
    """`positional`, `either`, `keyword` (by name only), `rest` (`*args`), `keywords` (`**kwargs`)."""
    required: bool = True


@dataclass(frozen=True)
class Signature:
    """One way to call what is being called at a place; overloads give several."""

    parameters: tuple[Parameter, ...]
    label: str = ""


@dataclass(frozen=True)
class Symbol:
    """Something that a document defines."""

    name: str
    kind: str
    container: str = ""
    """Name of the class, function or module around it; empty at the top."""


class Analyser(Protocol):
    """Anything that can answer. Every method may raise `NoAnswer`, and takes no longer than the deadline it was made
    with.
    """

    def complete(self, place: Place) -> Completions:
        """What may be written at `place`: members after a dereference, modules in an import, else names in scope."""
        ...

    def signatures(self, place: Place) -> tuple[Signature, ...]:
        """The ways to call what is called at `place`, an offset inside the parentheses."""
        ...

    def symbols(self, place: Place) -> tuple[Symbol, ...]:
        """What the document defines."""
        ...
