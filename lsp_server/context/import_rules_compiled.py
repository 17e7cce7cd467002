"""How imports are written and where they lead in Java, Kotlin, Scala, C#, Go, Rust, C and C++."""

import posixpath
import re
from collections.abc import Iterator
from itertools import dropwhile

from lsp_server.context.import_rules import Imported, first_file, imported_names, siblings
from lsp_server.context.workspace import Workspace

MAX_PACKAGE_FILES = 24
"""Of a package that is a whole folder (Go), so many files are looked into."""

_JVM = re.compile(r"^\s*import\s+(?:static\s+)?(?P<name>\w+(?:\.\w+)*)(?:\.(?P<many>\{[^}]*\}|\*))?", re.MULTILINE)
_JVM_PACKAGE = re.compile(r"^\s*package\s+([\w.]+)", re.MULTILINE)
_JVM_ENDINGS = (".java", ".kt", ".scala")


def jvm(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """Java, Kotlin and Scala: classes in files of their name, under the root that the package clause tells."""
    folder = posixpath.dirname(path)
    package = _JVM_PACKAGE.search(text)
    tail = package.group(1).replace(".", "/") if package else ""
    root = folder.removesuffix(tail).rstrip("/") if folder.endswith(tail) else folder
    roots = list(dict.fromkeys([root, root.replace("src/test/", "src/main/")]))

    def file_of(name: str) -> str | None:
        stem = name.replace(".", "/")
        return first_file(workspace, (posixpath.join(base, stem) + end for base in roots for end in _JVM_ENDINGS))

    for found in _JVM.finditer(text):
        name, many = found["name"], found["many"] or ""
        names = [f"{name}.{item}" for item in imported_names(many)] if many.startswith("{") else [name]
        for full in names:
            owner, _, last = full.rpartition(".")
            target = file_of(full)
            if target:
                yield Imported(target, (last,))
            elif owner and (target := file_of(owner)):
                yield Imported(target, (owner.rpartition(".")[2],))
    yield from siblings(text, path, workspace, _JVM_ENDINGS)


def csharp(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """Types in files of their name, beside this one: namespaces say nothing about files."""
    yield from siblings(text, path, workspace, (".cs",))


_GO_BLOCK = re.compile(r"^import\s+(?:\((?P<block>[^)]*)\)|(?P<one>[^\n(]+))", re.MULTILINE)
_GO_STRING = re.compile(r'"([^"\n]+)"')
_GO_REPLACE = re.compile(r"^\s*(?:replace\s+)?(\S+)(?:\s+v\S+)?\s*=>\s*(\.{1,2}/\S*)", re.MULTILINE)
_GO_MODULE = re.compile(r"^module\s+(\S+)", re.MULTILINE)


def go(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """Packages of the same module, and the files of the own package."""
    folders = [posixpath.dirname(path)]
    modules = _go_modules(path, workspace)
    for block in _GO_BLOCK.finditer(text):
        for name in _GO_STRING.findall(block["block"] or block["one"]):
            module = max((prefix for prefix in modules if f"{name}/".startswith(f"{prefix}/")), key=len, default="")
            if module:
                folders.append(posixpath.normpath(f"{modules[module]}/.{name.removeprefix(module)}"))
    for folder in dict.fromkeys(folders):
        files = [name for name in workspace.listing(folder) if name.endswith(".go") and not name.endswith("_test.go")]
        for name in files[:MAX_PACKAGE_FILES]:
            target = posixpath.normpath(posixpath.join(folder, name))
            if workspace.is_file(target):
                yield Imported(target)


def _go_modules(path: str, workspace: Workspace) -> dict[str, str]:
    """Module paths and their folders: the module that a file belongs to, and those it replaces by folders beside it."""
    base = workspace.nearest("go.mod", path)
    if base is None:
        return {}
    text = workspace.read(posixpath.join(base, "go.mod")) or ""
    modules = {name: posixpath.join(base, folder) for name, folder in _GO_REPLACE.findall(text)}
    modules.update(dict.fromkeys(_GO_MODULE.findall(text), base or "."))
    return modules


_RUST_USE = re.compile(r"^\s*(?:pub(?:\([^)]*\))?\s+)?use\s+(?P<tree>[^;]+);", re.MULTILINE)
_RUST_MOD = re.compile(r"^\s*(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;", re.MULTILINE)
_RUST_ALIAS = re.compile(r"\s+as\s+\w+")


def rust(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """`mod` and `use`, within the crate and into crates beside it."""
    folder, name = posixpath.split(path)
    own = folder if name in ("lib.rs", "main.rs", "mod.rs") else path.removesuffix(".rs")
    crate = workspace.nearest("Cargo.toml", path) or ""
    for module in _RUST_MOD.findall(text):
        target, _ = _rust_file(own, [module], workspace)
        if target:
            yield Imported(target)
    for found in _RUST_USE.finditer(text):
        tree = "".join(_RUST_ALIAS.sub("", found["tree"]).split())
        for parts in _rust_paths(tree):
            for base in _rust_bases(parts[0], own, posixpath.join(crate, "src"), workspace):
                steps = len(parts) - len(list(dropwhile(lambda part: part == "super", parts)))
                for _ in range(steps):
                    base = posixpath.dirname(base)
                target, names = _rust_file(base, parts[max(steps, 1) :], workspace)
                if target:
                    yield Imported(target, tuple(item for item in names[:1] if item != "*"))
                    break


def _rust_bases(first: str, own: str, source: str, workspace: Workspace) -> Iterator[str]:
    """The folders in which the path after its first segment may begin."""
    if first == "crate":
        yield source
    elif first in ("self", "super"):
        yield own
    else:
        for folder in (first, first.replace("_", "-")):
            yield from (
                base for base in (f"crates/{folder}/src", f"{folder}/src") if workspace.is_file(f"{base}/lib.rs")
            )


def _rust_file(base: str, parts: list[str], workspace: Workspace) -> tuple[str | None, list[str]]:
    """The file of the longest beginning of a path of modules, and what of the path is left."""
    for count in range(len(parts), -1, -1):
        stem = posixpath.join(base, *parts[:count])
        roots = [] if count else [f"{stem}/lib.rs", f"{stem}/main.rs"]
        target = first_file(workspace, [*roots, f"{stem}.rs", f"{stem}/mod.rs"])
        if target:
            return target, parts[count:]
    return None, parts


def _rust_paths(tree: str) -> Iterator[list[str]]:
    """`a::{b, c::{d, self}}` as `a b`, `a c d`, `a c`."""
    head, brace, inner = tree.partition("{")
    prefix = [part for part in head.split("::") if part]
    if not brace:
        yield prefix or ["self"]
        return
    inner = inner[: inner.rfind("}")] if "}" in inner else inner
    depth, start = 0, 0
    for index, character in enumerate(inner + ","):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if character == "," and depth == 0:
            branch, start = inner[start:index], index + 1
            for rest in _rust_paths(branch) if branch else ():
                yield prefix + ([] if rest == ["self"] else rest) or ["self"]


_INCLUDE = re.compile(r'^[ \t]*#[ \t]*(?:include|import)[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)


def c(text: str, path: str, workspace: Workspace) -> Iterator[Imported]:
    """Headers, beside the file or under the folders that usually hold them, and the header of the same name."""
    folder = posixpath.dirname(path)
    bases = [folder, "", "include", "src"]
    above = folder
    while above:
        above = posixpath.dirname(above)
        bases += [above, posixpath.join(above, "include")]
    for quoted, angled in _INCLUDE.findall(text):
        target = first_file(workspace, (posixpath.join(base, quoted or angled) for base in dict.fromkeys(bases)))
        if target:
            yield Imported(target)
    stem, ending = posixpath.splitext(path)
    if ending in (".c", ".cc", ".cpp", ".cxx"):
        header = first_file(workspace, (stem + end for end in (".h", ".hpp", ".hh", ".hxx")))
        if header:
            yield Imported(header)
