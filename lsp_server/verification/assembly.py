"""From a candidate and its tests to files and commands: what has to be added, taken away or renamed to build both."""

import re
import secrets
from dataclasses import dataclass, field
from pathlib import PurePath

from lsp_server.languages import Language
from lsp_server.languages.toolchain import Command
from lsp_server.verification.entry import before_end_of_entry, without_entry
from lsp_server.verification.toolbox import Tools

_JAVA_PUBLIC = re.compile(r"^public\s+(?=(?:(?:final|abstract|sealed)\s+)*(?:class|interface|enum|record)\b)", re.M)
_JAVA_PACKAGE = re.compile(r"^\s*package\s+[\w.]+\s*;", re.M)
_JAVA_CLASS = re.compile(r"^(?:\w+\s+)*class\s+(\w+)", re.M)
_JAVA_IMPORT = re.compile(r"^\s*import\s+[\w.*\s]+;[ \t]*$", re.M)
_GO_PACKAGE = re.compile(r"^package\s+\w+", re.M)
_MODULE = re.compile(r"^(?:import\s*[\w{*\"']|export\s)", re.M)
_PYTHON_MAIN = re.compile(r"^if\s+__name__\s*==\s*(['\"])__main__\1\s*:", re.M)
_PYTHON_TEST = re.compile(r"^def\s+(test_\w+)\s*\(\s*\)", re.M)
_RUST_TEST = re.compile(r"#\[test\]")

_SURROUNDINGS = "declare var require: any; declare var module: any; declare var process: any;\n"
"""What Node gives to a TypeScript file, without its type package."""
_RUN_UNITTEST = "\nassert unittest.main(module=__name__, exit=False).result.wasSuccessful()\n"
_RUST_TESTS_PASSED = "test result: ok"


@dataclass(frozen=True)
class Program:
    """What is built and run."""

    files: dict[str, str]
    build: tuple[Command, ...]
    run: Command
    mark: str = ""
    """Written at the end of the tests: without it they did not come to their end, whatever the exit status says."""
    environment: dict[str, str] = field(default_factory=dict[str, str])


def assemble(candidate: str, tests: str, language: Language, tools: Tools) -> Program:
    """The program that runs `tests` on the candidate; only what is built where `tests` is blank."""
    add = _SPECIAL.get(language.id, _appended)
    toolchain = tools.toolchain
    mark = ""
    if tests.strip():
        tests = _called(tests) if language.id == "python" else tests
        candidate = without_entry(candidate, tests, language, toolchain)
        mark = f"tests-ended-{secrets.token_hex(8)}"
        marked = before_end_of_entry(tests, toolchain.end_mark.replace("{text}", mark), language, toolchain)
        tests, mark = (marked, mark) if marked is not None else (tests, "")
    files = add(candidate, tests, toolchain.file)
    way = tools.way
    build, run = way.build, way.run
    if way.check and not re.search(toolchain.entry, "\n".join(files.values())):
        build = way.check
    if language.id == "java":
        run = (*run[:-1], _java_main(files[toolchain.file]))
    if language.id == "rust" and _RUST_TEST.search(tests) and not mark:
        build, mark = ((*way.build[0], "--test"),), _RUST_TESTS_PASSED
    if language.id == "javascript" and _MODULE.search(candidate):
        files = {"main.mjs": files[toolchain.file]}
        build, run = (_renamed(build[0]),), _renamed(run)
    return Program(
        files,
        tuple(tools.command(command) for command in build),
        tuple("/job" + part[1:] if part.startswith("./") else part for part in tools.command(run)),
        mark,
        dict(way.environment),
    )


def _appended(candidate: str, tests: str, file: str) -> dict[str, str]:
    return {file: f"{candidate.rstrip()}\n\n{tests}\n" if tests else candidate}


def _called(tests: str) -> str:
    """Python tests that a runner would find, called without one."""
    if "unittest.TestCase" in tests and "unittest.main(" not in tests:
        return tests + _RUN_UNITTEST
    uncalled = [name for name in _PYTHON_TEST.findall(tests) if not re.search(rf"^{name}\(", tests, re.M)]
    return tests.rstrip() + "\n\n" + "".join(f"{name}()\n" for name in uncalled) if uncalled else tests


def _python(candidate: str, tests: str, file: str) -> dict[str, str]:
    if not tests:
        return {file: candidate}
    # The candidate is to be tested, not to be run as a program.
    candidate = _PYTHON_MAIN.sub("if False:", candidate)
    return _appended(candidate, tests, file)


def _java(candidate: str, tests: str, file: str) -> dict[str, str]:
    """One file that is called `Main.java`, so no other class may be public; imports stand before all classes."""
    imports = "".join(f"{line.strip()} " for line in _JAVA_IMPORT.findall(tests))
    tests = _JAVA_PUBLIC.sub("", _JAVA_PACKAGE.sub("", _JAVA_IMPORT.sub("", tests)))
    # On one line with what was there before, so that the compiler counts lines as the candidate does.
    candidate = imports + _JAVA_PUBLIC.sub("", _JAVA_PACKAGE.sub("", candidate))
    return _appended(candidate, tests, file)


def _java_main(text: str) -> str:
    """The class whose `main` is run: the last one that begins before it, as entry points seldom stand in inner ones."""
    entry = re.search(r"\bstatic\s+(?:final\s+)?void\s+main\s*\(", text)
    classes = [
        found.group(1)
        for found in re.finditer(r"^(?:\w+\s+)*class\s+(\w+)", text[: entry.start() if entry else 0], re.M)
    ]
    return classes[-1] if classes else "Main"


def _typescript(candidate: str, tests: str, file: str) -> dict[str, str]:
    return {**_appended(candidate, tests, file), "surroundings.d.ts": _SURROUNDINGS}


def _go(candidate: str, tests: str, file: str) -> dict[str, str]:
    """Tests in a file of their own, as they have imports of their own; both in the package that has an entry point."""
    if not _GO_PACKAGE.search(candidate):
        candidate = f"package main; {candidate}"
    files = {file: _GO_PACKAGE.sub("package main", candidate, count=1)}
    if tests:
        body = _GO_PACKAGE.sub("package main", tests, count=1)
        files["tests.go"] = body if _GO_PACKAGE.search(tests) else f"package main\n\n{tests}\n"
    elif not re.search(r"\bfunc\s+main\s*\(", candidate):
        files["entry.go"] = "package main\n\nfunc main() {}\n"
    return files


_SPECIAL = {"python": _python, "java": _java, "typescript": _typescript, "go": _go}


def _renamed(command: Command) -> Command:
    return tuple("main.mjs" if PurePath(part).name == "main.js" else part for part in command)
