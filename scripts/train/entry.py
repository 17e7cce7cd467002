"""The catalog entry of the model in training: the default's, with fill-in-the-middle sentinels."""

from dataclasses import replace

from models.catalog.catalog import builtin_models
from models.catalog.entry import ModelEntry
from models.catalog.reference import with_family

BASE = "smollm2-135m"
FAMILY = "dragoman"
"""Suffix first: while the user types at the end of the prefix, everything before it stays in the KV cache."""


def training_entry() -> ModelEntry:
    """How the trained model is prompted."""
    return with_family(replace(builtin_models()[BASE], name="dragoman-135m"), FAMILY)
