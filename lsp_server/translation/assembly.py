"""Translated units put together again as a file of the target language."""

from collections.abc import Iterable, Sequence
from pathlib import PurePath

from lsp_server.languages import Language
from lsp_server.translation.helpers import with_helpers
from lsp_server.translation.imports import header, imports_for, split_imports
from lsp_server.translation.naming import function_name, spell
from lsp_server.translation.outline import Unit
from lsp_server.translation.targets import TARGETS

INDENT = "    "


def assemble(pieces: Sequence[tuple[Unit, str]], target: Language, path: str = "", extra: Iterable[str] = ()) -> str:
    """A file of the texts of units, in this order, with the imports that they need.

    `extra` are import lines that somebody asked for. Where the language wants functions in a class, those that stand
    side by side share one.
    """
    imports = list(extra)
    bodies: list[tuple[Unit, str]] = []
    for unit, text in pieces:
        lines, rest = split_imports(text, target)
        imports += lines
        if rest.strip():
            bodies.append((unit, rest.strip("\n")))
    body = _in_classes(bodies, target, path) if TARGETS[target.id].in_class else _side_by_side(bodies, target)
    body = with_helpers(body, target)
    known = "\n".join(imports)
    wanted = [line for line in imports_for(body, target) if not _covered(line, known)]
    return header([*imports, *wanted], target) + body + ("\n" if body else "")


def file_class(path: str, target: Language) -> str:
    """The class that holds a file's functions where the language wants one."""
    stem = PurePath(path.replace("\\", "/")).stem
    name = spell("".join(c if c.isalnum() else "_" for c in stem), "pascal")
    return name if name[:1].isalpha() and name not in ("Main", "Solution") else "Solution"


def suggested_name(path: str, target: Language, taken: Iterable[str] = ()) -> str:
    """The name of a file for the translation of the file at `path`, of a form that the language is used to, and not one
    of `taken`."""
    style = TARGETS[target.id]
    stem = PurePath(path.replace("\\", "/")).stem or "translation"
    stem = spell("".join(c if c.isalnum() else "_" for c in stem), style.files) if stem.isascii() else stem
    taken = set(taken)
    for number in range(1, 1000):
        name = f"{stem}{'' if number == 1 else f'_{number}'}{style.ending}"
        if name not in taken:
            return name
    return f"{stem}_translated{style.ending}"


def _side_by_side(bodies: Sequence[tuple[Unit, str]], target: Language) -> str:
    gap = "\n\n\n" if target.block_style == "indent" else "\n\n"
    return gap.join(text for _, text in bodies)


def _in_classes(bodies: Sequence[tuple[Unit, str]], target: Language, path: str) -> str:
    """Functions inside one class, named as the source names theirs or after the file; types beside it."""
    functions = [(unit, text) for unit, text in bodies if unit.kind != "type"]
    types = [text for unit, text in bodies if unit.kind == "type"]
    parts = list(types)
    if functions:
        owner = next((unit.owner for unit, _ in functions if unit.owner), "") or file_class(path, target)
        names = {function_name(unit.name, TARGETS[target.id]) for unit, _ in functions}
        owner = owner if owner not in names else f"{owner}Functions"  # C# takes such a function for a constructor
        inside = "\n\n".join(_indented(text) for _, text in functions)
        parts.append(f"class {owner} {{\n{inside}\n}}")
    return "\n\n".join(parts)


def _indented(text: str) -> str:
    return "\n".join(INDENT + line if line.strip() else line for line in text.split("\n"))


def _covered(line: str, imports: str) -> bool:
    """Whether an import is there already, perhaps in other words."""
    if line in imports:
        return True
    words = line.replace(";", "").split()
    if line.startswith("import ") and len(words) == 2 and not line.endswith(";"):
        return f"import {words[1]}\n" in imports + "\n"
    return "bits/stdc++.h" in imports and line.startswith("#include")
