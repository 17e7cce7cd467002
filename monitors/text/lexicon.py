"""The lexical rules of each language, as data: comments, strings, words, and the operators that reach for a member."""

from dataclasses import dataclass, replace
from functools import lru_cache


@dataclass(frozen=True)
class Quote:
    """One kind of string literal."""

    opening: str
    """A regular expression for the opening mark."""
    closing: str
    """The closing mark; may refer to groups of `opening` as `\\1`."""
    multiline: bool = False
    """Whether it may contain a newline; where it may not, a newline ends it even without its closing mark."""
    escapes: bool = True
    """Whether a backslash takes the next character with it."""
    hole: tuple[str, str] | None = None
    """Opening (a regular expression) and closing bracket of interpolated code."""
    formats: bool = False
    """Whether a colon in a hole begins a format (`{n:#x}`). A newline that ends such a string ends its hole too."""


@dataclass(frozen=True)
class Lexicon:
    """What has to be known of a language to read a fragment of it."""

    language: str
    line_comments: tuple[str, ...] = ("//",)
    block_comments: tuple[tuple[str, str], ...] = (("/*", "*/"),)
    nested_comments: bool = False
    quotes: tuple[Quote, ...] = ()
    literals: tuple[str, ...] = ()
    """Regular expressions for literals that are skipped whole: characters, regular expressions."""
    dereferences: tuple[str, ...] = (".",)
    """Operators after which a member is named, longest first."""
    word_extra: str = ""
    """Characters besides letters, digits and the underscore that a word may contain."""
    starts_after: str = ""
    """Code begins after the last occurrence of this; everything before it is another language."""
    blocks_by_indentation: bool = False
    assignment_creates: bool = False
    """Whether `receiver.name = value` may name a member that does not exist yet."""

    def __hash__(self) -> int:
        return hash(self.language)  # asked for with every piece of text that is looked at

    @property
    def word(self) -> str:
        """A regular expression for one character of a word."""
        return rf"[\w{self.word_extra}]"


_DOUBLE = Quote('"', '"')
_SINGLE = Quote("'", "'")
_TRIPLE = Quote('"""', '"""', multiline=True, escapes=False)
_CHARACTER = r"'(?:\\[^'\n]{1,10}|[^\\'\n])'"
_TEMPLATE = Quote("`", "`", multiline=True, hole=(r"\$\{", "}"))
_REGEX = r"(?<=[(,=:\[!&|?{};\n])[ \t]*/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/"
_PYTHON_PLAIN = r"(?<!\w)(?:[rRbBuU]|[bB][rR]|[rR][bB])?"
_PYTHON_FORMAT = r"(?<!\w)(?:[fFtT][rR]?|[rR][fFtT])"
_PYTHON_HOLE = (r"\{(?!\{)", "}")


def _python_quotes() -> tuple[Quote, ...]:
    marks = ('"""', "'''", '"', "'")
    formatted = [
        Quote(_PYTHON_FORMAT + mark, mark, multiline=len(mark) == 3, hole=_PYTHON_HOLE, formats=True) for mark in marks
    ]
    plain = [Quote(_PYTHON_PLAIN + mark, mark, multiline=len(mark) == 3) for mark in marks]
    return tuple(formatted + plain)


_C_RAW = Quote(r'(?:u8|[uUL])?R"([^()\\\s"]{0,16})\(', r')\1"', multiline=True, escapes=False)
_JAVASCRIPT = Lexicon(
    "javascript",
    quotes=(_TEMPLATE, _DOUBLE, _SINGLE),
    literals=(_REGEX,),
    dereferences=("?.", "."),
    word_extra="$",
    assignment_creates=True,
)

