"""jedi as an analyser: it needs no server, no closed brackets and no installed anything, and so is always there for
Python.
"""

import re
from pathlib import Path
from typing import Any

from monitors.analysis.analyser import Completions, Name, Parameter, Place, Signature, Symbol
from monitors.errors import AnalysisFailed
from monitors.host.items import ANYTHING
from monitors.host.parsed import keep_parsed_in
from monitors.text.columns import line_and_column

_PARAMETER_KINDS = {
    "POSITIONAL_ONLY": "positional",
    "POSITIONAL_OR_KEYWORD": "either",
    "KEYWORD_ONLY": "keyword",
    "VAR_POSITIONAL": "rest",
    "VAR_KEYWORD": "keywords",
}
_KEEPS_SIGNATURE = re.compile(
    r"@\s*(?:\w+\s*\.\s*)*(?:staticmethod|classmethod|abstractmethod|overload|override|final|deprecated|wraps|lru_cache"
    r"|cache|(?:async)?contextmanager|dataclass|total_ordering|runtime_checkable|type_check_only|no_type_check)\b"
)
_SYMBOL_KINDS = ("class", "function", "module", "statement", "property")


class JediAnalyser:
    """Answers from jedi, in the project at `root`, with the packages that the interpreter `python` can import."""

    name = "jedi"

    def __init__(self, root: str, python: str | None = None, cache: Path | None = None) -> None:
        """`python` is the path of the workspace's own interpreter; without one, jedi looks for it itself. What is
        parsed is kept in `cache`, or, without one, where jedi keeps it for everybody.
        """
        import jedi

        if cache is not None:
            keep_parsed_in(cache)
        self._jedi: Any = jedi
        self._project = jedi.Project(root, environment_path=python) if python else jedi.Project(root)

    def complete(self, place: Place) -> Completions:
        line, column = line_and_column(place.text, place.offset)
        found = self._script(place).complete(line + 1, column)
        return Completions(tuple(Name(c.name, c.type) for c in found if c.type != "keyword"), True, self.name)

    def signatures(self, place: Place) -> tuple[Signature, ...]:
        line, column = line_and_column(place.text, place.offset)
        found = self._script(place).get_signatures(line + 1, column)
        return tuple(Signature(_parameters(signature), signature.to_string()) for signature in found)

    def symbols(self, place: Place) -> tuple[Symbol, ...]:
        names = self._script(place).get_names(all_scopes=True, definitions=True)
        return tuple(Symbol(name.name, name.type, _container(name)) for name in names if name.type in _SYMBOL_KINDS)

    def _script(self, place: Place) -> Any:
        return self._jedi.Script(place.text, path=place.path, project=self._project)


def _is_optional(parameter: Any) -> bool:
    return parameter.kind.name.startswith("VAR_") or "=" in parameter.to_string()


def _parameters(signature: Any) -> tuple[Parameter, ...]:
    if _is_doubtful(signature):
        return ANYTHING
    resolved = tuple(Parameter(p.name, _PARAMETER_KINDS[p.kind.name], not _is_optional(p)) for p in signature.params)
    return resolved + _own_stars(signature)


def _is_doubtful(signature: Any) -> bool:
    """Whether the callee may take something else: jedi passes over decorators that it cannot resolve, and finds no
    constructor where a metaclass or a base's decorator makes it.
    """
    inner = getattr(signature, "_signature", None)
    callees = (getattr(inner, "value", None), getattr(inner, "_function_value", None))
    nodes = [node for callee in callees if (node := getattr(callee, "tree_node", None)) is not None]
    if not signature.params and any(node.type == "classdef" and node.get_super_arglist() for node in nodes):
        return True
    decorators = [d for node in nodes if node.type in ("classdef", "funcdef") for d in node.get_decorators()]
    return not all(_KEEPS_SIGNATURE.match(decorator.get_code(include_prefix=False)) for decorator in decorators)


def _own_stars(signature: Any) -> tuple[Parameter, ...]:
    """The `*args` and `**kwargs` that the callee is written with.

    jedi replaces them by the parameters of whatever they are passed on to, and is wrong about that too often.
    """
    inner = getattr(signature, "_signature", None)
    names = inner.get_param_names(resolve_stars=False) if inner is not None else ()
    kinds = [(name.string_name, name.get_kind().name) for name in names]
    return tuple(Parameter(name, _PARAMETER_KINDS[kind], False) for name, kind in kinds if kind.startswith("VAR_"))


def _container(name: Any) -> str:
    parent = name.parent()
    return parent.name if parent is not None and parent.type in ("class", "function") else ""


def jedi_or_reason(root: str, python: str | None, cache: Path) -> JediAnalyser:
    """The analyser, or `AnalysisFailed` with what is missing."""
    try:
        return JediAnalyser(root, python, cache)
    except ImportError as error:
        raise AnalysisFailed(f"jedi cannot be imported: {error}") from error
