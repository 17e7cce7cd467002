"""Examples made by running the source: inputs by type, drawn in the manner of property tests, with a fixed seed.

The first inputs are plain, the later ones at the edges, so that a source that crashes on one has shown something
before. An input that the source rejects, on which it does not repeat itself, or whose result is not a value that
every language can hold, is left out: what the source means there cannot be known.
"""

import json
import random
import secrets
import string
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from lsp_server.languages import Language
from lsp_server.sandbox import Job, Limits, Step
from lsp_server.sandbox.sandbox import Sandbox
from lsp_server.translation.types import INT, STR, Type, list_of, read_type
from lsp_server.verification.assembly import assemble
from lsp_server.verification.examples import agree, find_function
from lsp_server.verification.harnesses import Function, harness, results
from lsp_server.verification.tests import Example, ExampleTests, Value
from lsp_server.verification.toolbox import find_tools
from models import Cancellation, Cancelled

MOST = 12
"""Examples that are kept."""
LEAST = 3
"""Fewer say too little."""
_DRAWN = 30
_LARGEST = (1 << 31) - 1
"""Of whole numbers: what lies beyond is held by some languages and not by others."""
_BUILD = Limits(wall_s=120, cpu_s=60, memory_mb=2048, processes=256)
_RUN = Limits(wall_s=60, cpu_s=5, memory_mb=1024)

_INTS = (3, 1, 2, 5, 10, 4, 7, 12, 0, 100, -1, -6)
_FLOATS = (1.5, 2.0, 0.5, 10.0, 3.25, 100.0, 0.0, -1.0, -2.5)
_TEXTS = ("abc", "hello world", "a", "racecar", "AaBbCc", "the quick brown fox", "12", "x,y,z", "(()())", "", " b ")
_WORDS = ("text", "s", "string", "str", "word", "name", "sentence", "line", "message", "prefix", "pattern", "brackets")
_LISTS = ("list", "nums", "numbers", "values", "items", "arr", "array", "data", "xs", "lst", "elements", "scores")


def derive(
    text: str, language: Language, name: str, sandbox: Sandbox, cancellation: Cancellation, seed: int = 0
) -> ExampleTests | None:
    """Examples of a function of the source; `None` where it cannot be called or shows too little.

    Raises `Cancelled`, `SandboxUnavailable`.
    """
    tests = ExampleTests(name, (), translated=False)
    function = find_function(text, language, tests)
    if function is None or not function.parameters:
        return None
    types = [guessed_type(parameter.name, parameter.type, language.id) for parameter in function.parameters]
    if any(kind is None for kind in types):
        return None
    void = bool(function.return_type) and read_type(function.return_type, language.id).kind == "void"
    function = replace(function, in_place=void)
    generator = random.Random(f"{seed}:{name}")
    calls = draw([kind for kind in types if kind is not None], generator)
    found = observe(text, language, function, calls, sandbox, cancellation)
    if not void and found and all(value is None for _, value in found):
        function = replace(function, in_place=True)
        found = observe(text, language, function, calls, sandbox, cancellation)
        found = found if any(list(arguments) != value for arguments, value in found) else []
    examples = tuple(Example(arguments, value) for arguments, value in islice(found, MOST))
    if len(examples) < LEAST:
        return None
    return ExampleTests(name, examples, translated=False, in_place=function.in_place)


def observe(
    text: str, language: Language, function: Function, calls: Sequence[tuple[Value, ...]], sandbox: Sandbox,
    cancellation: Cancellation, *, every: bool = False,
) -> list[tuple[tuple[Value, ...], Value]]:  # fmt: skip
    """Arguments and results of the calls of a function of the source that can be kept. Every call is made twice.

    With `every`, errors and what not every language can hold is kept too. Empty where the source cannot be built or
    called. Raises `Cancelled`, `SandboxUnavailable`.
    """
    tools = find_tools(language)
    mark = f"result-{secrets.token_hex(8)}"
    code = harness(function, [*calls, *calls], language.id, mark)
    if tools is None or code is None:
        return []
    program = assemble(text, code, language, tools)
    steps = [*(Step(command, _BUILD) for command in program.build), Step(program.run, _RUN)]
    outcomes = sandbox.run(Job(program.files, tuple(steps), tools.visible, program.environment), cancellation)
    if any(outcome.stopped_by == "cancelled" for outcome in outcomes):
        raise Cancelled
    if len(outcomes) < len(steps):
        return []
    shown = results(outcomes[-1].stdout, mark)
    kept: list[tuple[tuple[Value, ...], Value]] = []
    for number, arguments in enumerate(calls):
        if number not in shown or not (every or can_be_held(shown[number])):
            continue
        again = shown.get(number + len(calls), shown[number])
        if agree(shown[number], again, 0.0):
            kept.append((arguments, shown[number]))
    return kept


