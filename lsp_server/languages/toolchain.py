"""What there is to know about building, running and naming in one language before any of its programs is looked for."""

from dataclasses import dataclass
from typing import Literal

NameStyle = Literal["snake", "camel", "pascal", "upper"]
"""`two_words`, `twoWords`, `TwoWords`, `TWO_WORDS`."""

Command = tuple[str, ...]
"""A program and its arguments; `{name}` stands for the path of the program `name`."""


@dataclass(frozen=True)
class Names:
    """The naming conventions of a language."""

    function: NameStyle
    variable: NameStyle
    type: NameStyle
    constant: NameStyle = "upper"
    file: NameStyle = "snake"
    in_class: bool = False
    """Functions live in a class, as static methods."""


@dataclass(frozen=True)
class Way:
    """One way to build and run: with these programs, if they are all there."""

    programs: tuple[str, ...]
    build: tuple[Command, ...]
    """What turns the files into something that `run` runs; for scripts, what finds faults of syntax."""
    run: Command
    check: tuple[Command, ...] = ()
    """The same as `build` for a file without an entry point; empty where `build` does not need one."""
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Toolchain:
    """A line of the table in `languages.toolchains`. Comment styles and file endings stand in `languages.table`."""

    language: str
    """The language's identifier."""
    file: str
    """Name of the file that holds a candidate."""
    ways: tuple[Way, ...]
    """The first whose programs are there is taken."""
    names: Names
    assertion: str
    """How a test says what must hold, with `{condition}` in it."""
    end_mark: str
    """A statement that writes `{text}` on stdout, for the end of the tests."""
    hint: str
    """What to install where there is no toolchain."""
    target: bool = True
    """Whether code is translated into this language, or only out of it."""
    entry: str = ""
    """A regular expression that finds the entry point of a program; empty where a file needs none."""
    stderr_fails: bool = False
    """A failed assertion is known by what it writes on stderr alone."""
