"""The networks of transformers behind one way to call them: tokens and a cache in, logits of the last positions out.

Reads safetensors and GGUF only (other formats are pickles), and runs no code that comes with a model.
"""

import hashlib
import inspect
from collections.abc import Iterator
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

from models.backends.torch_cache import new_cache, new_encoder_decoder_cache
from models.backends.torch_library import import_library, out_of_memory
from models.errors import ModelError

SAMPLE_STRIDE, SAMPLE_BYTES = 64 << 20, 1 << 20


class Network:
    """A decoder with its output layer, in evaluation mode on its device."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self.config = module.config
        self._keeps_last = "logits_to_keep" in inspect.signature(module.forward).parameters

    @property
    def device(self) -> str:
        return str(self.module.device)

    @property
    def vocabulary_size(self) -> int:
        return int(self.module.get_output_embeddings().weight.shape[0])

    def new_cache(self) -> Any:
        return new_cache(self.config)

    def decode(self, tokens: Any, cache: Any, last: int) -> Any:
        """Logits (last, vocabulary) after each of the last of `tokens` (1, length), which follow those in `cache`."""
        keep = {"logits_to_keep": last} if self._keeps_last else {}
        return self.module(input_ids=tokens, past_key_values=cache, use_cache=True, **keep).logits[0, -last:]


class HeadlessNetwork(Network):
    """A decoder that was published without an output layer, because it is the embedding (UniXcoder)."""

    @property
    def vocabulary_size(self) -> int:
        return int(self.module.get_input_embeddings().weight.shape[0])

    def decode(self, tokens: Any, cache: Any, last: int) -> Any:
        output = self.module(input_ids=tokens, past_key_values=cache, use_cache=True)
        return output.last_hidden_state[0, -last:] @ self.module.get_input_embeddings().weight.T


class EncoderDecoderNetwork(Network):
    """A decoder that looks at what the encoder made of other tokens."""

    def new_cache(self) -> Any:
        return new_encoder_decoder_cache(self.config)

    def encode(self, tokens: Any) -> Any:
        return self.module.get_encoder()(input_ids=tokens)

    def decode_encoded(self, encoded: Any, tokens: Any, cache: Any, last: int) -> Any:
        """Like `decode`, with `encoded` in view."""
        output = self.module(encoder_outputs=encoded, decoder_input_ids=tokens, past_key_values=cache, use_cache=True)
        return output.logits[0, -last:]


def load_network(location: Path, precision: Any, device: str) -> Network:
    """The network in a folder or GGUF file, on `device`. Raises `ModelError`."""
    library = import_library()
    where: dict[str, Any] = {"pretrained_model_name_or_path": str(location)}
    if location.is_file():
        where = {"pretrained_model_name_or_path": str(location.parent), "gguf_file": location.name}
    elif not any(location.glob("*.safetensors")):
        raise ModelError(
            f"{location} has no safetensors.",
            "Weights in other formats are not loaded, because reading a pickle runs code: choose a revision with them.",
        )
    try:
        config = library.transformers.AutoConfig.from_pretrained(**where, trust_remote_code=False)
        kind, auto_class = _kind(config)
        options: dict[str, Any] = {"config": config, "dtype": precision, "trust_remote_code": False}
        if location.is_file():
            options["quantization_config"] = library.transformers.GgufConfig(dequantize=True)
        else:
            options["use_safetensors"] = True
        with redirect_stderr(StringIO()):  # transformers shows a bar for GGUF, whatever it is told
            module = auto_class.from_pretrained(**where, **options)
        return kind(module.to(device).eval())
    except ModelError:
        raise
    except Exception as error:  # transformers raises whatever the file, the config or the device made it raise
        reason = " ".join(str(error).split())[:200]
        if out_of_memory(error):
            raise ModelError(f"{device} has no memory for {location}.", "Use a smaller model or precision.") from error
        raise ModelError(
            f"transformers cannot load {location}: {reason}", "Is it a model of a supported kind, and whole?"
        ) from error


def _kind(config: Any) -> tuple[type[Network], Any]:
    """How a model is to be loaded and called, by what its configuration says it was saved as."""
    transformers = import_library().transformers
    if config.is_encoder_decoder:
        return EncoderDecoderNetwork, transformers.AutoModelForSeq2SeqLM
    if hasattr(config, "is_decoder"):
        config.is_decoder = True  # an encoder's configuration: from now on its attention looks back only
    saved_as = (getattr(config, "architectures", None) or [""])[0]
    if saved_as.endswith("Model") and not saved_as.endswith("LMHeadModel"):
        return HeadlessNetwork, transformers.AutoModel
    return Network, transformers.AutoModelForCausalLM


def context_length(config: Any) -> int | None:
    """How many tokens a network can tell apart by position; `None` where its configuration does not say."""
    text = config.get_text_config(decoder=True)
    length = getattr(text, "max_position_embeddings", None) or getattr(text, "n_positions", None)
    if length and text.model_type in ("roberta", "xlm-roberta", "camembert"):
        length -= text.pad_token_id + 1  # positions are counted from behind the padding's
    return length


def weights_fingerprint(location: Path) -> str:
    """SHA-256 over the names, sizes and contents of the weight files; of large ones, over a megabyte in every 64."""
    digest = hashlib.sha256()
    for path in [location] if location.is_file() else sorted(location.glob("*.safetensors")):
        digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
        for sample in _samples(path):
            digest.update(sample)
    return digest.hexdigest()


def _samples(path: Path) -> Iterator[bytes]:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= SAMPLE_STRIDE:
            yield file.read()
            return
        for start in (*range(0, size, SAMPLE_STRIDE), size - SAMPLE_BYTES):
            file.seek(start)
            yield file.read(SAMPLE_BYTES)
