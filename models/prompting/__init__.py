"""From what is asked (text around a cursor, a conversation) to what a model was trained to read (tokens or one string).

Fill-in-the-middle orders, repository formats, chat templates and the token budget live here. Decides nothing about what
text is worth showing, and generates nothing.
"""

from models.prompting.prompt import ChatPrompt, Message, Prompt, Snippet

# `encoding` and `rendering` are imported by those who need them: this folder is on the way of `import models`.
__all__ = ["ChatPrompt", "Message", "Prompt", "Snippet"]