def can_be_held(value: Value) -> bool:
    """Whether every language can give this back: no errors, no numbers out of range."""
    if isinstance(value, dict):
        return "$error" not in value and all(can_be_held(item) for item in value.values())
    if isinstance(value, list):
        return all(can_be_held(item) for item in value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value == value and abs(value) <= _LARGEST
    return True


def draw(types: Sequence[Type], generator: random.Random) -> list[tuple[Value, ...]]:
    """Argument lists, each once: the first ones plain and fixed, the others drawn."""
    calls: dict[str, tuple[Value, ...]] = {}
    for number in range(_DRAWN):
        arguments = tuple(value_for(kind, generator, number + place) for place, kind in enumerate(types))
        calls.setdefault(json.dumps(arguments), arguments)
    return list(calls.values())


def value_for(kind: Type, generator: random.Random, number: int) -> Value:
    """The `number`-th value of a type: from the fixed ones while there are any, then at random."""
    if kind.kind in ("int", "long"):
        return _INTS[number] if number < len(_INTS) else generator.randint(-20, 200)
    if kind.kind == "float":
        return _FLOATS[number] if number < len(_FLOATS) else round(generator.uniform(-50, 200), 2)
    if kind.kind == "bool":
        return number % 2 == 0
    if kind.kind == "char":
        return generator.choice(string.ascii_letters + string.digits)
    if kind.kind == "str":
        return _TEXTS[number] if number < len(_TEXTS) else _text(generator)
    if kind.kind == "optional":
        return None if number % 5 == 4 else value_for(kind.of[0], generator, number)
    if kind.kind == "tuple":
        return [value_for(part, generator, number + place) for place, part in enumerate(kind.of)]
    if kind.kind == "map":
        keys = [value_for(kind.of[0], generator, _DRAWN) for _ in range(number % 4)]
        return {
            key if isinstance(key, str) else json.dumps(key): value_for(kind.of[1], generator, _DRAWN) for key in keys
        }
    length = (3, 4, 1, 5, 2, 6, 0)[number % 7]
    items = [value_for(kind.of[0], generator, generator.randint(0, _DRAWN)) for _ in range(length)]
    if kind.kind == "set":
        items = [json.loads(text) for text in sorted({json.dumps(item) for item in items})]
    return items


def _text(generator: random.Random) -> str:
    letters = generator.choice(("abc", string.ascii_lowercase, string.ascii_letters + string.digits + " "))
    return "".join(generator.choice(letters) for _ in range(generator.randint(1, 12)))


def guessed_type(name: str, declared: str, language: str) -> Type | None:
    """The declared type if inputs of it can be made; without one, what the name suggests."""
    kind = read_type(declared, language)
    if kind.kind == "unknown":
        word = name.lower().strip("_")
        if word in _WORDS or word.endswith(("text", "string", "str", "name", "word")):
            return STR
        if word in _LISTS or word.rstrip("0123456789") in _LISTS or word.endswith(("list", "array", "nums")):
            return list_of(INT)
        return INT if not declared.strip() else None
    if language == "typescript" and kind.kind == "float":
        return INT  # what every language can take for its `number`
    filled = _filled(kind)
    return None if _has(filled, ("named", "void", "unknown")) else filled


def _filled(kind: Type) -> Type:
    """Unknown parts become whole numbers, as in a bare `list`."""
    return INT if kind.kind == "unknown" else replace(kind, of=tuple(_filled(part) for part in kind.of))


def _has(kind: Type, kinds: tuple[str, ...]) -> bool:
    return kind.kind in kinds or any(_has(part, kinds) for part in kind.of)
