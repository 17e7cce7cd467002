"""The syntax around one cursor: is it in a string, in which scope, and does a block begin here.

Two witnesses are heard. The grammar (tree-sitter) knows code that is whole; the text (quotes, brackets, indentation)
knows the line that is being typed, which is broken by nature. Where the grammar itself reports an error, the text is
believed. Nothing here costs more than the window that is looked at, a few thousand characters, and nothing raises on
broken, minified or binary text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal

from lsp_server.languages.language import Language
from lsp_server.languages.lexical import Bracket, Scan, begins_item, opens_block, scan, statement_indent
from lsp_server.languages.lines import first_line, indent_width, last_line, split_lines
from lsp_server.languages.parsing import IncrementalParser, parse

if TYPE_CHECKING:
    from tree_sitter import Node, Tree

Region = Literal["code", "string", "comment"]

PREFIX_CHARS = 12_000
"""How far above the cursor syntax is looked at."""
SUFFIX_CHARS = 3_000
"""How far below the cursor."""
PARSE_MS = 10.0
"""After this a parse is given up and the text alone is believed. Code takes a tenth of it."""
_BODY_DEPTH = 3
"""From the brace that opens a body to its definition there are at most so many parents in any of the grammars, and from
the brace of an inner statement to the definition around it there are more."""
_GRID = 2_000
_LINE_CHARS = 2_000


@dataclass(frozen=True)
class Scope:
    """A function or type around the cursor."""

    kind: Literal["function", "type"]
    indent: int
    """Columns before its first line."""
    header: str
    """Its first line, stripped."""


class Structure:
    """What is known of one cursor. Made by `structure_at`; answers are computed when asked for and kept."""

    def __init__(self, prefix: str, suffix: str, language: Language, tree: Tree | None, cursor: int) -> None:
        """`cursor` is the offset of the cursor in the bytes that `tree` was made of."""
        self.prefix = prefix
        self.suffix = suffix
        self.language = language
        self._tree = tree
        self._cursor = cursor

    @cached_property
    def before(self) -> str:
        """The cursor's line up to the cursor; only its end if it is very long."""
        return last_line(self.prefix)[-_LINE_CHARS:]

    @cached_property
    def after(self) -> str:
        """The cursor's line from the cursor on; only its beginning if it is very long."""
        return first_line(self.suffix)[:_LINE_CHARS]

    @cached_property
    def innermost(self) -> Node | None:
        """The smallest node that has text on both sides of the cursor; `None` without a grammar."""
        if self._tree is None:
            return None
        return self._tree.root_node.descendant_for_byte_range(max(self._cursor - 1, 0), self._cursor + 1)

    @cached_property
    def region(self) -> Region:
        """Whether the cursor stands in code, in a string or in a comment."""
        if self._tree is not None:
            region = self._region_by_grammar()
            if region is not None:
                return region
        region = self.region_by_text
        if region != "code" and self._grammar_reads_well(self._prefix_scan.literals[-1][0]):
            return "code"
        return region

    @cached_property
    def region_by_text(self) -> Region:
        """The same by the scanner alone. Where it differs from `region`, brackets are not to be relied on either."""
        within = self._prefix_scan.within
        if not within:
            return "code"
        return "comment" if within in (self.language.line_comment, self.language.block_comment[0]) else "string"

    @cached_property
    def brackets(self) -> tuple[Bracket, ...]:
        """Opening brackets above the cursor that nothing above it closes, outermost first."""
        return self._prefix_scan.unclosed

    @cached_property
    def scope(self) -> Scope | None:
        """The innermost function or type whose body the cursor is in, judged by indentation and the grammar."""
        first_row, limit = self._outward_search()
        for row in range(first_row, -1, -1):
            line = self._prefix_lines[row]
            if not line.strip() or indent_width(line) >= limit:
                continue
            limit = indent_width(line)
            scope = self._scope_of_line(row)
            if scope is not None:
                return scope
            if limit == 0:
                break
        return None

    @cached_property
    def previous_line(self) -> str:
        """The nearest line above the cursor's that is not blank; empty at the start of the window."""
        return next((line for line in reversed(self._prefix_lines[:-1]) if line.strip()), "")

    @cached_property
    def next_line(self) -> str:
        """The nearest line below the cursor's that is not blank; empty at the end of the window."""
        return next((line for line in split_lines(self.suffix)[1:] if line.strip()), "")

    @cached_property
    def opener(self) -> str | None:
        """The line that opens the block at the cursor, if there is one: the cursor's own line up to the cursor, or the
        line above when the cursor's line is blank."""
        candidate = self.before if self.before.strip() else self.previous_line
        if self.region != "code" or not opens_block(candidate, self.language):
            return None
        if self.language.block_style == "indent" and self.brackets:
            return None  # a colon inside brackets is a slice, a type or a pair
        return candidate

    @property
    def block_is_empty(self) -> bool:
        """Whether `opener` opens a block that has no statement yet: the next line is not deeper, nor an item."""
        if self.opener is None:
            return False
        deeper = indent_width(self.next_line) - statement_indent(self.prefix, self.language)
        if deeper == 0 and begins_item(self.next_line, self.opener, self.language):
            return False
        return not self.next_line or deeper <= 0

    @cached_property
    def _prefix_lines(self) -> list[str]:
        return split_lines(self.prefix)

    @cached_property
    def _prefix_scan(self) -> Scan:
        return scan(self.prefix, self.language)

    def _region_by_grammar(self) -> Region | None:
        """What the nodes around the cursor say, inside out, so that code inside a string (an interpolation) is code."""
        node = self.innermost
        while node is not None:
            region = region_of_kind(node.type)
            if region is None and node.type == "literal" and (node.text or b"")[:1] in (b"'", b'"'):
                region = "string"  # the SQL grammar has one kind for all literals
            if region == "string" and node.has_error:
                return None  # one quote too few or too many
            if region is not None:
                return region
            node = node.parent
        return "comment" if self._ends_line_comment() else None

    def _ends_line_comment(self) -> bool:
        """Whether the character before the cursor is the last of a line comment, which has no closing mark."""
        if self._tree is None or not self.before.strip():
            return False
        node = self._tree.root_node.descendant_for_byte_range(self._cursor - 1, self._cursor)
        while node is not None:
            if region_of_kind(node.type) == "comment":
                closing = self.language.block_comment[1]
                return not (closing and self.before.rstrip().endswith(closing))
            node = node.parent
        return False

    def _grammar_reads_well(self, offset: int) -> bool:
        """Whether the grammar met no error at this offset of the prefix, where the text sees a literal begin."""
        if self._tree is None:
            return False
        start = len(_encode(self.prefix[:offset]))
        node = self._tree.root_node.descendant_for_byte_range(start, start + 1)
        while node is not None:
            if node.is_error or (node.has_error and region_of_kind(node.type) is not None):
                return False
            node = node.parent
        return True

    def _outward_search(self) -> tuple[int, int]:
        """The first row to look at for an enclosing line, and the indentation below which it must be."""
        row = len(self._prefix_lines) - 1
        line = self._prefix_lines[row]
        if not line.strip():
            return row - 1, indent_width(line) or indent_width(self.next_line)
        if opens_block(line, self.language):
            return row, indent_width(line) + 1
        return row - 1, indent_width(line)

    def _scope_of_line(self, row: int) -> Scope | None:
        """The function or type that the line at `row` of the window begins, or whose body its end opens."""
        line = self._prefix_lines[row]
        node = self._definition_at(row, len(line) - len(line.lstrip()), same_row=True)
        node = node or self._definition_at(row, len(line.rstrip()) - 1, same_row=False)
        if node is not None:
            header = self._prefix_lines[node.start_point.row].strip()
            kind = "type" if dict(self.language.definitions).get(node.type) == "type" else "function"
            return Scope(kind, indent_width(line), header)
        return self._scope_by_text(row)

    def _scope_by_text(self, row: int) -> Scope | None:
        """The same for text that no grammar can read: unfinished, cut off, or in a language without a grammar here."""
        line = self._prefix_lines[row]
        if not opens_block(line, self.language):
            return None
        header = line.strip()
        if header == "{":
            header = next((above.strip() for above in reversed(self._prefix_lines[:row]) if above.strip()), "")
        if _TYPE.search(header):
            return Scope("type", indent_width(line), header)
        if _FUNCTION.search(header) and not _CONTROL.match(header):
            return Scope("function", indent_width(line), header)
        return None

    def _definition_at(self, row: int, column: int, *, same_row: bool) -> Node | None:
        """The function or type that the character at this place begins (`same_row`) or whose body it opens."""
        if self._tree is None:
            return None
        kinds = dict(self.language.definitions)
        column = len(_encode(self._prefix_lines[row][:column]))
        node = self._tree.root_node.descendant_for_point_range((row, column), (row, column + 1))
        parents = 0
        while node is not None and (node.start_point.row == row if same_row else parents <= _BODY_DEPTH):
            if kinds.get(node.type) in ("function", "type") or node.type in self.language.lambdas:
                return node
            node = node.parent
            parents += 1
        return None