_LEXICONS: tuple[Lexicon, ...] = (
    Lexicon(
        "python",
        line_comments=("#",),
        block_comments=(),
        quotes=_python_quotes(),
        blocks_by_indentation=True,
        assignment_creates=True,
    ),
    Lexicon("java", quotes=(_TRIPLE, _DOUBLE), literals=(_CHARACTER,), dereferences=("::", "."), word_extra="$"),
    _JAVASCRIPT,
    replace(_JAVASCRIPT, language="typescript", assignment_creates=False),
    Lexicon("c", quotes=(_DOUBLE,), literals=(_CHARACTER,), dereferences=("->", ".")),
    Lexicon("cpp", quotes=(_C_RAW, _DOUBLE), literals=(_CHARACTER,), dereferences=("->", "::", ".")),
    Lexicon(
        "csharp",
        quotes=(
            Quote(r'\$@"|@\$"', '"', multiline=True, escapes=False, hole=(r"\{(?!\{)", "}")),
            Quote('@"', '"', multiline=True, escapes=False),
            Quote(r'\$"', '"', hole=(r"\{(?!\{)", "}")),
            _TRIPLE,
            _DOUBLE,
        ),
        literals=(_CHARACTER,),
        dereferences=("?.", "."),
    ),
    Lexicon("go", quotes=(Quote("`", "`", multiline=True, escapes=False), _DOUBLE), literals=(_CHARACTER,)),
    Lexicon(
        "rust",
        nested_comments=True,
        quotes=(
            Quote(r'(?<!\w)b?r(#*)"', r'"\1', multiline=True, escapes=False),
            Quote('"', '"', multiline=True),
        ),
        literals=(_CHARACTER,),
        dereferences=("::", "."),
    ),
    Lexicon(
        "php",
        line_comments=("//", "#"),
        quotes=(
            Quote(r"<<<[ \t]*[\"']?(\w+)[\"']?\n", r"\1", multiline=True, escapes=False),
            Quote('"', '"', multiline=True, hole=(r"\{(?=\$)", "}")),
            Quote("'", "'", multiline=True),
        ),
        dereferences=("?->", "->", "::"),
        word_extra="$",
        starts_after="<?",
        assignment_creates=True,
    ),
    Lexicon(
        "ruby",
        line_comments=("#",),
        block_comments=(("=begin", "=end"),),
        quotes=(Quote('"', '"', multiline=True, hole=(r"#\{", "}")), Quote("'", "'", multiline=True)),
        dereferences=("&.", "::", "."),
        assignment_creates=True,
    ),
    Lexicon(
        "scala",
        nested_comments=True,
        quotes=(
            Quote(r'(?<=\w)"""', '"""', multiline=True, escapes=False, hole=(r"\$\{", "}")),
            _TRIPLE,
            Quote(r'(?<=\w)"', '"', hole=(r"\$\{", "}")),
            _DOUBLE,
        ),
        literals=(_CHARACTER,),
    ),
    Lexicon(
        "kotlin",
        nested_comments=True,
        quotes=(
            Quote('"""', '"""', multiline=True, escapes=False, hole=(r"\$\{", "}")),
            Quote('"', '"', hole=(r"\$\{", "}")),
        ),
        literals=(_CHARACTER,),
        dereferences=("?.", "::", "."),
    ),
    Lexicon(
        "lua",
        line_comments=("--",),
        block_comments=(("--[[", "]]"),),
        quotes=(Quote(r"\[(=*)\[", r"]\1]", multiline=True, escapes=False), _DOUBLE, _SINGLE),
        dereferences=(".", ":"),
        assignment_creates=True,
    ),
    Lexicon("sql", line_comments=("--",), quotes=(Quote("'", "'", multiline=True, escapes=False), _DOUBLE)),
)

_ALIASES = {
    "javascriptreact": "javascript",
    "typescriptreact": "typescript",
    "objective-c": "c",
    "cuda-cpp": "cpp",
    "cs": "csharp",
    "c++": "cpp",
    "c#": "csharp",
    "py": "python",
    "js": "javascript",
    "ts": "typescript",
}


@lru_cache(maxsize=1)
def _by_language() -> dict[str, Lexicon]:
    return {lexicon.language: lexicon for lexicon in _LEXICONS}


def base_language(language: str) -> str:
    """The name under which a language's rules are kept: `typescriptreact` is read as `typescript`."""
    name = language.lower()
    return _ALIASES.get(name, name)


def lexicon_of(language: str) -> Lexicon | None:
    """The rules of `language` (a language id as editors write it), or `None` where it is not known."""
    return _by_language().get(base_language(language))
