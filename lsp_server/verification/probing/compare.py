"""Comparing a translation with its source on inputs of our own, after its tests have passed.

Tests that come with a task leave much open: half of the programs with `<=` for `<` pass them. So a translation is run
on inputs that tell the source from programs nearly the same (`plan`). Where the only tests are examples of the source,
the source is the judge, and any difference on inputs like the known ones is a fault. Where tests were given, two
programs that both pass them may differ without anybody's fault: nobody said what is right there, and even reference
solutions of the same problem differ at odd places. Then three findings count as a fault:

- it differs on most inputs that are like the known ones: it has been fitted to the tests;
- with one operator changed, it would agree with the source: a slip;
- it agrees with a mutant of the source and not with the source: the same slip, told the other way round.

A slip has to show on an input that is like the known ones, unless too few are known to say so. Anything else is said in
the evidence, and is not held against it.
"""

import json
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from lsp_server.languages import Language
from lsp_server.sandbox.sandbox import Sandbox
from lsp_server.translation.types import Type
from lsp_server.verification.derived import observe
from lsp_server.verification.examples import find_function
from lsp_server.verification.harnesses import Function
from lsp_server.verification.probing.domain import COINCIDENCE
from lsp_server.verification.probing.forms import Form, learnt_form
from lsp_server.verification.probing.kinds import input_types
from lsp_server.verification.probing.known import known_inputs
from lsp_server.verification.probing.mutants import Mutant, mutants_of
from lsp_server.verification.probing.plan import FEW, Probes, is_late, is_result, make_probes
from lsp_server.verification.probing.variants import Outcomes, can_run_variants, run_variants
from lsp_server.verification.tests import AgainstSource, ExampleTests
from lsp_server.verification.verdict import Verdict
from models import Cancellation

SINGLE = 1e-4
"""Tolerance where numbers of 32 bits are about."""
DOUBLE = 1e-6
LEAST = 4
"""Inputs like the known ones below which a majority of them says nothing."""
_SHOWN = 2
_REMEMBERED = 64
_SINGLE = {
    "c": re.compile(r"\bfloat\b"),
    "cpp": re.compile(r"\bfloat\b"),
    "java": re.compile(r"\b[fF]loat\b"),
    "csharp": re.compile(r"\bfloat\b"),
    "go": re.compile(r"\bfloat32\b"),
    "rust": re.compile(r"\bf32\b"),
}
"""How languages call numbers of 32 bits with a fraction."""
_PATIENCE_S = 0.5
"""For one call of a candidate."""


def compare_with_source(
    verdict: Verdict,
    candidate: str,
    language: Language,
    tests: AgainstSource,
    sandbox: Sandbox,
    cancellation: Cancellation,
) -> Verdict:
    """A verdict on a candidate whose tests passed, after a look at what its source does on other inputs.

    The same verdict where nothing can be compared. Raises `Cancelled`, `SandboxUnavailable`.
    """
    source = find_function(tests.text, tests.language, ExampleTests(tests.name, ()))
    function = find_function(candidate, language, ExampleTests(tests.name, ()))
    if source is None or function is None or len(source.parameters) != len(function.parameters):
        return verdict
    if not function.parameters:
        return verdict
    in_place = isinstance(tests.tests, ExampleTests) and tests.tests.in_place
    source, function = replace(source, in_place=in_place), replace(function, in_place=in_place)
    known = [
        arguments
        for arguments in known_inputs(tests.tests, language, function.name)
        if len(arguments) == len(source.parameters)
    ]
    kinds = input_types(source, tests.language, function, language, known)
    if kinds is None:
        return verdict
    probes = _MEMORY.get(
        _Key(tests.text, tests.language.id, source, kinds, json.dumps(known)),
        lambda: make_probes(tests.text, tests.language, source, kinds, known, sandbox, cancellation),
    )
    if probes is None or not probes.known:
        return verdict
    return _Comparison(probes, candidate, function, language, tests, sandbox, cancellation).verdict(verdict)


@dataclass(frozen=True)
class _Key:
    """What probes depend on."""

    text: str
    language: str
    function: Function
    kinds: tuple[Type, ...]
    known: str