def structure_at(prefix: str, suffix: str, language: Language, parser: IncrementalParser | None = None) -> Structure:
    """Look at the cursor between `prefix` and `suffix`, at most `PREFIX_CHARS` and `SUFFIX_CHARS` of them.

    `parser` remembers the last tree, so that one more keystroke costs a tenth of a first look.
    """
    prefix = _tail(prefix)
    suffix = suffix[:SUFFIX_CHARS]
    before = _encode(prefix)
    source = before + _encode(suffix)
    tree = None
    if language.grammar is not None:
        run = parser.parse if parser is not None else parse
        tree = run(source, language, limit_ms=PARSE_MS)
    return Structure(prefix, suffix, language, tree, len(before))


@lru_cache(maxsize=4096)
def region_of_kind(kind: str) -> Region | None:
    """What a node kind of any of the grammars says about the text in it; `None` for kinds that say nothing."""
    if _CODE_KIND.search(kind):
        return "code"
    if "comment" in kind or kind == "marginalia":
        return "comment"
    return "string" if _STRING_KIND.search(kind) else None


_CODE_KIND = re.compile(
    r"^(string_)?interpolation$|^template_substitution$|^(command|process)_substitution$|expansion$"
)
_STRING_KIND = re.compile(
    r"^(?!predefined|keyword|concatenated|chained|herestring|template_string_type|xml_)"
    r"(\w+_)?(string|string_literal|string_content|string_fragment|heredoc_body|heredoc_content|regex|regex_pattern|"
    r"char_literal|character_literal|rune_literal|interpolated_string_expression|string_literal_content)$|^text$"
)
_TYPE = re.compile(r"\b(?:class|interface|struct|enum|trait|impl|module|object|namespace|record)\b")
_FUNCTION = re.compile(r"\b(?:def|function|func|fn|fun|sub)\b|\)\s*(?:const|noexcept|override|throws\b.*)?\s*\{?$")
_CONTROL = re.compile(
    r"\}?\s*(?:if|else|for|foreach|while|switch|match|catch|with|using|lock|synchronized|unless|until)\b"
)


def _encode(text: str) -> bytes:
    """UTF-8 with one line break for all: a lone `\\r` is a break for editors but not for every grammar."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")


def _tail(prefix: str) -> str:
    """The end of the prefix, from a line start that moves in coarse steps only, so that the last tree stays useful."""
    if len(prefix) <= PREFIX_CHARS:
        return prefix
    start = -(-(len(prefix) - PREFIX_CHARS) // _GRID) * _GRID
    line = prefix.find("\n", start, start + _LINE_CHARS)
    return prefix[line + 1 :] if line >= 0 else prefix[start:]
