"""What may be read of a folder, and where imports lead, over small folders made here."""

from pathlib import Path

import pytest

from lsp_server.context.definitions import MAX_DEFINITION_CHARS, Definitions, rendered
from lsp_server.context.import_rules import Imported
from lsp_server.context.imports import resolve_imports
from lsp_server.context.workspace import MAX_FILE_BYTES, Workspace, holds_secrets
from lsp_server.languages import language_for, language_of_path
from lsp_server.languages.outline import Definition


def folder(root: Path, files: dict[str, str]) -> Workspace:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Workspace(str(root))


def tree(root: Path, *paths: str) -> Workspace:
    return folder(root, dict.fromkeys(paths, ""))


def test_gitignore_files_are_respected_and_the_deeper_one_decides(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / ".gitignore").write_text("*.gen.py\n/build/\n", encoding="utf-8")
    (tmp_path / "src" / ".gitignore").write_text("!kept.gen.py\nlocal.py\n", encoding="utf-8")
    workspace = Workspace(str(tmp_path))
    assert workspace.ignored("a.gen.py")
    assert workspace.ignored("build/x.py")
    assert workspace.ignored("src/a.gen.py")
    assert workspace.ignored("src/local.py")
    assert workspace.ignored("node_modules/a/index.js")
    assert not workspace.ignored("src/kept.gen.py")
    assert not workspace.ignored("local.py")
    assert not workspace.ignored("src/build/x.py")


@pytest.mark.parametrize(
    "path", [".env", "a/.env.local", "id_rsa", "x/server.pem", "secrets.yaml", "config/credentials.json"]
)
def test_files_that_hold_secrets_are_known(path: str) -> None:
    assert holds_secrets(path)


@pytest.mark.parametrize("path", ["environment.py", "keys.py", "secret_santa.py", "a/pem.py", "credentials.py"])
def test_code_about_secrets_is_code(path: str) -> None:
    assert not holds_secrets(path)


def test_nothing_outside_the_folder_or_too_large_or_binary_is_read(tmp_path: Path) -> None:
    (tmp_path / "outside.py").write_text("x = 1", encoding="utf-8")
    root = tmp_path / "root"
    root.mkdir()
    (root / "large.py").write_text("x" * (MAX_FILE_BYTES + 1), encoding="utf-8")
    (root / "binary.py").write_bytes(b"\0\1")
    (root / "fine.py").write_text("x = 1", encoding="utf-8")
    (root / "link.py").symlink_to(tmp_path / "outside.py")
    workspace = Workspace(str(root))
    assert workspace.read("fine.py") == "x = 1"
    for path in (
        "link.py",
        "../outside.py",
        str(tmp_path / "outside.py"),
        "large.py",
        "binary.py",
        "missing.py",
        "",
        ".",
        "a\0b",
    ):
        assert workspace.read(path) is None


def test_the_disk_is_looked_at_again_after_forgetting(tmp_path: Path) -> None:
    workspace = Workspace(str(tmp_path))
    assert not workspace.is_file("a.py")
    (tmp_path / "a.py").write_text("", encoding="utf-8")
    assert not workspace.is_file("a.py")
    workspace.forget()
    assert workspace.is_file("a.py")


def test_siblings_are_of_the_same_language_and_near_in_the_alphabet(tmp_path: Path) -> None:
    workspace = tree(tmp_path, *(f"p/{letter}.py" for letter in "abcdefgh"), "p/d.js")
    assert workspace.siblings("p/d.py", 3) == ["p/c.py", "p/e.py", "p/f.py"]
    assert len(workspace.siblings("p/d.py", 100)) == 7
    assert workspace.siblings("missing/d.py", 3) == []


