"""The pipeline of a translation: outline, units in dependency order, candidates with verdicts, reassembly.

Everything that touches the world is handed in: the model as a `Writer`, the judge, where tests come from, who else
proposes translations. So the editor, the command line and the evaluation run the very same code.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from lsp_server.errors import UserError
from lsp_server.languages import Language
from lsp_server.logs import event
from lsp_server.translation.assembly import assemble, file_class
from lsp_server.translation.candidates import Assignment, best_of, try_candidates
from lsp_server.translation.comments import comment, split_comment
from lsp_server.translation.declarations import Signature, declaration, signature_of
from lsp_server.translation.ending import body_end, closed
from lsp_server.translation.helpers import with_helpers
from lsp_server.translation.imports import header, imports_for, split_imports
from lsp_server.translation.openings import Opening, opening_of
from lsp_server.translation.ordering import closure, dependencies, in_dependency_order
from lsp_server.translation.outline import SourceOutline, Unit, outline_source
from lsp_server.translation.task import Options, Task, TestsOf, Translation, UnitTranslation, Writer
from lsp_server.translation.verdicts import combined, left_out
from lsp_server.verification import Judge, Tests, Verdict, against_source
from models import Cancellation, Guide

LENIENT = ("c", "cpp")
"""Languages whose grammar cannot read every file that a compiler accepts, for their macros."""
MANY_UNITS = 8
"""With more units than this, each gets the greedy candidate and one sample: a file should be done in minutes."""
NOTHING = Verdict("failed", "nothing was written", stage="build", fault="model_limits")

Say = Callable[[str, float], None]
"""Called with what is being done, and how much of the whole is done, 0 to 1."""
OnUnit = Callable[[int, int, UnitTranslation], None]
"""Called with the place of a unit that is done in the source's order, how many there are, and the unit."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class RuleTask:
    """What a rule-based translator is asked: one unit of a file."""

    file: str
    """The whole source."""
    source: Language
    target: Language
    unit: str
    """Its name in the outline."""
    path: str = ""
    """The file's name; may be empty."""
    opening: str = ""
    """What the translation has to begin with, where somebody has said so; a proposal is then what comes after it."""
    signatures: tuple[Signature, ...] = ()
    """What is known of functions from their examples."""


@dataclass(frozen=True)
class Rule:
    """A rule-based translator."""

    name: str
    propose: Callable[[RuleTask], str | None]
    """The unit's text, or the body after its opening; `None` where its rules do not reach. An empty text says that
    nothing needs to be written, because another unit does it."""

    def ask(self, task: RuleTask) -> str | None:
        """What it proposes. A fault of its own is logged, and ends no translation: the model is asked all the same."""
        try:
            return self.propose(task)
        except Exception:
            logger.exception(event("a rule failed", name=self.name, unit=task.unit, target=task.target.id))
            return None


def no_tests(_text: str, _language: Language, _name: str, _cancellation: Cancellation) -> Tests | None:
    """For who has no way to find tests."""
    return None


