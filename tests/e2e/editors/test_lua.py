"""The plugin's Lua: no warning of luacheck, and parts of suggestions as a user expects them."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.editors.neovim import PLUGIN

pytestmark = pytest.mark.editors


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
    command = [
        str(nvim),
        "--headless",
        "-u",
        "NONE",
        "--cmd",
        f"set rtp^={PLUGIN}",
        "-l",
        "/dev/stdin",
        json.dumps(text),
    ]
    done = subprocess.run(command, input=script, capture_output=True, text=True)
    assert json.loads(done.stdout) == expected
