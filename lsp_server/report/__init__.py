"""What many completions say together: one self-contained page of tables and plots, and the figures behind it as JSON.

Knows records and arithmetic; will never know about models, an editor, or a network. Start at `build`.
"""
