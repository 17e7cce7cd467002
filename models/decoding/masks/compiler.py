"""From what a constraint says to something that can be asked about tokens."""

from functools import lru_cache

from models.decoding.constraint import Constraint
from models.decoding.masks.grammar import GrammarCompiler
from models.decoding.masks.mask import Mask
from models.decoding.masks.names import NameMask, NameSet
from models.decoding.masks.outlook import Familiar, none_familiar
from models.tokenization.vocabulary import Vocabulary


class MaskCompiler:
    """Makes masks for one vocabulary, and remembers what is costly about them."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._grammars = GrammarCompiler(vocabulary)
        self._names = lru_cache(maxsize=64)(_name_set)

    def compile(self, constraint: Constraint, familiar: Familiar = none_familiar) -> Mask | None:
        """A mask that has been told what is `typed` already. `familiar` tells which names the texts at hand hold.

        `None` if the constraint says nothing, cannot be compiled, or forbids what is typed: then it must be wrong.
        """
        mask = self._make(constraint, familiar)
        typed = constraint.typed.encode("utf-8", "replace")
        if mask is None or not mask.allows(typed):
            return None
        if typed:
            mask.advance(typed)
        return mask

    def _make(self, constraint: Constraint, familiar: Familiar) -> Mask | None:
        if constraint.names is not None:
            names = self._names(constraint.names, constraint.weights, familiar(constraint.names))
            return NameMask(names, self._vocabulary, binding=constraint.binding) if names.sorted else None
        if constraint.regex is not None:
            return self._grammars.regex(constraint.regex)
        return self._grammars.lark(constraint.grammar) if constraint.grammar is not None else None


def _name_set(names: frozenset[str], weights: tuple[tuple[str, float], ...], familiar: frozenset[str]) -> NameSet:
    return NameSet(names, dict(weights), familiar)
