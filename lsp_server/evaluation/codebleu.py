"""CodeBLEU (Ren et al., 2020): how like a reference a translation is, in words, in syntax and in how data flow.

The mean of four parts, each from 0 to 1, on our own tree-sitter layer, as the published package pins a version of
tree-sitter of its own. It follows the paper's script: BLEU-4 with smoothing method 1; the same with keywords weighing
five times as much as other words (recall); the share of the reference's subtrees that the candidate has; the share of
its data-flow edges. Two things differ: tokens are Pygments' lexemes, not the words between blanks; and the script reads
data flow by a program for each of six languages, where here one reads all of them off the fields of the grammars. So
figures compare with each other, not with published ones.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lsp_server.evaluation.tokens import lexemes
from lsp_server.languages import Language
from lsp_server.languages.parsing import parse

if TYPE_CHECKING:
    from tree_sitter import Node

Edge = tuple[str, str, tuple[str, ...]]
"""A variable, how it comes by its value, and the variables that it comes from; names are numbered as they appear."""

_ORDER = 4
_KEYWORD, _OTHER = 1.0, 0.2
"""Weights of words in the second part."""
_TINY = 0.1
"""Smoothing method 1 (Chen and Cherry, 2014): what takes the place of no match."""
_PARSE_MS = 3_000.0
_IDENTIFIERS = ("identifier", "simple_identifier", "variable_name", "shorthand_property_identifier")
_TARGETS = ("left", "name", "pattern", "declarator", "argument")
_VALUES = ("right", "value")
_DEFINING = ("assignment", "declarator", "let_", "short_var", "for_in", "enhanced_for", "for_range", "range_clause",
             "for_statement", "foreach", "property_declaration", "const_declaration", "init_")  # fmt: skip
_UPDATING = ("augmented_assignment", "compound_assignment", "update_expression", "inc_statement", "dec_statement")


@dataclass(frozen=True)
class CodeBleu:
    """The four parts, each from 0 to 1; one that the reference has nothing for is `None` and left out of the mean."""

    ngram: float
    weighted_ngram: float
    syntax: float | None
    data_flow: float | None

    @property
    def score(self) -> float:
        """Their mean, in percent."""
        parts = [self.ngram, self.weighted_ngram, self.syntax, self.data_flow]
        known = [part for part in parts if part is not None]
        return 100 * sum(known) / len(known)


def codebleu(reference: str, candidate: str, language: Language) -> CodeBleu:
    """How like `reference` a candidate in the same language is."""
    wanted, found = lexemes(reference, language.id), lexemes(candidate, language.id)
    truth, guess = [lexeme.text for lexeme in wanted], [lexeme.text for lexeme in found]
    keywords = {lexeme.text for lexeme in (*wanted, *found) if lexeme.is_word and not lexeme.is_identifier}
    trees = [parse(text.encode(), language, limit_ms=_PARSE_MS) for text in (reference, candidate)]
    roots = [tree.root_node for tree in trees if tree is not None]
    both = len(roots) == 2
    return CodeBleu(
        _bleu(truth, guess),
        _weighted(truth, guess, keywords),
        _share(_subtrees(roots[0]), _subtrees(roots[1])) if both else None,
        _share(data_flow(roots[0]), data_flow(roots[1])) if both else None,
    )


def _bleu(truth: Sequence[str], guess: Sequence[str]) -> float:
    """Clipped precision of 1- to 4-grams, their geometric mean, and the penalty for being short."""
    precisions: list[float] = []
    for size in range(1, _ORDER + 1):
        wanted, found = _ngrams(truth, size), _ngrams(guess, size)
        matched = sum((wanted & found).values())
        if size == 1 and not matched:
            return 0.0
        precisions.append((matched or _TINY) / max(sum(found.values()), 1))
    return _penalty(truth, guess) * _mean(precisions)


def _weighted(truth: Sequence[str], guess: Sequence[str], keywords: set[str]) -> float:
    """Recall of 1- to 4-grams, with keywords among the single words counting more."""
    recalls: list[float] = []
    for size in range(1, _ORDER + 1):
        wanted, found = _ngrams(truth, size), _ngrams(guess, size)
        weights = {gram: _KEYWORD if size > 1 or gram[0] in keywords else _OTHER for gram in wanted}
        matched = sum(count * weights[gram] for gram, count in (wanted & found).items())
        if size == 1 and not matched:
            return 0.0
        recalls.append((matched or _TINY) / max(sum(count * weights[gram] for gram, count in wanted.items()), 1))
    return min(1.0, _penalty(truth, guess) * _mean(recalls))


def _ngrams(tokens: Sequence[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[start : start + size]) for start in range(len(tokens) - size + 1))


def _mean(values: Sequence[float]) -> float:
    return math.exp(sum(math.log(value) for value in values) / len(values))


def _penalty(truth: Sequence[str], guess: Sequence[str]) -> float:
    if not guess:
        return 0.0
    return 1.0 if len(guess) > len(truth) else math.exp(1 - len(truth) / len(guess))


def _share(truth: Counter[object], guess: Counter[object]) -> float | None:
    """How much of the reference's things the candidate has too; `None` where there are none."""
    total = sum(truth.values())
    return sum((truth & guess).values()) / total if total else None


def _subtrees(root: Node) -> Counter[object]:
    """Every subtree with something below it, as its kinds of nodes without names and values."""
    return Counter[object](str(node) for node in _nodes(root) if node.named_child_count)


def _nodes(root: Node) -> Iterator[Node]:
    """All nodes in the order of the text."""
    open_nodes = [root]
    while open_nodes:
        node = open_nodes.pop()
        yield node
        open_nodes += reversed(node.children)


def data_flow(root: Node) -> Counter[object]:
    """The edges of a program's data flow, in the order of the text and without regard to branches.

    A variable that is assigned is *computed* from those that its value names; one that is used *comes from* where it
    was assigned last.
    """
    numbers: dict[str, str] = {}
    assigned: set[str] = set()
    edges: list[Edge] = []

    def number(node: Node) -> str:
        return numbers.setdefault((node.text or b"").decode("utf-8", "replace"), f"v{len(numbers)}")

    def used(node: Node | None) -> list[str]:
        found = [] if node is None else [each for each in _nodes(node) if each.type in _IDENTIFIERS]
        names = [number(each) for each in found]
        edges.extend((name, "comes from", (name,)) for name in names if name in assigned)
        return names

    for node in _nodes(root):
        updating = any(word in node.type for word in _UPDATING)
        if not updating and not any(word in node.type for word in _DEFINING):
            continue
        target = next((each for name in _TARGETS if (each := node.child_by_field_name(name)) is not None), None)
        value = next((each for name in _VALUES if (each := node.child_by_field_name(name)) is not None), None)
        if target is None or (value is None and not updating):
            continue
        sources = used(value)
        for each in _nodes(target):
            if each.type in _IDENTIFIERS:
                name = number(each)
                before = (name,) if updating else ()
                edges.append((name, "is computed from", (*before, *sources)))
                assigned.add(name)
    return Counter[object](edges)
