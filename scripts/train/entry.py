"""The catalog entry of the model in training: the default's, with fill-in-the-middle sentinels."""

from dataclasses import replace

from models.catalog.catalog import builtin_models
from models.catalog.entry import FimFormat, ModelEntry

BASE = "smollm2-135m"
FIM = FimFormat(prefix="<fim_prefix>", suffix="<fim_suffix>", middle="<fim_middle>", order="spm")
"""Suffix first: while the user types at the end of the prefix, everything before it stays in the KV cache."""


def training_entry() -> ModelEntry:
    """How the trained model is prompted."""
    return replace(builtin_models()[BASE], name="dragoman-135m", fim=FIM)
