"""Cross-file context: what else of the workspace helps at a cursor, answered from memory.

Four sources feed one search: the documents that are or were open, the places where the user was last, the files beside
the document in focus and those that it imports, and the signatures behind these imports. All reading, parsing and
counting runs on a worker of its own; a request only searches, within a millisecond or two.

What is answered keeps still. A prompt whose beginning changes must be read again from there, so snippets are chosen
anew only when the cursor has moved to another group of lines, or the document in focus has changed; and even then what
was chosen stays while all of it is still found and nothing much better has come up.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from lsp_server.completion.request import CompletionRequest
from lsp_server.context.bm25 import Bm25, counted
from lsp_server.context.chunks import Chunk, chunks_of
from lsp_server.context.definitions import HEAD_LINES, Definitions, rendered
from lsp_server.context.imports import resolve_imports
from lsp_server.context.ring import Ring
from lsp_server.context.selection import as_snippets, query_of, select, visible_in
from lsp_server.context.worker import Worker
from lsp_server.context.workspace import Workspace, holds_secrets
from lsp_server.languages import language_of_path
from models import Snippet

BUDGET_CHARS = 2_000
MAX_DOCUMENTS = 64
"""Documents whose chunks are kept, open or closed; those that were touched longest ago are forgotten first."""
MAX_LINES = 6_000
"""Of a longer document only so many lines around the last edit are kept,"""
MAX_CHARS = 400_000
"""and so many characters."""
MAX_IMPORTED = 16
MAX_SIBLINGS = 24
"""So many of the files that the document in focus imports, and of those beside it, are read. With no other document
open they bring the share of identifiers found (see `ContextIndex.snippets`) from 9% to 21%; signatures alone do not."""
MAX_NEARBY = 128
"""Files that are kept without being open."""
RING_LINES = 14
"""Lines of a chunk around a place where the user was."""
AWAY_LINES = 32
"""Who edits so many lines away from the last edit has left that place."""
LINE_GROUP = 2
"""Cursor lines that share one choice of snippets."""
SEARCH_LIMIT = 48
"""So many of the best chunks are looked at; what was chosen stays while it is among them."""
MUCH_BETTER = 1.5
"""A newcomer that scores so many times as high as the least of the chosen lets all be chosen anew."""

_NOT_CODE = frozenset(["", "plaintext", "markdown", "restructuredtext", "latex", "json", "jsonc", "xml"])
"""Languages of documents that are prose or data: they say little about code, and may be private."""
_IMPORT = re.compile(r"\b(?:import|from|require|include|use|using|mod|package|source)\b")
_PROBE_CHARS = 200
_BATCH = 32
_RING = "\0ring"
_DEFINITIONS = "\0definitions"
"""Keys of the search index beside the documents' paths."""


@dataclass
class _Document:
    """A document as the editor's thread knows it."""

    lines: Sequence[str]
    """Its latest text, live: looked at on the editor's thread only."""
    line: int = 0
    """Where the user was last."""
    stale: bool = True
    """Whether the index does not have its latest text."""


@dataclass(frozen=True)
class _Question:
    """What the choice of snippets depends on."""

    path: str
    first_line: str
    """Of the window: line groups are counted from it."""
    group: int
    budget_chars: int
    epoch: int


