"""What else of a workspace helps at a cursor: search over other documents, and the definitions behind imports.

Knows files and text; will never know about models, prompts' formats or the protocol, and never makes a request wait.
"""

from lsp_server.context.index import BUDGET_CHARS, ContextIndex

__all__ = ["BUDGET_CHARS", "ContextIndex"]
