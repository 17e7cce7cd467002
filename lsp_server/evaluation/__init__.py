"""Offline evaluation: cases in, predictions made or read, honest figures out.

Knows what was predicted and what was expected; never how a prediction is made, and never an editor.
"""
