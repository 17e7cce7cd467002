"""From what is asked (text around a cursor, a conversation) to what a model was trained to read (tokens or one string).

Fill-in-the-middle orders, repository formats, chat templates and the token budget live here. Decides nothing about what
text is worth showing, and generates nothing.
"""

from models.prompting.encoding import EncodedPrompt, PromptEncoder, encode_prompt
from models.prompting.prompt import ChatPrompt, Message, Prompt, Snippet
from models.prompting.rendering import render_prompt
from models.prompting.trimming import Shares

__all__ = [
    "ChatPrompt",
    "EncodedPrompt",
    "Message",
    "Prompt",
    "PromptEncoder",
    "Shares",
    "Snippet",
    "encode_prompt",
    "render_prompt",
]
