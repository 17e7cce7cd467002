"""Sessions over transformers networks: a decoder alone, or one that looks at what an encoder made of the prompt.

Both keep their own list of tokens, and can fill their memory again from it: after a failure, and where the kind of
memory does not let itself be cut back.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from models.backends.session import PREFILL_CHUNK, Logits, TokenIds
from models.backends.torch_cache import cut
from models.backends.torch_library import import_library, out_of_memory
from models.backends.torch_network import EncoderDecoderNetwork, Network
from models.errors import ModelError


class TorchSession(ABC):
    """What both kinds share: the tokens, their limit, and what happens when a forward pass fails."""

    def __init__(self, network: Network, capacity: int) -> None:
        self._device = network.device
        self._ids: TokenIds = np.zeros(capacity, dtype=np.int64)
        self._length = 0
        self._cache: Any = None
        """`None` while it has to be filled from `_ids`."""

    @property
    def tokens(self) -> TokenIds:
        return self._ids[: self._length]

    @property
    def capacity(self) -> int:
        return len(self._ids)

    def extend(self, tokens: Sequence[int] | TokenIds, last: int = 1) -> Logits:
        end = self._length + len(tokens)
        if end > self.capacity:
            raise ModelError(
                f"{end} tokens do not fit the {self.capacity} of this model's context.", "Shorten the prompt."
            )
        self._ids[self._length : end] = tokens
        try:
            with import_library().torch.inference_mode():
                logits = self._run(self._length, end, last)
        except Exception as error:
            self._cache = None  # some layers have the tokens, others have not
            if out_of_memory(error):
                raise ModelError(f"{self._device} has no memory for {end} tokens.", "Shorten the prompt.") from error
            raise
        self._length = end
        return logits

    def truncate(self, length: int) -> None:
        if length < self._length:
            self._length = length
            if self._cache is not None and not self._cut(length):
                self._cache = None

    @abstractmethod
    def _run(self, start: int, end: int, last: int) -> Logits:
        """Read `_ids[start:end]` after those before; logits of the `last` last of them."""

    @abstractmethod
    def _cut(self, length: int) -> bool:
        """Cut the cache back to `length` tokens; `False` if it cannot be."""

    def _tensor(self, tokens: TokenIds) -> Any:
        """Shape (1, length), on the device."""
        return import_library().torch.tensor(tokens[None, :]).to(self._device)


class DecoderSession(TorchSession):
    """A decoder-only network; implements `Session`."""

    def __init__(self, network: Network, capacity: int) -> None:
        super().__init__(network, capacity)
        self._network = network

    def _run(self, start: int, end: int, last: int) -> Logits:
        if self._cache is None:
            self._cache = self._network.new_cache()
            for begin in range(0, start, PREFILL_CHUNK):
                self._decode(begin, min(begin + PREFILL_CHUNK, start), 1)
        return _array(self._decode(start, end, last))

    def _decode(self, start: int, end: int, last: int) -> Any:
        return self._network.decode(self._tensor(self._ids[start:end]), self._cache, last)

    def _cut(self, length: int) -> bool:
        return cut(self._cache, length)


class EncoderDecoderSession(TorchSession):
    """An encoder-decoder network; implements `Session`.

    The tokens up to and including `encoder_end` are the encoder's, which reads them all at once when that one comes;
    what follows is the decoder's, after `decoder_begin`. Before that nothing is predicted, and all logits are 0.
    """

    def __init__(
        self, network: EncoderDecoderNetwork, capacity: int, *, encoder_end: int, decoder_begin: Sequence[int]
    ) -> None:
        super().__init__(network, capacity)
        self._network = network
        self._encoder_end = encoder_end
        self._decoder_begin = np.array(decoder_begin, dtype=np.int64)
        self._encoded: Any = None
        self._boundary = 0
        """How many tokens the encoder has read."""

    def _run(self, start: int, end: int, last: int) -> Logits:
        if self._cache is not None:
            decoded = self._ids[start:end]
        else:
            found = np.flatnonzero(self._ids[:end] == self._encoder_end)
            if not len(found):
                return np.zeros((last, self._network.vocabulary_size), dtype=np.float32)
            self._boundary = int(found[0]) + 1
            self._encoded = self._network.encode(self._tensor(self._ids[: self._boundary]))
            self._cache = self._network.new_cache()
            decoded = np.concatenate([self._decoder_begin, self._ids[self._boundary : end]])
        wanted = min(last, len(decoded))
        logits = _array(self._network.decode_encoded(self._encoded, self._tensor(decoded), self._cache, wanted))
        missing = np.zeros((last - wanted, logits.shape[1]), dtype=np.float32)
        return np.concatenate([missing, logits]) if last > wanted else logits

    def _cut(self, length: int) -> bool:
        decoded = length - self._boundary
        return decoded >= 0 and cut(self._cache, len(self._decoder_begin) + decoded)


def _array(logits: Any) -> Logits:
    return logits.float().cpu().numpy()
