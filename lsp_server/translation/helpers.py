"""Functions that a translation by rules calls where the target's own library does something else than the source's.

They stand in `helpers_text/` as code of their language, cut at lines that name them. A file gets those that it uses,
and what these use in turn. JavaScript's serve TypeScript too: the types stand in comments.
"""

import re
from functools import cache
from importlib.resources import files

from lsp_server.languages import Language
from lsp_server.translation.targets import TARGETS

_FILES = {
    "java": "Py.java",
    "csharp": "Py.cs",
    "cpp": "py.cpp",
    "javascript": "py.js",
    "typescript": "py.js",
    "go": "py.go",
    "rust": "py.rs",
    "python": "source.py.txt",
}
_CUT = re.compile(r"^(?:\s*)(?://|#) --- (\w+)\n", re.MULTILINE)
_TYPE = re.compile(r"/\*([:<].*?)\*/")


def with_helpers(text: str, target: Language) -> str:
    """`text` with the definitions of the helpers that it calls."""
    known = _helpers(target.id)
    in_class = bool(known) and TARGETS[target.id].in_class
    before = "Py." if in_class else ""
    wanted = [name for name in known if _calls(text, before + name)]
    for name in wanted:  # grows while it is walked
        wanted += [other for other in known if other not in wanted and _calls(known[name], other)]
    if not wanted:
        return text
    parts = [known[name] for name in known if name in wanted]
    if in_class:
        inside = "\n\n".join(parts)
        return f"{text.rstrip()}\n\n/* As Python does it. */\nclass Py {{\n{inside}\n}}\n"
    block = "\n\n".join(parts)
    if target.id in ("cpp", "python"):
        gap = "\n\n\n" if target.id == "python" else "\n\n"
        return f"{block}{gap}{text}"
    return f"{text.rstrip()}\n\n{block}\n"


def _calls(text: str, name: str) -> bool:
    return re.search(rf"\b{re.escape(name)}\b[(<!:]", text) is not None


@cache
def _helpers(language: str) -> dict[str, str]:
    name = _FILES.get(language)
    if name is None:
        return {}
    text = files("lsp_server.translation").joinpath("helpers_text", name).read_text(encoding="utf-8")
    if name == "py.js":
        text = _TYPE.sub(r"\1" if language == "typescript" else "", text)
    parts = _CUT.split(text)[1:]
    return {label: body.strip("\n") for label, body in zip(parts[::2], parts[1::2], strict=True)}
