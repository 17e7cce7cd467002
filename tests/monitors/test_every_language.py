"""Each monitor in each language that it is said to work in, with the real server of that language.

`scripts/document_monitors.py` runs these tests and writes the table in docs/monitors.md from those that passed.
"""

import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from models.decoding.constraint import Constraint as Demand
from models.decoding.masks.keeping import keeps
from monitors import Constraint, Document, MonitorError, MonitorSettings, Supervisor
from monitors.install import install
from monitors.testing import constraints_of
from tests.monitors.projects import PROJECTS, lay_out

UP_WITHIN_S = 180
USED = ("dereference", "imports", "keywords", "arguments", "instantiation", "enums", "names")


@dataclass(frozen=True)
class Lab:
    """A project, and a document in it whose next words are judged."""

    project: str
    files: dict[str, str]
    head: str
    """The document up to where each case goes on."""
    foot: str
    cases: dict[str, tuple[str, str, str]]
    """By monitor: what stands before the cursor, what must not be written there, and what may."""


LABS = {
    "python": Lab(
        "python with ty",
        {"colour.py": "import enum\n\n\nclass Color(enum.Enum):\n    RED = 1\n\n    def parse(self) -> int: ...\n"},
        "from server.node import ServerNode\nfrom colour import Color\n\n\ndef f(c: Color) -> None:\n    ",
        "\n",
        {
            "dereference": ("ServerNode.new_server_node().", "set_host(1)\n", "set_ip('a')\n"),
            "arguments": ("ServerNode.new_server_node().", "seal(1)\n", "seal()\n"),
            "keywords": ("ServerNode.new_server_node().", "set_ip(host=1)\n", "set_ip(ip='a')\n"),
            "enums": ("match c:\n        case Color.", "parse:", "RED:"),
            "names": ("x = ", "frobnicate(1)\n", "isinstance(1, int)\n"),
            "imports": ("from server.", "nod2 import A\n", "node import ServerNode\n"),
        },
    ),
    "typescript": Lab(
        "typescript",
        {"colour.ts": "export enum Color { Red, Green }\n"},
        'import { ServerNode } from "./node";\nimport { Color } from "./colour";\n\nexport function f(c: Color) {\n  ',
        "\n}\n",
        {
            "dereference": ("ServerNode.newServerNode().", "setHost(1);", 'setIp("a");'),
            "arguments": ("ServerNode.newServerNode().", "seal(1);", "seal();"),
            "instantiation": ("const x = ", "new Invented(1);", "new Map();"),
            "enums": ("switch (c) { case Color.", "Blue:", "Red:"),
            "names": ("const x = ", "frobnicate(1);", "parseInt(1);"),
            "imports": ('const x = await import("./', 'nod2");', 'node");'),
        },
    ),
    "javascript": Lab(
        "javascript",
        {},
        'import { ServerNode } from "./node.js";\n\nexport async function f(c) {\n  ',
        "\n}\n",
        {
            "dereference": ("const b = ServerNode.newServerNode();\n  return b.", "setHost(1);", 'setIp("a");'),
            "instantiation": ("const x = ", "new Invented(1);", "new Map();"),
            "names": ("const x = ", "frobnicate(1);", "parseInt(1);"),
            "imports": ('const x = await import("./', 'nod2");', 'node.js");'),
        },
    ),
    "java": Lab(
        "java",
        {"src/demo/Color.java": "package demo;\n\npublic enum Color {\n  RED, GREEN;\n  public void parse() {}\n}\n"},
        "package demo;\n\npublic class Main {\n  static void f(Color c) {\n    ",
        "\n  }\n}\n",
        {
            "dereference": ("ServerNode.newServerNode().", "setHost(1);", 'setIp("a");'),
            "arguments": ("ServerNode.newServerNode().", "seal(1);", "seal();"),
            "instantiation": ("Object o = ", "new Invented(1);", "new ServerNode();"),
            "enums": ("switch (c) {\n      case ", "BLUE:", "RED:"),
        },
    ),
    "cpp": Lab(
        "cpp",
        {"colour.hpp": "#pragma once\nenum class Color { Red, Green };\n"},
        '#include "node.hpp"\n#include "colour.hpp"\n\nvoid f(Color c) {\n  ',
        "\n}\n",
        {
            "dereference": ("ServerNode::new_server_node().", "set_host(1);", 'set_ip("a");'),
            "arguments": ("ServerNode::new_server_node().", "seal(1);", "seal();"),
            "instantiation": ("auto* x = ", "new Invented(1);", "new ServerNode();"),
            "enums": ("switch (c) { case Color::", "Blue:", "Red:"),
        },
    ),
    "go": Lab(
        "go",
        {},
        'package main\n\nimport "demo/node"\n\nfunc main() {\n\t',
        "\n}\n",
        {
            "dereference": ("b := node.New()\n\tb.", "SetHost(1)\n", 'SetIP("a")\n'),
            "arguments": ("b := node.New()\n\tb.", "Seal(1)\n", "Seal()\n"),
        },
    ),
    "php": Lab(
        "php",
        {"suit.php": "<?php\nenum Suit { case Hearts; case Spades; }\n"},
        "<?php\nrequire_once 'node.php';\nrequire_once 'suit.php';\n\nfunction f(Suit $s) {\n  ",
        "\n}\n",
        {
            "dereference": ("$b = ServerNode::newServerNode();\n  $b->", "setHost(1);", "setIp('a');"),
            "arguments": ("$b = ServerNode::newServerNode();\n  $b->", "setIp();", "setIp('a');"),
            "instantiation": ("$x = ", "new Invented(1);", "new ServerNode();"),
            "enums": ("if ($s === Suit::", "Clubs)", "Hearts)"),
        },
    ),
}