CASES = [
    (
        "python",
        "pkg/sub/a.py",
        "from . import sibling\nfrom ..core import (\n    One,  # why\n    Two as Second,\n)\n"
        "import pkg.util as u\nimport os\n",
        ["pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/sibling.py", "pkg/core.py", "pkg/util/__init__.py"],
        [Imported("pkg/sub/sibling.py"), Imported("pkg/core.py", ("One", "Two")), Imported("pkg/util/__init__.py")],
    ),
    (
        "python",
        "src/app/a.py",
        "from app.b import c\n",
        ["src/app/__init__.py", "src/app/b.py"],
        [Imported("src/app/b.py", ("c",))],
    ),
    (
        "typescript",
        "src/a.ts",
        "import { B, type C } from './b';\nimport D from '../lib/d.js';\nimport * as e from './e';\n"
        "import fs from 'fs';\n",
        ["src/b.ts", "lib/d.ts", "src/e/index.ts"],
        [Imported("src/b.ts", ("B", "C")), Imported("lib/d.ts"), Imported("src/e/index.ts")],
    ),
    (
        "javascript",
        "a.js",
        "const { b } = require('./b');\nexport { c } from './c.mjs';\nconst d = require('./d');\n",
        ["b.js", "c.mjs", "d.js"],
        [Imported("b.js", ("b",)), Imported("c.mjs", ("c",)), Imported("d.js")],
    ),
    (
        "java",
        "core/src/test/java/org/x/ATest.java",
        "package org.x;\nimport org.x.util.B;\nimport static org.x.util.C.make;\nimport java.util.List;\n"
        "class ATest { Near n; }\n",
        [
            "core/src/main/java/org/x/util/B.java",
            "core/src/main/java/org/x/util/C.java",
            "core/src/test/java/org/x/Near.java",
        ],
        [
            Imported("core/src/main/java/org/x/util/B.java", ("B",)),
            Imported("core/src/main/java/org/x/util/C.java", ("C",)),
            Imported("core/src/test/java/org/x/Near.java", ("Near",)),
        ],
    ),
    (
        "scala",
        "src/org/x/A.scala",
        "package org.x\nimport org.x.y.{B, C}\n",
        ["src/org/x/y/B.scala", "src/org/x/y/C.scala"],
        [Imported("src/org/x/y/B.scala", ("B",)), Imported("src/org/x/y/C.scala", ("C",))],
    ),
    ("csharp", "A.cs", "using System;\nclass A { Helper h; }\n", ["Helper.cs"], [Imported("Helper.cs", ("Helper",))]),
    (
        "rust",
        "crates/app/src/a/mod.rs",
        "mod inner;\nuse crate::b::{C, d::{self, E as F}};\nuse super::g::H;\nuse other_crate::I;\nuse std::fmt;\n",
        [
            "crates/app/Cargo.toml",
            "crates/app/src/lib.rs",
            "crates/app/src/a/inner.rs",
            "crates/app/src/b.rs",
            "crates/app/src/b/d.rs",
            "crates/app/src/g.rs",
            "crates/other-crate/src/lib.rs",
        ],
        [
            Imported("crates/app/src/a/inner.rs"),
            Imported("crates/app/src/b.rs", ("C",)),
            Imported("crates/app/src/b/d.rs"),
            Imported("crates/app/src/g.rs", ("H",)),
            Imported("crates/other-crate/src/lib.rs", ("I",)),
        ],
    ),
    (
        "cpp",
        "src/net/a.cc",
        '#include "b.h"\n#include "net/c.h"\n#include <vector>\n',
        ["src/net/b.h", "src/net/c.h", "src/net/a.h"],
        [Imported("src/net/b.h"), Imported("src/net/c.h"), Imported("src/net/a.h")],
    ),
    ("c", "src/a.c", '#include "b.h"\n', ["include/b.h"], [Imported("include/b.h")]),
    (
        "ruby",
        "lib/x/a.rb",
        "require_relative 'b'\nrequire 'x/c'\nrequire 'json'\n",
        ["lib/x/b.rb", "lib/x/c.rb"],
        [Imported("lib/x/b.rb"), Imported("lib/x/c.rb")],
    ),
    ("php", "a.php", "<?php\nrequire_once __DIR__ . '/lib/b.php';\n", ["lib/b.php"], [Imported("lib/b.php")]),
    ("lua", "a.lua", 'local b = require("x.b")\n', ["lua/x/b.lua"], [Imported("lua/x/b.lua")]),
    (
        "shellscript",
        "bin/a.sh",
        'source "$DIR/b.sh"\n. ./c.sh\n',
        ["bin/b.sh", "bin/c.sh"],
        [Imported("bin/b.sh"), Imported("bin/c.sh")],
    ),
    ("sql", "a.sql", "select 1;\n", [], []),
]


@pytest.mark.parametrize(
    ("language", "path", "text", "files", "expected"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES]
)
def test_imports_lead_to_files(
    tmp_path: Path, language: str, path: str, text: str, files: list[str], expected: list[Imported]
) -> None:
    workspace = tree(tmp_path, path, *files)
    assert list(resolve_imports(text, path, language_for(language), workspace)) == expected


