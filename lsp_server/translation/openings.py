"""How the translation of a unit begins, where it ends, and how what was written becomes the text of the unit."""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass

from lsp_server.languages import Language
from lsp_server.translation.declarations import class_opening
from lsp_server.translation.ending import body_end, closed
from lsp_server.translation.naming import type_name
from lsp_server.translation.outline import Unit
from lsp_server.translation.targets import TARGETS
from models import StopRule

_MAIN = {
    "java": "public static void main(String[] args) {\n",
    "csharp": "static void Main(string[] args) {\n",
    "cpp": "int main() {\n",
    "go": "func main() {\n",
    "rust": "fn main() {\n",
}
_TYPE = {
    "python": "class {name}:\n",
    "java": "class {name} {{\n",
    "cpp": "class {name} {{\n",
    "javascript": "class {name} {{\n",
    "typescript": "class {name} {{\n",
    "csharp": "class {name} {{\n",
    "go": "type {name} struct {{\n",
    "rust": "struct {name} {{\n",
}
_SPLIT_TYPES = ("go", "rust")
"""Here the methods of a type stand beside it."""
PROGRAM = ("main", "Main", "__main__")


@dataclass(frozen=True)
class Opening:
    """The frame of a unit."""

    text: str
    """What the prompt ends with."""
    finish: Callable[[str], str]
    """From what was written after it to the text of the unit."""
    stop: Callable[[], StopRule | None]


def opening_of(unit: Unit, code: str, declaration: str, source: Language, target: Language, file_class: str) -> Opening:
    """The frame of a unit. `declaration` is a function's, from its signature."""
    style = TARGETS[target.id]
    if unit.kind == "function" and unit.name in ("main", "Main"):
        declaration = _MAIN.get(target.id, declaration)
    if unit.kind == "statements":
        declaration = _MAIN.get(target.id, "") if _is_program(unit, code) else ""
    if unit.kind == "type":
        declaration = _TYPE[target.id].format(name=type_name(unit.name, style))
    around = class_opening(unit, style, file_class) if unit.kind != "type" else ""
    start = textwrap.indent(declaration, "    ") if around else declaration
    whole = around + (start or ("    static " if around else ""))

    def finish(body: str) -> str:
        text = closed((start or whole.removeprefix(around)) + body, target)
        return textwrap.dedent(text).strip("\n") + "\n"

    def stop() -> StopRule | None:
        if unit.kind == "statements" and not declaration:
            return _as_many_lines(code)
        if unit.kind == "type" and target.id in _SPLIT_TYPES:
            return None
        return body_end(whole, target)

    return Opening(whole, finish, stop)


def _is_program(unit: Unit, code: str) -> bool:
    """Whether statements do something, rather than only define values."""
    return "__main__" in code or bool(unit.calls)


def _as_many_lines(code: str) -> StopRule:
    """Ends after as many visible lines as the source has."""
    wanted = sum(bool(line.strip()) for line in code.split("\n"))

    def rule(text: str) -> int | None:
        seen, position = 0, 0
        for line in text.splitlines(keepends=True):
            position += len(line)
            seen += bool(line.strip()) and line.endswith("\n")
            if seen >= wanted:
                return position
        return None

    return rule
