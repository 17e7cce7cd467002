"""What Java and C# have in common: the functions and constants of a file live in a class."""

from lsp_server.translation.rules.brace import BraceWriter
from lsp_server.translation.rules.templating import COND
from lsp_server.translation.rules.tree import Stmt


class InClassWriter(BraceWriter):
    """From a class of the file's own they are reached by the name of the class that holds them."""

    constant_words = ""
    """What stands before a constant's type."""

    def constant(self, statement: Stmt) -> str:
        place, value = statement.exprs
        kind = self.kind_of(place.value)
        text = self.expr(value, COND, kind)
        return f"{self.constant_words} {self.needed_type(kind)} {self.names.constant(place.value)} = {text};"

    def name(self, label: str) -> str:
        constant = label in self.program.constants and label not in self.function.variables
        return self._reached(super().name(label)) if constant else super().name(label)

    def function_text(self, label: str) -> str:
        return self._reached(self.names.function(label))

    def _reached(self, text: str) -> str:
        outside = self.function.kind in ("method", "constructor", "static")
        return f"{self.scope.holder}.{text}" if outside else text
