"""The extension in real VS Code: installed from its package, driven by keys, looked at on the screen."""

import os
import re
import signal
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.editors.projects import Project, make_project, server_processes, slow_command, wait_for
from tests.e2e.editors.vscode import CodeServer, Window, chromium, keep_logs, package_extension

pytestmark = [pytest.mark.editors, pytest.mark.timeout(400)]

VERDICT_WORD = re.compile(r"\b(verified|builds|failed|unchecked)\b")
VERDICT = re.compile(r"→ .*\b(verified|builds|failed|unchecked)\b")
LARGEST_PACKAGE = 2_000_000


@pytest.fixture(scope="session")
def extension() -> Path:
    """The packaged extension."""
    return package_extension()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def opened(browser: Browser, project: Project, extension: Path, artifacts: Path) -> Iterator[Window]:
    """VS Code with the project's file open and the model ready."""
    home = project.folder.parent / "vscode"
    server = CodeServer(home, extension, {"dragoman.server.path": str(project.server)})
    try:
        window = Window(browser, server, project, artifacts)
        try:
            window.wait_until_ready()
            window.go_to_end()
            yield window
        finally:
            window.screenshot(f"last-{project.folder.parent.name}")
            window.close()
    finally:
        server.close()
        keep_logs(home, artifacts)


@pytest.fixture(scope="module")
def vscode_project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return make_project(tmp_path_factory.mktemp("vscode"), "-m lsp_server")


@pytest.fixture(scope="module")
def window(browser: Browser, vscode_project: Project, extension: Path, artifacts: Path) -> Iterator[Window]:
    """One for all tests of this file: each leaves it as it found it."""
    yield from opened(browser, vscode_project, extension, artifacts)


def suggested(window: Window) -> str:
    """Begin the last line and wait for what it is to become."""
    window.go_to_end()
    window.clear_line()
    window.type("    ret")
    return wait_for("ghost text", window.ghost)


def test_the_package_is_small(extension: Path) -> None:
    assert extension.stat().st_size < LARGEST_PACKAGE


def test_what_a_user_does_with_suggestions(window: Window, vscode_project: Project) -> None:
    # 1. Ghost text of the real model; accepted by Tab.
    assert suggested(window) == "urn first < second"
    window.screenshot("suggestion")
    window.press("Tab")
    wait_for("the accepted line", lambda: window.text().endswith("    return first < second"))
    wait_for("`shown` in the log", lambda: vscode_project.events("INFO shown"))
    wait_for("`accepted` in the log", lambda: vscode_project.events("INFO accepted"))

    # 2. By word: the rest stays on the screen.
    suggested(window)
    window.press("Control+ArrowRight")
    wait_for("the rest", lambda: window.ghost() == " first < second")
    window.screenshot("by-word")
    wait_for("the first word", lambda: window.text().endswith("    return"))
    wait_for("`partly accepted` in the log", lambda: vscode_project.events("INFO partly accepted"))

    # 3. Alternatives.
    first = suggested(window)
    window.press("Alt+]")
    second = wait_for("another suggestion", lambda: ghost if (ghost := window.ghost()) != first else "")
    window.screenshot("alternative")
    window.press("Alt+[")
    wait_for("the first again", lambda: window.ghost() == first)
    assert second != first

    # 4. Dismissed: nothing is inserted, and the server hears of it.
    window.press("Escape")
    wait_for("nothing", lambda: not window.ghost())
    wait_for("`rejected` in the log", lambda: vscode_project.events("INFO rejected"))
    assert window.text().endswith("    ret")


def test_the_menu_pauses(window: Window) -> None:
    window.status("Dragoman: ready").click()
    window.page.locator(".quick-input-list .monaco-list-row").first.wait_for()
    window.screenshot("menu")
    window.choose("Pause for this file")
    window.status("Dragoman: paused in this file").wait_for()
    window.go_to_end()
    window.clear_line()
    window.type("    ret")
    time.sleep(2)
    assert window.ghost() == ""
    window.screenshot("paused")
    window.press("Alt+\\")
    wait_for("a key asks all the same", window.ghost)
    window.status("Dragoman: paused").click()
    window.choose("Resume suggestions")
    window.status("Dragoman: ready").wait_for()


def test_a_selection_is_translated(window: Window, vscode_project: Project) -> None:
    """A diff with the verdict in its title; accepted into a new file."""
    window.go_to_end()
    window.press("Control+Home", *["ArrowDown"] * 5, *["Shift+ArrowDown"] * 2)
    window.command("Dragoman: Translate Selection to")
    window.choose("JavaScript")
    tab = window.page.locator(".tab").filter(has_text=VERDICT)
    tab.first.wait_for(timeout=240_000)
    toast = window.page.locator(".notification-toast").filter(has_text=VERDICT_WORD)
    toast.first.wait_for()
    window.screenshot("translation")
    toast.locator(".monaco-button").filter(has_text="Accept").first.click()
    written = vscode_project.file.with_suffix(".js")
    wait_for("the new file", written.exists)
    assert re.search(r"\b(function|const|class)\b", written.read_text(encoding="utf-8"))
    # The comparison is closed and the new file is in front: nothing moves any more.
    window.page.locator(f'.tab.active[data-resource-name="{written.name}"]').filter(has_not_text="→").wait_for()
    window.screenshot("translation-accepted")
    window.show_file()


