"""Settings with a few of them changed, for comparisons: `completion.minConfidence=0.3`."""

from collections.abc import Mapping
from dataclasses import replace

from lsp_server.errors import UserError
from lsp_server.settings.leaves import leaves, snake_case
from lsp_server.settings.merge import Layer, merge
from lsp_server.settings.sources import parse_value
from lsp_server.settings.tree import Settings


def with_changes(settings: Settings, changes: Mapping[str, str]) -> Settings:
    """The settings with others in the place of some, each by its name without `dragoman.` and its value as text.

    Raises `UserError` for a name or a value that is none.
    """
    for name, text in changes.items():
        path = tuple(map(snake_case, name.removeprefix("dragoman.").split(".")))
        leaf = leaves().get(path)
        values = {name.removeprefix("dragoman."): text if leaf is None else parse_value(leaf, text)}
        merged = merge([Layer("telemetry.arms", values)])
        if merged.problems:
            raise UserError(str(merged.problems[0]), "docs/settings.md lists the settings.")
        section, key = path
        changed = replace(getattr(settings, section), **{key: getattr(getattr(merged.settings, section), key)})
        settings = replace(settings, **{section: changed})
    return settings
