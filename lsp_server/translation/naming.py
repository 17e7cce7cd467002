"""Names in the conventions of a language: `max_value`, `maxValue`, `MaxValue`; constants stay as they are."""

import re
from collections.abc import Mapping

from lsp_server.translation.targets import Case, Target

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[A-Z]|\d+")
_IDENTIFIER = re.compile(r"[^\W\d]\w*")

_KEYWORDS = """
python: False None True and as assert async await break class continue def del elif else except finally for from
  global if import in is lambda match nonlocal not or pass raise return try while with yield
java: abstract assert boolean break byte case catch char class const continue default do double else enum extends
  false final finally float for goto if implements import instanceof int interface long native new null package
  private protected public record return short static strictfp super switch synchronized this throw throws transient
  true try var void volatile while yield
cpp: alignas alignof and asm auto bool break case catch char class const constexpr continue decltype default delete do
  double else enum explicit export extern false float for friend goto if inline int long mutable namespace new
  noexcept not nullptr operator or private protected public register return short signed sizeof static struct switch
  template this throw true try typedef typename union unsigned using virtual void volatile while xor
javascript: arguments await break case catch class const continue debugger default delete do else enum eval export
  extends false finally for function if implements import in instanceof interface let new null package private
  protected public return static super switch this throw true try typeof var void while with yield
go: append break cap case chan const continue default defer else fallthrough false for func go goto if import int
  interface len make map new nil package range return select string struct switch true type var
rust: as async await box break const continue crate dyn else enum extern false fn for if impl in let loop match mod
  move mut pub ref return self static struct super trait true try type unsafe use where while
csharp: abstract as base bool break byte case catch char checked class const continue decimal default delegate do
  double else enum event explicit extern false finally fixed float for foreach goto if implicit in int interface
  internal is lock long namespace new null object operator out override params private protected public readonly ref
  return sbyte sealed short sizeof stackalloc static string struct switch this throw true try typeof uint ulong
  unchecked unsafe ushort using virtual void volatile while
"""

KEYWORDS: dict[str, frozenset[str]] = {
    name: frozenset(words.split()) for name, words in re.findall(r"^(\w+): ((?:.*\n  )*.*)", _KEYWORDS, re.MULTILINE)
}
"""Words that cannot be names, by language id."""
KEYWORDS["typescript"] = KEYWORDS["javascript"]


def words_of(name: str) -> list[str]:
    """The words that a name is made of, lower case."""
    return [word.lower() for word in _WORD.findall(name)]


def spell(name: str, case: Case) -> str:
    """`name` in a convention. Leading and trailing underscores stay; so do constants and one-letter names."""
    core = name.strip("_")
    if not core or not core.isascii() or len(core) == 1 or (core.isupper() and case != "pascal"):
        return name
    before, after = name[: name.find(core)], name[name.find(core) + len(core) :]
    words = words_of(core)
    if case == "snake":
        spelled = "_".join(_glued(words))
    else:
        spelled = "".join(word.capitalize() for word in words)
        if case == "camel":
            spelled = spelled[:1].lower() + spelled[1:]
    return before + spelled + after


def function_name(name: str, target: Target) -> str:
    """A function's name in the target language; never one of its keywords."""
    return _not_keyword(spell(name, target.functions), target)


def variable_name(name: str, target: Target) -> str:
    """A variable's or parameter's name in the target language; never one of its keywords."""
    return _not_keyword(spell(name, target.variables), target)


def type_name(name: str, target: Target) -> str:
    """A type's name in the target language."""
    return _not_keyword(spell(name, target.types), target)


def renamed(text: str, names: Mapping[str, str]) -> str:
    """`text` with whole identifiers replaced."""
    return _IDENTIFIER.sub(lambda found: names.get(found.group(), found.group()), text)


def _not_keyword(name: str, target: Target) -> str:
    return f"{name}_" if name in KEYWORDS[target.id] else name


def _glued(words: list[str]) -> list[str]:
    """Numbers stay at the word before them: `vector2_length`, not `vector_2_length`."""
    glued: list[str] = []
    for word in words:
        if word.isdigit() and glued:
            glued[-1] += word
        else:
            glued.append(word)
    return glued
