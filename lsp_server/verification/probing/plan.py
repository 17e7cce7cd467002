"""Which inputs tell a source from programs that are nearly the same: the plan by which translations of it are probed.

The source and its mutants are run on many inputs; those that tell the most mutants from the source are kept
(mutation-adequate tests: DeMillo, Lipton, Sayward, 1978). A mutant that no input tells apart is most likely the same
program. The inputs stay in the domain of what is known to be asked of the source, with some room at its ends.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.languages import Language
from lsp_server.sandbox.sandbox import Sandbox
from lsp_server.translation.types import Type
from lsp_server.verification.derived import can_be_held, observe
from lsp_server.verification.examples import agree
from lsp_server.verification.harnesses import Function
from lsp_server.verification.probing.domain import domain_of
from lsp_server.verification.probing.inputs import Arguments, Inputs
from lsp_server.verification.probing.known import constants_in
from lsp_server.verification.probing.mutants import Mutant, mutants_of
from lsp_server.verification.probing.variants import ERROR, LATE, Outcomes, can_run_variants, run_variants
from lsp_server.verification.tests import Value
from models import Cancellation

DRAWN = 500
KEPT = 250
FEW = 60
"""Inputs where each is a piece of code to compile."""
_KILLS = 2
"""Inputs that are kept for each mutant."""


@dataclass(frozen=True)
class Probes:
    """Inputs, and what the source makes of them."""

    inputs: tuple[Arguments, ...]
    expected: tuple[Value, ...]
    known: frozenset[int]
    """Numbers of the inputs that the tests hold."""
    inside: frozenset[int]
    """Numbers of the inputs that are like the known ones in every respect that was learnt."""
    near: frozenset[int]
    """Those, and the numbers of inputs that are unlike them only in how large a number is that stands by itself."""
    mutants: tuple[tuple[Mutant, Outcomes], ...] = ()
    """Mutants that some input tells from the source, with what they make of the inputs."""
    alike: int = 0
    """Mutants that none does."""


def make_probes(
    text: str,
    language: Language,
    function: Function,
    kinds: Sequence[Type],
    known: Sequence[Arguments],
    sandbox: Sandbox,
    cancellation: Cancellation,
) -> Probes | None:
    """The plan for a function of a source; `None` where it cannot be run. Raises `Cancelled`, `SandboxUnavailable`."""
    constants = constants_in(text, language)
    narrow, near, wide = domain_of(known), domain_of(known, "numbers"), domain_of(known, "all")
    drawn = Inputs(kinds, constants).pool(known, 3 * DRAWN)
    inputs = [arguments for arguments in drawn if not known or wide.holds(arguments)][:DRAWN]
    mutants = mutants_of(text, language) if can_run_variants(language) else []
    texts = [text, text, *(mutant.text for mutant in mutants)]
    runs = run_variants(texts, function, language, inputs, sandbox, cancellation, unhurried=2)
    if runs is None:
        mutants = []
        seen = observe(text, language, function, inputs[:FEW], sandbox, cancellation)
        values = {json.dumps(arguments): value for arguments, value in seen}
        found = {number: values[json.dumps(x)] for number, x in enumerate(inputs) if json.dumps(x) in values}
        runs = [found, found]
    steady = {
        number: value
        for number, value in runs[0].items()
        if is_result(value) and can_be_held(value) and number in runs[1] and agree(value, runs[1][number], 0.0)
    }
    inside = {number for number in steady if narrow.holds(inputs[number])}
    first = [number for number in steady if number < len(known)]
    kept = _chosen(steady, inside, first, runs[2:])
    if not kept:
        return None
    places = {number: place for place, number in enumerate(kept)}
    told: list[tuple[Mutant, Outcomes]] = []
    built = 0
    for mutant, run in zip(mutants, runs[2:], strict=True):
        built += bool(run)
        outcomes = {places[number]: value for number, value in run.items() if number in places}
        if run and any(value != steady[kept[place]] for place, value in outcomes.items()):
            told.append((mutant, outcomes))
    return Probes(
        tuple(inputs[number] for number in kept),
        tuple(steady[number] for number in kept),
        frozenset(places[number] for number in first if number in places),
        frozenset(places[number] for number in inside if number in places),
        frozenset(place for place, number in enumerate(kept) if near.holds(inputs[number])),
        tuple(told),
        built - len(told),
    )


def is_result(value: Value) -> bool:
    """Whether a call ended, and well."""
    return not (isinstance(value, dict) and (LATE in value or ERROR in value))


def is_late(value: Value) -> bool:
    """Whether a call was given up."""
    return isinstance(value, dict) and LATE in value


def _chosen(steady: Outcomes, inside: set[int], first: Sequence[int], runs: Sequence[Outcomes]) -> list[int]:
    """Known inputs; for each mutant some that tell it apart, those inside the domain before others; then the rest."""
    kept = dict.fromkeys(first)
    order = sorted(steady, key=lambda number: (number not in inside, number))
    kills = [{number for number in order if number in run and run[number] != steady[number]} for run in runs]
    for count in range(1, _KILLS + 1):
        for killing in kills:
            if len(killing & kept.keys()) < count:
                free = [number for number in order if number in killing and number not in kept]
                # The one that tells most other mutants apart as well.
                best = max(free, key=lambda each: (each in inside, sum(each in k for k in kills)), default=None)
                if best is not None and len(kept) < KEPT:
                    kept[best] = None
    for number in order:
        if len(kept) >= KEPT:
            break
        kept.setdefault(number)
    return list(kept)
