"""The paper's motivating example in each language: a builder that another file defines.

A model that has not seen that file invents members of the builder; the monitors allow those that there are.
"""

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

_SCRIPTED = Path(__file__).with_name("host") / "scripted_language_server.py"


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
    script: tuple[str, dict[str, list[list[object]]]] | None = None
    """Where the real server cannot be had: the program that stands for it, and what it answers."""


def python(analyser: str) -> Project:
    return Project(
        "python",
        {
            "server/node.py": "class ServerNode:\n    class Builder:\n"
            '        def set_ip(self, ip: str) -> "ServerNode.Builder": ...\n'
            '        def set_port(self, port: int) -> "ServerNode.Builder": ...\n'
            '        def seal(self) -> "ServerNode": ...\n'
            "    @staticmethod\n    def new_server_node() -> Builder: ...\n",
            "server/__init__.py": "",
        },
        "main.py",
        "from server.node import ServerNode\n\ndef parse(text: str) -> ServerNode:\n    parts = text.split(':')\n"
        "    return (ServerNode.new_server_node().",
        "\n\n\ndef other() -> None:\n    pass\n",
        frozenset({"set_ip", "set_port", "seal"}),
        analyser,
    )


TYPESCRIPT = Project(
    "typescript",
    {
        "tsconfig.json": '{"compilerOptions": {"strict": true, "module": "esnext", "moduleResolution": "bundler"}}',
        "node.ts": "export class Builder {\n  setIp(ip: string): Builder { return this; }\n"
        "  setPort(port: number): Builder { return this; }\n  seal(): ServerNode { return new ServerNode(); }\n"
        "  private hidden(): void {}\n}\nexport class ServerNode {\n"
        "  static newServerNode(): Builder { return new Builder(); }\n}\n",
    },
    "main.ts",
    'import { ServerNode } from "./node";\n\nexport function parse(text: string): ServerNode {\n'
    '  const parts = text.split(":");\n  return wrap(ServerNode.newServerNode().',
    "\n}\n\nfunction wrap<T>(x: T): T { return x; }\n",
    frozenset({"setIp", "setPort", "seal"}),
)
JAVASCRIPT = Project(
    "javascript",
    {
        "package.json": '{"type": "module"}',
        "node.js": "export class Builder {\n  setIp(ip) { return this; }\n  setPort(port) { return this; }\n"
        "  seal() { return new ServerNode(); }\n}\nexport class ServerNode {\n"
        "  static newServerNode() { return new Builder(); }\n}\n",
    },
    "main.js",
    'import { ServerNode } from "./node.js";\n\nexport function parse(text) {\n'
    "  const b = ServerNode.newServerNode();\n  return b.",
    "\n}\n",
    frozenset({"setIp", "setPort", "seal"}),
)
CPP = Project(
    "cpp",
    {
        "node.hpp": "#pragma once\n#include <string>\nclass ServerNode {\npublic:\n  class Builder {\n  public:\n"
        "    Builder& set_ip(const std::string& ip);\n    Builder& set_port(int port);\n    ServerNode seal();\n"
        "  private:\n    int hidden_;\n  };\n  static Builder new_server_node();\n};\n",
    },
    "main.cpp",
    '#include "node.hpp"\n#include <vector>\n\nServerNode parse(const std::string& text) {\n'
    "  std::vector<std::string> parts;\n  return (ServerNode::new_server_node().",
    "\n}\n\nint main() { return 0; }\n",
    frozenset({"set_ip", "set_port", "seal"}),
)
JAVA = Project(
    "java",
    {
        "src/demo/ServerNode.java": "package demo;\n\npublic class ServerNode {\n  public static class Builder {\n"
        "    public Builder setIp(String ip) { return this; }\n"
        "    public Builder setPort(int port) { return this; }\n"
        "    public ServerNode seal() { return new ServerNode(); }\n    private void hidden() {}\n  }\n"
        "  public static Builder newServerNode() { return new Builder(); }\n}\n",
        "src/demo/Main.java": "package demo;\n\npublic class Main {\n}\n",
    },
    "src/demo/Main.java",
    "package demo;\n\npublic class Main {\n  static ServerNode parse(String text) {\n"
    '    String[] parts = text.split(":");\n    return wrap(ServerNode.newServerNode().',
    "\n  }\n  static <T> T wrap(T x) { return x; }\n}\n",
    frozenset({"setIp", "setPort", "seal"}),
)
GO = Project(
    "go",
    {
        "go.mod": "module demo\n\ngo 1.19\n",
        "node/node.go": "package node\n\ntype Builder struct{ hidden int }\n\n"
        "func (b *Builder) SetIP(ip string) *Builder { return b }\n"
        "func (b *Builder) SetPort(port int) *Builder { return b }\nfunc (b *Builder) Seal() int { return 1 }\n\n"
        "func New() *Builder { return &Builder{} }\n",
        "main.go": "package main\n\nfunc main() {\n}\n",
    },
    "main.go",
    'package main\n\nimport "demo/node"\n\nfunc parse(text string) int {\n\tb := node.New()\n\treturn wrap(b.',
    "\n}\n\nfunc wrap(x int) int { return x }\n\nfunc main() {}\n",
    frozenset({"SetIP", "SetPort", "Seal"}),
)
PHP = Project(
    "php",
    {
        "node.php": "<?php\nclass Builder {\n  public function setIp(string $ip): Builder { return $this; }\n"
        "  public function setPort(int $port): Builder { return $this; }\n"
        "  public function seal(): ServerNode { return new ServerNode(); }\n  private function hidden() {}\n}\n"
        "class ServerNode {\n  public static function newServerNode(): Builder { return new Builder(); }\n}\n",
    },
    "main.php",
    "<?php\nrequire_once 'node.php';\n\nfunction parse(string $text): ServerNode {\n"
    "  $b = ServerNode::newServerNode();\n  return $b->",
    "\n}\n",
    frozenset({"setIp", "setPort", "seal"}),
)
INHERITED: dict[str, frozenset[str]] = {
    "python": frozenset(dir(object)),
    "java": frozenset({"equals", "getClass", "hashCode", "notify", "notifyAll", "toString", "wait"}),
    "javascript": frozenset(
        {"hasOwnProperty", "isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf"}
    ),
    "csharp": frozenset({"Equals", "GetHashCode", "GetType", "ToString"}),
}
"""Members that every object has."""

