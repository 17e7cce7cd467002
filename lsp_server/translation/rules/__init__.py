"""Translation by rules: a small language between languages, with readers and writers for the simple parts of each.

What it proposes is a candidate like any other, labelled as its own and judged like the model's.
"""

from lsp_server.translation.rules.translator import translate_unit
from lsp_server.translation.service import Rule

NAME = "rules"


def available_rules() -> tuple[Rule, ...]:
    """Every rule-based translator on this machine."""
    return (Rule(NAME, translate_unit),)
