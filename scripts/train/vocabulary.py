"""The default model's tokenizer with its fill-in-the-middle sentinels.

SmolLM2's vocabulary has seventeen special tokens, several of which (GitHub issues, Jupyter cells) never occur in a
completion. Three of them become the sentinels: no row is added to the embedding, and the file stays as large as it was.
"""

import json
import re
from pathlib import Path

from tokenizers import Tokenizer

END_OF_TEXT = "<|endoftext|>"
SENTINELS = {
    "<issue_start>": "<prefix>",
    "<issue_comment>": "<suffix>",
    "<issue_closed>": "<middle>",
}


def rename_sentinels(tokenizer_json: str) -> str:
    """A tokenizer.json in which the unused special tokens carry the sentinels' names, at the same ids."""
    description = json.loads(tokenizer_json)
    vocabulary: dict[str, int] = description["model"]["vocab"]
    for old, new in SENTINELS.items():
        vocabulary[new] = vocabulary.pop(old)
    for token in description["added_tokens"]:
        token["content"] = SENTINELS.get(token["content"], token["content"])
    return json.dumps(description, ensure_ascii=False)


class TrainingTokenizer:
    """Text to ids, fast and in bulk. What looks like a special token in text stays text."""

    def __init__(self, path: Path) -> None:
        self._tokenizer = Tokenizer.from_str(rename_sentinels(path.read_text(encoding="utf-8")))
        self._tokenizer.encode_special_tokens = True
        self.size = self._tokenizer.get_vocab_size()
        self.end_of_text = self._id(END_OF_TEXT)

    def _id(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise ValueError(f"the vocabulary has no token {token!r}")
        return number

    def encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def special(self, row: str) -> list[int]:
        """A row of sentinels, as `models.prompting.layout` writes it."""
        return [self._id(token) for token in re.split(r"(?<=>)(?=<)", row)] if row else []

    def decode(self, ids: list[int]) -> str:
        return self._tokenizer.decode(ids, skip_special_tokens=False)

    def save(self, path: Path) -> None:
        self._tokenizer.encode_special_tokens = False
        self._tokenizer.save(str(path))
        self._tokenizer.encode_special_tokens = True
