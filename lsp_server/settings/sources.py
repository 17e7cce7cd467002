"""Where settings come from besides the editor: the environment, the user's `config.toml`, a workspace's
`dragoman.toml`.

The whole order, later over earlier: defaults, environment, user's file, workspace's file, initializationOptions, and
what the editor answers to `workspace/configuration` or tells by `workspace/didChangeConfiguration`.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lsp_server.settings.leaves import Leaf, leaves
from lsp_server.settings.merge import Layer, SettingProblem
from models.folders import folder

WORKSPACE_FILE = "dragoman.toml"

_WORDS = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


def from_environment(environment: Mapping[str, str]) -> Layer:
    """`DRAGOMAN_<SECTION>_<NAME>`, such as `DRAGOMAN_COMPLETION_MAX_LINE_TOKENS`; lists are separated by commas.

    Variables that begin with no section's name (`DRAGOMAN_HOME`) are none of ours.
    """
    by_variable = {leaf.environment_variable: leaf for leaf in leaves().values()}
    sections = tuple({f"DRAGOMAN_{path[0].upper()}_" for path in leaves()})
    values: dict[str, Any] = {}
    for variable, text in environment.items():
        if leaf := by_variable.get(variable):
            values[".".join(leaf.path)] = parse_value(leaf, text)
        elif variable.startswith(sections):
            section, _, name = variable.removeprefix("DRAGOMAN_").lower().partition("_")
            values[f"{section}.{name}"] = text
    return Layer("the environment", values)


def from_user_file() -> tuple[Layer, tuple[SettingProblem, ...]]:
    """`config.toml` in Dragoman's configuration folder."""
    return _from_file(user_file(), trusted=True)


def from_workspace(root: Path) -> tuple[Layer, tuple[SettingProblem, ...]]:
    """`dragoman.toml` in a workspace folder; it may only set what cannot do harm."""
    return _from_file(root / WORKSPACE_FILE, trusted=False)


def user_file() -> Path:
    return folder("config") / "config.toml"


def _from_file(path: Path, *, trusted: bool) -> tuple[Layer, tuple[SettingProblem, ...]]:
    try:
        return Layer(str(path), tomllib.loads(path.read_text(encoding="utf-8")), trusted), ()
    except (FileNotFoundError, NotADirectoryError):
        return Layer(str(path), {}, trusted), ()
    except (OSError, ValueError) as error:
        problem = SettingProblem(path.name, str(path), f"the file cannot be read and is left out: {error}")
        return Layer(str(path), {}, trusted), (problem,)


def parse_value(leaf: Leaf, text: str) -> Any:
    """The value that a variable's text stands for, or the text itself where it stands for none (and is refused
    later)."""
    text = text.strip()
    if leaf.type is bool:
        return _WORDS.get(text.lower(), text)
    if leaf.type == tuple[str, ...]:
        return [item.strip() for item in text.split(",") if item.strip()]
    try:
        if leaf.type in (int, float):
            return leaf.type(text)
        if leaf.type == tuple[float, ...]:
            return [float(item) for item in text.split(",") if item.strip()]
    except ValueError:
        return text
    return text
