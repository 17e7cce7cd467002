"""Constraints over text, compiled to questions about tokens: which may come next, byte for byte.

Knows bytes and the vocabulary; never logits, prompts, or what a name or a grammar is for.
"""
