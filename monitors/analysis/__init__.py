"""Static analysis as questions and answers: what can be asked, who answers for which language, and the child process
that asks.

Everything that a language server or jedi can do to us (hang, die, answer nonsense) ends here as "no answer".
"""

from monitors.analysis.analyser import Analyser, Completions, Name, Parameter, Place, Signature, Symbol

__all__ = ["Analyser", "Completions", "Name", "Parameter", "Place", "Signature", "Symbol"]
