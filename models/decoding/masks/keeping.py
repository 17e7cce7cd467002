"""Whether a text keeps a constraint, asked without a model: a vocabulary of single bytes stands for any other."""

from functools import cache

from models.decoding.constraint import Constraint
from models.decoding.masks.compiler import MaskCompiler
from models.tokenization.vocabulary import Vocabulary


def keeps(constraint: Constraint, text: str) -> bool:
    """Whether generated `text`, which may go on, keeps `constraint`. One that cannot be compiled forbids nothing."""
    mask = _compiler().compile(constraint)
    return mask is None or mask.allows(text[max(constraint.start, 0) :].encode("utf-8", "replace"))


@cache
def _compiler() -> MaskCompiler:
    return MaskCompiler(Vocabulary([bytes([byte]) for byte in range(256)]))
