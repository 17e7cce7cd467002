"""The settings of one connection: every layer that was read or told, merged anew when one changes, problems told
once."""

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from lsp_server.server.convert import SECTION
from lsp_server.settings import (
    Layer,
    Merged,
    SettingProblem,
    Settings,
    from_environment,
    from_user_file,
    from_workspace,
    merge,
)

_SECTIONS = frozenset(field.name for field in fields(Settings))
"""Whoever writes one of these at the top of the options has forgotten what stands around it."""


class Configuration:
    """The order is in `lsp_server.settings.sources`. A workspace file counts for the documents of its folder only."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        user, problems = from_user_file()
        self._below = [from_environment(environment), user]
        self._above: list[Layer] = []
        self._workspace: dict[str, Layer] = {}
        self._merged: dict[str, Settings] = {}
        self._told: set[SettingProblem] = set()
        self._untold: list[SettingProblem] = []
        self._note(problems)

    def settings(self, root: str = "") -> Settings:
        """What counts for documents in the workspace folder `root`; without one, what counts for all."""
        if root not in self._merged:
            merged = self._merge(root)
            self._merged[root] = merged.settings
            self._note(merged.problems)
        return self._merged[root]

    def take_problems(self) -> list[SettingProblem]:
        """What was left out and why, as far as it was not taken before."""
        self.settings()
        problems, self._untold = self._untold, []
        return problems

    def set_initialization_options(self, options: Any) -> None:
        """Settings stand under `dragoman`."""
        self._put("initializationOptions", self._section("initializationOptions", options), first=True)

    def set_client_configuration(self, values: Any) -> None:
        """What the editor answered or told: the content of its section `dragoman`."""
        origin = "the editor's configuration"
        if values is not None and not isinstance(values, Mapping):
            self._note([SettingProblem(SECTION, origin, "it must be a table of settings.")])
            return
        self._put(origin, values or {}, first=False)

    def read_workspace_file(self, root: Path) -> None:
        """Read, or read again, a workspace folder's `dragoman.toml`."""
        layer, problems = from_workspace(root)
        self._workspace[str(root)] = layer
        self._merged.clear()
        self._note(problems)
        self.settings(str(root))

    def forget_workspace_file(self, root: Path) -> None:
        self._workspace.pop(str(root), None)
        self._merged.clear()

    def _merge(self, root: str) -> Merged:
        workspace = [self._workspace[root]] if root in self._workspace else []
        return merge([*self._below, *workspace, *self._above])

    def _section(self, origin: str, options: Any) -> Mapping[str, Any]:
        if options is None:
            return {}
        if not isinstance(options, Mapping):
            self._note([SettingProblem(SECTION, origin, "it must be an object.")])
            return {}
        reason = f"settings are looked for under `{SECTION}`; move it there."
        self._note([SettingProblem(key, origin, reason) for key in options if key in _SECTIONS])
        values = options.get(SECTION)
        return values if isinstance(values, Mapping) else {}

    def _put(self, origin: str, values: Mapping[str, Any], *, first: bool) -> None:
        others = [layer for layer in self._above if layer.origin != origin]
        layer = Layer(origin, values)
        self._above = [layer, *others] if first else [*others, layer]
        self._merged.clear()

    def _note(self, problems: Any) -> None:
        for problem in problems:
            if problem not in self._told:
                self._told.add(problem)
                self._untold.append(problem)
