"""What a file uses of its neighbours, as signatures: the definitions behind its imports.

Names are followed through files that only pass them on (`__init__.py`, `index.ts`). Reads files, so it runs off the
request path; what it has outlined stays in memory until the file changes.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lsp_server.context.import_rules import Imported
from lsp_server.context.imports import resolve_imports
from lsp_server.context.workspace import Workspace
from lsp_server.languages import Language, language_of_path
from lsp_server.languages.outline import Definition, outline, render

MAX_OUTLINES = 512
FOLLOW_DEPTH = 2
"""Through how many files that pass a name on it is followed."""
MAX_DEFINITION_CHARS = 1_200
"""A longer definition loses its last members."""
HEAD_LINES = 400
"""Imports are looked for in so many lines of a file's beginning."""


@dataclass(frozen=True)
class Signatures:
    """The definitions of one file that another one may use."""

    path: str
    language: Language
    definitions: tuple[Definition, ...]


@dataclass(frozen=True)
class _Outlined:
    stamp: tuple[int, int]
    definitions: tuple[Definition, ...]
    head: str


class Definitions:
    """Outlines of the files of one workspace. Not thread-safe: used by the one worker."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._outlines: OrderedDict[str, _Outlined] = OrderedDict()

    def behind(self, imports: Sequence[Imported]) -> tuple[Signatures, ...]:
        """All that the imports of a file lead to; files in the order of the imports.

        Where an import names what it wants, only that; where it does not, everything the file defines.
        """
        found: OrderedDict[str, list[Definition]] = OrderedDict()
        for imported in imports:
            for target, definitions in self._wanted(imported, FOLLOW_DEPTH):
                known = found.setdefault(target, [])
                known.extend(item for item in definitions if item not in known)
        return tuple(
            Signatures(target, language_of_path(target), tuple(definitions))
            for target, definitions in found.items()
            if definitions
        )

    def _wanted(self, imported: Imported, depth: int) -> Iterable[tuple[str, Sequence[Definition]]]:
        outlined = self._outline(imported.path)
        if outlined is None:
            return
        if not imported.names:
            yield imported.path, outlined.definitions
            return
        names = set(imported.names)
        here = [item for item in outlined.definitions if item.name in names or item.owner in names]
        yield imported.path, here
        missing = names - {item.name for item in here}
        if missing and depth:
            language = language_of_path(imported.path)
            for further in resolve_imports(outlined.head, imported.path, language, self._workspace):
                passed_on = tuple(name for name in missing if name in further.names or not further.names)
                if passed_on:
                    yield from self._wanted(Imported(further.path, passed_on), depth - 1)

    def _outline(self, path: str) -> _Outlined | None:
        stamp = self._workspace.stamp(path)
        known = self._outlines.get(path)
        if known is not None and known.stamp == stamp:
            self._outlines.move_to_end(path)
            return known
        text = self._workspace.read(path)
        if text is None:
            self._outlines.pop(path, None)
            return None
        lines = text.splitlines(keepends=True)
        known = _Outlined(stamp, outline(text, language_of_path(path), polite=True), "".join(lines[:HEAD_LINES]))
        self._outlines[path] = known
        while len(self._outlines) > MAX_OUTLINES:
            self._outlines.popitem(last=False)
        return known


def rendered(definition: Definition, language: Language) -> str:
    """A definition for a prompt, within `MAX_DEFINITION_CHARS`."""
    text = render(definition, language)
    if len(text) <= MAX_DEFINITION_CHARS:
        return text
    return text[: text.rfind("\n", 0, MAX_DEFINITION_CHARS)] if "\n" in text[:MAX_DEFINITION_CHARS] else ""
