"""Which files of the workspace a file's imports lead to.

By the text of the import lines and by file names alone, language by language, as far as that is cheap and certain. No
build system is asked; what is not found is left out. Used off the request path.
"""

from collections.abc import Callable, Iterator

from lsp_server.context import import_rules_compiled as compiled
from lsp_server.context import import_rules_scripting as scripting
from lsp_server.context.import_rules import Imported
from lsp_server.context.workspace import Workspace
from lsp_server.languages import Language

MAX_IMPORTS = 64
"""A file that imports from more files than this is read as far as this."""

Resolver = Callable[[str, str, Workspace], Iterator[Imported]]
"""From the text of a file, its path and the workspace to the files that it imports from."""

_RESOLVERS: dict[str, Resolver] = {
    "python": scripting.python,
    "typescript": scripting.script,
    "typescriptreact": scripting.script,
    "javascript": scripting.script,
    "javascriptreact": scripting.script,
    "vue": scripting.script,
    "svelte": scripting.script,
    "php": scripting.php,
    "ruby": scripting.ruby,
    "lua": scripting.lua,
    "shellscript": scripting.shell,
    "java": compiled.jvm,
    "kotlin": compiled.jvm,
    "scala": compiled.jvm,
    "csharp": compiled.csharp,
    "go": compiled.go,
    "rust": compiled.rust,
    "c": compiled.c,
    "cpp": compiled.c,
}


def resolve_imports(text: str, path: str, language: Language, workspace: Workspace) -> tuple[Imported, ...]:
    """The files that `text`, the beginning of the file at `path`, imports from; in order, each once, without itself."""
    resolver = _RESOLVERS.get(language.id)
    if resolver is None:
        return ()
    found: dict[str, Imported] = {}
    for imported in resolver(text, path, workspace):
        if imported.path == path:
            continue
        known = found.get(imported.path)
        found[imported.path] = _merged(known, imported) if known else imported
        if len(found) >= MAX_IMPORTS:
            break
    return tuple(found.values())


def _merged(first: Imported, second: Imported) -> Imported:
    if not first.names or not second.names:
        return Imported(first.path)
    return Imported(first.path, tuple(dict.fromkeys(first.names + second.names)))
