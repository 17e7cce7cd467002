"""Which language a text is in: what its file's name says, then what its first line says, then which grammar reads it.

Grammars read what is not theirs with errors. The share of a text that a grammar stumbles over tells most languages
apart; where several read it without one (C and C++, JavaScript and TypeScript), words that only one of them has decide.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsp_server.errors import UserError
from lsp_server.languages import NEUTRAL, Language, language_for, language_of_path
from lsp_server.languages.parsing import parse
from lsp_server.translation.targets import SOURCES

if TYPE_CHECKING:
    from tree_sitter import Node

SAMPLE_CHARS = 8_000
"""So much of a text is looked at."""
MOST_ERRORS = 0.2
"""A grammar that stumbles over more of the text is not its own."""
PARSE_MS = 100.0

_SHEBANG = re.compile(r"#!.*?(python|node|deno|ruby|php|kotlin)")
_SHEBANG_NAMES = {"node": "javascript", "deno": "typescript"}
_MARKS: dict[str, str] = {
    "python": r"^\s*(?:def \w+\(.*\).*:|from \S+ import |elif |class \w+.*:|import \w+\s*$)|\bself\.|\bNone\b|\blambda ",  # noqa: E501 - one pattern
    "java": r"\bpublic (?:static |final |class |void )|\bimport java|\bSystem\.out|\bString\[\]|\bextends |\bfinal ",
    "cpp": r"#include\s*<\w+>|\bstd::|\busing namespace|\btemplate\s*<|\bvector<|::|\bcout\b|\bnullptr\b|\bauto [&\w]",
    "c": r"#include\s*<\w+\.h>|\bprintf\(|\bmalloc\(|\bstruct \w+ \*|\bchar \*",
    "javascript": r"\bfunction\b|\b(?:const|let|var) \w+ =|=>|\bconsole\.|===|\brequire\(|\bmodule\.exports",
    "typescript": r"\b(?:const|let) \w+: |\binterface \w+|\): \w+[\w<>\[\]| ]* (?:=>|\{)|\w+\??: (?:string|number|boolean)\b"  # noqa: E501 - one pattern
    r"|\btype \w+ =|: \w+\[\]|\breadonly ",
    "go": r"^package \w+|\bfunc\b|:=|\bfmt\.|\bchan\b|\bnil\b",
    "rust": r"\bfn \w+|\blet mut\b|\bimpl\b|->|\bpub (?:fn|struct)|\bmatch \w+ \{|\bVec<|\w+!\(|&mut\b|&str\b",
    "csharp": r"\busing System|\bnamespace \w+|\bstring\b|\bpublic (?:static |class |void |int |override )|\bvar \w+ =|\bConsole\."  # noqa: E501 - one pattern
    r"|\bforeach \(",
    "php": r"<\?php|\$\w+",
    "ruby": r"^\s*end\s*$|^\s*def \w+[\w?!]*(?:\(.*\))?\s*$|\bputs\b|\bdo \|\w+|\.each\b|^require ",
    "kotlin": r"\bfun \w+|\bval \w+|\bprintln\(|\bwhen\s*\(|\blistOf\(|: (?:Int|String|Boolean|List<)",
}


def detect_language(text: str, path: str = "", language_id: str = "") -> Language:
    """The language of a text, of those that can be translated; `NEUTRAL` if it cannot be told or is another one.

    `language_id` is what an editor calls it; `path` its file's name. Both are believed where they name a language that
    can be translated, but a `.h` file is read before it is called C.
    """
    named = language_for(language_id)
    named = named if named is not NEUTRAL and named.id != "plaintext" else language_of_path(path)
    if named.id.removesuffix("react") in SOURCES and not path.lower().endswith(".h"):
        return language_for(named.id.removesuffix("react"))
    if named is not NEUTRAL and named.id not in (*SOURCES, "plaintext"):
        return NEUTRAL
    shebang = _SHEBANG.match(text)
    if shebang:
        return language_for(_SHEBANG_NAMES.get(shebang.group(1), shebang.group(1)))
    return _by_content(text)


def require_language(text: str, path: str = "", language_id: str = "") -> Language:
    """As `detect_language`. Raises `UserError` where the language is unknown or cannot be translated."""
    language = detect_language(text, path, language_id)
    if language is NEUTRAL:
        offered = ", ".join(language_for(source).name for source in SOURCES)
        what = f"the language of {path}" if path else "the language of this text"
        raise UserError(f"Dragoman cannot tell {what}, or cannot translate it.", f"It translates from {offered}.")
    return language


def error_share(node: Node, length: int) -> float:
    """How much of a tree of `length` bytes lies in errors, 0 to 1; what is missing counts one byte."""
    wrong = 0
    stack = [node]
    while stack:
        current = stack.pop()
        if current.is_error:
            wrong += max(current.end_byte - current.start_byte, 1)
        elif current.is_missing:
            wrong += 1
        elif current.has_error:
            stack.extend(current.children)
    return min(wrong / max(length, 1), 1.0)


def _by_content(text: str) -> Language:
    sample = text[:SAMPLE_CHARS]
    if not sample.strip():
        return NEUTRAL
    source = sample.encode("utf-8", "replace")
    best, best_score = NEUTRAL, 0.0
    for name in SOURCES:
        marks = len(set(re.findall(_MARKS[name], sample, flags=re.MULTILINE)))
        if not marks:
            continue
        language = language_for(name)
        tree = parse(source, language, limit_ms=PARSE_MS)
        share = error_share(tree.root_node, len(source)) if tree is not None else 1.0
        score = marks / (marks + 3) * (1 - share / MOST_ERRORS)
        if share <= MOST_ERRORS and score > best_score:
            best, best_score = language, score
    return best
