"""What a source says about a unit in words: comments above it and its docstring, moved to the target as they are."""

import re
import textwrap

from lsp_server.languages import Language

_DOCSTRING = re.compile(
    r"(?P<head>^(?:[ \t]*(?:async[ \t]+)?def\b.*?:|[ \t]*class\b.*?:)[ \t]*\n)"
    r'[ \t]*[rRuU]?(?P<quote>"""|\'\'\')(?P<text>.*?)(?P=quote)[ \t]*(?:\n|\Z)',
    re.DOTALL | re.MULTILINE,
)
_MARKS = re.compile(r"^[ \t]*(?:/\*\*?|\*/|\*(?!/)|//[/!]?|#+|--)[ \t]?|[ \t]*\*/[ \t]*$")


def split_comment(text: str, language: Language) -> tuple[list[str], str]:
    """The words above a unit and in the docstring it begins with, as plain lines; and the unit without them."""
    lines = text.split("\n")
    said: list[str] = []
    inside = False
    opening, closing = language.block_comment
    while lines:
        line = lines[0].strip()
        begins = bool(opening) and line.startswith(opening)
        if not (inside or begins or (language.line_comment and line.startswith(language.line_comment)) or not line):
            break
        if line.startswith(("#include", "#define", "#[", "#!")):
            break
        if begins:
            inside = True
        if inside and closing in line:
            if line.partition(closing)[2].strip():
                break
            inside = False
        words = _MARKS.sub("", _MARKS.sub("", lines.pop(0))).rstrip()
        if words or line not in (opening, f"{opening}*", closing):
            said.append(words)
    rest = "\n".join(lines)
    if language.id == "python":
        found = _DOCSTRING.search(rest)
        if found is not None and not rest[: found.start()].strip().startswith(("def", "class")):
            said += _docstring(found["text"])
            body = rest[: found.start()] + found["head"] + rest[found.end() :]
            rest = body if rest[found.end() :].strip() else rest
    return _trimmed(said), rest


def comment(lines: list[str], target: Language) -> str:
    """Plain lines as a comment of the target language; empty if there are none."""
    mark = {"rust": "///"}.get(target.id, target.line_comment)
    return "".join(f"{mark} {line}".rstrip() + "\n" for line in lines)


def _docstring(text: str) -> list[str]:
    first, _, rest = text.partition("\n")
    return [first.strip(), *textwrap.dedent(rest).rstrip().split("\n")]


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[0].strip():
        lines = lines[1:]
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines
