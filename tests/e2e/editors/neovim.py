"""Real Neovim behind its own protocol, with a screen of its own: keys go in, what a user would see comes out."""

from pathlib import Path
from typing import Any

import pynvim

from tests.e2e.editors.projects import ROOT, Project, wait_for

PLUGIN = ROOT / "extension" / "neovim"
WIDTH, HEIGHT = 110, 34
GHOSTS = ("nvim.lsp.inline_completion", "dragoman")
"""Namespaces that ghost text is drawn in: Neovim's and the plugin's."""


class Neovim:
    """One instance, with the plugin set up for a project's server."""

    def __init__(self, nvim: Path, project: Project, options: str = "") -> None:
        init = project.folder.parent / "init.lua"
        init.write_text(
            f"vim.opt.runtimepath:prepend({str(PLUGIN)!r})\n"
            "vim.opt.swapfile = false\nvim.opt.laststatus = 2\nvim.opt.cmdheight = 6\n"
            "vim.opt.statusline = ' %f %= %{%v:lua.require(\"dragoman\").statusline()%} '\n"
            f"require('dragoman').setup({{ cmd = {{ {str(project.server)!r}, 'serve' }}, {options} }})\n",
            encoding="utf-8",
        )
        argv = [str(nvim), "--embed", "-u", str(init), "-i", "NONE", str(project.file)]
        self.nvim: Any = pynvim.attach("child", argv=argv)
        self.nvim.ui_attach(WIDTH, HEIGHT, rgb=True)

    def close(self) -> None:
        try:
            self.nvim.command("qall!")
        except (OSError, EOFError):  # it has gone, as it should
            pass
        finally:
            self.nvim.close()

    def keys(self, keys: str) -> None:
        self.nvim.input(keys)

    def lua(self, code: str, *arguments: Any) -> Any:
        return self.nvim.exec_lua(code, *arguments)

    def line(self) -> str:
        return str(self.nvim.current.line)

    def text(self) -> str:
        return "\n".join(self.nvim.current.buffer[:])

    def ghost(self) -> str:
        """Ghost text on the screen, empty if there is none."""
        spaces = self.nvim.api.get_namespaces()
        chunks: list[str] = []
        for name in GHOSTS:
            marks = self.nvim.api.buf_get_extmarks(0, spaces[name], 0, -1, {"details": True}) if name in spaces else []
            for *_, details in marks:
                lines = [details.get("virt_text", []), *details.get("virt_lines", [])]
                chunks.append("\n".join("".join(text for text, *_ in line) for line in lines))
        return "".join(chunks)

    def screen(self) -> str:
        """What is on the screen, with everything drawn over it."""
        rows = range(1, HEIGHT + 1)
        code = (
            "local l = {} for c = 1, select(2, ...) do l[c] = vim.fn.screenstring((...), c) end return table.concat(l)"
        )
        return "\n".join(str(self.lua(code, row, WIDTH)).rstrip() for row in rows)

    def messages(self) -> str:
        return str(self.nvim.api.exec2("messages", {"output": True})["output"])

    def wait_until_ready(self) -> None:
        """The status line says that the model is there."""
        wait_for("the status `ready`", lambda: "Dragoman: ready" in self.screen(), 300)

    def keep(self, artifacts: Path, name: str) -> None:
        """Keep the screen as text."""
        (artifacts / f"neovim-{name}.txt").write_text(self.screen() + "\n", encoding="utf-8")
