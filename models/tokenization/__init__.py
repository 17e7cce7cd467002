"""Text to tokens and back, byte for byte, at the price of what changed; and the vocabulary in byte order.

Knows one tokenizer file and nothing of prompts, models or sampling; it will never normalise, trim or repair a text.
"""

from models.tokenization.incremental import IncrementalTokenizer
from models.tokenization.tokenizer import Tokenizer
from models.tokenization.vocabulary import Vocabulary

__all__ = ["IncrementalTokenizer", "Tokenizer", "Vocabulary"]
