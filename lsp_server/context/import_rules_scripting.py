"""How imports are written and where they lead in Python, JavaScript and TypeScript, PHP, Ruby, Lua and shells."""

import posixpath
import re
from collections.abc import Iterator

from lsp_server.context.import_rules import Imported, first_file, imported_names, siblings, table
from lsp_server.context.workspace import Workspace

_PYTHON = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<module>[.\w]+)[ \t]+import[ \t]+(?P<names>\([^)]*\)|[^\n#;]+)"
    r"|import[ \t]+(?P<modules>[^\n#;]+))",
    re.MULTILINE,
)


def python(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """`import` and `from ... import`, relative and from the roots that a package usually has."""
    folder = posixpath.dirname(path)
    top = folder
    while top and workspace.is_file(f"{top}/__init__.py"):
        top = posixpath.dirname(top)
    roots = list(dict.fromkeys([top, "", "src", folder]))

    def file_of(base: str, parts: list[str]) -> str | None:
        stem = posixpath.join(base, *parts)
        return first_file(workspace, (f"{stem}.py", f"{stem}/__init__.py", f"{stem}.pyi"))

    for found in _PYTHON.finditer(text):
        module = found["module"]
        if module is None:
            for item in found["modules"].split(","):
                parts = item.split()[0].split(".") if item.split() else []
                target = next((file for root in roots if parts and (file := file_of(root, parts))), None)
                if target:
                    yield Imported(target)
            continue
        level = len(module) - len(module.lstrip("."))
        parts = [part for part in module[level:].split(".") if part]
        bases = roots
        if level:
            base = folder
            for _ in range(level - 1):
                base = posixpath.dirname(base)
            bases = [base]
        names = tuple(name for name in imported_names(found["names"]))
        for base in bases:
            target = file_of(base, parts) if parts else first_file(workspace, [posixpath.join(base, "__init__.py")])
            submodules = {name: file for name in names if (file := file_of(base, [*parts, name]))}
            for file in submodules.values():
                yield Imported(file)
            rest = tuple(name for name in names if name not in submodules)
            if target and rest:
                yield Imported(target, rest)
            if target or submodules:
                break


_SCRIPT = re.compile(
    r"""(?:\b(?:import|export)\s+(?:type\s+)?(?P<names>[\w$*\s{},]*?)\s*from\s*|\bimport\s*\(?\s*|"""
    r"""(?:(?:const|let|var)\s+(?P<required>[\w$\s{},:]+?)\s*=\s*)?\brequire\s*\(\s*)["'](?P<module>[^"'\n]+)["']"""
)
_SCRIPT_ENDINGS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts", ".vue", ".svelte")


def script(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """ES modules and `require`, relative or through the `paths` of `tsconfig.json`."""
    folder = posixpath.dirname(path)
    for found in _SCRIPT.finditer(text):
        for stem in _script_stems(found["module"], folder, path, workspace):
            bare = re.sub(r"\.[cm]?jsx?$", "", stem)
            candidates = [stem + ending for ending in _SCRIPT_ENDINGS]
            candidates += [bare + ending for ending in (".ts", ".tsx", ".mts", ".cts") if bare != stem]
            candidates += [f"{stem}/index{ending}" for ending in _SCRIPT_ENDINGS]
            target = first_file(workspace, [stem, *candidates] if posixpath.splitext(stem)[1] else candidates)
            if target:
                clause = found["names"] or found["required"] or ""
                braces = re.search(r"\{([^}]*)\}", clause)
                whole = "*" in clause or not braces or bool(clause.split("{")[0].strip(" ,\n"))
                yield Imported(target, () if whole else imported_names(braces.group(1) if braces else ""))
                break


def _script_stems(module: str, folder: str, path: str, workspace: Workspace) -> Iterator[str]:
    """Paths that a module name may stand for, without endings: relative ones, and those of `tsconfig.json`."""
    if module.startswith("."):
        yield posixpath.normpath(posixpath.join(folder, module))
        return
    for name in ("tsconfig.json", "jsconfig.json"):
        base = workspace.nearest(name, path)
        if base is None:
            continue
        options = table(workspace.config(posixpath.join(base, name)), "compilerOptions")
        root = posixpath.normpath(posixpath.join(base, str(options.get("baseUrl", "."))))
        for pattern, targets in table(options, "paths").items():
            head, star, tail = str(pattern).partition("*")
            if not module.startswith(head) or not module.endswith(tail) or (not star and module != head):
                continue
            middle = module[len(head) : len(module) - len(tail)]
            for target in targets if isinstance(targets, list) else []:
                yield posixpath.normpath(posixpath.join(root, str(target).replace("*", middle)))
        if "baseUrl" in options:
            yield posixpath.normpath(posixpath.join(root, module))
    if module.startswith(("@/", "~/")):
        yield "src/" + module[2:]


_PHP_USE = re.compile(r"^\s*use\s+(?:function\s+|const\s+)?(?P<name>[\w\\]+)(?:\{(?P<many>[^}]*)\})?", re.MULTILINE)
_PHP_REQUIRE = re.compile(r"""\b(?:require|include)(?:_once)?\s*\(?\s*(?:__DIR__\s*\.\s*)?["']/?([^"'\n]+)["']""")


def php(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """Classes through the autoload map of `composer.json`, and files that are required by name."""
    folder = posixpath.dirname(path)
    base = workspace.nearest("composer.json", path)
    composer = workspace.config(posixpath.join(base, "composer.json")) if base is not None else {}
    spaces = {**table(table(composer, "autoload"), "psr-4"), **table(table(composer, "autoload-dev"), "psr-4")}
    for found in _PHP_USE.finditer(text):
        names = [found["name"] + name for name in imported_names(found["many"])] if found["many"] else [found["name"]]
        for name in names:
            name = name.strip("\\")
            stems = [
                posixpath.join(base or "", str(target), name[len(space) :].replace("\\", "/"))
                for space, target in spaces.items()
                if isinstance(target, str) and name.startswith(space)
            ]
            target = first_file(
                workspace, (f"{stem}.php" for stem in [*stems, "src/" + name.partition("\\")[2].replace("\\", "/")])
            )
            if target:
                yield Imported(target, (name.rpartition("\\")[2],))
    for name in _PHP_REQUIRE.findall(text):
        target = first_file(workspace, (posixpath.join(folder, name), name))
        if target:
            yield Imported(target)
    yield from siblings(text, path, workspace, (".php",))


_RUBY = re.compile(r"""^\s*(require_relative|require|load)\s*\(?\s*["']([^"'\n]+)["']""", re.MULTILINE)


def ruby(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """`require_relative`, and `require` from `lib` and the like."""
    folder = posixpath.dirname(path)
    for how, name in _RUBY.findall(text):
        name = name.removesuffix(".rb") + ".rb"
        bases = [folder] if how == "require_relative" else ["lib", "", "app", "spec", "test"]
        target = first_file(workspace, (posixpath.join(base, name) for base in bases))
        if target:
            yield Imported(target)


_LUA = re.compile(r"""\brequire\s*\(?\s*["']([\w./-]+)["']""")


def lua(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """`require` from the usual roots."""
    folder = posixpath.dirname(path)
    for name in _LUA.findall(text):
        stem = name.replace(".", "/")
        bases = (folder, "", "lua", "src")
        target = first_file(
            workspace, (posixpath.join(base, stem) + end for base in bases for end in (".lua", "/init.lua"))
        )
        if target:
            yield Imported(target)


_SHELL = re.compile(r"""^\s*(?:source|\.)\s+["']?(?:\$\{?\w+\}?/|\$\(dirname[^)]*\)/)?([\w./-]+)""", re.MULTILINE)


def shell(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """Files that are sourced."""
    folder = posixpath.dirname(path)
    for name in _SHELL.findall(text):
        target = first_file(workspace, (posixpath.join(folder, name), name))
        if target:
            yield Imported(target)
