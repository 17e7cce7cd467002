"""Whether a document still parses with a prediction in it."""

from functools import lru_cache

from lsp_server.evaluation.cases import Case
from lsp_server.languages import language_for
from lsp_server.languages.parsing import parse

_LIMIT_MS = 10_000.0
"""Far beyond any real document, so that a slow machine gets the same figures."""


def parses(case: Case, prediction: str) -> float | None:
    """100 if prefix, prediction and suffix together have no more syntax errors than with what is expected, else 0.

    Errors are the ERROR and MISSING nodes of tree-sitter's tree. Comparing with the truth makes up for documents that
    are cut off, macros, and grammars that lag behind their language. `None` where the case has no document around it or
    the language no grammar. An empty prediction counts as wrong, as everywhere.
    """
    if not (case.prefix or case.suffix):
        return None
    allowed = _errors(case.prefix, case.expected, case.suffix, case.language)
    if allowed is None:
        return None
    if not prediction.strip():
        return 0.0
    found = _errors(case.prefix, prediction, case.suffix, case.language)
    return None if found is None else 100.0 * (found <= allowed)


@lru_cache(maxsize=4096)
def _errors(prefix: str, middle: str, suffix: str, language: str) -> int | None:
    """Number of syntax errors; `None` without a grammar. Cached, as each model of a comparison asks for the truth."""
    source = f"{prefix}{middle}{suffix}".encode("utf-8", "replace")
    tree = parse(source, language_for(language), limit_ms=_LIMIT_MS)
    if tree is None:
        return None
    count = 0
    open_nodes = [tree.root_node]
    while open_nodes:
        node = open_nodes.pop()
        count += node.is_error or node.is_missing
        open_nodes += [child for child in node.children if child.has_error]
    return count
