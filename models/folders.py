"""Where Dragoman keeps its files on this machine.

`DRAGOMAN_HOME` moves all of them under one folder; without it they follow the platform's conventions.
"""

import os
from pathlib import Path
from typing import Literal

Kind = Literal["config", "cache", "data"]


def folder(kind: Kind) -> Path:
    """The folder for settings, for what can be made again, or for what cannot. It may not exist yet."""
    home = os.environ.get("DRAGOMAN_HOME")
    if home:
        return Path(home).expanduser().absolute() / kind
    from platformdirs import PlatformDirs

    folders = PlatformDirs("dragoman", appauthor=False)
    return {"config": folders.user_config_path, "cache": folders.user_cache_path, "data": folders.user_data_path}[kind]


def model_cache() -> Path:
    """Fetched and converted weights."""
    return folder("cache") / "models"
