"""Tree-sitter grammars, each loaded when it is first asked for and never because of another."""

from __future__ import annotations

import logging
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from lsp_server.languages.language import Grammar

if TYPE_CHECKING:
    import tree_sitter

logger = logging.getLogger(__name__)


@lru_cache(maxsize=64)
def load_grammar(grammar: Grammar) -> tree_sitter.Language | None:
    """The grammar, from the wheel that carries it (1 to 10 ms the first time).

    `None` where the wheel is missing or too old for the runtime; the log says so once. Callers then go by the text.
    """
    try:
        import tree_sitter

        capsule: object = getattr(import_module(grammar.module), grammar.entry)()
        return tree_sitter.Language(capsule)
    except (ImportError, AttributeError, ValueError) as error:
        logger.warning("grammar unavailable module=%s reason=%s", grammar.module, error)
        return None
