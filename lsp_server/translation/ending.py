"""Where the body of a function ends, and what is missing at its end."""

from collections.abc import Callable

from lsp_server.languages import Language
from lsp_server.languages.lexical import CLOSER, scan
from lsp_server.languages.lines import indent_width, last_line


def body_end(declaration: str, language: Language) -> Callable[[str], int | None]:
    """A stop rule for what is written after `declaration`: ends with the block that the declaration opens.

    Where the declaration is cut before its block opens, the first block that is opened afterwards counts.
    """
    if language.block_style == "indent":
        return _dedent_rule(declaration, language)
    return _bracket_rule(declaration, language)


def closed(text: str, language: Language) -> str:
    """`text` with every brace closed that it leaves open, each on a line of its own, as deep as the line that opened
    it."""
    text = text.rstrip()
    if language.block_style == "indent":
        return text + "\n"
    lines = [text]
    for bracket in reversed(scan(text, language).unclosed):
        line = last_line(text[: bracket.offset])
        indent = " " * indent_width(line)
        closer = CLOSER[bracket.character]
        lines.append(indent + closer if bracket.character == "{" else closer)
    return "\n".join(lines) + "\n"


def _bracket_rule(declaration: str, language: Language) -> Callable[[str], int | None]:
    unclosed = scan(declaration, language).unclosed
    opens = declaration.rstrip().endswith("{")
    seen = 0

    def rule(text: str) -> int | None:
        nonlocal seen
        seen = seen if seen <= len(text) else 0  # written anew
        if "}" not in text[min(seen, len(text)) :]:
            seen = len(text)
            return None
        found = scan(declaration + text, language)
        if opens and unclosed:
            ends = [closing for opening, closing in found.pairs if opening == unclosed[-1].offset]
        else:
            outer = {bracket.offset for bracket in unclosed}
            braces = [
                (opening, closing)
                for opening, closing in found.pairs
                if opening >= len(declaration) and text[opening - len(declaration)] == "{" and opening not in outer
            ]
            first = min(braces, default=None)
            innermost = {bracket.offset for bracket in found.unclosed} - outer
            whole = first is not None and all(offset > first[1] for offset in innermost)
            outermost = max((pair for pair in braces if pair[0] <= first[0]), default=None) if first else None
            ends = [outermost[1]] if whole and outermost else []
        if not ends:
            seen = len(text)
            return None
        return min(ends) + 1 - len(declaration)

    return rule


def _dedent_rule(declaration: str, language: Language) -> Callable[[str], int | None]:
    header = next((line for line in reversed(declaration.split("\n")) if line.strip()), "")
    depth = indent_width(header)

    def rule(text: str) -> int | None:
        position, visible = 0, False
        for line in text.splitlines(keepends=True):
            if line.strip():
                if visible and indent_width(line) <= depth and _is_code(declaration + text[:position], language):
                    return len(text[:position].rstrip()) + 1
                visible = True
            position += len(line)
        return None

    return rule


def _is_code(text: str, language: Language) -> bool:
    """Whether a text ends between statements: in no string, comment or bracket."""
    found = scan(text, language)
    return not found.unclosed and found.within in ("", language.line_comment)
