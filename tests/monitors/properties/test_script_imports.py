import re
from pathlib import Path

import pytest

from monitors import Constraint, Document
from monitors.properties.imports import ImportMonitor
from monitors.testing import ScriptedAnalyser, constrain

EXPORTS = ["Basket", "total"]


def found(root: Path, prefix: str, text: str, suffix: str = "\n", exports: list[str] = EXPORTS) -> list[Constraint]:
    document = Document(str(root / "main.ts"), "typescript", prefix, suffix)
    texts = [text[:i] for i in range(len(text) + 1)]
    return constrain(ImportMonitor(True), document, ScriptedAnalyser(exports), texts)


def allows(constraint: Constraint, text: str) -> bool:
    if constraint.names is not None:
        word = re.match(r"\w*", text)
        return word is not None and word.group() in constraint.names
    pattern = re.sub(r"\\x\{([0-9A-Fa-f]+)\}", lambda m: f"\\U{int(m.group(1), 16):08x}", constraint.regex or "")
    return re.fullmatch(pattern, text) is not None


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "lib").mkdir()
    for name in ("cart.ts", "my-till.service.ts", "logo.svg", "lib/deep.d.ts"):
        (tmp_path / name).write_text("")
    return tmp_path


@pytest.mark.parametrize("prefix", ['import { a } from "./', "const a = require('./", 'import "./', 'await import("./'])
def test_files_that_exist(shop: Path, prefix: str) -> None:
    (constraint,) = found(shop, prefix, "")
    for name in ('cart"', 'cart.js"', 'my-till.service"', 'logo.svg"', "lib/deep", "../lib/deep"):
        assert allows(constraint, name), name
    for name in ('"', "'", '.."', '../"', '$types"', '+page"'):
        assert allows(constraint, name), name
    for name in ('basket"', 'cart2"', 'my-till"', "src/", '..."', 'cart$"'):
        assert not allows(constraint, name), name


def test_each_folder_of_a_path(shop: Path) -> None:
    first, second = found(shop, 'import { a } from "', "./lib/de")
    assert (first.start, second.start) == (2, 6)
    assert allows(second, 'deep"')
    assert not allows(second, 'cart"')


@pytest.mark.parametrize("text", ["require('../');", "import '..';", "import a from './';", "import a from '../..';"])
def test_a_folder_is_imported_itself(shop: Path, text: str) -> None:
    (shop / "main").mkdir()
    for constraint in found(shop / "main", "", text):
        assert allows(constraint, text[constraint.start :])


@pytest.mark.parametrize(
    ("files", "judged"),
    [
        ({}, True),
        ({"tsconfig.json": '{"compilerOptions": {\n  // "rootDirs": [],\n  "strict": true }}'}, True),
        ({"tsconfig.json": '{"compilerOptions": {"outDir": "./out", "rootDirs": [".", "made"]}}'}, False),
        ({"jsconfig.json": '{"compilerOptions": {"rootDirs": [".", "made"]}}'}, False),
        ({"tsconfig.json": '{"extends": "./lib/made.json"}', "lib/made.json": '{"rootDirs": [".."]}'}, False),
        ({"tsconfig.json": '{"extends": ["./lib/made"]}', "lib/made.json": '{"rootDirs": [".."]}'}, False),
        ({"tsconfig.json": '{"extends": "./tsconfig.json"}'}, True),
        ({"tsconfig.json": '{"extends": "./nowhere.json"}'}, True),
        ({"tsconfig.json": '{"rootDirs": ["."]}', "lib/tsconfig.json": "{}"}, True),
    ],
)
def test_folders_that_lie_over_each_other_are_not_judged(shop: Path, files: dict[str, str], judged: bool) -> None:
    for name, text in files.items():
        (shop / name).write_text(text, encoding="utf-8")
    assert bool(found(shop / "lib", 'import { a } from "./', "")) is judged


def test_names_are_judged_when_the_module_is_named(shop: Path) -> None:
    (constraint,) = [
        c
        for c in found(shop, "", 'import { Basket, Invented } from "shop"')
        if not (c.regex or "").startswith("(?:(?:c")
    ]
    assert constraint.start == 17
    assert allows(constraint, "total as t } from")
    assert allows(constraint, "type Basket }")
    assert not allows(constraint, "Invented }")
    assert not found(shop, "", 'import { Basket as B, type total, } from "shop"')
    assert not found(shop, "", 'import Shop, { default as x } from "shop"')
    assert found(shop, "", 'export { Invented } from "shop"')


def test_names_are_masked_where_the_module_stands_behind_the_cursor(shop: Path) -> None:
    (constraint,) = found(shop, "import { Basket, ", "", ' } from "shop";\n')
    assert (constraint.start, allows(constraint, "total"), allows(constraint, "Invented")) == (0, True, False)


def test_an_unknown_module_forbids_nothing(shop: Path) -> None:
    assert not found(shop, "", 'import { Invented } from "shop"', exports=[])
    assert not found(shop, "", 'import { Invented } from "shop"', exports=["Array", "Promise", "x"])
    assert not found(shop, 'import { a } from "./nowhere/', "")
