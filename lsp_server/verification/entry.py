"""Entry points: where a program begins, and what to do when candidate and tests both have one."""

import re
from typing import TYPE_CHECKING

from lsp_server.languages import Language
from lsp_server.languages.parsing import parse
from lsp_server.languages.toolchain import Toolchain

if TYPE_CHECKING:
    from tree_sitter import Node

_LIMIT_MS = 5_000.0
_MAIN_CLASS = re.compile(r"\bMain\b")


def without_entry(candidate: str, tests: str, language: Language, toolchain: Toolchain) -> str:
    """The candidate with its entry point renamed, if the tests bring their own. Line numbers stay."""
    if not toolchain.entry or not re.search(toolchain.entry, tests):
        return candidate
    if language.id == "java" and re.search(r"\bclass\s+Main\b", tests):
        candidate = _MAIN_CLASS.sub("CandidateMain", candidate)
    return re.sub(toolchain.entry, lambda found: re.sub("(?i)main", "candidate_main", found.group()), candidate)


def before_end_of_entry(tests: str, statement: str, language: Language, toolchain: Toolchain) -> str | None:
    """The tests with a statement as the last thing that they do; `None` where they have no entry point to end.

    In languages whose files simply run, that is the end of the file.
    """
    if not toolchain.entry:
        return f"{tests.rstrip()}\n{statement}\n"
    source = tests.encode()
    tree = parse(source, language, limit_ms=_LIMIT_MS)
    body = _entry_body(tree.root_node, toolchain.entry) if tree is not None else None
    if body is None:
        return None
    statements = [child for child in body.named_children if "comment" not in child.type]
    last = statements[-1] if statements else None
    returns = last is not None and last.type.startswith("return")
    place = last.start_byte if last is not None and returns else body.end_byte - 1
    return (source[:place] + f" {statement}\n".encode() + source[place:]).decode()


def _entry_body(root: "Node", entry: str) -> "Node | None":
    """The block of the function whose head looks like the entry point."""
    open_nodes = [root]
    while open_nodes:
        node = open_nodes.pop()
        body = node.child_by_field_name("body")
        if body is not None and body.type in ("block", "compound_statement", "function_body"):
            head = (node.text or b"")[: body.start_byte - node.start_byte].decode("utf-8", "replace")
            if re.search(entry, head):
                return body
        open_nodes += node.children
    return None
