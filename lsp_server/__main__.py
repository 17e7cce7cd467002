"""`python -m lsp_server` is `dragoman`."""

from lsp_server.cli import main

if __name__ == "__main__":
    main()
