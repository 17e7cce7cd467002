"""The command line: the same functions that the editor reaches, without an editor.

Knows arguments, files and what a terminal shows; holds no logic of its own.
"""


def main() -> None:
    """The entry point of `dragoman`."""
    from lsp_server.cli.app import app

    app(prog_name="dragoman")
