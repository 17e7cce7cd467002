"""From an editor's question to a request, and to the place where the answer goes."""

from dataclasses import dataclass, replace

from lsprotocol import types

from lsp_server.completion.request import CompletionRequest, Trigger
from lsp_server.documents import Document
from lsp_server.server import convert
from lsp_server.server.server import DragomanServer, suggests_while_typing
from lsp_server.settings import Settings


@dataclass(frozen=True)
class Question:
    """Everything an answer needs, as it was when the question came."""

    request: CompletionRequest
    place: convert.Place
    settings: Settings
    document: Document
    """As it was only until the next message: its cursor is where the question is about."""
    file: str = ""
    """The absolute path of the document, or of the notebook that it is a cell of; empty without a file."""


def ask(
    ls: DragomanServer,
    params: types.InlineCompletionParams | types.CompletionParams,
    trigger: Trigger,
    selected: types.SelectedCompletionInfo | None = None,
) -> Question | None:
    """What is asked at a position; `None` where nothing is to be said: the document is not open, or wants silence.

    `selected` is what the editor's own completion list would insert there; the question is then what comes after it.
    """
    document = ls.documents.get(params.text_document.uri)
    if document is None:
        return None
    settings = ls.settings_for(document)
    if trigger == "automatic" and not suggests_while_typing(settings, document):
        return None
    document.cursor = document.text.offset(*convert.position(params.position))
    ls.contexts.focused(document)
    candidates = settings.completion.invoked_candidates if trigger == "invoked" else 1
    if selected is not None:
        return _after_selected(ls, document, selected, trigger, candidates, settings)
    request = ls.request_at(document, document.cursor, trigger, candidates)
    place = convert.place_of(document, document.cursor, ls.documents.encoding)
    return Question(request, place, settings, document, ls.documents.locate(document).file)


def _after_selected(
    ls: DragomanServer,
    document: Document,
    selected: types.SelectedCompletionInfo,
    trigger: Trigger,
    candidates: int,
    settings: Settings,
) -> Question:
    """The question as if the list's item had been inserted already."""
    start = document.text.offset(*convert.position(selected.range.start))
    end = max(document.text.offset(*convert.position(selected.range.end)), document.cursor)
    before = ls.request_at(document, start, trigger, candidates)
    after = ls.request_at(document, end, trigger, candidates)
    place = convert.place_of(document, end, ls.documents.encoding)
    column = document.text.position(start)[1]
    return Question(
        replace(after, prefix=before.prefix + selected.text),
        replace(place, selected=selected.text, selected_column=column),
        settings,
        document,
        ls.documents.locate(document).file,
    )
