"""Which models there are, as data: where their weights come from, how they are prompted, what their licence allows.

Ours are in `catalog.toml`, the user's in a registry of their own. Fetches nothing and loads nothing.
"""

from models.catalog.catalog import DEFAULT_MODEL, builtin_models, detect_family, find_model, load_catalog
from models.catalog.entry import (
    FileSource,
    FimFormat,
    HubSource,
    ModelEntry,
    PackagedSource,
    RemoteSource,
    Source,
    WheelSource,
)
from models.catalog.reference import is_address, resolve_model
from models.catalog.registry import register, registry_path, unregister

__all__ = [
    "DEFAULT_MODEL",
    "FileSource",
    "FimFormat",
    "HubSource",
    "ModelEntry",
    "PackagedSource",
    "RemoteSource",
    "Source",
    "WheelSource",
    "builtin_models",
    "detect_family",
    "find_model",
    "is_address",
    "load_catalog",
    "register",
    "registry_path",
    "resolve_model",
    "unregister",
]
