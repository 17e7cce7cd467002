"""What there is to know about one language before any of its text is read."""

from dataclasses import dataclass
from typing import Literal

BlockStyle = Literal["indent", "braces", "end", "none"]
"""How a block ends: by a dedent, by a closing brace, by a keyword such as `end`, or the language has no blocks."""

DefinitionKind = Literal["function", "type", "value", "container"]
"""`container`: a wrapper whose members count as definitions of the file (C++ `namespace`, TypeScript `export`)."""


@dataclass(frozen=True)
class Grammar:
    """A tree-sitter grammar: the wheel that carries it and its entry point."""

    module: str
    entry: str = "language"


@dataclass(frozen=True, eq=False)
class Language:
    """A line of the table in `languages.table`. There is one object a language, compared by identity."""

    id: str
    """The LSP's language identifier."""
    name: str
    """As a person writes it, and as the Code4Me data spell it."""
    aliases: tuple[str, ...] = ()
    """Other spellings, lower case."""
    endings: tuple[str, ...] = ()
    """Ends of file names, lower case, with the dot; a whole name where there is no dot in front (`makefile`)."""
    line_comment: str = ""
    block_comment: tuple[str, str] = ("", "")
    strings: tuple[str, ...] = ('"', "'")
    """Quotes of strings that end on their line."""
    long_strings: tuple[str, ...] = ()
    """Quotes of strings that may span lines."""
    raw_strings: tuple[tuple[str, str], ...] = ()
    """Opening and closing quotes of strings without escapes, which may span lines; a quote is doubled inside."""
    block_style: BlockStyle = "none"
    opener: str = ""
    """A regular expression that finds, in a line without its comment, that the line opens a block."""
    block_ends: tuple[str, ...] = ()
    """Words that end a block (`end`)."""
    block_continues: tuple[str, ...] = ()
    """Words that end one branch of a block and open the next (`else`)."""
    item: str = ""
    """What begins an item of a list, which belongs to the line that opens the list even where it is no deeper."""
    grammar: Grammar | None = None
    literals: str = ""
    """A regular expression for other literals that may hold quotes and brackets (character and regex literals)."""
    unpaired: str = ""
    """A regular expression for a line up to a closing bracket that closes nothing (`start)` in a `case`)."""
    definitions: tuple[tuple[str, DefinitionKind], ...] = ()
    """Node kinds of the grammar that define something."""
    lambdas: tuple[str, ...] = ()
    """Node kinds that are functions without being definitions."""
