"""The paper's motivating example with the real server of each language: a builder that another file defines.

The model alone invents members of a type that it has not seen; the monitor allows those that there are.
"""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from monitors import Constraint, Document, Finding, MonitorError, MonitorSettings, Supervisor
from monitors.install import install
from monitors.testing import constraints_of


@dataclass(frozen=True)
class Project:
    """A workspace, a document in it, and what may be written at its cursor."""

    language: str
    files: dict[str, str]
    path: str
    prefix: str
    suffix: str
    members: frozenset[str]
    analyser: str = ""


def python(analyser: str) -> Project:
    return Project(
        "python",
        {
            "server/node.py": "class ServerNode:\n    class Builder:\n"
            '        def with_ip(self, ip: str) -> "ServerNode.Builder": ...\n'
            '        def with_port(self, port: int) -> "ServerNode.Builder": ...\n'
            '        def build(self) -> "ServerNode": ...\n'
            "    @staticmethod\n    def new_server_node() -> Builder: ...\n",
            "server/__init__.py": "",
        },
        "main.py",
        "from server.node import ServerNode\n\ndef parse(text: str) -> ServerNode:\n    parts = text.split(':')\n"
        "    return (ServerNode.new_server_node().",
        "\n\n\ndef other() -> None:\n    pass\n",
        frozenset({"with_ip", "with_port", "build"}),
        analyser,
    )


TYPESCRIPT = Project(
    "typescript",
    {
        "tsconfig.json": '{"compilerOptions": {"strict": true, "module": "esnext", "moduleResolution": "bundler"}}',
        "node.ts": "export class Builder {\n  withIp(ip: string): Builder { return this; }\n"
        "  withPort(port: number): Builder { return this; }\n  build(): ServerNode { return new ServerNode(); }\n"
        "  private hidden(): void {}\n}\nexport class ServerNode {\n"
        "  static newServerNode(): Builder { return new Builder(); }\n}\n",
    },
    "main.ts",
    'import { ServerNode } from "./node";\n\nexport function parse(text: string): ServerNode {\n'
    '  const parts = text.split(":");\n  return wrap(ServerNode.newServerNode().',
    "\n}\n\nfunction wrap<T>(x: T): T { return x; }\n",
    frozenset({"withIp", "withPort", "build"}),
)
JAVASCRIPT = Project(
    "javascript",
    {
        "package.json": '{"type": "module"}',
        "node.js": "export class Builder {\n  withIp(ip) { return this; }\n  withPort(port) { return this; }\n"
        "  build() { return new ServerNode(); }\n}\nexport class ServerNode {\n"
        "  static newServerNode() { return new Builder(); }\n}\n",
    },
    "main.js",
    'import { ServerNode } from "./node.js";\n\nexport function parse(text) {\n'
    "  const b = ServerNode.newServerNode();\n  return b.",
    "\n}\n",
    frozenset({"withIp", "withPort", "build"}),
)
CPP = Project(
    "cpp",
    {
        "node.hpp": "#pragma once\n#include <string>\nclass ServerNode {\npublic:\n  class Builder {\n  public:\n"
        "    Builder& with_ip(const std::string& ip);\n    Builder& with_port(int port);\n    ServerNode build();\n"
        "  private:\n    int hidden_;\n  };\n  static Builder new_server_node();\n};\n",
    },
    "main.cpp",
    '#include "node.hpp"\n#include <vector>\n\nServerNode parse(const std::string& text) {\n'
    "  std::vector<std::string> parts;\n  return (ServerNode::new_server_node().",
    "\n}\n\nint main() { return 0; }\n",
    frozenset({"with_ip", "with_port", "build"}),
)
JAVA = Project(
    "java",
    {
        "src/demo/ServerNode.java": "package demo;\n\npublic class ServerNode {\n  public static class Builder {\n"
        "    public Builder withIp(String ip) { return this; }\n"
        "    public Builder withPort(int port) { return this; }\n"
        "    public ServerNode build() { return new ServerNode(); }\n    private void hidden() {}\n  }\n"
        "  public static Builder newServerNode() { return new Builder(); }\n}\n",
        "src/demo/Main.java": "package demo;\n\npublic class Main {\n}\n",
    },
    "src/demo/Main.java",
    "package demo;\n\npublic class Main {\n  static ServerNode parse(String text) {\n"
    '    String[] parts = text.split(":");\n    return wrap(ServerNode.newServerNode().',
    "\n  }\n  static <T> T wrap(T x) { return x; }\n}\n",
    frozenset({"withIp", "withPort", "build"}),
)
GO = Project(
    "go",
    {
        "go.mod": "module demo\n\ngo 1.19\n",
        "node/node.go": "package node\n\ntype Builder struct{ hidden int }\n\n"
        "func (b *Builder) WithIP(ip string) *Builder { return b }\n"
        "func (b *Builder) WithPort(port int) *Builder { return b }\nfunc (b *Builder) Build() int { return 1 }\n\n"
        "func New() *Builder { return &Builder{} }\n",
        "main.go": "package main\n\nfunc main() {\n}\n",
    },
    "main.go",
    'package main\n\nimport "demo/node"\n\nfunc parse(text string) int {\n\tb := node.New()\n\treturn wrap(b.',
    "\n}\n\nfunc wrap(x int) int { return x }\n\nfunc main() {}\n",
    frozenset({"WithIP", "WithPort", "Build"}),
)
PHP = Project(
    "php",
    {
        "node.php": "<?php\nclass Builder {\n  public function withIp(string $ip): Builder { return $this; }\n"
        "  public function withPort(int $port): Builder { return $this; }\n"
        "  public function build(): ServerNode { return new ServerNode(); }\n  private function hidden() {}\n}\n"
        "class ServerNode {\n  public static function newServerNode(): Builder { return new Builder(); }\n}\n",
    },
    "main.php",
    "<?php\nrequire_once 'node.php';\n\nfunction parse(string $text): ServerNode {\n"
    "  $b = ServerNode::newServerNode();\n  return $b->",
    "\n}\n",
    frozenset({"withIp", "withPort", "build"}),
)
PROJECTS = {
    "python with jedi": python("jedi"),
    "python with ty": python("ty"),
    "python with zuban": python("zuban"),
    "python with pyrefly": python("pyrefly"),
    "python with basedpyright": python("basedpyright"),
    "typescript": TYPESCRIPT,
    "javascript": JAVASCRIPT,
    "cpp": CPP,
    "java": JAVA,
    "go": GO,
    "php": PHP,
}


