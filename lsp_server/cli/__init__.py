"""The command line: the same functions that the editor reaches, without an editor.

Knows arguments, files and what a terminal shows; holds no logic of its own.
"""

import sys

_WANT_A_MODEL = ("complete", "serve")
"""Commands whose first answer somebody waits for."""
_WANT_ANOTHER = {"--help", "--model"}


def main() -> None:
    """The entry point of `dragoman`.

    The model comes in while the commands are imported: that takes two processors as long as one of them alone.
    """
    if sys.argv[1:2] and sys.argv[1] in _WANT_A_MODEL and not _WANT_ANOTHER.intersection(sys.argv):
        from lsp_server.engine import early

        early.begin()
    from lsp_server.cli.app import app

    app(prog_name="dragoman")
