"""How far a suggestion may reach, and where it ends.

Two decisions, both from syntax and both before the model is asked. The *extent* says whether the rest of the line is
wanted or the rest of the block; it is wrong to ask for a block in the middle of a line, and wasteful to ask for one
where the next statement stands already. The *stop rule* then ends the text: a line at its break, a block where its
indentation, bracket or keyword ends it, and neither ever beyond the scope that the cursor is in.

Data that ask for the rest of the line (Code4Me's) set the request's `extent` to `line`.
"""

import re
from dataclasses import dataclass

from lsp_server.completion.request import CompletionRequest, Extent
from lsp_server.languages import Language
from lsp_server.languages.lexical import Scan, begins_item, opens_block, scan, statement_indent, without_comment
from lsp_server.languages.lines import first_line, indent_width, last_line, line_spans, split_lines
from lsp_server.languages.structure import Structure
from models import StopRule

_HEADER_CHARS = 4_000
"""How far above the cursor the first line of a header is looked for."""
_CLOSING = re.compile(r"[\s)\]};,'\"`>]*")
_AFTER_BLOCK = re.compile(r"[)\];,]*")
_WORD = re.compile(r"[\w;}]+")


@dataclass(frozen=True)
class ExtentDecision:
    extent: Extent
    reason: str
    """One word for the record: what at the cursor decided."""


def decide_extent(request: CompletionRequest, structure: Structure) -> ExtentDecision:
    """Line or block, from the syntax at the cursor; what the request itself asks for goes first."""
    if request.extent is not None:
        return ExtentDecision(request.extent, "requested")
    language = structure.language
    if not _CLOSING.fullmatch(structure.after):
        return ExtentDecision("line", "text_after_cursor")
    if structure.region != "code":
        return ExtentDecision("line", structure.region)
    if language.block_style == "none":
        return ExtentDecision("line", "no_blocks")
    if structure.opener is not None and _block_may_begin(structure):
        return ExtentDecision("block", "empty_block")
    if structure.before.strip():
        return ExtentDecision("line", "rest_of_line")
    if structure.after.strip() or _inside_brackets(structure):
        return ExtentDecision("line", "brackets")
    if _next_statement_follows(structure):
        return ExtentDecision("line", "between_statements")
    if _enclosed(structure):
        return ExtentDecision("block", "blank_line_in_block")
    if _introduced(structure):
        return ExtentDecision("block", "introduced")
    return ExtentDecision("line", "top_level")


def _block_may_begin(structure: Structure) -> bool:
    """Whether the block that opens here has no statement yet, and only its own end stands after the cursor."""
    after = structure.after.strip()
    return structure.block_is_empty and (not after or after[0] == "}")


def _inside_brackets(structure: Structure) -> bool:
    """Whether the cursor is in an argument list, a subscript or a literal, where lines are not statements."""
    if not structure.brackets:
        return False
    return structure.language.block_style == "indent" or structure.brackets[-1].character != "{"


def _next_statement_follows(structure: Structure) -> bool:
    """Whether the very next line is a statement of the same block: then one line is wanted, not the rest."""
    lines = split_lines(structure.suffix)
    following = lines[1] if len(lines) > 1 else ""
    if not following.strip():
        return False
    indent = indent_width(structure.before) or indent_width(structure.previous_line)
    return indent_width(following) >= indent and not _CLOSING.fullmatch(following)


def _enclosed(structure: Structure) -> bool:
    """Whether the cursor's blank line stands inside a block: indented, in braces, or in a scope."""
    return bool(structure.before or structure.brackets or structure.scope is not None)


def _introduced(structure: Structure) -> bool:
    """Whether the line directly above is a comment or decorator that says what comes next."""
    above = split_lines(structure.prefix)[-2:-1]
    text = above[0].strip() if above else ""
    language = structure.language
    marks = tuple(mark for mark in (language.line_comment, language.block_comment[1]) if mark)
    if text.startswith("#!"):
        return False
    return bool(text) and (text.startswith((*marks, "@")) or (bool(language.block_comment[1]) and text.endswith(marks)))


def stop_rule_for(request: CompletionRequest, extent: Extent, language: Language) -> StopRule:
    """The rule that ends a suggestion of this extent at this cursor. Cheap: linear in the generated text."""
    if extent == "line" or language.block_style == "none":
        return _LineRule(request)
    return _BlockRule(request, language)


class _LineRule:
    """The rest of the line.

    On a blank line, blank lines before the first visible character are let pass, but not a dedent. Asked for by key at
    the end of a finished line, the next line is taken.
    """

    def __init__(self, request: CompletionRequest) -> None:
        before = last_line(request.prefix)
        after = first_line(request.suffix)
        by_key = request.trigger == "invoked" and request.extent is None
        self._may_break = not after.strip() and (not before.strip() or by_key)
        self._indent = indent_width(before)

    def __call__(self, text: str) -> int | None:
        for start, end in line_spans(text)[:-1]:
            if not self._may_break:
                return end
            if text[start:end].strip():
                return end if start == 0 or indent_width(text[start:]) >= self._indent else 0
        return None


