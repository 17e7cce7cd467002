"""Turning off whatever a tokenizer does to text besides cutting it up.

A blank put before the text, Unicode normalisation, control tokens read out of it: all of that makes tokens whose bytes
are not the text's. The changes are made on the library's own objects: rewriting the file costs more than loading it.
"""

import re
from typing import Any

SENTINEL = re.compile(r"<[|｜].+[|｜]>", re.DOTALL)
"""Added tokens of this shape are control tokens, even where the file does not say so (Qwen, DeepSeek)."""


def use_as_plain_text(inner: Any, control: frozenset[str]) -> dict[str, int]:
    """Change `inner` (a `tokenizers.Tokenizer`) so that every text is plain; returns its control tokens by spelling.

    Control tokens are the added tokens that the file calls special, those of `SENTINEL`'s shape, and `control`.
    """
    from tokenizers import AddedToken

    inner.no_truncation()
    inner.no_padding()
    inner.normalizer = _only_replacing(inner.normalizer)
    for part in parts(inner.pre_tokenizer):
        if hasattr(part, "add_prefix_space"):
            part.add_prefix_space = False
        if hasattr(part, "prepend_scheme"):
            part.prepend_scheme = "never"

    found: dict[str, int] = {}
    for index, token in inner.get_added_tokens_decoder().items():
        if token.special or token.content in control or SENTINEL.fullmatch(token.content):
            found[token.content] = index
    inner.add_special_tokens([AddedToken(content, special=True, normalized=False) for content in found])
    inner.encode_special_tokens = True  # in the library's words: special tokens in a text are encoded like any text
    return found


def parts(component: Any) -> list[Any]:
    """A pre-tokenizer, normaliser or decoder as the list of what it does, in order."""
    if component is None:
        return []
    if type(component).__name__ != "Sequence":
        return [component]
    found: list[Any] = []
    while True:
        try:
            found.append(component[len(found)])
        except IndexError:
            return found


def kinds(component: Any) -> set[str]:
    """The names of the steps in a component. Read from its state, because decoders do not let their steps out."""
    return set(re.findall(r'"type":\s*"(\w+)"', component.__getstate__().decode())) if component is not None else set()


def _only_replacing(normalizer: Any) -> Any:
    """SentencePiece's blank-to-`▁` is how its vocabulary is spelled; everything else changes the text."""
    from tokenizers import normalizers

    kept = [part for part in parts(normalizer) if isinstance(part, normalizers.Replace)]
    return normalizers.Sequence(kept) if kept else None
