"""Which languages are translated from and to, and what the target's text has to look like, as data."""

from dataclasses import dataclass

from lsp_server.errors import UserError
from lsp_server.languages import NEUTRAL, Language, language_for
from lsp_server.languages.toolchain import NameStyle, Toolchain
from lsp_server.languages.toolchains import TOOLCHAINS

Case = NameStyle


@dataclass(frozen=True)
class Target:
    """How code of a language is spelled: names, and what stands around a function. What the tables of languages and
    toolchains say, in one place."""

    id: str
    functions: Case
    variables: Case
    types: Case
    in_class: bool
    """Functions live in a class, as static methods."""
    files: Case
    """How a file is named."""
    ending: str
    """Of a file's name, with its dot."""


def _target(toolchain: Toolchain) -> Target:
    names = toolchain.names
    ending = language_for(toolchain.language).endings[0]
    return Target(toolchain.language, names.function, names.variable, names.type, names.in_class, names.file, ending)


TARGETS: dict[str, Target] = {toolchain.language: _target(toolchain) for toolchain in TOOLCHAINS if toolchain.target}
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