class _BlockRule:
    """The rest of the block.

    In braces it ends at the bracket that closes it; elsewhere before the first line that is not as deep. Where the
    block opens right here, its own bracket or keyword is ours to write, unless it stands in the suffix already. Where
    the cursor is on a blank line among other statements, a blank line at the same depth ends the text too: one
    paragraph is enough.
    """

    def __init__(self, request: CompletionRequest, language: Language) -> None:
        self._language = language
        self._before = last_line(request.prefix)
        above = next((line for line in reversed(split_lines(request.prefix)[:-1]) if line.strip()), "")
        self._opener = opener = self._before if self._before.strip() else above
        self._opens_here = opens_block(opener, language)
        self._opener_indent = statement_indent(request.prefix[-_HEADER_CHARS:], language)
        in_braces = without_comment(opener, language).rstrip().endswith("{") if self._opens_here else True
        self._braces = language.block_style == "braces" and in_braces
        self._closed = _is_closed(request, self._opener_indent, language)
        self._closer_is_next = self._closed and first_line(request.suffix).lstrip().startswith("}")
        self._marks = (*language.block_ends, *language.block_continues)

    def __call__(self, text: str) -> int | None:
        found = scan(text, self._language)
        by_bracket = self._end_by_bracket(text, found) if self._language.block_style == "braces" else None
        by_line = self._end_by_line(text, found)
        ends = [end for end in (by_bracket, by_line) if end is not None]
        return min(ends) if ends else None

    def _end_by_bracket(self, text: str, found: Scan) -> int | None:
        """At the bracket that closes the block around the cursor: after it if it is ours to write, else before it."""
        if not found.unopened:
            return None
        offset = found.unopened[0].offset
        if self._closer_is_next:
            return offset  # with the line break and indentation before it, which that bracket still needs
        if self._closed or not self._opens_here or text[offset] != "}":
            return len(text[:offset].rstrip())
        tail = _AFTER_BLOCK.match(text, offset + 1)
        end = tail.end() if tail else offset + 1
        return end if end < len(text) else None  # what follows may belong to it: `});`

    def _end_by_line(self, text: str, found: Scan) -> int | None:
        """Before the first line that is not of this block, judged by the indentation of its first visible character.

        Brackets are the better witness of depth: in braces, indentation tells paragraphs only.
        """
        last_end = 0
        blank = False
        base = -1
        least = self._opener_indent + 1 if self._opens_here else indent_width(self._before)
        for number, (start, end) in enumerate(line_spans(text)):
            line = text[start:end]
            if any(literal < start < literal_end for literal, literal_end in found.literals):
                last_end, blank = end, False
                continue
            if not line.strip():
                blank = blank or number > 0
                continue
            indent = indent_width(self._before + line if number == 0 else line)
            if number > 0 and indent < least and not self._braces and not self._is_item(line, indent, base):
                ending = self._end_at_dedent(text, start, line, last_end)
                if ending is not None:
                    return ending
            elif blank and indent <= base and not self._opens_here:
                return last_end
            if base < 0 and (number > 0 or not self._before.strip()):
                base = indent
                least = least if self._opens_here else max(least, base)
            last_end, blank = end, False
        return None

    def _is_item(self, line: str, indent: int, base: int) -> bool:
        """Whether this is an item of the list that opens here, which is no deeper than its key, nor its other items."""
        at_key = self._opens_here and indent == self._opener_indent and base <= indent
        return at_key and begins_item(line, self._opener, self._language)

    def _end_at_dedent(self, text: str, start: int, line: str, last_end: int) -> int | None:
        """Where the text ends for a line that is not as deep as the block; `None` if the text goes on.

        A line that closes the block with its keyword is still ours to write, and so is one that goes on with it.
        """
        if indent_width(line) != self._opener_indent or not self._opens_here or self._closed:
            return last_end
        found = _WORD.match(line.lstrip())
        word = found.group() if found else ""
        whole = start + len(line) < len(text)
        if word in self._language.block_ends:
            return start + len(line) if whole else None
        if self._language.block_style != "end":
            return last_end
        if word in self._language.block_continues:
            return None
        unfinished = line.strip() == word and not whole
        return None if unfinished and any(mark.startswith(word) for mark in self._marks) else last_end


def _is_closed(request: CompletionRequest, opener_indent: int, language: Language) -> bool:
    """Whether the block that opens at the cursor has its end in the suffix already.

    An empty block's end is the next thing there is. In braces it may also be the end of the block around it; their
    indentation tells them apart, and where that is the same (a function in a C++ namespace), counting does.
    """
    rest = request.suffix.lstrip()
    next_line = last_line(request.suffix[: len(request.suffix) - len(rest)]) + first_line(rest)
    if indent_width(next_line) > opener_indent and rest[:1] != "}":
        return bool(rest)  # the block is not empty: its end must be further down
    if language.block_style != "braces":
        word = _WORD.match(rest)
        marks = (*language.block_ends, *language.block_continues)
        return word is not None and word.group() in marks and indent_width(next_line) == opener_indent
    if not rest.startswith("}"):
        return False
    openers = [bracket.offset for bracket in scan(request.prefix, language).unclosed if bracket.character == "{"]
    if len(openers) < 2 or first_line(request.suffix).strip():
        return True
    outer = indent_width(last_line(request.prefix[: openers[-2] + 1]))
    closers = sum(bracket.character == "}" for bracket in scan(request.suffix, language).unopened)
    return indent_width(next_line) > outer or (indent_width(next_line) == outer and closers >= len(openers))
