"""Everything that repeats the settings, written from the settings themselves: `python -m scripts.document_settings`.

The table of docs/settings.md, the settings that VS Code shows (`package.json`), the defaults that Neovim knows; and for
both editors the languages that can be translated to. A test fails while one of them differs.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsp_server.languages import language_for
from lsp_server.settings.leaves import camel_case, leaves
from lsp_server.settings.schema import descriptions, settings_schema, settings_table
from lsp_server.translation.targets import TARGETS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "settings.md"
MANIFEST = ROOT / "extension" / "vscode" / "package.json"
LUA = ROOT / "extension" / "neovim" / "lua" / "dragoman" / "settings.lua"
VSCODE_LANGUAGES = ROOT / "extension" / "vscode" / "src" / "languages.ts"
LUA_LANGUAGES = LUA.with_name("languages.lua")
PLACE = re.compile(r"(<!-- settings: .*? -->\n).*?(<!-- end of settings -->)", re.DOTALL)
LUA_HEADING = """\
-- The server's settings with their defaults, written by `python -m scripts.document_settings`.
-- What a user sets goes into the option `settings` of `setup`, nested in the same way.

return {
"""


def main() -> None:
    """Write them all."""
    for path, update in UPDATES.items():
        path.write_text(update(path.read_text(encoding="utf-8") if path.exists() else ""), encoding="utf-8")


def updated(page: str) -> str:
    """The page with the table as the settings have it now."""
    return PLACE.sub(lambda found: f"{found[1]}{settings_table().strip()}\n{found[2]}", page)


def updated_manifest(text: str) -> str:
    """The extension's manifest with the server's settings; those of the extension itself stay."""
    manifest: dict[str, Any] = json.loads(text)
    schema = settings_schema()
    properties = {
        name: {**entry, "order": order} for order, (name, entry) in enumerate(schema["properties"].items(), 1)
    }
    own = [part for part in manifest["contributes"]["configuration"] if part["title"] != schema["title"]]
    manifest["contributes"]["configuration"] = [*own, {"title": schema["title"], "properties": properties}]
    return json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"


def lua_defaults(_: str = "") -> str:
    """A Lua table of the defaults, a section each."""
    texts = descriptions()
    lines: list[str] = []
    section = ""
    for path, leaf in leaves().items():
        if path[0] != section:
            lines += ["  },"] if section else []
            section = path[0]
            lines.append(f"  {camel_case(section)} = {{")
        lines += [f"    -- {texts[path]}", f"    {camel_case(path[1])} = {_lua(leaf.default)},"]
    return LUA_HEADING + "\n".join([*lines, "  },", "}"]) + "\n"


def vscode_languages(_: str = "") -> str:
    """A TypeScript list of the languages that can be translated to."""
    lines = (f"  {{ id: {json.dumps(name)}, name: {json.dumps(language_for(name).name)} }}," for name in TARGETS)
    return (
        "// Languages that can be translated into, written by `python -m scripts.document_settings`.\n\n"
        "export const LANGUAGES: readonly { id: string; name: string }[] = [\n" + "\n".join(lines) + "\n];\n"
    )


def lua_languages(_: str = "") -> str:
    """The same for Neovim, ids only."""
    lines = (f"  {json.dumps(name)}," for name in TARGETS)
    return (
        "-- Languages that can be translated into, written by `python -m scripts.document_settings`.\n\n"
        "return {\n" + "\n".join(lines) + "\n}\n"
    )


def _lua(value: Any) -> str:
    if isinstance(value, tuple):
        items: tuple[Any, ...] = value
        return "{ " + ", ".join(map(_lua, items)) + " }" if items else "{}"
    return json.dumps(value, ensure_ascii=False)


UPDATES: dict[Path, Callable[[str], str]] = {
    PAGE: updated,
    MANIFEST: updated_manifest,
    LUA: lua_defaults,
    VSCODE_LANGUAGES: vscode_languages,
    LUA_LANGUAGES: lua_languages,
}


if __name__ == "__main__":
    main()
