"""A KV cache for transformers that can be cut back for nothing and grows without copying what it holds.

transformers' own `DynamicLayer` concatenates at every token: with a long context that is most of the work.
"""

from functools import cache
from typing import Any

from models.backends.torch_library import import_library

FIRST_ROOM = 256
"""Tokens that a layer has room for at first; then it doubles."""
ATTENTION = {"full_attention", "sliding_attention", "chunked_attention", None}
"""Kinds of layer that keep a key and a value per token, all of which we keep: what slides is masked."""


def keeps_tokens_apart(config: Any) -> bool:
    """Whether a model's memory is one entry a token, so that it can be cut back (not so in linear attention)."""
    text = config.get_text_config(decoder=True)
    kinds = getattr(text, "layer_types", None) or [None]
    return set(kinds) <= ATTENTION


def new_cache(config: Any) -> Any:
    """An empty cache for one decoder."""
    utilities = import_library().transformers.cache_utils
    if keeps_tokens_apart(config):
        return utilities.Cache(layer_class_to_replicate=_layer_class())
    return utilities.DynamicCache(config=config)


def new_encoder_decoder_cache(config: Any) -> Any:
    """An empty cache for a decoder that also looks at an encoder; `cut` cuts back the decoder's side."""
    utilities = import_library().transformers.cache_utils
    return utilities.EncoderDecoderCache(new_cache(config), utilities.DynamicCache())


def cut(cache: Any, length: int) -> bool:
    """Keep the first `length` tokens; `False` if this cache cannot, and has to be filled anew."""
    cache = getattr(cache, "self_attention_cache", cache)
    if not all(isinstance(layer, _layer_class()) for layer in cache.layers):
        return False
    for layer in cache.layers:
        layer.cut(length)
    return True


@cache
def _layer_class() -> Any:
    base: Any = import_library().transformers.cache_utils.DynamicLayer

    class RoomyLayer(base):
        """Keys and values in the first part of buffers that have room for more; shapes (1, heads, room, size)."""

        held = 0

        def update(self, key_states: Any, value_states: Any, *_: Any, **__: Any) -> tuple[Any, Any]:
            end = self.held + key_states.shape[-2]
            if not self.is_initialized:
                self.lazy_initialization(key_states, value_states)
                self.room = (key_states[..., :0, :], value_states[..., :0, :])
            if end > self.room[0].shape[-2]:
                self.room = tuple(self._widened(old, end) for old in self.room)
            for buffer, new in zip(self.room, (key_states, value_states), strict=True):
                buffer[..., self.held : end, :] = new
            self._show(end)
            return self.keys, self.values

        def cut(self, length: int) -> None:
            if self.is_initialized:
                self._show(length)

        def crop(self, tokens_to_remove: int) -> None:
            self.cut(self.held - abs(tokens_to_remove))

        def get_seq_length(self) -> int:
            return self.held

        def _show(self, length: int) -> None:
            self.held = length
            self.keys, self.values = (buffer[..., :length, :] for buffer in self.room)

        def _widened(self, old: Any, end: int) -> Any:
            room = max(2 * old.shape[-2], FIRST_ROOM, end)
            new = old.new_empty((*old.shape[:-2], room, old.shape[-1]))
            new[..., : self.held, :] = old[..., : self.held, :]
            return new

    return RoomyLayer
