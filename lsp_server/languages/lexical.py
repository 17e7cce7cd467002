"""Brackets, strings and comments of any language by one small scanner.

A grammar knows more, but needs code that is whole. The cursor stands where code is not whole, and generated text is a
fragment by nature: there this scanner is the better witness. Linear in the text; never fails.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from lsp_server.languages.language import Language
from lsp_server.languages.lines import indent_width, last_line

CLOSER = {"(": ")", "[": "]", "{": "}"}
OPENER = {closer: opener for opener, closer in CLOSER.items()}


@dataclass(frozen=True)
class Bracket:
    offset: int
    character: str


@dataclass(frozen=True)
class Scan:
    """What a text leaves open and what it closes without having opened it. Offsets are code points."""

    unclosed: tuple[Bracket, ...]
    """Opening brackets without a partner, outermost first."""
    unopened: tuple[Bracket, ...]
    """Closing brackets without a partner, in order."""
    pairs: tuple[tuple[int, int], ...]
    """Offsets of opening and closing brackets that belong together, in the order of the closing ones."""
    literals: tuple[tuple[int, int], ...]
    """Start and end of each string and comment."""
    within: str
    """The mark (`"`, `//`, `/*`) of the string or comment in which the text ends; empty in code."""


@dataclass(frozen=True)
class _Marks:
    """The compiled lexical rules of a language."""

    token: re.Pattern[str]
    """Finds the next bracket, mark or other literal."""
    ends: dict[str, re.Pattern[str]]
    """For each mark, what follows it; the group is the closing mark, empty where it is missing."""


def scan(text: str, language: Language, within: str = "") -> Scan:
    """Read `text` from code, or from inside the string or comment that the mark `within` opened."""
    marks = _marks(language)
    stack: list[Bracket] = []
    unopened: list[Bracket] = []
    pairs: list[tuple[int, int]] = []
    literals: list[tuple[int, int]] = []
    position = 0
    start, mark = 0, within
    while True:
        if mark:
            end = marks.ends[mark].match(text, position) if mark in marks.ends else None
            if end is None:
                mark = ""
                continue
            literals.append((start, end.end()))
            position = end.end()
            if position == len(text) and not end.group(1):
                break
            mark = ""
        found = marks.token.search(text, position)
        if found is None:
            break
        start, position = found.span()
        token = found.group()
        if token in marks.ends:
            mark = token
        elif token in CLOSER:
            stack.append(Bracket(start, token))
        elif token in OPENER:
            opener = _partner(stack, OPENER[token])
            if opener is None:
                unopened.append(Bracket(start, token))
            else:
                pairs.append((opener.offset, start))
        else:
            literals.append((start, position))
    return Scan(tuple(stack), tuple(unopened), tuple(pairs), tuple(literals), mark)


def opens_block(line: str, language: Language) -> bool:
    """Whether a block follows this line, judged by the line alone."""
    opener = _opener(language.opener)
    return opener is not None and opener.search(without_comment(line, language).strip()) is not None


def begins_item(line: str, opener: str, language: Language) -> bool:
    """Whether `line`, as deep as `opener`, is an item of the list which that opens."""
    mark = language.item
    return bool(mark) and f"{line.strip()} ".startswith(mark) and not opener.lstrip().startswith(mark)


def without_comment(line: str, language: Language) -> str:
    """The line without the comment that ends it. A comment mark inside a string is not one."""
    if language.line_comment and language.line_comment in line:
        for start, end in scan(line, language).literals:
            if end == len(line) and line.startswith(language.line_comment, start):
                return line[:start]
    return line


def statement_indent(text: str, language: Language) -> int:
    """Columns before the statement that the last visible line of `text` ends, which may have begun lines above it.

    A header whose parameters stand on lines of their own is as deep as its first line, not as its last.
    """
    text = text.rstrip()
    line = len(text) - len(last_line(text))
    for opening, closing in reversed(scan(text, language).pairs):
        if opening < line <= closing:
            line = opening - len(last_line(text[:opening]))
    return indent_width(text[line:])


def _partner(stack: list[Bracket], character: str) -> Bracket | None:
    """Pop the innermost bracket of this kind; those inside it were never closed and are forgotten with it."""
    for index in range(len(stack) - 1, -1, -1):
        if stack[index].character == character:
            opener = stack[index]
            del stack[index:]
            return opener
    return None


@lru_cache(maxsize=128)
def _marks(language: Language) -> _Marks:
    ends: dict[str, re.Pattern[str]] = {}
    for quote in language.strings:
        ends[quote] = re.compile(rf"(?:[^{quote}\\\r\n]++|\\(?:[^\r\n]|\Z))*+({quote}?)", re.DOTALL)
    for quote in language.long_strings:
        inner = rf"[^{quote[0]}\\]++|\\(?:.|\Z)" + (rf"|{quote[0]}(?!{quote[1:]})" if len(quote) > 1 else "")
        ends[quote] = re.compile(rf"(?:{inner})*+((?:{quote})?)", re.DOTALL)
    for opening, closing in language.raw_strings:
        ends[opening] = re.compile(rf"(?:[^{closing}]++|{closing}{closing})*+({closing}?)")
    opening, closing = language.block_comment
    if opening:
        ends[opening] = re.compile(rf".*?({re.escape(closing)}|\Z)", re.DOTALL)
    if language.line_comment:
        ends[language.line_comment] = re.compile(r"[^\r\n]*()")
    tokens = [re.escape(mark) for mark in sorted(ends, key=len, reverse=True)]
    # A quote after a digit separates digits in C++; a hash after `$`, `{` or a letter is no comment in shells.
    tokens = [{"'": "(?<![0-9])'", r"\#": r"(?<![$\w{])\#"}.get(token, token) for token in tokens]
    if language.literals:
        tokens.insert(0, language.literals)
    return _Marks(re.compile("|".join([*tokens, r"[()\[\]{}]"])), ends)


@lru_cache(maxsize=128)
def _opener(pattern: str) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None