class _Memory:
    """The probes of the last few sources: a source has many candidates."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[_Key, Probes | None] = OrderedDict()

    def get(self, key: _Key, make: Callable[[], Probes | None]) -> Probes | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
        return made


_MEMORY = _Memory()


class _Comparison:
    """One candidate beside its source."""

    def __init__(
        self,
        probes: Probes,
        candidate: str,
        function: Function,
        language: Language,
        tests: AgainstSource,
        sandbox: Sandbox,
        cancellation: Cancellation,
    ) -> None:
        self._probes = probes
        self._candidate = candidate
        self._function = function
        self._language = language
        self._tests = tests
        self._sandbox = sandbox
        self._cancellation = cancellation

    def verdict(self, verdict: Verdict) -> Verdict:
        probes = self._probes
        outcomes = self._run()
        form = self._form(outcomes)
        if form is None:
            return verdict
        differing = self._differing(outcomes, form)
        tried = [place for place in range(len(probes.inputs)) if place in outcomes]
        verdict = replace(verdict, inputs_tried=len(tried), inputs_agreed=len(tried) - len(differing))
        told = f"{len(tried) - len(differing)} of {len(tried)} inputs made from the source agree"
        mutants = len(probes.mutants) + probes.alike
        tell = f" (they tell it from {len(probes.mutants)} of {mutants} mutants)" if mutants else ""
        if not differing:
            return replace(verdict, evidence=f"{verdict.evidence.rstrip('.')}; {told}{tell}.")
        reason = self._reason(outcomes, differing, form)
        shown = "\n".join(self._shown(place, outcomes) for place in sorted(differing)[:_SHOWN])
        if not reason:
            note = f"{told}, which the tests leave open: {self._shown(min(differing), outcomes)}"
            return replace(verdict, evidence=f"{verdict.evidence.rstrip('.')}; {note}.")
        evidence = f"Built, and its tests pass; but {told}: {reason}."
        return replace(
            verdict,
            status="failed",
            evidence=evidence,
            stage="tests",
            messages=f"{shown}\n{reason[:1].upper()}{reason[1:]}.",
        )

    def _run(self) -> Outcomes:
        """What the candidate makes of the inputs."""
        inputs = self._probes.inputs
        around = (self._sandbox, self._cancellation)
        if can_run_variants(self._language):
            found = run_variants([self._candidate], self._function, self._language, inputs, *around, _PATIENCE_S)
            return found[0] if found else {}
        inputs = inputs[:FEW]  # each is a piece of code to compile; the most telling ones come first
        seen = observe(self._candidate, self._language, self._function, inputs, *around, every=True)
        values = {json.dumps(arguments): value for arguments, value in seen}
        return {place: values[json.dumps(x)] for place, x in enumerate(inputs) if json.dumps(x) in values}

    def _run_mutants(self) -> list[tuple[Mutant, Outcomes]]:
        """What the candidate would make of the inputs with one operator changed.

        The source ended in time on each of them, and so one that does not is given up at once.
        """
        if not can_run_variants(self._language):
            return []
        mutants = mutants_of(self._candidate, self._language)
        texts = [mutant.text for mutant in mutants]
        around = (self._sandbox, self._cancellation)
        found = run_variants(texts, self._function, self._language, self._probes.inputs, *around, patience=1)
        return list(zip(mutants, found, strict=True)) if found else []

    def _form(self, outcomes: Outcomes) -> Form | None:
        """How the candidate gives its results; `None` where that is not known, or not comparable."""
        pairs = [(self._probes.expected[place], outcomes[place]) for place in self._probes.known if place in outcomes]
        if not pairs or not all(is_result(actual) for _, actual in pairs):
            return None
        single = _is_single(self._candidate, self._language) or _is_single(self._tests.text, self._tests.language)
        return learnt_form(pairs, SINGLE if single else DOUBLE, self._language.id)

    def _differing(self, outcomes: Outcomes, form: Form) -> set[int]:
        expected = self._probes.expected
        return {
            place
            for place, actual in outcomes.items()
            if not is_result(actual) or not form.same(expected[place], actual, self._language.id)
        }

    def _reason(self, outcomes: Outcomes, differing: set[int], form: Form) -> str:
        """Why a difference is the candidate's fault; empty if it need not be."""
        probes = self._probes
        inside = [place for place in probes.inside - probes.known if place in outcomes]
        wrong = [place for place in inside if place in differing and is_result(outcomes[place])]
        if len(inside) >= LEAST and 2 * len(wrong) > len(inside):
            return f"{len(wrong)} of {len(inside)} inputs like those of the tests do not"
        telling = differing & probes.near if len(probes.known) >= COINCIDENCE else differing
        if telling and all(is_late(outcomes[place]) for place in telling):
            telling = telling & self._differing(self._run(), form)  # it may have been late once, on a busy machine
        if not telling:
            return ""
        for mutant, others in probes.mutants:
            if self._same_as(outcomes, others, form):
                return f"it does what the source would do with {mutant}"
        for mutant, other in self._run_mutants():
            if other.keys() >= outcomes.keys() and not self._differing(other, form):
                return f"with {mutant} it would agree on all"
        wrong = [place for place in telling if not is_late(outcomes[place])]
        if wrong and isinstance(self._tests.tests, ExampleTests):
            return f"{len(wrong)} inputs like those of the examples do not"
        return ""

    def _same_as(self, outcomes: Outcomes, others: Outcomes, form: Form) -> bool:
        """Whether the candidate does what a mutant of the source does."""
        for place, actual in outcomes.items():
            if place not in others:
                return False
            other = others[place]
            if is_result(actual) != is_result(other):
                return False
            if is_result(actual) and not form.same(other, actual, self._language.id):
                return False
        return True

    def _shown(self, place: int, outcomes: Outcomes) -> str:
        arguments = ", ".join(json.dumps(argument) for argument in self._probes.inputs[place])
        actual = outcomes[place]
        gives = json.dumps(actual) if is_result(actual) else "an error or no end"
        expected = json.dumps(self._probes.expected[place])
        return f"{self._tests.name}({arguments}) gives {gives}, the source {expected}"


def _is_single(text: str, language: Language) -> bool:
    pattern = _SINGLE.get(language.id)
    return pattern is not None and pattern.search(text) is not None
