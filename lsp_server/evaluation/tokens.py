"""The two ways in which metrics cut code into tokens.

*Words* are for the text metrics (BLEU-4, METEOR, ROUGE-L), whose published figures rest on the tokenizer of InCoder:
maximal runs of letters, digits and underscores, and every other visible character by itself, in every language.

*Lexemes* are for the monitors paper's metrics (next-identifier, identifier-sequence and prefix match), whose published
figures rest on the Java lexer of Pygments: the same library, with the lexer of the case's language.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer

WORD = re.compile(r"\w+|[^\w\s]")
_NAME = re.compile(r"[^\W\d]\w*")

_PYGMENTS_NAMES = {
    "javascriptreact": "jsx",
    "shellscript": "bash",
    "typescriptreact": "tsx",
}
"""Editors' language ids that Pygments knows by another name."""


def words(text: str) -> list[str]:
    r"""All matches of `\w+|[^\w\s]` (Unicode): `foo_1(a.b);` is `foo_1`, `(`, `a`, `.`, `b`, `)`, `;`."""
    return WORD.findall(text)


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A visible token of a programming language, without the white space around it."""

    text: str
    is_identifier: bool
    """A name by the lexer's judgement, or `class` (as in `Foo.class`), as in the monitors paper's script."""
    is_word: bool
    """An identifier or a keyword: what may stand after a dot."""


@lru_cache(maxsize=4096)
def lexemes(text: str, language: str) -> tuple[Lexeme, ...]:
    """Tokens of a fragment of code in reading order.

    The fragment is read by itself: text that stands inside a string or a comment is read as code, as the paper's script
    does. `language` is a name or an editor's id in any case; one that Pygments does not know is cut into words.
    """
    lexer = _lexer(language.lower())
    if lexer is None:
        return tuple(Lexeme(word, is_name, is_name) for word in words(text) for is_name in [_is_name(word)])

    from pygments.token import Token

    found: list[Lexeme] = []
    for kind, value in lexer.get_tokens(text):
        if visible := value.strip():
            # The shell's lexer calls plain words text.
            is_identifier = kind in Token.Name or visible == "class" or (kind in Token.Text and _is_name(visible))
            is_keyword = kind in Token.Keyword or kind in Token.Operator.Word
            found.append(Lexeme(visible, is_identifier, is_identifier or is_keyword))
    return tuple(found)


def lexer_version() -> str:
    """Name and version of the lexing library, for reports."""
    import pygments

    return f"Pygments {pygments.__version__}"


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


@cache
def _lexer(language: str) -> "Lexer | None":
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        # `startinline`: a fragment of PHP is code, not the HTML around it. Other lexers ignore the option.
        return get_lexer_by_name(_PYGMENTS_NAMES.get(language, language), startinline=True)
    except ClassNotFound:
        return None