class Translator:
    """Translates texts; holds nothing between two of them."""

    def __init__(
        self,
        judge: Judge,
        tests_of: TestsOf = no_tests,
        rules: Sequence[Rule] = (),
        guide_for: Callable[[Language, str], Guide | None] = lambda _language, _before: None,
    ) -> None:
        """`guide_for` makes a guide that keeps what follows a text in the syntax of a language."""
        self._judge = judge
        self._tests_of = tests_of
        self._rules = tuple(rules)
        self._guide_for = guide_for

    def translate(
        self,
        task: Task,
        writer: Writer | None,
        options: Options,
        *,
        cancellation: Cancellation,
        say: Say = lambda _what, _fraction: None,
        on_unit: OnUnit = lambda _index, _count, _unit: None,
    ) -> Translation:
        """Translate. Raises `UserError` where there is nothing that can be translated, `ModelError`, `Cancelled`."""
        started = perf_counter()
        say("reading", 0.0)
        if task.source is task.target:
            raise UserError(f"The source is {task.source.name} already.", "Choose another language to translate to.")
        outline = outline_source(task.text, task.source)
        warnings = _check(task, outline)
        if task.declaration:
            done = [self._declared(task, outline, writer, options, cancellation, say)]
            on_unit(0, 1, done[0])
            text, verdict = done[0].text, done[0].verdict
        else:
            work = _Work(self, task, outline, writer, options, cancellation, say, on_unit)
            done = work.run()
            text, verdict = self._whole(task, done, cancellation, say)
        warnings += left_out(done, task.source, [rule.name for rule in self._rules])
        milliseconds = (perf_counter() - started) * 1000
        return Translation(text, verdict, tuple(done), warnings=warnings, milliseconds=milliseconds)

    def _declared(
        self,
        task: Task,
        outline: SourceOutline,
        writer: Writer | None,
        options: Options,
        cancellation: Cancellation,
        say: Say,
    ) -> UnitTranslation:
        """The whole file as one unit, after the declaration that the task gives."""
        _, code = split_imports(task.text, task.source)
        _, shown = split_imports(task.declaration, task.target)
        units = outline.units
        name = units[0].name if len(units) == 1 else "file"
        unit = Unit(name, "function", code.strip("\n"), 0, len(task.text))
        asked = next((each.name for each in reversed(units) if each.kind == "function"), "")
        tests = task.tests or self._tests_of(task.text, task.source, asked, cancellation)
        tests = against_source(tests, task.text, task.source, asked)

        def finish(body: str) -> str:
            text = with_helpers(closed(task.declaration + body, task.target), task.target)
            lines, rest = split_imports(text, task.target)
            return header([*lines, *(x for x in imports_for(rest, task.target) if x not in lines)], task.target) + rest

        opening = Opening(shown.lstrip("\n"), finish, lambda: body_end(shown, task.target))
        proposals = self._propose(RuleTask(task.text, task.source, task.target, name, opening=shown), options)
        return self._try(
            unit,
            code,
            opening,
            task,
            [(label, finish(body)) for label, body in proposals if body],
            lambda text: (text, tests),
            writer,
            options,
            cancellation,
            lambda what: say(what, 0.2),
        )

    def _propose(self, task: RuleTask, options: Options) -> list[tuple[str, str]]:
        """What the rule-based translators have to say."""
        asked = [(rule.name, rule.ask(task)) for rule in self._rules] if options.rules else []
        return [(name, text) for name, text in asked if text is not None]

    def _try(
        self,
        unit: Unit,
        code: str,
        opening: Opening,
        task: Task,
        by_rules: Sequence[tuple[str, str]],
        placed: Callable[[str], tuple[str, Tests | None]],
        writer: Writer | None,
        options: Options,
        cancellation: Cancellation,
        say: Callable[[str], None],
    ) -> UnitTranslation:
        """Candidates for one unit, and the best of them. `placed` puts a candidate into the file it is judged in."""

        def verdict_of(text: str, token: Cancellation) -> Verdict:
            whole, tests = placed(text)
            return self._judge(whole, task.target, tests, token)

        work = Assignment(
            source_text=code.strip("\n"),
            source=task.source,
            target=task.target,
            opening=opening.text,
            finish=opening.finish,
            verdict_of=verdict_of,
            stop=opening.stop,
            guide=lambda: self._guide_for(task.target, opening.text),
            by_rules=tuple(by_rules),
        )
        attempts = try_candidates(work, writer, options, cancellation, say)
        best = best_of(attempts, task.target)
        if best is None:
            return UnitTranslation(unit, "", "", NOTHING)
        return UnitTranslation(unit, best.text, best.origin, best.verdict, tuple(attempts))

    def _whole(
        self, task: Task, done: Sequence[UnitTranslation], cancellation: Cancellation, say: Say
    ) -> tuple[str, Verdict]:
        """The reassembled file and its verdict."""
        order = range(len(done))
        if task.target.id == "cpp":  # what is called must stand above
            order = in_dependency_order([item.unit for item in done])
        pieces = [(done[number].unit, done[number].text) for number in order]
        text = assemble(pieces, task.target, task.path)
        if len(done) == 1 and done[0].unit.kind != "statements":
            return text, done[0].verdict
        say("checking the whole", 0.95)
        tests = task.tests or self._tests_of(task.text, task.source, "", cancellation)
        return text, combined(self._judge(text, task.target, tests, cancellation), done)


