"""Cases of `dragoman evaluate translation`, and candidates made elsewhere, read from JSON Lines."""

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from lsp_server.errors import UserError
from lsp_server.evaluation.cases import read_records, text_field
from lsp_server.languages import NEUTRAL, Language, language_for

_FORMAT = (
    'Each line is {"id", "source_language", "target_language", "source", "declaration"?, "tests"?, "reference"?, '
    '"candidate"? or "candidates"?}.'
)
_CANDIDATES = 'Each line is {"id", "prediction"}, or has "predictions": [texts].'


@dataclass(frozen=True)
class TranslationCase:
    """A source, the language that it is to be translated into, and how the result is judged."""

    id: str
    source_language: Language
    target_language: Language
    source: str
    declaration: str = ""
    """How the translation begins; empty if that is free."""
    tests: str = ""
    """Code in the target language that is appended to a candidate."""
    candidates: tuple[str, ...] = ()
    """Translations made elsewhere, the best guess first; with these no model is asked."""
    reference: str = ""
    """A right translation, for CodeBLEU; empty if none is known."""

    @property
    def content_hash(self) -> str:
        """Changes with anything that a verdict may depend on."""
        languages = (self.source_language.id, self.target_language.id)
        parts = (self.id, *languages, self.source, self.declaration, self.tests, self.reference, *self.candidates)
        return sha256(json.dumps(parts).encode()).hexdigest()[:16]

    @property
    def pair(self) -> str:
        return f"{self.source_language.id}-{self.target_language.id}"


def read_translation_cases(path: Path) -> list[TranslationCase]:
    """All cases of a file. Raises `UserError` that names the line of the first fault, or of an id's second use."""
    found: list[TranslationCase] = []
    first_use: dict[str, int] = {}
    for number, record in read_records(path):
        where = f"{path}:{number}"
        needed = {name: text_field(record, name, where, _FORMAT, needed=True) for name in ("id", "source")}
        source, target = (
            _language(text_field(record, name, where, _FORMAT, needed=True), name, where)
            for name in ("source_language", "target_language")
        )
        rest = {
            name: text_field(record, name, where, _FORMAT, needed=False)
            for name in ("declaration", "tests", "reference")
        }
        if needed["id"] in first_use:
            message = f"{where}: the id {needed['id']!r} was used on line {first_use[needed['id']]}"
            raise UserError(message, "Ids must differ.")
        first_use[needed["id"]] = number
        texts = _texts(record, "candidate", where)
        found.append(
            TranslationCase(
                needed["id"],
                source,
                target,
                needed["source"],
                rest["declaration"],
                rest["tests"],
                texts,
                rest["reference"],
            )
        )
    if not found:
        raise UserError(f"{path} holds no cases", _FORMAT)
    return _with_references(found)


def _with_references(cases: list[TranslationCase]) -> list[TranslationCase]:
    """Cases without a reference get the source of the one that translates the same problem out of their target.

    Cases are of one problem if their ids are alike but for the languages at the end, as in `4-python-java`.
    """
    problems = {(problem, case.source_language.id): case.source for case in cases if (problem := _problem(case))}
    return [
        case if case.reference else replace(case, reference=problems.get((_problem(case), case.target_language.id), ""))
        for case in cases
    ]


def _problem(case: TranslationCase) -> str:
    """The id without the languages at its end; empty where they are not there."""
    stem, *languages = case.id.rsplit("-", 2)
    named = [language_for(name) for name in languages]
    return stem if named == [case.source_language, case.target_language] else ""


def read_candidates(path: Path) -> dict[str, tuple[str, ...]]:
    """Candidates by the id of their case. Raises `UserError`."""
    found: dict[str, tuple[str, ...]] = {}
    for number, record in read_records(path):
        where = f"{path}:{number}"
        name = text_field(record, "id", where, _CANDIDATES, needed=True)
        texts = _texts(record, "prediction", where) or _texts(record, "candidate", where)
        if not texts and not {"prediction", "predictions", "candidate", "candidates"} & record.keys():
            raise UserError(f"{where}: neither `prediction` nor `predictions` is there", _CANDIDATES)
        found[name] = found.get(name, ()) + texts
    if not found:
        raise UserError(f"{path} holds no candidates", _CANDIDATES)
    return found


def _texts(record: Any, name: str, where: str) -> tuple[str, ...]:
    """One text under `name`, or several under its plural."""
    given = record.get(f"{name}s", record.get(name))
    if given is None:
        return ()
    texts: list[Any] = given if isinstance(given, list) else [given]
    if not all(isinstance(text, str) for text in texts):
        raise UserError(f"{where}: `{name}s` is not a list of strings", _CANDIDATES)
    return tuple(texts)


def _language(name: str, field: str, where: str) -> Language:
    language = language_for(name)
    if language is NEUTRAL:
        raise UserError(f"{where}: `{field}` is {name!r}, which is no language known here", _FORMAT)
    return language
