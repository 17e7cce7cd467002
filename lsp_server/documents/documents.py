"""All documents and notebooks that an editor has open."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

from lsp_server.documents.document import Change, Document
from lsp_server.documents.folders import Folders, Location
from lsp_server.documents.notebook import Cell, Notebook
from lsp_server.documents.text import Text
from lsp_server.documents.units import Encoding
from lsp_server.documents.uris import file_of, key_of


class Documents:
    """The editor's state as far as it told us. Not thread-safe: it belongs to the thread that reads the editor's
    messages."""

    def __init__(self, encoding: Encoding = "utf-16") -> None:
        self.encoding: Encoding = encoding
        """Units of columns, agreed when the editor connects, before the first document."""
        self.folders = Folders()
        self._documents: dict[str, Document] = {}
        self._notebooks: dict[str, Notebook] = {}
        self._notebook_of_cell: dict[str, str] = {}
        self._clock = count(1)

    def __iter__(self) -> Iterator[Document]:
        """Most recently touched first."""
        return iter(sorted(self._documents.values(), key=lambda document: -document.touched))

    def __len__(self) -> int:
        return len(self._documents)

    def get(self, uri: str) -> Document | None:
        return self._documents.get(key_of(uri))

    def open(self, uri: str, language_id: str, version: int, content: str) -> Document:
        """A document opened anew replaces what was known of it."""
        document = Document(uri, language_id, version, Text(content, self.encoding), touched=next(self._clock))
        self._documents[key_of(uri)] = document
        return document

    def change(self, uri: str, version: int, changes: Sequence[Change]) -> Document | None:
        """Apply an edit.

        A document that was never opened begins with the first change that gives its whole text; `None` if there is
        none.
        """
        document = self.get(uri)
        if document is None:
            whole = next((i for i, change in enumerate(changes) if change.start is None), None)
            if whole is None:
                return None
            document = self.open(uri, "", version, changes[whole].text)
            changes = changes[whole + 1 :]
        document.apply(changes)
        document.version = version
        document.touched = next(self._clock)
        return document

    def touch(self, uri: str) -> Document | None:
        """The editor's user looks at it now."""
        document = self.get(uri)
        if document is not None:
            document.touched = next(self._clock)
        return document

    def close(self, uri: str) -> None:
        self._documents.pop(key_of(uri), None)
        self._notebook_of_cell.pop(key_of(uri), None)

    def locate(self, document: Document) -> Location:
        """Where a document lies in the workspace; a cell lies where its notebook does."""
        notebook = self._notebook_of_cell.get(key_of(document.uri))
        return self.folders.locate(document.uri if notebook is None or file_of(document.uri) else notebook)

    def open_notebook(self, uri: str, cells: Iterable[Cell]) -> None:
        """The cells' own documents are opened with `open`."""
        notebook = Notebook(uri, list(cells))
        self._notebooks[key_of(uri)] = notebook
        self._join(notebook)

    def splice_notebook(self, uri: str, start: int, deleted: int, cells: Sequence[Cell]) -> None:
        """Replace some cells of a notebook; nothing where the notebook is unknown."""
        notebook = self._notebooks.get(key_of(uri))
        if notebook is not None:
            notebook.splice(start, deleted, cells)
            self._join(notebook)

    def close_notebook(self, uri: str) -> None:
        """The cells' own documents are closed with `close`."""
        notebook = self._notebooks.pop(key_of(uri), None)
        for cell in notebook.cells if notebook else ():
            self._notebook_of_cell.pop(key_of(cell.uri), None)

    def is_cell(self, uri: str) -> bool:
        """Whether a document is a cell of a notebook."""
        return key_of(uri) in self._notebook_of_cell

    def text_before(self, document: Document) -> str:
        """What a reader has read before a document begins: for a cell, the code cells of its language above it."""
        notebook = self._notebooks.get(self._notebook_of_cell.get(key_of(document.uri), ""))
        if notebook is None:
            return ""
        above = filter(None, map(self.get, notebook.code_before(document.uri)))
        texts = [str(cell.text) for cell in above if cell.language_id == document.language_id]
        return "".join(text if text.endswith("\n") else text + "\n" for text in texts if text.strip())

    def _join(self, notebook: Notebook) -> None:
        for cell in notebook.cells:
            self._notebook_of_cell[key_of(cell.uri)] = key_of(notebook.uri)