class _Work:
    """One file, unit by unit."""

    def __init__(
        self,
        translator: Translator,
        task: Task,
        outline: SourceOutline,
        writer: Writer | None,
        options: Options,
        cancellation: Cancellation,
        say: Say,
        on_unit: OnUnit,
    ) -> None:
        self._translator = translator
        self._task = task
        self._writer = writer
        self._cancellation = cancellation
        self._say = say
        self._on_unit = on_unit
        self._units = selected(outline.units, task.span)
        many = len(self._units) > MANY_UNITS
        self._options = replace(options, samples=min(options.samples, 1), rounds=0) if many else options
        self._needs = dependencies(self._units)
        self._done: dict[int, UnitTranslation] = {}
        self._signatures: list[Signature] = []

    def run(self) -> list[UnitTranslation]:
        count = len(self._units)
        for place, number in enumerate(in_dependency_order(self._units)):
            unit = self._units[number]
            label = f"{unit.name} (unit {place + 1} of {count})" if count > 1 else unit.name
            done = self._unit(number, unit, label, place / count)
            self._done[number] = done
            self._on_unit(number, count, done)
        return [self._done[number] for number in range(count)]

    def _unit(self, number: int, unit: Unit, label: str, fraction: float) -> UnitTranslation:
        task = self._task
        self._say(f"reading {label}", 0.05 + 0.9 * fraction)
        words, code = split_comment(unit.text, task.source)
        above = comment(words, task.target)
        if not code.strip():
            return UnitTranslation(unit, above, "rules", Verdict("builds", "a comment"))
        alone = len(self._units) == 1
        tests = self._tests(unit, alone=alone)
        start = ""
        if unit.kind == "function":
            signature = signature_of(unit, task.source, tests)
            self._signatures.append(signature)
            start = declaration(signature, task.target)
        opening = opening_of(unit, code, start, task.source, task.target, file_class(task.path, task.target))
        others = closure(number, self._needs)
        judged_by = against_source(tests, task.text, task.source, unit.name if unit.kind == "function" else "")

        def placed(text: str) -> tuple[str, Tests | None]:
            pieces = [(self._units[other], self._done[other].text) for other in others if other in self._done]
            return assemble([*pieces, (unit, above + text)], task.target, task.path), judged_by

        asked = RuleTask(task.text, task.source, task.target, unit.name, task.path, signatures=tuple(self._signatures))
        proposals = self._translator._propose(asked, self._options)  # pyright: ignore[reportPrivateUsage]
        silent = next((name for name, text in proposals if not text), "")
        if silent:
            return UnitTranslation(unit, "", silent, Verdict("builds", "another unit says it"))
        done = self._translator._try(  # pyright: ignore[reportPrivateUsage] - a helper of the same class
            unit,
            code,
            opening,
            task,
            proposals,
            placed,
            self._writer,
            self._options,
            self._cancellation,
            lambda what: self._say(f"{what} {label}", 0.05 + 0.9 * fraction),
        )
        return replace(done, text=above + done.text if done.text else "")

    def _tests(self, unit: Unit, *, alone: bool) -> Tests | None:
        if alone and self._task.tests is not None:
            return self._task.tests
        if unit.kind != "function":
            return None
        find = self._translator._tests_of  # pyright: ignore[reportPrivateUsage] - a helper of the same class
        found = find(self._task.text, self._task.source, unit.name, self._cancellation)
        if found is None and unit.text.strip() != self._task.text.strip():
            # its file may need what is not at hand; a function that stands by itself can be run without it
            found = find(unit.text, self._task.source, unit.name, self._cancellation)
        return found


def selected(units: Sequence[Unit], span: tuple[int, int] | None) -> list[Unit]:
    """The units that touch a span of characters; all of them without one."""
    if span is None:
        return list(units)
    start, end = span
    return [unit for unit in units if unit.start < max(end, start + 1) and start < max(unit.end, unit.start + 1)]


def _check(task: Task, outline: SourceOutline) -> tuple[str, ...]:
    """What is wrong with the source: raised where it cannot be translated, returned where it can."""
    if not selected(outline.units, task.span):
        raise UserError("There is nothing to translate here.", "Select a function or open a file that holds code.")
    if outline.error_line is None:
        return ()
    message = f"The {task.source.name} source has a syntax error in line {outline.error_line}"
    if task.source.id in LENIENT:
        return (f"{message}, or something that the grammar does not know.",)
    raise UserError(f"{message}.", "Mend it first, or name the source language if it is another one.")
