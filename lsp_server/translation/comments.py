"""What a source says about a unit in words: comments above it and its docstring, moved to the target as they are."""

import re
import textwrap

from lsp_server.languages import Language
from lsp_server.languages.parsing import parse

_DOCSTRING = re.compile(
    r"(?P<head>^(?:[ \t]*(?:async[ \t]+)?def\b.*?:|[ \t]*class\b.*?:)[ \t]*\n)"
    r'[ \t]*[rRuU]?(?P<quote>"""|\'\'\')(?P<text>.*?)(?P=quote)[ \t]*(?:\n|\Z)',
    re.DOTALL | re.MULTILINE,
)
_MODULE_DOCSTRING = re.compile(r'\s*[rRuU]?(?P<quote>"""|\'\'\')(?P<text>.*?)(?P=quote)[ \t]*(?:\n|\Z)', re.DOTALL)
_JAVA_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\(?=u)")
_PARSE_MS = 500.0
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
        opening_words = _MODULE_DOCSTRING.match(rest)
        if opening_words is not None:
            said += _trimmed(_docstring(opening_words["text"]))
            more, rest = split_comment(rest[opening_words.end() :], language)
            return _trimmed([*said, *([""] if more else []), *more]), rest
        found = _DOCSTRING.search(rest)
        if found is not None and not rest[: found.start()].strip().startswith(("def", "class")):
            said += _docstring(found["text"])
            body = rest[: found.start()] + found["head"] + rest[found.end() :]
            rest = body if rest[found.end() :].strip() else rest
    return _trimmed(said), rest


def comment(lines: list[str], target: Language) -> str:
    """Plain lines as a comment of the target language; empty if there are none."""
    return "".join(_comment_line(line, target) + "\n" for line in lines)


def _comment_line(line: str, target: Language) -> str:
    mark = {"rust": "///"}.get(target.id, target.line_comment)
    text = " ".join(line.splitlines()).rstrip()
    if target.id == "java":  # the compiler reads escapes in comments too
        text = _JAVA_ESCAPE.sub(r"\1\\\\", text)
    if target.id == "cpp" and text.endswith("\\"):  # it would join the next line to the comment
        return f"/* {text.replace('*/', '* /')} */"
    return f"{mark} {text}".rstrip()


def holds_comments(code: str, language: Language) -> bool:
    """Whether there are comments in the code of a unit, or in Python docstrings of what is inside it."""
    tree = parse(code.encode("utf-8", "replace"), language, limit_ms=_PARSE_MS)
    pending = [tree.root_node] if tree is not None else []
    while pending:
        node = pending.pop()
        says = node.type == "expression_statement" and [child.type for child in node.named_children] == ["string"]
        if "comment" in node.type or (says and language.id == "python"):
            return True
        pending += node.named_children
    return False


def _docstring(text: str) -> list[str]:
    first, _, rest = text.partition("\n")
    return [first.strip(), *textwrap.dedent(rest).rstrip().split("\n")]


def _trimmed(lines: list[str]) -> list[str]:
    while lines and not lines[0].strip():
        lines = lines[1:]
    while lines and not lines[-1].strip():
        lines = lines[:-1]
    return lines
