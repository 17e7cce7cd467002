"""Offline evaluation: cases in, predictions made or read, honest figures out.

Knows cases, metrics, reports and the completion service; will never know about an editor, tokens or logits.
"""