_MEMBERS: list[list[object]] = [["set_ip", 2], ["set_port", 2], ["seal", 2]]
RUST = Project(
    "rust",
    {
        "Cargo.toml": '[package]\nname = "demo"\nversion = "0.1.0"\nedition = "2021"\n',
        "src/node.rs": "pub struct Builder;\nimpl Builder {\n    pub fn set_ip(self, ip: &str) -> Self { self }\n"
        "    pub fn set_port(self, port: u16) -> Self { self }\n"
        "    pub fn seal(self) -> ServerNode { ServerNode }\n}\n"
        "pub struct ServerNode;\nimpl ServerNode {\n    pub fn builder() -> Builder { Builder }\n}\n",
    },
    "src/main.rs",
    "mod node;\nuse node::ServerNode;\n\nfn parse(text: &str) -> ServerNode {\n"
    "    let parts: Vec<&str> = text.split(':').collect();\n    let builder = ServerNode::builder();\n"
    "    return builder.",
    ";\n}\n\nfn main() {}\n",
    frozenset({"set_ip", "set_port", "seal"}),
    script=("rust-analyzer", {r"\bbuilder\.\w*\Z": _MEMBERS}),
)
CSHARP = Project(
    "csharp",
    {
        "demo.csproj": '<Project Sdk="Microsoft.NET.Sdk"></Project>\n',
        "ServerNode.cs": "public class Builder {\n    public Builder SetIp(string ip) => this;\n"
        "    public Builder SetPort(int port) => this;\n    public ServerNode Seal() => new ServerNode();\n}\n"
        "public class ServerNode {\n    public static Builder NewServerNode() => new Builder();\n}\n",
    },
    "Main.cs",
    "public class Program {\n    static ServerNode Parse(string text) {\n        var parts = text.Split(':');\n"
    "        var builder = ServerNode.NewServerNode();\n        return builder.",
    ";\n    }\n}\n",
    frozenset({"SetIp", "SetPort", "Seal"}),
    script=("OmniSharp", {r"\bbuilder\.\w*\Z": [["SetIp", 2], ["SetPort", 2], ["Seal", 2]]}),
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
    "rust with a scripted server": RUST,
    "csharp with a scripted server": CSHARP,
}


def lay_out(project: Project, root: Path) -> None:
    """Write a project's files. Where the server is scripted, a `bin` folder for the path holds it."""
    if project.script is not None:
        program, script = project.script
        (root / "bin").mkdir()
        (root / "bin" / "script.json").write_text(json.dumps(script), encoding="utf-8")
        started = shlex.join([sys.executable, str(_SCRIPTED), str(root / "bin" / "script.json")])
        (root / "bin" / program).write_text(f"#!/bin/sh\nexec {started}\n", encoding="utf-8")
        (root / "bin" / program).chmod(0o755)
    for file, text in project.files.items():
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(text, encoding="utf-8")
