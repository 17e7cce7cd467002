"""Properties that generated code must keep, as text in and constraint out, and the static analysers that they ask.

Knows source text, positions and language servers; will never know about tokens, logits or models.
"""
