"""Tests as data: code to append, examples of a function, runs of a program."""

from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.languages import Language
from lsp_server.languages.parsing import parse
from lsp_server.verification.verdict import Verdict
from models import Cancellation

_PARSE_MS = 3_000.0

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
"""What every language can say and JSON can carry.

A tuple is a list, a set a sorted list, a character a string of one; keys that are no strings are written as JSON.
"""


@dataclass(frozen=True)
class GivenTests:
    """Code in the target language that is appended to the candidate and fails where it does not agree."""

    text: str


def given_tests(text: str, language: Language) -> GivenTests | None:
    """Tests as somebody wrote them; `None` where the text holds nothing but comments, which nothing could fail."""
    tree = parse(text.encode("utf-8", "replace"), language, limit_ms=_PARSE_MS, polite=True)
    said = text.strip() and (tree is None or any("comment" not in node.type for node in tree.root_node.children))
    return GivenTests(text) if said else None


@dataclass(frozen=True)
class Example:
    """A call with what it gives back."""

    arguments: tuple[Value, ...]
    expected: Value
    tolerance: float = 1e-6
    """Numbers that differ by less, absolutely or relatively, are equal."""


@dataclass(frozen=True)
class ExampleTests:
    """Examples of one function; `name` is as the source has it, the target's convention is looked for as well."""

    name: str
    examples: tuple[Example, ...]
    translated: bool = True
    """They stood in the source (doctest, assertion); else they were derived by running it."""
    in_place: bool = False
    """The function gives nothing back; what is expected is the list of its arguments after the call."""


@dataclass(frozen=True)
class ProgramRun:
    """What a program writes when it is given an input."""

    stdin: str
    stdout: str


@dataclass(frozen=True)
class ProgramTests:
    """Runs of a whole program."""

    runs: tuple[ProgramRun, ...]


@dataclass(frozen=True)
class AgainstSource:
    """Tests, and the program that the candidate is a translation of: what they leave open is asked of it."""

    tests: "GivenTests | ExampleTests"
    text: str
    language: Language
    name: str
    """The function of the source."""


Tests = GivenTests | ExampleTests | ProgramTests | AgainstSource


def against_source(tests: Tests | None, text: str, language: Language, name: str) -> Tests | None:
    """The tests with the source beside them, where it has a function by which the two can be compared."""
    return (
        AgainstSource(tests, text, language, name) if name and isinstance(tests, GivenTests | ExampleTests) else tests
    )


Judge = Callable[[str, Language, Tests | None, Cancellation], Verdict]
"""Candidate (the whole file), its language, tests if there are any: what is to be said of it. Never raises but for
`Cancelled`; a missing toolchain, sandbox or permission is a verdict. `verification.judge` makes the real one."""
