"""Calls of a function with literal arguments, in its own language, whose results come out as JSON."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lsp_server.translation.signatures import Parameter
from lsp_server.translation.types import read_type
from lsp_server.verification import harness_texts as texts
from lsp_server.verification.literals import bare_type, literal, split
from lsp_server.verification.tests import Value


@dataclass(frozen=True)
class Function:
    """What is called, as its file declares it."""

    name: str
    parameters: tuple[Parameter, ...]
    return_type: str
    owner: str = ""
    """The class that it stands in."""
    static: bool = False
    in_place: bool = False
    """It gives nothing back and is known by what it does to its arguments."""


def harness(function: Function, calls: Sequence[Sequence[Value]], language: str, mark: str) -> str | None:
    """Code to append that makes the calls; `None` where an argument cannot be written in this language."""
    write = _WRITERS.get(language)
    if write is None:
        return None
    bodies: list[str] = []
    for number, arguments in enumerate(calls):
        if len(arguments) > len(function.parameters):
            return None
        pairs = zip(arguments, function.parameters, strict=False)
        written = [literal(value, parameter.type, language) for value, parameter in pairs]
        known = [text for text in written if text is not None]
        if len(known) < len(written):
            return None
        body = write(function, number, known)
        if body is None:
            return None
        bodies.append(body)
    before, after = _AROUND[language]
    shown = " ".join(f"show({number}, Main::call{number});" for number in range(len(bodies)))
    return (before + "\n".join(bodies) + after.replace("CALLS", shown)).replace("MARK", mark)


def results(output: str, mark: str) -> dict[int, Value]:
    """What the calls gave back by their number; those that a crash cut off are missing."""
    found: dict[int, Value] = {}
    for line in output.split("\n")[:-1]:  # JSON may hold what else Python ends lines at; what has no end was cut off
        if not line.startswith(mark + " "):
            continue
        try:
            _, number, text = line.split(" ", 2)
            found[int(number)] = json.loads(text)
        except (ValueError, RecursionError):
            continue
    return found


def _names(count: int) -> list[str]:
    return [f"a{number}" for number in range(count)]


def _python(function: Function, number: int, arguments: list[str]) -> str:
    owner = f"{function.owner}()." if function.owner else ""
    call = f"{owner}{function.name}(*a)"
    body = f"{call}\n    return a" if function.in_place else f"return {call}"
    return f"def _call_{number}():\n    a = [{', '.join(arguments)}]\n    {body}\n\n\n_show({number}, _call_{number})\n"


def _script(function: Function, number: int, arguments: list[str]) -> str:
    owner = f"new {function.owner}()." if function.owner else ""
    names = ", ".join(_names(len(arguments)))
    lets = "".join(f"const a{i} = {text}; " for i, text in enumerate(arguments))
    call = f"{owner}{function.name}({names})"
    gives = f"{call}; return [{names}]" if function.in_place else f"return {call}"
    return f"dragomanShow({number}, () => {{ {lets}{gives} }})"


def _java(function: Function, number: int, arguments: list[str]) -> str:
    owner = function.owner if function.static else f"new {function.owner}()"
    names = ", ".join(_names(len(arguments)))
    types = [bare_type(parameter.type).replace("...", "[]") for parameter in function.parameters]
    lets = "".join(f"{kind} a{i} = {text}; " for i, (kind, text) in enumerate(zip(types, arguments, strict=False)))
    call = f"{owner}.{function.name}({names})"
    gives = f"{call}; return new Object[] {{{names}}};" if function.in_place else f"return {call};"
    return f"    static Object call{number}() throws Throwable {{ {lets}{gives} }}"


def _cpp(function: Function, number: int, arguments: list[str]) -> str:
    owner = f"{function.owner}()." if function.owner else ""
    names = ", ".join(_names(len(arguments)))
    types = [bare_type(parameter.type) for parameter in function.parameters]
    lets = "".join(f"{kind} a{i} = {text}; " for i, (kind, text) in enumerate(zip(types, arguments, strict=False)))
    call = f"{owner}{function.name}({names})"
    gives = (
        f"{call}; return dragoman::json(std::make_tuple({names}));"
        if function.in_place
        else f"return dragoman::json({call});"
    )
    return f"    dragoman::show({number}, [] {{ {lets}{gives} }});"


def _go(function: Function, number: int, arguments: list[str]) -> str:
    names = ", ".join(_names(len(arguments)))
    lets = "".join(f"a{i} := {text}; " for i, text in enumerate(arguments))
    call = f"{function.name}({names})"
    kinds = split(function.return_type[1:-1]) if function.return_type.startswith("(") else []
    if function.in_place:
        gives = f"{call}; return []interface{{}}{{{names}}}"
    elif len(kinds) > 1:
        parts = [f"r{i}" for i in range(len(kinds))]
        check = f"if {parts[-1]} != nil {{ panic({parts[-1]}) }}; " if kinds[-1].split()[-1] == "error" else ""
        kept = parts[:-1] if check else parts
        value = kept[0] if len(kept) == 1 else f"[]interface{{}}{{{', '.join(kept)}}}"
        gives = f"{', '.join(parts)} := {call}; {check}return {value}"
    elif read_type(function.return_type, "go").kind == "char" or function.return_type in ("rune", "byte"):
        gives = f"return string(rune({call}))"
    else:
        gives = f"return {call}"
    return f"\tdragomanShow({number}, func() interface{{}} {{ {lets}{gives} }})"


def _rust(function: Function, number: int, arguments: list[str]) -> str:
    lets = "".join(f"let mut a{i} = {text}; " for i, text in enumerate(arguments))
    passed: list[str] = []
    for i, parameter in enumerate(function.parameters[: len(arguments)]):
        kind = parameter.type.strip()
        mutable = re.match(r"&(?:'\w+\s+)?mut\b", kind) is not None
        plain = re.fullmatch(r"&(?:'\w+\s+)?str", kind) is not None
        borrowed = kind.startswith("&") and not plain
        passed.append(f"&mut a{i}" if mutable else f"&a{i}" if borrowed else f"a{i}")
    owner = f"{function.owner}::" if function.owner else ""
    call = f"{owner}{function.name}({', '.join(passed)})"
    names = "".join(f"a{i}.clone(), " for i in range(len(arguments)))
    gives = f"{call}; dragoman::json(&({names}))" if function.in_place else f"dragoman::json(&{call})"
    return f"    dragoman::show({number}, || {{ {lets}{gives} }});"


def _csharp(function: Function, number: int, arguments: list[str]) -> str:
    owner = function.owner if function.static else f"new {function.owner}()"
    names = ", ".join(_names(len(arguments)))
    lets = "".join(f"var a{i} = {text}; " for i, text in enumerate(arguments))
    call = f"{owner}.{function.name}({names})"
    gives = f"{call}; return new object[] {{ {names} }};" if function.in_place else f"return {call};"
    return f"        Show({number}, () => {{ {lets}{gives} }});"


def _php(function: Function, number: int, arguments: list[str]) -> str:
    owner = f"(new {function.owner}())->" if function.owner else ""
    call = f"{owner}{function.name}({', '.join(arguments)})"
    return f"dragoman_show({number}, function () {{ return {call}; }});"


def _ruby(function: Function, number: int, arguments: list[str]) -> str:
    owner = f"{function.owner}.new." if function.owner else ""
    return f"dragoman_show({number}) {{ {owner}{function.name}({', '.join(arguments)}) }}"


_C_FORMATS = {"int": "%d", "long": "%ld", "float": "%.17g", "bool": "%d"}


def _c(function: Function, number: int, arguments: list[str]) -> str | None:
    kind = read_type(function.return_type, "c").kind
    form = '\\"%s\\"' if kind == "str" else _C_FORMATS.get(kind)
    if form is None or function.in_place:
        return None
    call = f"{function.name}({', '.join(arguments)})"
    return f'    printf("\\nMARK {number} {form}\\n", {call}); fflush(stdout);'


_WRITERS: dict[str, Callable[[Function, int, list[str]], str | None]] = {
    "python": _python,
    "javascript": _script,
    "typescript": _script,
    "java": _java,
    "cpp": _cpp,
    "go": _go,
    "rust": _rust,
    "csharp": _csharp,
    "php": _php,
    "ruby": _ruby,
    "c": _c,
}
_AROUND = {
    "python": (texts.PYTHON, ""),
    "javascript": (texts.JAVASCRIPT, "\n"),
    "typescript": (texts.TYPESCRIPT, "\n"),
    "java": (texts.JAVA, "\n    public static void main(String[] args) { CALLS }\n}\n"),
    "cpp": (texts.CPP + "int main() {\n", "\n}\n"),
    "go": (texts.GO + "func main() {\n", "\n}\n"),
    "rust": (texts.RUST + "fn main() {\n    std::panic::set_hook(Box::new(|_| {}));\n", "\n}\n"),
    "csharp": (texts.CSHARP + "    static void Main() {\n", "\n    }\n}\n"),
    "php": (texts.PHP, "\n"),
    "ruby": (texts.RUBY, "\n"),
    "c": (texts.C + "int main(void) {\n", "\n    return 0;\n}\n"),
}
