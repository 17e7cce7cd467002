"""Any model of the Hugging Face hub, computed by torch: the reference for conversions, and a way to the GPU.

Decoders, encoder-decoders (CodeT5, CodeT5+), and encoders that were trained to decode (UniXcoder).
"""

from pathlib import Path

from models.backends.torch_library import (
    TorchDevice,
    TorchPrecision,
    choose_device,
    choose_precision,
    import_library,
)
from models.backends.torch_network import (
    EncoderDecoderNetwork,
    Network,
    context_length,
    load_network,
    weights_fingerprint,
)
from models.backends.torch_session import DecoderSession, EncoderDecoderSession
from models.backends.torch_tokenizer import load_tokenizer
from models.catalog.entry import ModelEntry, split_sentinels
from models.errors import ModelError
from models.tokenization.tokenizer import Tokenizer


def load_torch(
    location: Path,
    entry: ModelEntry,
    tokenizer: Tokenizer | None = None,
    *,
    device: TorchDevice = "auto",
    precision: TorchPrecision = "auto",
    threads: int | None = None,
) -> "TorchModel":
    """Load a folder in the hub's layout (safetensors), or a GGUF file.

    `tokenizer` is the location's own by default. A CPU computes in single precision with `threads` threads (default:
    torch's choice), a GPU in half. Raises `ModelError` when torch is not installed, when weights or tokenizer are
    missing, damaged or of a kind that is not read, and when the device that was asked for cannot be had.
    """
    library = import_library()
    if threads:
        library.torch.set_num_threads(threads)
    where = choose_device(device)
    tokenizer = tokenizer or load_tokenizer(location, entry)
    network = load_network(location, choose_precision(where, precision), where)
    return TorchModel(location, entry, tokenizer, network)


class TorchModel:
    """Weights on a device; implements `LanguageModel`."""

    def __init__(self, location: Path, entry: ModelEntry, tokenizer: Tokenizer, network: Network) -> None:
        self._location = location
        self._entry = entry
        self._tokenizer = tokenizer
        self._network: Network | None = network
        self._device = network.device
        self._fingerprint = ""
        self._vocabulary_size = network.vocabulary_size
        self._context_length = min(entry.context_length, context_length(network.config) or entry.context_length)

    @property
    def entry(self) -> ModelEntry:
        return self._entry

    @property
    def tokenizer(self) -> Tokenizer:
        return self._tokenizer

    @property
    def fingerprint(self) -> str:
        """Of files larger than 64 MB, a sample stands for the whole."""
        if not self._fingerprint:
            self._fingerprint = weights_fingerprint(self._location)
        return self._fingerprint

    @property
    def device(self) -> str:
        return self._device

    @property
    def vocabulary_size(self) -> int:
        return self._vocabulary_size

    @property
    def context_length(self) -> int:
        return self._context_length

    def new_session(self) -> DecoderSession | EncoderDecoderSession:
        network = self._network
        if network is None:
            raise ModelError(f"{self._entry.name} was closed.", "Load it again.")
        if not isinstance(network, EncoderDecoderNetwork):
            return DecoderSession(network, self._context_length)
        begin = [self._token(name) for name in split_sentinels(self._entry.decoder_begin)]
        return EncoderDecoderSession(
            network,
            self._context_length,
            encoder_end=self._token(self._entry.end) if self._entry.end else network.config.eos_token_id,
            decoder_begin=begin or [network.config.decoder_start_token_id],
        )

    def close(self) -> None:
        self._network = None

    def _token(self, name: str) -> int:
        token = self._tokenizer.token_id(name)
        if token is None:
            raise ModelError(
                f"The vocabulary of {self._entry.name} has no token '{name}'.",
                "The prompt format does not belong to this model: remove it and add it again with another family.",
            )
        return token
