"""From the argument of `dragoman.translate` to a task, and from a translation to its answer (docs/translation.md)."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from lsp_server.documents import file_of, name_of
from lsp_server.documents.lines import readable
from lsp_server.documents.text import Text
from lsp_server.errors import UserError
from lsp_server.languages import Language
from lsp_server.server.convert import member
from lsp_server.translation import Task, Translation, UnitTranslation
from lsp_server.translation.answer import translation_json, unit_json
from lsp_server.translation.assembly import suggested_name
from lsp_server.translation.detection import require_language
from lsp_server.translation.targets import source_language, target_language
from lsp_server.verification import given_tests

if TYPE_CHECKING:
    from lsp_server.server.server import DragomanServer


@dataclass(frozen=True)
class TranslationRequest:
    """Everything that a translation needs, as it was when the request came."""

    uri: str
    text: Text = field(repr=False)
    """The document, with line breaks as a parser wants them."""
    task: Task
    allowed: bool
    """It may be built and run here."""
    open: bool
    partial_token: int | str | None

    @property
    def source(self) -> Language:
        return self.task.source

    @property
    def target(self) -> Language:
        return self.task.target


def read_request(ls: "DragomanServer", arguments: tuple[Any, ...]) -> TranslationRequest:
    """Raises `JsonRpcInvalidParams` for what is malformed, `UserError` for what cannot be translated."""
    wanted = arguments[0] if arguments else None
    uri, to = member(wanted, "uri"), member(wanted, "to")
    if not isinstance(uri, str) or not isinstance(to, str):
        raise JsonRpcInvalidParams('dragoman.translate takes one object with "uri" and "to" (docs/translation.md).')
    target = target_language(to)
    document = ls.documents.get(uri)
    content = readable(str(document.text) if document is not None else _file_text(uri))
    text = Text(content, ls.documents.encoding)
    named = member(wanted, "from")
    language_id = document.language_id if document is not None else ""
    path = file_of(uri) or name_of(uri)
    source = (
        source_language(named) if isinstance(named, str) and named else require_language(content, path, language_id)
    )
    tests = member(wanted, "tests")
    task = Task(
        content,
        source,
        target,
        path=name_of(uri),
        span=_span(text, member(wanted, "range")),
        tests=given_tests(tests, target) if isinstance(tests, str) else None,
    )
    partial = member(wanted, "partialResultToken")
    return TranslationRequest(
        uri,
        text,
        task,
        allowed=ls.may_run and member(wanted, "run") is not False,
        open=member(wanted, "open") is True,
        partial_token=partial if isinstance(partial, (int, str)) and not isinstance(partial, bool) else None,
    )


def to_answer(answer: Translation, request: TranslationRequest) -> dict[str, Any]:
    """The result of the command."""
    units = [unit for unit in answer.units if unit.unit.end > unit.unit.start]
    span = (min(u.unit.start for u in units), max(u.unit.end for u in units)) if units else (0, 0)
    return {
        **translation_json(answer, request.source, request.target),
        "sourceUri": request.uri,
        "range": _range(request.text, *span),
        "suggestedUri": suggested_uri(request),
        "units": [to_unit(unit, request) for unit in answer.units],
    }


def to_unit(unit: UnitTranslation, request: TranslationRequest) -> dict[str, Any]:
    return {**unit_json(unit), "range": _range(request.text, unit.unit.start, unit.unit.end)}


def suggested_uri(request: TranslationRequest) -> str:
    """A file beside the source that does not exist; an `untitled:` address for a source without a file."""
    path = file_of(request.uri)
    if not path:
        return f"untitled:{suggested_name(name_of(request.uri), request.target)}"
    folder = Path(path).parent
    try:
        taken = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    except OSError:
        taken = []
    return (folder / suggested_name(path, request.target, taken)).as_uri()


def diagnostics(answer: dict[str, Any]) -> list[types.Diagnostic]:
    """One for each unit: what is known of its translation."""
    severities = {
        "verified": types.DiagnosticSeverity.Information,
        "builds": types.DiagnosticSeverity.Information,
        "failed": types.DiagnosticSeverity.Warning,
        "unchecked": types.DiagnosticSeverity.Hint,
    }
    found: list[types.Diagnostic] = []
    for unit in answer["units"]:
        verdict = unit["verdict"]
        start = unit["range"]["start"]
        place = types.Position(start["line"], start["character"])
        end = types.Position(start["line"], start["character"] + 1)
        language = target_language(answer["targetLanguage"]).name
        found.append(
            types.Diagnostic(
                types.Range(place, end),
                f"{unit['name']} in {language}: {verdict['status']}. {verdict['evidence']}",
                severity=severities[verdict["status"]],
                code=verdict["status"],
                source="dragoman",
            )
        )
    return found


def _file_text(uri: str) -> str:
    path = file_of(uri)
    if not path:
        raise UserError(f"{uri} is not open.", "Open the document before it is translated.")
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path} cannot be read as UTF-8 text.", "Open it in the editor.") from error


def _span(text: Text, value: Any) -> tuple[int, int] | None:
    """A selection as offsets; `None` for all, also where it is empty."""
    places = [(member(value, side, "line"), member(value, side, "character")) for side in ("start", "end")]
    if not all(isinstance(number, int) for place in places for number in place):
        return None
    start, end = (text.offset(*place) for place in places)
    return (start, end) if end > start else None


def _range(text: Text, start: int, end: int) -> dict[str, Any]:
    (line, column), (last, last_column) = text.position(start), text.position(end)
    return {"start": {"line": line, "character": column}, "end": {"line": last, "character": last_column}}