class ContextIndex:
    """The context of one workspace folder. Told of documents on one thread, asked on any.

    `path` is always relative to the folder, with forward slashes. `lines` is the whole document with line ends, and may
    be a live view of it: it is kept, but read only within calls of the same thread, and at most `MAX_LINES` of it.
    """

    def __init__(self, root: str = "") -> None:
        """`root` is the absolute path of the folder; without one, imports are not followed."""
        self._workspace = Workspace(root) if root else None
        self._definitions = Definitions(self._workspace) if self._workspace else None
        self._nearby: OrderedDict[str, tuple[int, int]] = OrderedDict()
        """Files that are indexed without being open, as they were on disk; the worker's."""
        self._documents: dict[str, _Document] = {}
        self._focus = ""
        self._worker = Worker("dragoman-context")
        self._ring = Ring()
        self._kept: OrderedDict[str, None] = OrderedDict()
        self._behind_imports: list[Chunk] = []
        self._index = Bm25()
        self._epoch = 0
        self._lock = threading.Lock()
        """Guards the index, the epoch and the last answer; held for a millisecond or two."""
        self._question: _Question | None = None
        self._chosen: tuple[Chunk, ...] = ()
        self._answer: tuple[Snippet, ...] = ()

    def document_opened(self, path: str, lines: Sequence[str]) -> None:
        """A document was opened; or is known by now, for callers without an editor."""
        if _may_be_shown(path):
            self._documents[path] = _Document(lines)
            self._reindex(path)

    def document_changed(self, path: str, lines: Sequence[str], line: int) -> None:
        """A document was edited; `line` (from 0) is where. Cheap: called at every keystroke."""
        if path != self._focus:
            self.document_focused(path, lines, line)
        document = self._documents.get(path)
        if document is None:
            return
        document.lines = lines
        if abs(line - document.line) > AWAY_LINES:
            self._leave(path)
        document.line, document.stale = line, True
        if 0 <= line < len(lines) and _IMPORT.search(lines[line]):
            self._resolve(path, lines)

    def document_focused(self, path: str, lines: Sequence[str], line: int = 0) -> None:
        """The user looks at a document now; `line` (from 0) is the cursor's, if it is known."""
        if path == self._focus:
            return
        self._leave(self._focus)
        self._focus = path
        if not _may_be_shown(path):
            return
        document = self._documents.setdefault(path, _Document(lines, line))
        document.lines = lines
        if document.stale:
            self._reindex(path)
        self._resolve(path, lines)

    def document_saved(self, path: str) -> None:
        """A document was saved: what others import from it may have changed on disk."""
        self._leave(path)
        self.files_changed()
        focused = self._documents.get(self._focus)
        if focused is not None:
            self._resolve(self._focus, focused.lines)

    def document_closed(self, path: str) -> None:
        """A document was closed; what it held stays searchable for a while."""
        self._leave(path)
        self._documents.pop(path, None)
        if path == self._focus:
            self._focus = ""

    def files_changed(self) -> None:
        """Files of the folder appeared, vanished or were changed by others."""
        if self._workspace is not None:
            self._worker.submit("forget", self._workspace.forget)

    def snippets(
        self, request: CompletionRequest, budget_chars: int = BUDGET_CHARS, *, refresh: bool = False
    ) -> tuple[Snippet, ...]:
        """Pieces of other files, and of this one beyond the window, that may help; least helpful first.

        The same snippets in the same order as last time, unless there is a reason (see the module). `refresh` is one:
        it fits the choice to the cursor as it stands, for a request that nobody waits for (reading ahead while the user
        is idle) or that comes alone.

        Measured on 8 languages, typing 25 lines into files with none or ten others open, 2,000 characters: of the
        identifiers that the window did not hold, these snippets held 21% at 0.13 changes a line (refreshed at every
        word: 28% at 1.08; chunks drawn by chance: 6%). That is of 1,122 identifiers in 96 files; a smaller draw of 48
        files gave 14% and 22%, so take the ratios, not the figures.
        """
        with self._lock:
            group = request.prefix.count("\n") // LINE_GROUP
            first_line = request.prefix[: request.prefix.find("\n", 0, _PROBE_CHARS) + 1]
            question = _Question(request.path, first_line, group, budget_chars, self._epoch)
            if question == self._question and not refresh:
                return self._answer
            ranked = self._index.search(query_of(request), SEARCH_LIMIT)
            chosen = select(ranked, budget_chars, visible_in(request))
            last = self._question
            same_place = last is not None and (last.path, last.budget_chars) == (request.path, budget_chars)
            if refresh or not same_place or not self._is_still_good(ranked, chosen, visible_in(request)):
                self._chosen = chosen
                self._answer = as_snippets(chosen)
            self._question = question
            return self._answer

    def settle(self, timeout_s: float = 10.0) -> bool:
        """Wait until all that was told is searchable; for callers that come once (the command line, tests)."""
        return self._worker.settle(timeout_s)

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    def _is_still_good(
        self, ranked: Sequence[tuple[float, Chunk]], chosen: Sequence[Chunk], is_visible: Callable[[Chunk], bool]
    ) -> bool:
        """Whether what was chosen last is still found and unseen, and nothing much better has come up."""
        scores = {chunk.content: score for score, chunk in ranked}
        kept = {chunk.content for chunk in self._chosen}
        if not kept or not kept <= scores.keys() or any(map(is_visible, self._chosen)):
            return False
        least = min(scores[content] for content in kept)
        newcomers = (scores[chunk.content] for chunk in chosen if chunk.content not in kept)
        return all(score <= MUCH_BETTER * least for score in newcomers)

    def _leave(self, path: str) -> None:
        """The user leaves a place: remember it, and bring the index up to date with the document."""
        document = self._documents.get(path)
        if document is None:
            return
        start = max(document.line - RING_LINES // 2, 0)
        for chunk in chunks_of(path, _cut(document.lines, start, RING_LINES), start):
            self._ring.push(chunk)
        self._worker.submit(_RING, partial(self._put, _RING, self._ring.chunks()))
        if document.stale:
            self._reindex(path)

    def _reindex(self, path: str) -> None:
        """Have the worker cut and count a document as it stands now."""
        document = self._documents[path]
        document.stale = False
        first = max(min(document.line - MAX_LINES // 2, len(document.lines) - MAX_LINES), 0)
        lines = _cut(document.lines, first, MAX_LINES)
        self._worker.submit(path, lambda: self._put(path, chunks_of(path, lines, first)))
        self._kept[path] = None
        self._kept.move_to_end(path)
        while len(self._kept) > MAX_DOCUMENTS:
            forgotten, _ = self._kept.popitem(last=False)
            self._worker.submit(forgotten, partial(self._forget, forgotten))

    def _resolve(self, path: str, lines: Sequence[str]) -> None:
        """Have the worker look around the document in focus: follow its imports, and read the files beside it."""
        if self._workspace is not None:
            head = "".join(_cut(lines, 0, HEAD_LINES))
            self._worker.submit(_DEFINITIONS, partial(self._look_around, path, head))

    def _look_around(self, path: str, head: str) -> None:
        """On the worker: index the signatures behind the imports, and have the files themselves read one by one."""
        workspace, definitions = self._workspace, self._definitions
        if workspace is None or definitions is None:
            return
        imports = resolve_imports(head, path, language_of_path(path), workspace)
        chunks = [
            Chunk(signatures.path, definition.line, text)
            for signatures in definitions.behind(imports)
            for definition in signatures.definitions
            if (text := rendered(definition, signatures.language))
        ]
        if chunks != self._behind_imports:
            self._behind_imports = chunks
            self._put(_DEFINITIONS, chunks)
        nearby = [*(item.path for item in imports[:MAX_IMPORTED]), *workspace.siblings(path, MAX_SIBLINGS)]
        for file in dict.fromkeys(nearby):
            self._worker.submit(f"\0read {file}", partial(self._read, workspace, file))

    def _read(self, workspace: Workspace, path: str) -> None:
        """On the worker: index a file that is not open, unless it is indexed as it is on disk."""
        stamp = workspace.stamp(path)
        if path in self._kept or self._nearby.get(path) == stamp or not _may_be_shown(path):
            return
        self._nearby[path] = stamp
        self._nearby.move_to_end(path)
        self._put(path, chunks_of(path, (workspace.read(path) or "").splitlines(keepends=True)[:MAX_LINES]))
        while len(self._nearby) > MAX_NEARBY:
            forgotten = next(iter(self._nearby))
            if forgotten in self._kept:
                del self._nearby[forgotten]
            else:
                self._forget(forgotten)

    def _forget(self, path: str) -> None:
        """On the worker: drop a file, so that it is read again when it is wanted again."""
        self._nearby.pop(path, None)
        self._put(path, ())

    def _put(self, key: str, chunks: Sequence[Chunk]) -> None:
        """On the worker: replace what stands under `key`.

        Counts outside the lock, and holds it for some chunks at a time only. New chunks come before the old ones go, so
        that a search in between finds nothing missing.
        """
        if self._workspace is not None:
            chunks = [chunk for chunk in chunks if not self._workspace.ignored(chunk.path)]
        old = self._index.ids(key)
        for start in range(0, len(chunks), _BATCH):
            ready = counted(chunks[start : start + _BATCH])
            with self._lock:
                self._index.add(key, ready)
        for start in range(0, len(old), _BATCH):
            with self._lock:
                self._index.remove(old[start : start + _BATCH])
        if key != self._focus:
            self._epoch += 1


def _may_be_shown(path: str) -> bool:
    """Whether text of this file may go into a prompt for another one."""
    return bool(path) and not holds_secrets(path) and language_of_path(path).id not in _NOT_CODE


def _cut(lines: Sequence[str], start: int, count: int) -> list[str]:
    found: list[str] = []
    room = MAX_CHARS
    for index in range(start, min(start + count, len(lines))):
        line = lines[index]
        room -= len(line)
        if room < 0:
            break
        found.append(line)
    return found
