"""Everything a user can set: the tree with its defaults, the sources it is merged from, the schema made from it.

Knows files, the environment and plain values; never what a setting is used for, and never an editor.
"""

from lsp_server.settings.merge import Layer, Merged, SettingProblem, merge
from lsp_server.settings.sources import WORKSPACE_FILE, from_environment, from_user_file, from_workspace, user_file
from lsp_server.settings.tree import (
    CompletionSettings,
    ContextSettings,
    LogSettings,
    ModelSettings,
    MonitoringSettings,
    Settings,
    TelemetrySettings,
    TranslationSettings,
)

__all__ = [
    "WORKSPACE_FILE",
    "CompletionSettings",
    "ContextSettings",
    "Layer",
    "LogSettings",
    "Merged",
    "ModelSettings",
    "MonitoringSettings",
    "SettingProblem",
    "Settings",
    "TelemetrySettings",
    "TranslationSettings",
    "from_environment",
    "from_user_file",
    "from_workspace",
    "merge",
    "user_file",
]
