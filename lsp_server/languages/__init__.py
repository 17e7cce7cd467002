"""Programming languages as data, and the structure of source text: brackets, blocks, scopes, definitions.

Knows text and grammars; will never know about models, editors or completion.
"""

from lsp_server.languages.language import BlockStyle, Grammar, Language
from lsp_server.languages.table import LANGUAGES, NEUTRAL, language_for, language_of_path

__all__ = ["LANGUAGES", "NEUTRAL", "BlockStyle", "Grammar", "Language", "language_for", "language_of_path"]