def test_go_packages_are_found_through_go_mod_and_its_replacements(tmp_path: Path) -> None:
    workspace = tree(tmp_path, "srv/a.go", "srv/b.go", "srv/b_test.go", "srv/in/c.go", "api/v3pb/d.go")
    (tmp_path / "srv" / "go.mod").write_text("module x.io/srv\n\nreplace x.io/api => ../api\n", encoding="utf-8")
    text = 'package a\n\nimport (\n\t"fmt"\n\t"x.io/srv/in"\n\tpb "x.io/api/v3pb"\n)\n'
    found = resolve_imports(text, "srv/a.go", language_for("go"), workspace)
    assert [item.path for item in found] == ["srv/b.go", "srv/in/c.go", "api/v3pb/d.go"]


def test_typescript_paths_are_read_from_a_tsconfig_with_comments(tmp_path: Path) -> None:
    workspace = tree(tmp_path, "app/src/a.ts", "app/src/lib/b.ts")
    config = '{ // "x"\n "compilerOptions": { "baseUrl": ".", "paths": { "#lib/*": ["src/lib/*"], } } }'
    (tmp_path / "app" / "tsconfig.json").write_text(config, encoding="utf-8")
    found = resolve_imports("import { b } from '#lib/b'\n", "app/src/a.ts", language_for("typescript"), workspace)
    assert found == (Imported("app/src/lib/b.ts", ("b",)),)


def test_php_classes_are_found_through_composer(tmp_path: Path) -> None:
    workspace = tree(tmp_path, "a.php", "source/Model/User.php")
    (tmp_path / "composer.json").write_text('{"autoload": {"psr-4": {"App\\\\": "source/"}}}', encoding="utf-8")
    found = resolve_imports("<?php\nuse App\\Model\\User;\n", "a.php", language_for("php"), workspace)
    assert found == (Imported("source/Model/User.php", ("User",)),)


def test_broken_configuration_is_no_configuration(tmp_path: Path) -> None:
    workspace = tree(tmp_path, "a.ts", "b.ts")
    for broken in ("{", "[]", '{"compilerOptions": {"paths": {"*": 3}, "baseUrl": null}}', "\0"):
        (tmp_path / "tsconfig.json").write_text(broken, encoding="utf-8")
        workspace.forget()
        found = resolve_imports("import { b } from './b'\nimport c from 'c'\n", "a.ts", language_for("ts"), workspace)
        assert found == (Imported("b.ts", ("b",)),)


def test_names_are_followed_through_files_that_pass_them_on(tmp_path: Path) -> None:
    workspace = folder(
        tmp_path,
        {
            "pkg/__init__.py": "from .core import Thing\n",
            "pkg/core.py": "class Thing:\n    def run(self, speed: int) -> None:\n        pass\n\nclass Other: ...\n",
        },
    )
    imports = resolve_imports("from pkg import Thing\n", "a.py", language_for("python"), workspace)
    found = Definitions(workspace).behind(imports)
    assert [(item.path, [definition.name for definition in item.definitions]) for item in found] == [
        ("pkg/core.py", ["Thing"])
    ]
    assert rendered(found[0].definitions[0], found[0].language) == (
        "class Thing:\n    def run(self, speed: int) -> None: ..."
    )


def test_outlines_follow_the_file_on_disk(tmp_path: Path) -> None:
    workspace = folder(tmp_path, {"b.py": "def old(): pass\n"})
    definitions = Definitions(workspace)
    assert [item.name for item in definitions.behind([Imported("b.py")])[0].definitions] == ["old"]
    (tmp_path / "b.py").write_text("def quite_new(): pass\n", encoding="utf-8")
    assert [item.name for item in definitions.behind([Imported("b.py")])[0].definitions] == ["quite_new"]
    (tmp_path / "b.py").unlink()
    workspace.forget()
    assert definitions.behind([Imported("b.py")]) == ()


def test_a_long_definition_loses_its_last_members() -> None:
    members = tuple(Definition(f"m{n}", "function", f"def method_{n}(self, argument)", n, n) for n in range(200))
    text = rendered(Definition("C", "type", "class C", 0, 200, members=members), language_of_path("a.py"))
    assert len(text) <= MAX_DEFINITION_CHARS
    assert text.startswith("class C:\n    def method_0(self, argument): ...")
    assert text.endswith(": ...")