def answers(
    project: Project, root: Path, home: Path, document: Callable[[], Document], seconds: float
) -> tuple[list[Constraint], tuple[Finding, ...]]:
    """Ask until the server is up and gives a constraint."""
    chosen = {project.language: project.analyser} if project.analyser else {}
    settings = MonitorSettings(("dereference",), budget_ms=5000, analysers=chosen)
    with Supervisor(root, settings, home=home) as supervisor:
        end = time.monotonic() + seconds
        while True:
            watch = supervisor.watch(document())
            found = constraints_of(watch, [""])
            if found or time.monotonic() > end:
                return found, watch.findings
            time.sleep(0.3)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", PROJECTS)
def test_only_members_that_exist(name: str, tmp_path: Path, host_home: Path) -> None:
    project = PROJECTS[name]
    if project.language == "go" and shutil.which("gopls") is None:
        pytest.skip("gopls is not on the path")
    try:
        install(project.analyser or project.language, host_home)
    except MonitorError as error:
        pytest.skip(error.message)
    for file, text in project.files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(text, encoding="utf-8")

    def document() -> Document:
        return Document(str(tmp_path / project.path), project.language, project.prefix, project.suffix)

    constraints, findings = answers(project, tmp_path, host_home, document, 120)
    assert constraints, findings
    allowed = constraints[0].names or frozenset((constraints[0].regex or "").strip("(?:").split(")")[0].split("|"))
    assert project.members <= allowed
    for invented in ("host", "ip", "setIp", "with_host", "withHost", "hidden", "hidden_"):
        assert invented not in allowed
    if project.path in project.files:
        assert (tmp_path / project.path).read_text(encoding="utf-8") == project.files[project.path]
