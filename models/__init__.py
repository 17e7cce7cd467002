"""A language model as tokens in, logits out: catalog, conversion, back ends, the decoder and its masks.

Knows tokens, logits and text constraints; will never know about editors, LSP, or what a programming language means.
"""

from models.ahead import Ahead
from models.decoding.cancellation import NEVER, Cancellation
from models.decoding.constraint import Constraint, Guide, Interventions
from models.decoding.generation import (
    Candidate,
    DecodingParameters,
    FinishReason,
    Generation,
    Generator,
    StopRule,
    Timings,
)
from models.errors import Cancelled, ModelError
from models.prompting.prompt import ChatPrompt, Message, Prompt, Snippet

__all__ = [
    "NEVER",
    "Ahead",
    "Cancellation",
    "Cancelled",
    "Candidate",
    "ChatPrompt",
    "Constraint",
    "DecodingParameters",
    "FinishReason",
    "Generation",
    "Generator",
    "Guide",
    "Interventions",
    "Message",
    "ModelError",
    "Prompt",
    "Snippet",
    "StopRule",
    "Timings",
]
