"""The table of languages: look-up by every spelling, and grammars that load alone."""

import re
import subprocess
import sys

import pytest

from lsp_server.languages import LANGUAGES, NEUTRAL, Language, language_for, language_of_path
from lsp_server.languages.grammars import load_grammar
from lsp_server.languages.language import Grammar

STUDY = {
    "Python": "python",
    "Java": "java",
    "TypeScript": "typescript",
    "PHP": "php",
    "JavaScript": "javascript",
    "Ruby": "ruby",
    "C++": "cpp",
    "Rust": "rust",
    "C#": "csharp",
    "Go": "go",
    "C": "c",
    "Scala": "scala",
}


@pytest.mark.parametrize(("spelling", "identifier"), STUDY.items())
def test_the_study_spellings_are_known(spelling: str, identifier: str) -> None:
    language = language_for(spelling)
    assert (language.id, language.name) == (identifier, spelling)


@pytest.mark.parametrize(
    ("spelling", "identifier"),
    [
        ("js", "javascript"),
        (" CPP ", "cpp"),
        ("Shell", "shellscript"),
        ("tsx", "typescriptreact"),
        ("bash", "shellscript"),
    ],
)
def test_aliases_are_known_in_any_case(spelling: str, identifier: str) -> None:
    assert language_for(spelling).id == identifier


def test_the_unknown_is_neutral_and_never_an_error() -> None:
    assert language_for("brainfuck") is NEUTRAL
    assert language_for("") is NEUTRAL
    assert language_of_path("archive.tar.zst") is NEUTRAL
    assert language_of_path("") is NEUTRAL


@pytest.mark.parametrize(
    ("path", "identifier"),
    [
        ("src/a.PY", "python"),
        ("C:\\code\\a.cs", "csharp"),
        ("a.test.tsx", "typescriptreact"),
        ("Makefile", "makefile"),
        ("build/Dockerfile", "dockerfile"),
        ("include/x.h", "c"),
        ("run.sh", "shellscript"),
    ],
)
def test_files_tell_their_language(path: str, identifier: str) -> None:
    assert language_of_path(path).id == identifier


def test_no_spelling_or_ending_belongs_to_two_languages() -> None:
    owners: dict[str, str] = {}
    for language in LANGUAGES:
        for spelling in {language.id, language.name.lower(), *language.aliases, *language.endings}:
            assert owners.setdefault(spelling, language.id) == language.id, spelling


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language.grammar], ids=lambda item: item.id)
def test_every_node_kind_in_the_table_exists_in_its_grammar(language: Language) -> None:
    grammar = load_grammar(language.grammar) if language.grammar else None
    assert grammar is not None
    unknown = [
        kind
        for kind in (*(kind for kind, _ in language.definitions), *language.lambdas)
        if grammar.id_for_node_kind(kind, True) is None
    ]
    assert not unknown


def test_patterns_compile() -> None:
    for language in LANGUAGES:
        re.compile(language.opener)
        re.compile(language.literals)


def test_a_missing_grammar_is_none() -> None:
    assert load_grammar(Grammar("tree_sitter_of_no_such_language")) is None


def test_loading_one_grammar_loads_no_other_and_the_table_loads_none() -> None:
    code = (
        "import sys\n"
        "from lsp_server.languages import language_for\n"
        "from lsp_server.languages.structure import structure_at\n"
        "loaded = lambda: sorted(name for name in sys.modules if name.startswith('tree_sitter'))\n"
        "assert loaded() == [], loaded()\n"
        "structure_at('def f():', '', language_for('python'))\n"
        "assert [name for name in loaded() if '.' not in name] == ['tree_sitter', 'tree_sitter_python'], loaded()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
