"""The plugin's Lua: no warning of luacheck, and parts of suggestions as a user expects them."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.editors.neovim import PLUGIN

pytestmark = pytest.mark.editors


def lua(nvim: Path, script: str, argument: Any = None) -> Any:
    """What a script writes, as JSON, in a Neovim that has the plugin; `arg[1]` is its argument, as JSON."""
    command = [
        str(nvim),
        "--headless",
        "-u",
        "NONE",
        "--cmd",
        f"set rtp^={PLUGIN}",
        "-l",
        "/dev/stdin",
        json.dumps(argument),
    ]
    done = subprocess.run(command, input=script, capture_output=True, text=True)
    return json.loads(done.stdout)


def test_luacheck_has_nothing_to_say() -> None:
    done = subprocess.run(["luacheck", "--no-color", "--quiet", "."], cwd=PLUGIN, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("part", "text", "expected"),
    [
        ("word", "urn first < second", "urn"),
        ("word", " first < second", " first"),
        ("word", " < second", " <"),
        ("word", "(self.name)", "("),
        ("word", "größe = 1", "größe"),
        ("word", "\n    x = 1", "\n    "),
        ("word", "  ", "  "),
        ("line", "a = 1\n    b = 2\n", "a = 1"),
        ("line", "\n    b = 2\nc", "\n    b = 2"),
        ("line", "only", "only"),
    ],
)
def test_parts(nvim: Path, part: str, text: str, expected: str) -> None:
    script = f"io.write(vim.json.encode(require('dragoman.parts').{part}(vim.json.decode(arg[1]))))"
    assert lua(nvim, script, text) == expected


FALLBACKS = """
local dragoman = require("dragoman")
local options = { cmd = { "true" }, keys = { accept = "<Tab>", dismiss = "<C-]>" } }
local written = {}
local function press(key)
  vim.cmd("enew!")
  vim.api.nvim_feedkeys(vim.keycode("i" .. key .. "<Esc>"), "tx", false)
  table.insert(written, vim.api.nvim_get_current_line())
end
vim.keymap.set("i", "<Tab>", "GLOBAL")
vim.keymap.set("i", "<Tab>", "LOCAL", { buffer = true })
vim.keymap.set("i", "<C-]>", "ONLY HERE", { buffer = true })
dragoman.setup(options)
press("<Tab>")
dragoman.setup(options)
press("<Tab>")
vim.keymap.set("i", "<Tab>", "ANOTHER")
dragoman.setup(options)
press("<Tab>")
dragoman.setup(options)
press("<Tab>")
vim.keymap.del("i", "<Tab>")
dragoman.setup(options)
press("<Tab>")
press("a<C-]>")
io.write(vim.json.encode(written))
"""


def test_a_key_falls_back_to_what_it_did_before(nvim: Path) -> None:
    """However often `setup` is called, and whatever the buffer that it is called in maps for itself."""
    assert lua(nvim, FALLBACKS) == ["GLOBAL", "GLOBAL", "ANOTHER", "ANOTHER", "\t", "a"]
