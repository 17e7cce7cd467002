"""Source text without a grammar: what is code and what is a string, which brackets are open, what stands before a dot.

Works on fragments, because generated text is one. Knows no analyser and no constraint.
"""

from monitors.text.lexicon import Lexicon, lexicon_of
from monitors.text.scanner import Frame, Scan, scan

__all__ = ["Frame", "Lexicon", "Scan", "lexicon_of", "scan"]
