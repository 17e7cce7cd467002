"""Tests for a translation, found in its source or made from it."""

import json
import re

from lsp_server.languages import Language
from lsp_server.languages.toolchains import toolchain_for
from lsp_server.sandbox import Job, Step
from lsp_server.sandbox.sandbox import Sandbox, SandboxUnavailable, find_sandbox
from lsp_server.verification.assembly import assemble
from lsp_server.verification.derived import derive, observe
from lsp_server.verification.examples import agree, find_function
from lsp_server.verification.judge import BUILD_LIMITS, RUN_LIMITS
from lsp_server.verification.tests import Example, ExampleTests, ProgramRun, ProgramTests, Tests
from lsp_server.verification.toolbox import find_tools
from lsp_server.verification.translated import examples_in
from models import Cancellation, Cancelled

ENOUGH = 2
"""Examples in the source from which on none are made by running it."""


def make_tests(text: str, language: Language, name: str, cancellation: Cancellation, *, allowed: bool) -> Tests | None:
    """Tests of the function `name` of a source text, or of the whole program where the name is empty.

    Examples that stand in the source come first and need nobody's leave. Running it, to see what it does, needs the
    user's (`allowed`), a sandbox and a toolchain; without them there are none. Raises `Cancelled`.
    """
    found = tuple(examples_in(text, language, name)) if name else ()
    if not allowed:
        return ExampleTests(name, found) if found else None
    try:
        sandbox = find_sandbox()
        if not name:
            return _program(text, language, cancellation)
        found = _confirmed(found, text, language, name, sandbox, cancellation)
        made = derive(text, language, name, sandbox, cancellation) if len(found) < ENOUGH else None
    except SandboxUnavailable:
        made = None
    if made is None or made.in_place:
        return ExampleTests(name, found) if found else made
    return ExampleTests(name, (*found, *made.examples), translated=False) if found else made


def _confirmed(
    found: tuple[Example, ...],
    text: str,
    language: Language,
    name: str,
    sandbox: Sandbox,
    cancellation: Cancellation,
) -> tuple[Example, ...]:
    """The examples that hold for the source itself: an assertion may be outdated, or read wrongly by us.

    All of them where the source cannot be run.
    """
    function = find_function(text, language, ExampleTests(name, found))
    if not found or function is None:
        return found
    calls = [example.arguments for example in found]
    observed = observe(text, language, function, calls, sandbox, cancellation)
    seen = {json.dumps(arguments): value for arguments, value in observed}
    if not seen:
        return found
    keys = [json.dumps(example.arguments) for example in found]
    return tuple(
        example
        for example, key in zip(found, keys, strict=True)
        if key in seen and agree(example.expected, seen[key], example.tolerance)
    )


def _program(text: str, language: Language, cancellation: Cancellation) -> ProgramTests | None:
    """What the program writes without input, if it writes anything, ends well, and does so twice."""
    tools = find_tools(language)
    toolchain = toolchain_for(language)
    if tools is None or toolchain is None or (toolchain.entry and not re.search(toolchain.entry, text)):
        return None
    program = assemble(text, "", language, tools)
    steps = [*(Step(command, BUILD_LIMITS) for command in program.build), *[Step(program.run, RUN_LIMITS)] * 2]
    outcomes = find_sandbox().run(Job(program.files, tuple(steps), tools.visible, program.environment), cancellation)
    if any(outcome.stopped_by == "cancelled" for outcome in outcomes):
        raise Cancelled
    if len(outcomes) < len(steps) or not outcomes[-1].ok:
        return None
    first, second = outcomes[-2].stdout, outcomes[-1].stdout
    return ProgramTests((ProgramRun("", first),)) if first.strip() and first == second else None
