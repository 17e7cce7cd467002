"""Real VS Code, as code-server serves it, in a headless browser: what a user would see and press."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from scripts import install_editors
from tests.e2e.editors.projects import ROOT, Project, wait_for

EXTENSION = ROOT / "extension" / "vscode"
SETTINGS: dict[str, Any] = {
    "workbench.startupEditor": "none",
    "workbench.secondarySideBar.defaultVisibility": "hidden",
    "chat.disableAIFeatures": True,
    "editor.quickSuggestions": {"other": "off", "comments": "off", "strings": "off"},
    "extensions.autoUpdate": False,
    "extensions.ignoreRecommendations": True,
    "files.autoSave": "off",
    "telemetry.telemetryLevel": "off",
    "update.mode": "none",
}
"""A quiet window, in which the only ghost text is ours."""
BROWSER_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


def package_extension() -> Path:
    """The extension as users install it. Fails on a warning of the type checker, the linter or the packager."""
    if not (EXTENSION / "node_modules").exists():
        install_editors.npm("ci", "--no-audit", "--no-fund", at=EXTENSION)
    output = install_editors.npm("run", "package", at=EXTENSION)
    assert "WARNING" not in output, output
    return EXTENSION / "dragoman.vsix"


@contextmanager
def chromium() -> Generator[Browser]:
    """A headless browser that reaches nothing but this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=install_editors.browser(), args=list(BROWSER_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


class CodeServer:
    """One server with the extension installed."""

    def __init__(self, home: Path, extension: Path, settings: dict[str, Any]) -> None:
        script = install_editors.code_server()
        folders = [
            "--user-data-dir",
            home / "user",
            "--extensions-dir",
            home / "extensions",
            "--config",
            home / "config",
        ]
        self._command = [str(part) for part in (install_editors.node(), script, *folders)]
        # What a workspace may not choose is read from the machine's own settings.
        for scope, values in (("User", SETTINGS), ("Machine", settings)):
            (home / "user" / scope).mkdir(parents=True)
            (home / "user" / scope / "settings.json").write_text(json.dumps(values), encoding="utf-8")
        self._run(["--install-extension", str(extension)])
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        options = (
            *("--bind-addr", f"127.0.0.1:{self.port}", "--auth", "none", "--reconnection-grace-time", "3"),
            *("--disable-telemetry", "--disable-update-check", "--disable-workspace-trust"),
            "--disable-getting-started-override",
        )
        with (home / "code-server.log").open("wb") as log:
            self._process = subprocess.Popen(
                [*self._command, *options], stdout=log, stderr=log, env=self._environment(), start_new_session=True
            )
        wait_for("code-server", self._answers)

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(install_editors.node().parent), os.environ["PATH"]])
        return {**os.environ, "EXTENSIONS_GALLERY": "{}", "PATH": path}

    def _run(self, arguments: Sequence[str]) -> None:
        done = subprocess.run([*self._command, *arguments], capture_output=True, text=True, env=self._environment())
        assert done.returncode == 0, done.stdout + done.stderr

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=2):
                return True
        except OSError:
            return False

    def close(self) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)


class Window:
    """A browser's window with one file open in VS Code."""

    def __init__(self, browser: Browser, server: CodeServer, project: Project, artifacts: Path) -> None:
        self._artifacts = artifacts
        self._file = project.file
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 760})
        self.page.set_default_timeout(60_000)
        origin = f"127.0.0.1:{server.port}"
        payload = json.dumps([["openFile", f"vscode-remote://{origin}{project.file}"]])
        self.page.goto(f"http://{origin}/?folder={quote(str(project.folder))}&payload={quote(payload)}")
        self.editor = self.page.locator(f'.monaco-editor[data-uri$="/{project.file.name}"]').first
        self.editor.locator(".view-lines").wait_for()

    def close(self) -> None:
        self.page.close()

    def wait_until_ready(self) -> None:
        """The status bar says that the model is there."""
        self.status("Dragoman: ready").wait_for(timeout=300_000)

    def status(self, text: str) -> Locator:
        return self.page.locator(".statusbar-item").filter(has_text=text)

    def go_to_end(self) -> None:
        self.editor.locator(".view-lines").click()
        self.page.keyboard.press("Control+End")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def show_file(self) -> None:
        """Bring the project's file to the front again."""
        self.page.locator(f'.tab[data-resource-name="{self._file.name}"]').first.click()
        self.editor.locator(".view-lines").wait_for()

    def clear_line(self) -> None:
        self.press("End", "Shift+Home", "Shift+Home", "Delete")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text, delay=40)

    def ghost(self) -> str:
        """Ghost text on the screen, empty if there is none."""
        parts = self.editor.locator('[class*="ghost-text"]').all_inner_texts()
        return plain("".join(dict.fromkeys(parts)))

    def text(self) -> str:
        """What is in the file once it is saved."""
        self.page.keyboard.press("Control+S")
        self.page.locator(".tab.active:not(.dirty)").first.wait_for()
        return self._file.read_text(encoding="utf-8")

    def command(self, name: str) -> None:
        """Run a command from the palette."""
        self.page.keyboard.press("F1")
        box = self.page.locator(".quick-input-widget input.input").first
        box.fill(f">{name}")
        self.page.locator(".quick-input-list .monaco-list-row").filter(has_text=name).first.click()

    def choose(self, label: str) -> None:
        """Choose an entry of the list that is open."""
        self.page.locator(".quick-input-list .monaco-list-row").filter(
            has_text=re.compile(re.escape(label))
        ).first.click()

    def screenshot(self, name: str) -> None:
        self.page.screenshot(path=self._artifacts / f"vscode-{name}.png")


def plain(text: str) -> str:
    """Text as it was written: the editor draws blanks as no-break spaces."""
    return text.replace("\u00a0", " ").replace("\u200c", "")


def keep_logs(home: Path, artifacts: Path) -> None:
    """Keep what VS Code and the server wrote."""
    for log in [*home.rglob("*Dragoman.log"), home / "code-server.log"]:
        if log.exists():
            shutil.copy(log, artifacts / f"vscode-{log.name}")
