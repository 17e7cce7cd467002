"""One context index for each workspace folder, told of what happens to the documents in it."""

import asyncio
from collections.abc import Sequence

from lsp_server.completion.request import CompletionRequest
from lsp_server.context import ContextIndex
from lsp_server.documents import Document, Documents
from models import Snippet

PAUSE_S = 0.3
"""Edits are told together, so long after the first of them: no request depends on the last key."""


class Contexts:
    """Told of documents on the event loop, asked on the model's thread.

    A notebook's cells are left out: whoever completes one reads those above it anyway.
    """

    def __init__(self, documents: Documents) -> None:
        self._documents = documents
        self._indexes: dict[str, ContextIndex] = {}
        self._edited: dict[str, Document] = {}
        """Edited, and the index was not told yet."""
        self._timer: asyncio.TimerHandle | None = None

    def opened(self, document: Document) -> None:
        if place := self._place(document):
            index, path = place
            index.document_opened(path, document.lines)

    def changed(self, document: Document) -> None:
        self._edited[document.uri] = document
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PAUSE_S, self._tell)

    def focused(self, document: Document) -> None:
        """The user looks at it now; nothing if that is known."""
        if place := self._place(document):
            index, path = place
            index.document_focused(path, document.lines, document.text.line_of(document.cursor))

    def saved(self, document: Document) -> None:
        self._tell()
        if place := self._place(document):
            index, path = place
            index.document_saved(path)

    def closed(self, document: Document) -> None:
        self._tell()
        if place := self._place(document):
            index, path = place
            index.document_closed(path)

    def files_changed(self) -> None:
        """Files appeared, vanished or were changed by others."""
        for index in self._indexes.values():
            index.files_changed()

    def snippets(self, request: CompletionRequest, budget_chars: int, *, refresh: bool = False) -> Sequence[Snippet]:
        index = self._indexes.get(request.root)
        return index.snippets(request, budget_chars, refresh=refresh) if index is not None else ()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for index in self._indexes.values():
            index.close()

    def _tell(self) -> None:
        """Tell of the edits that were held back."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        edited, self._edited = self._edited, {}
        for document in edited.values():
            if place := self._place(document):
                index, path = place
                index.document_changed(path, document.lines, document.text.line_of(document.cursor))

    def _place(self, document: Document) -> tuple[ContextIndex, str] | None:
        """The index of a document's folder and its path there; `None` for what no prompt should mention."""
        location = self._documents.locate(document)
        if not location.path or self._documents.is_cell(document.uri):
            return None
        if location.root not in self._indexes:
            self._indexes[location.root] = ContextIndex(location.root)
        return self._indexes[location.root], location.path
