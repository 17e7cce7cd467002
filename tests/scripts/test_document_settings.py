"""Documentation and editors say what the settings are."""

import json
from pathlib import Path

import pytest

from lsp_server.settings.leaves import leaves
from scripts.document_settings import LUA, MANIFEST, PAGE, PLACE, UPDATES


@pytest.mark.parametrize("path", UPDATES, ids=lambda path: path.name)
def test_what_repeats_the_settings_says_what_they_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert UPDATES[path](text) == text, "run `python -m scripts.document_settings`"


def test_the_page_has_a_place_for_them() -> None:
    assert PLACE.search(PAGE.read_text(encoding="utf-8"))


def test_vs_code_knows_every_setting_and_its_default() -> None:
    parts = json.loads(MANIFEST.read_text(encoding="utf-8"))["contributes"]["configuration"]
    shown = {name: entry for part in parts for name, entry in part["properties"].items()}
    for leaf in leaves().values():
        default = list(leaf.default) if isinstance(leaf.default, tuple) else leaf.default
        assert shown.pop(leaf.name)["default"] == default
    assert all(name.startswith("dragoman.server.") for name in shown), "what is left is the extension's own"


def test_neovim_knows_every_setting() -> None:
    lua = LUA.read_text(encoding="utf-8")
    assert all(f"    {leaf.name.rpartition('.')[2]} = " in lua for leaf in leaves().values())