def test_the_server_is_killed_and_comes_back(window: Window, vscode_project: Project) -> None:
    (process,) = server_processes(vscode_project)
    os.kill(process, signal.SIGKILL)
    wait_for("another server", lambda: [found for found in server_processes(vscode_project) if found != process])
    wait_for("its model", lambda: len(vscode_project.events("model ready")) == 2, 300)
    window.wait_until_ready()
    assert suggested(window) == "urn first < second"


def errors(project: Project) -> list[str]:
    """What the extension's log calls errors."""
    logs = (project.folder.parent / "vscode").rglob("*Dragoman.log")
    return [line for log in logs for line in log.read_text(encoding="utf-8").splitlines() if " [error] " in line]


@contextmanager
def before_the_server(project: Project, command: str) -> Generator[None]:
    """The server's program runs a shell command first."""
    program = project.server.read_text(encoding="utf-8")
    project.server.write_text(program.replace("\nexec ", f"\n{command}\nexec "), encoding="utf-8")
    try:
        yield
    finally:
        project.server.write_text(program, encoding="utf-8")


def test_a_server_that_starts_can_be_restarted(window: Window, vscode_project: Project) -> None:
    """However often it is asked for: one server is left, it suggests, and none is taken for one that failed."""
    models = len(vscode_project.events("model ready"))
    errors_before = errors(vscode_project)
    with before_the_server(vscode_project, "sleep 4"):
        window.command("Dragoman: Restart Server")
        wait_for("the first one to go", lambda: not server_processes(vscode_project))
        time.sleep(1)
        window.command("Dragoman: Restart Server")
        window.command("Dragoman: Restart Server")
        wait_for("a model", lambda: len(vscode_project.events("model ready")) > models, 300)
        time.sleep(10)  # another one would be there by now
    assert len(server_processes(vscode_project)) == 1
    assert errors(vscode_project) == errors_before
    window.wait_until_ready()
    assert suggested(window) == "urn first < second"


def test_a_program_that_never_answers_is_replaced(window: Window, vscode_project: Project) -> None:
    pid = vscode_project.folder.parent / "pid"
    with before_the_server(vscode_project, f"echo $$ >{pid}; exec sleep 600"):
        window.command("Dragoman: Restart Server")
        wait_for("the server to go", lambda: not server_processes(vscode_project))
        hung = Path("/proc") / wait_for("the other program", lambda: pid.read_text().strip() if pid.exists() else "")
    window.command("Dragoman: Restart Server")
    wait_for("the server", lambda: server_processes(vscode_project))
    wait_for("the end of the other program", lambda: not hung.exists())
    window.wait_until_ready()
    assert suggested(window) == "urn first < second"


def test_the_menu_says_that_no_server_is_installed(
    browser: Browser, extension: Path, tmp_path: Path, artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What needs the server's program offers to install it."""
    folders = os.environ["PATH"].split(os.pathsep)
    monkeypatch.setenv("PATH", os.pathsep.join(path for path in folders if not (Path(path) / "dragoman").exists()))
    project = make_project(tmp_path, "-m lsp_server")
    server = CodeServer(tmp_path / "vscode", extension, {})
    try:
        window = Window(browser, server, project, artifacts)
        toasts = window.page.locator(".notification-toast").filter(has_text="the language server is not installed")
        for entry in ("Change model", "Open telemetry", "Doctor"):
            window.status("Dragoman: not installed").click()
            window.choose(entry)
            toasts.locator(".monaco-button").filter(has_text="Install Server").first.wait_for()
            toasts.first.hover()
            toasts.first.locator(".codicon-notifications-clear").click()
            toasts.wait_for(state="detached")
        window.screenshot("not-installed")
        window.close()
    finally:
        server.close()


def test_a_slow_model_holds_nobody_up(browser: Browser, extension: Path, tmp_path: Path, artifacts: Path) -> None:
    """Keys are there at once, and no ghost text is ever drawn that what was typed contradicts."""
    project = make_project(tmp_path, *slow_command())
    for window in opened(browser, project, extension, artifacts):
        assert suggested(window) == "urn first < second"
        window.clear_line()
        window.press("Tab")
        typed = "result = first.release"
        slowest = 0.0
        for end in range(1, len(typed) + 1):
            start = time.monotonic()
            window.press("Space" if typed[end - 1] == " " else typed[end - 1])
            slowest = max(slowest, time.monotonic() - start)
            assert not window.ghost().startswith(("urn", "turn")) or typed[:end].endswith("ret")
        assert window.text().endswith(typed)
        assert slowest < 1.0, "the model takes two seconds; a key must not wait for it"
