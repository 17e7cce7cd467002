"""Imports in JavaScript and TypeScript: files that exist, and names that a module exports.

A relative path is held against the folder it leads into, which may itself be what is imported. Names come before the
module that they are imported from, so they are judged once the module is named; where it already stands behind the
cursor, they are masked in advance.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from monitors.analysis.analyser import Analyser, Place
from monitors.constraint import WORD_ENDS, escape
from monitors.document import View
from monitors.monitor import Answer, Trigger
from monitors.text.expressions import line_start

_SPECIFIER = re.compile(r"(?:\bfrom\s*|\bimport\s*|\b(?:require|import)\(\s*)[\"'](\.{1,2}/(?:[^\"'\n/]*/)*)")
_STATEMENT = re.compile(
    r"\b(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?\{([^{}\"']*)\}\s*from\s*([\"'])([^\"'\n]+)\2"
)
_OPEN = re.compile(r"\b(?:import|export)\s+(?:type\s+)?(?:[\w$]+\s*,\s*)?\{([^{}\"';=]*)\Z")
_REST = re.compile(r"[^{}\"';]*\}\s*from\s*[\"']([^\"'\n]+)[\"']")
_EXPORTED = re.compile(r"(?:^|,)\s*(?:type\s+)?([\w$]+)")
_ENDINGS = re.compile(r"(?:\.d)?\.(?:[cm]?[jt]sx?|json|vue|svelte)\Z")
_GENERATED = r"[$+](?s:.*)"
"""What frameworks make up while they build: SvelteKit's `./$types`."""
_CONFIGURATIONS = ("tsconfig.json", "jsconfig.json")
_EXTENDS = re.compile(r"^(?:(?!//).)*?\"extends\"\s*:\s*\[?\s*\"(\.[^\"\n]+)\"", re.MULTILINE)
_ROOTS = re.compile(r"^(?:(?!//).)*?\"rootDirs\"\s*:", re.MULTILINE)
_LONGEST_CHAIN = 5
"""So many configurations that extend each other are read."""
_SCOPE = frozenset({"Array", "Promise"})


def triggers(view: View) -> Iterable[Trigger]:
    """Folders that a path leads into, names behind a brace, and statements that are complete."""
    for match in _SPECIFIER.finditer(view.text, view.since):
        yield Trigger(match.end(), True, "file:" + match.group(1))
    statement_start = line_start(view.text, view.since)
    for match in _STATEMENT.finditer(view.text, max(0, statement_start - 2000)):
        if match.end() > view.cursor:
            yield Trigger(match.end(), True, "statement")
    opened = _OPEN.search(view.text, max(0, len(view.text) - 2000))
    rest = _REST.match(view.document.suffix)
    if opened is not None and rest is not None:
        for name in _EXPORTED.finditer(opened.group(1) + "_"):
            yield Trigger(opened.start(1) + name.start(1), True, "name:" + rest.group(1))


def analyse(view: View, trigger: Trigger, ask: Analyser) -> Answer:
    kind, _, detail = trigger.detail.partition(":")
    if kind == "file":
        folder = Path(view.document.path).parent
        if _merges_folders(folder):
            return Answer(reason="a path may lead into several folders")
        return _files(folder / detail)
    if kind == "name":
        names = _exports(view, detail, ask)
        return Answer(names | {"type", "default"}) if names else Answer(reason="nothing known of that module")
    match = next((m for m in _STATEMENT.finditer(view.text, 0, trigger.start) if m.end() == trigger.start), None)
    if match is None:
        return Answer(reason="not an import")
    names = _exports(view, match.group(3), ask)
    if not names:
        return Answer(reason="nothing known of that module")
    for name in _EXPORTED.finditer(match.group(1)):
        start = match.start(1) + name.start(1)
        if name.group(1) not in names | {"default"} and start >= view.cursor:
            words = "|".join(escape(word) for word in sorted(names))
            return Answer(regex=rf"(?:(?:type\s+)?(?:{words})(?:{WORD_ENDS}(?s:.*))?|[\s}}](?s:.*))", start=start)
    return Answer()


def _exports(view: View, module: str, ask: Analyser) -> frozenset[str]:
    """What a module exports, asked in a document that imports from it and does nothing else."""
    before = "import { "
    quoted = module.replace("\\", "\\\\").replace('"', '\\"')
    text = f'{before} }} from "{quoted}";\n'
    found = ask.complete(Place(view.document.path, view.document.language, text, len(before)))
    names = frozenset(name.name for name in found.names)
    return frozenset() if not found.complete or names >= _SCOPE else names


def _files(folder: Path) -> Answer:
    """The entries of a folder, with and without their endings, or the folder itself; a TypeScript file is also imported
    as JavaScript.
    """
    try:
        entries = [entry.name for entry in folder.iterdir()]
    except OSError:
        return Answer(reason="there is no such folder")
    names = set(entries)
    for entry in entries:
        stem = _ENDINGS.sub("", entry)
        if stem != entry:
            names |= {stem, stem + ".js", stem + ".mjs", stem + ".cjs", stem + ".jsx"}
    words = "|".join(escape(name) for name in sorted(names))
    return Answer(
        regex=rf"(?:(?:{words})(?:[\"'/?](?s:.*))?|(?:\.{{1,2}})?[\"'](?s:.*)|\.{{1,2}}/(?s:.*)|{_GENERATED})"
    )


def _merges_folders(folder: Path) -> bool:
    """Whether the configuration for the files of `folder` lays several folders over each other (`rootDirs`)."""
    paths = (above / name for above in (folder, *folder.parents) for name in _CONFIGURATIONS)
    path = next((path for path in paths if path.exists()), None)
    for _ in range(_LONGEST_CHAIN):
        if path is None:
            break
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            break
        if _ROOTS.search(text):
            return True
        extended = _EXTENDS.search(text)
        path = path.parent / (extended.group(1).removesuffix(".json") + ".json") if extended else None
    return False
