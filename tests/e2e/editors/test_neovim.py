"""The plugin in real Neovim: ghost text of the real model, and everything a user does with it."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.editors.neovim import Neovim
from tests.e2e.editors.projects import NEWER, Project, server_processes, wait_for

pytestmark = [pytest.mark.editors, pytest.mark.timeout(180)]


@pytest.fixture(params=["native", "own"])
def neovim(request: pytest.FixtureRequest, nvim: Path, project: Project) -> Iterator[Neovim]:
    """With ghost text by Neovim itself and by the plugin; the cursor in the empty last line."""
    instance = Neovim(nvim, project, f"ghost_text = '{request.param}'")
    try:
        instance.wait_until_ready()
        instance.keys("Go")
        yield instance
    finally:
        instance.close()


def suggested(neovim: Neovim, typed: str) -> str:
    """Type, and wait for a suggestion that goes on from there."""
    neovim.keys(typed)
    return wait_for(f"ghost text after {typed!r}", lambda: neovim.ghost() if neovim.line().endswith(typed) else "")


def test_what_a_user_does_with_suggestions(neovim: Neovim, project: Project, artifacts: Path) -> None:
    # 1. Ghost text of the real model, on the screen; accepted by Tab.
    assert suggested(neovim, "ret") == "urn first < second"
    wait_for("ghost text on the screen", lambda: "    return first < second" in neovim.screen())
    neovim.keep(artifacts, "suggestion")
    neovim.keys("<Tab>")
    wait_for("the accepted line", lambda: neovim.line() == "    return first < second")
    wait_for("`shown` in the log", lambda: project.events("INFO shown"))
    wait_for("`accepted` in the log", lambda: project.events("INFO accepted"))

    # 2. By word: the rest stays on the screen.
    neovim.keys("<Esc>cc")
    assert suggested(neovim, "ret").startswith("urn first")
    neovim.keys("<M-Right>")
    wait_for("the first word", lambda: neovim.line() == "    return")
    wait_for("the rest", lambda: neovim.ghost() == " first < second")
    neovim.keys("<M-Right>")
    wait_for("the second word", lambda: neovim.line() == "    return first")
    wait_for("`partly accepted` in the log", lambda: len(project.events("INFO partly accepted")) == 2)
    neovim.keep(artifacts, "by-word")

    # 3. Typing along keeps it, typing something else ends it in the same moment.
    neovim.keys(" ")
    wait_for("the rest after typing along", lambda: neovim.ghost() == "< second")
    neovim.keys("@")
    wait_for("the typed key", lambda: neovim.line() == "    return first @")
    assert not neovim.ghost().startswith("< second")

    # 4. Alternatives, there and back.
    neovim.keys("<Esc>cc")
    first = suggested(neovim, "ret")
    neovim.keys("<M-]>")
    second = wait_for("another suggestion", lambda: ghost if (ghost := neovim.ghost()) != first else "")
    assert "(2/" in second
    neovim.keep(artifacts, "alternative")
    neovim.keys("<M-[>")
    wait_for("the first again", lambda: neovim.ghost().startswith(first))

    # 5. Dismissed.
    neovim.keys("<C-]>")
    wait_for("nothing", lambda: not neovim.ghost())
    assert neovim.line() == "    ret"
    neovim.keys("<Tab>")
    wait_for("a plain tab", lambda: neovim.line().expandtabs().startswith("    ret "))
    assert neovim.text().startswith(NEWER.rstrip("\n")), "the rest of the file is as it was"


def test_the_server_is_killed_and_comes_back(nvim: Path, project: Project) -> None:
    neovim = Neovim(nvim, project)
    try:
        neovim.wait_until_ready()
        (process,) = wait_for("the server", lambda: server_processes(project))
        os.kill(process, signal.SIGKILL)
        wait_for("another server", lambda: [found for found in server_processes(project) if found != process])
        neovim.wait_until_ready()
        neovim.keys("Go")
        assert suggested(neovim, "ret") == "urn first < second"
        assert "is started again" in neovim.messages()
    finally:
        neovim.close()


def test_health_and_commands(neovim: Neovim, artifacts: Path) -> None:
    neovim.keys("<Esc>")
    assert neovim.lua("return vim.fn.getcompletion('Dragoman pa', 'cmdline')") == ["pause"]
    assert "smollm2-135m" in neovim.lua("return vim.fn.getcompletion('Dragoman model ', 'cmdline')")
    neovim.nvim.command("Dragoman status")
    wait_for("the status", lambda: "smollm2-135m" in neovim.messages())
    neovim.nvim.command("Dragoman pause")
    assert neovim.lua("return require('dragoman').statusline()") == "Dragoman: paused in this buffer"
    neovim.keys("ccret")
    wait_for("typed", lambda: neovim.line() == "    ret")
    time.sleep(2)
    assert neovim.ghost() == ""
    neovim.keys("<M-\\>")
    wait_for("a key asks all the same", neovim.ghost)
    neovim.keys("<Esc>")
    neovim.nvim.command("Dragoman resume")
    neovim.nvim.command("checkhealth dragoman")
    report = neovim.text()
    (artifacts / "neovim-checkhealth.txt").write_text(report, encoding="utf-8")
    assert "Dragoman: server" in report
    assert "ERROR" not in report and "WARNING" not in report


def test_a_function_is_translated(nvim: Path, project: Project, artifacts: Path) -> None:
    """It stands beside its source with the verdict above it, and is written to a new file by a key."""
    neovim = Neovim(nvim, project)
    try:
        neovim.wait_until_ready()
        neovim.nvim.command("6,7Dragoman translate javascript")
        wait_for("a second window", lambda: len(neovim.nvim.windows) == 2, 240)
        bar = str(neovim.lua("return vim.wo.winbar"))
        assert any(word in bar for word in ("verified", "builds", "failed", "unchecked"))
        neovim.keep(artifacts, "translation")
        neovim.keys("ga")
        written = project.file.with_suffix(".js")
        wait_for("the new file", written.exists)
        assert "is" in written.read_text(encoding="utf-8")
        wait_for("its buffer", lambda: neovim.nvim.current.buffer.name == str(written))
    finally:
        neovim.close()


@pytest.mark.parametrize("ghost_text", ["native", "own"])
def test_a_slow_model_holds_nobody_up(nvim: Path, slow_project: Project, ghost_text: str) -> None:
    """Keys are there at once, and no ghost text is ever drawn that what was typed contradicts."""
    neovim = Neovim(nvim, slow_project, f"ghost_text = '{ghost_text}'")
    try:
        neovim.wait_until_ready()
        neovim.keys("Go")
        assert suggested(neovim, "ret") == "urn first < second"
        neovim.keys("<Esc>cc")
        typed = "result = first.release"
        slowest = 0.0
        for end in range(1, len(typed) + 1):
            start = time.monotonic()
            neovim.keys(typed[end - 1].replace("<", "<lt>"))
            wait_for("the key", lambda end=end: neovim.line().strip() == typed[:end].strip())
            slowest = max(slowest, time.monotonic() - start)
            ghost = neovim.ghost()
            assert not ghost or not ghost.startswith(("urn", "turn")) or typed[:end].endswith("ret")
        assert slowest < 1.0, "the model takes two seconds; a key must not wait for it"
    finally:
        neovim.close()
