"""Which languages are translated from and to, and what the target's text has to look like, as data."""

from dataclasses import dataclass
from typing import Literal

from lsp_server.errors import UserError
from lsp_server.languages import NEUTRAL, Language, language_for

Case = Literal["snake", "camel", "pascal"]


@dataclass(frozen=True)
class Target:
    """How code of a language is spelled: names, and what stands around a function."""

    id: str
    functions: Case
    variables: Case
    types: Case = "pascal"
    in_class: bool = False
    """Functions live in a class, as static methods."""
    files: Case = "snake"
    """How a file is named."""
    ending: str = ""
    """Of a file's name, with its dot."""


_ALL = (
    Target("python", "snake", "snake", ending=".py"),
    Target("java", "camel", "camel", in_class=True, files="pascal", ending=".java"),
    Target("cpp", "snake", "snake", ending=".cpp"),
    Target("javascript", "camel", "camel", ending=".js"),
    Target("typescript", "camel", "camel", ending=".ts"),
    Target("go", "camel", "camel", ending=".go"),
    Target("rust", "snake", "snake", ending=".rs"),
    Target("csharp", "pascal", "camel", in_class=True, files="pascal", ending=".cs"),
)

TARGETS: dict[str, Target] = {target.id: target for target in _ALL}
"""By language id, in the order in which they are offered."""
SOURCES: tuple[str, ...] = (*TARGETS, "c", "php", "ruby", "kotlin")
"""Ids of the languages that can be translated from."""

_SAME = {"typescriptreact": "typescript", "javascriptreact": "javascript"}


def target_language(name: str) -> Language:
    """The language that a person or an editor calls so. Raises `UserError` where nothing can be translated to it."""
    language = _plain(language_for(name))
    if language.id not in TARGETS:
        offered = ", ".join(language_for(target).name for target in TARGETS)
        raise UserError(f"Nothing can be translated to '{name}'.", f"The target is one of {offered}.")
    return language


def source_language(name: str) -> Language:
    """As `target_language`, of what can be translated from."""
    language = _plain(language_for(name))
    if language.id not in SOURCES:
        offered = ", ".join(language_for(source).name for source in SOURCES)
        raise UserError(f"'{name}' is not a language that can be translated.", f"The source is one of {offered}.")
    return language


def _plain(language: Language) -> Language:
    """The language itself for its dialects, as far as translation goes."""
    if language is NEUTRAL:
        return language
    return language_for(_SAME.get(language.id, language.id))