@pytest.fixture(scope="module")
def supervisors(
    host_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[Supervisor, Path]]]:
    """One for each language, begun at its first test."""
    begun: dict[str, tuple[Supervisor, Path]] = {}
    yield begun
    for supervisor, _ in begun.values():
        supervisor.close()


def begin(language: str, home: Path, root: Path) -> Supervisor:
    lab = LABS[language]
    project = PROJECTS[lab.project]
    if language == "go" and shutil.which("gopls") is None:
        pytest.skip("gopls is not on the path")
    try:
        install(project.analyser or language, home)
    except MonitorError as error:
        pytest.skip(error.message)
    lay_out(project, root)
    for file, text in lab.files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")
    chosen = {language: project.analyser} if project.analyser else {}
    # An interpreter that is known, as in a workspace with an environment: else imports are not judged.
    python = shutil.which("python3") or ""
    return Supervisor(root, MonitorSettings(USED, budget_ms=10_000, analysers=chosen, python=python), home=home)


def judged(supervisor: Supervisor, root: Path, language: str, monitor: str, text: str) -> list[Constraint]:
    """What one monitor says while `text` is written, character by character."""
    lab = LABS[language]
    prefix = lab.head + lab.cases[monitor][0]
    if monitor == "imports" and language == "python":
        prefix = lab.cases[monitor][0]
    document = Document(str(root / PROJECTS[lab.project].path), language, prefix, lab.foot)
    watch = supervisor.watch(document)
    found = constraints_of(watch, [text[:i] for i in range(len(text) + 1)])
    return [constraint for constraint in found if constraint.source == monitor]


def kept(constraints: list[Constraint], text: str) -> bool:
    return all(keeps(Demand(c.source, c.start, c.names, c.regex, c.grammar, c.typed), text) for c in constraints)


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    ("language", "monitor"), [(name, monitor) for name, lab in LABS.items() for monitor in lab.cases]
)
def test_monitor_in_language(
    language: str,
    monitor: str,
    supervisors: dict[str, tuple[Supervisor, Path]],
    host_home: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    if language not in supervisors:
        root = tmp_path_factory.mktemp(language)
        supervisors[language] = begin(language, host_home, root), root
    supervisor, root = supervisors[language]
    _, wrong, right = LABS[language].cases[monitor]
    end = time.monotonic() + UP_WITHIN_S
    while kept(judged(supervisor, root, language, monitor, wrong), wrong):  # until the server has read the project
        assert time.monotonic() < end, f"{wrong!r} was let through"
        supervisor.workspace_changed()
        time.sleep(0.5)
    assert kept(judged(supervisor, root, language, monitor, right), right), f"{right!r} was forbidden"
