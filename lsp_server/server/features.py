"""What an editor may ask and tell. Each handler converts, calls, converts back; what is decided is decided elsewhere.

A handler runs at once, before the next message changes the documents; what has to wait, it returns as an awaitable.
The first parameter is named `ls` because pygls passes the server to that name.
"""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from lsprotocol import types

from lsp_server.completion.request import CompletionResult, Trigger
from lsp_server.documents import file_of, name_of
from lsp_server.errors import UserError
from lsp_server.logs import event
from lsp_server.server import convert, offers
from lsp_server.server.questions import ask
from lsp_server.server.server import DragomanServer
from lsp_server.server.tokens import work_done_token
from lsp_server.server.translating import refusal
from lsp_server.server.translation_requests import read_request
from lsp_server.settings import WORKSPACE_FILE

logger = logging.getLogger(__name__)

Params = TypeVar("Params")
Answer = TypeVar("Answer")

_TRIGGERS: dict[types.InlineCompletionTriggerKind, Trigger] = {
    types.InlineCompletionTriggerKind.Automatic: "automatic",
    types.InlineCompletionTriggerKind.Invoked: "invoked",
}


def register(server: DragomanServer) -> None:
    """Everything this server answers to."""
    for method, (handler, options) in _FEATURES.items():
        server.feature(method, options)(handler)
    for command, handler in _COMMANDS.items():
        server.command(command)(handler)


# --- the connection ---


def initialize(ls: DragomanServer, params: types.InitializeParams) -> None:
    ls.watch_editor(params.process_id)
    encoding = ls.workspace.position_encoding
    ls.documents.encoding = "utf-8" if encoding == "utf-8" else "utf-32" if encoding == "utf-32" else "utf-16"
    folders = [folder.uri for folder in params.workspace_folders or ()]
    ls.documents.folders.add(folders or filter(None, [params.root_uri or _uri(params.root_path)]))
    if params.client_info is not None:
        ls.recording.introduce(params.client_info.name, params.client_info.version)
    ls.configuration.set_initialization_options(params.initialization_options)
    ls.trusted = _flag(convert.member(params.initialization_options, "workspaceTrusted"))
    ls.read_workspace_files()
    ls.begin_model()


async def initialized(ls: DragomanServer, _params: types.InitializedParams) -> None:
    ls.reporter.begin()
    ls.reporter.status(ls.engine.status)
    await ls.pull_settings(again=False)
    await ls.register_for_changes()


def did_change_configuration(ls: DragomanServer, params: types.DidChangeConfigurationParams) -> Awaitable[None] | None:
    if isinstance(params.settings, dict) and convert.SECTION in params.settings:
        ls.configuration.set_client_configuration(params.settings[convert.SECTION])
        ls.apply_settings()
        return None
    return ls.pull_settings()


def did_change_watched_files(ls: DragomanServer, params: types.DidChangeWatchedFilesParams) -> None:
    ls.contexts.files_changed()
    ls.monitoring.files_changed()
    if any(name_of(change.uri) == WORKSPACE_FILE for change in params.changes):
        ls.read_workspace_files()
        ls.apply_settings()


def did_change_folders(ls: DragomanServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    removed = [folder.uri for folder in params.event.removed]
    ls.documents.folders.remove(removed)
    for path in filter(None, map(file_of, removed)):
        ls.configuration.forget_workspace_file(Path(path))
    ls.documents.folders.add(folder.uri for folder in params.event.added)
    ls.read_workspace_files()
    ls.apply_settings()


# --- documents ---


def did_open(ls: DragomanServer, params: types.DidOpenTextDocumentParams) -> None:
    _open(ls, params.text_document)


def did_change(ls: DragomanServer, params: types.DidChangeTextDocumentParams) -> None:
    _change(ls, params.text_document, params.content_changes)


def did_save(ls: DragomanServer, params: types.DidSaveTextDocumentParams) -> None:
    if document := ls.documents.get(params.text_document.uri):
        ls.contexts.saved(document)
        ls.monitoring.files_changed()
        ls.recording.saved(document)
    if name_of(params.text_document.uri) == WORKSPACE_FILE:
        ls.read_workspace_files()
        ls.apply_settings()


def did_close(ls: DragomanServer, params: types.DidCloseTextDocumentParams) -> None:
    _close(ls, params.text_document.uri)


def did_focus(ls: DragomanServer, params: Any) -> None:
    """`{textDocument: {uri}}`, or `{}` when no document has the focus."""
    uri = convert.member(params, "textDocument", "uri")
    document = ls.documents.touch(uri) if isinstance(uri, str) else None
    if document is not None:
        ls.contexts.focused(document)
        ls.warm_soon(document)


def did_open_notebook(ls: DragomanServer, params: types.DidOpenNotebookDocumentParams) -> None:
    ls.documents.open_notebook(params.notebook_document.uri, convert.cells(params.notebook_document.cells))
    for item in params.cell_text_documents:
        _open(ls, item)


def did_change_notebook(ls: DragomanServer, params: types.DidChangeNotebookDocumentParams) -> None:
    cells = params.change.cells
    if cells is None:
        return
    if structure := cells.structure:
        array = structure.array
        new = convert.cells(array.cells or ())
        ls.documents.splice_notebook(params.notebook_document.uri, array.start, array.delete_count, new)
        for item in structure.did_open or ():
            _open(ls, item)
        for closed in structure.did_close or ():
            _close(ls, closed.uri)
    for content in cells.text_content or ():
        _change(ls, content.document, content.changes)


def did_close_notebook(ls: DragomanServer, params: types.DidCloseNotebookDocumentParams) -> None:
    ls.documents.close_notebook(params.notebook_document.uri)
    for cell in params.cell_text_documents:
        _close(ls, cell.uri)


def _open(ls: DragomanServer, item: types.TextDocumentItem) -> None:
    document = ls.documents.open(item.uri, item.language_id, item.version, item.text)
    ls.contexts.opened(document)
    ls.analyse_soon(document)
    ls.recording.opened(document)
    ls.warm_soon(document)


def _close(ls: DragomanServer, uri: str) -> None:
    if document := ls.documents.get(uri):
        ls.contexts.closed(document)
        ls.recording.closed(document)
    ls.documents.close(uri)
    ls.translations.unmark(uri)


def _change(ls: DragomanServer, identifier: types.VersionedTextDocumentIdentifier, events: Any) -> None:
    document = ls.documents.change(identifier.uri, identifier.version, convert.changes(events))
    if document is None:
        logger.warning(event("edit of a document that is not open", version=identifier.version))
    else:
        ls.completer.keystroke()
        ls.translations.unmark(identifier.uri)
        ls.contexts.changed(document)
        ls.fetch_ahead(document)
        ls.recording.changed(document)
        ls.warm_soon(document)


# --- completion ---


def inline_completion(
    ls: DragomanServer, params: types.InlineCompletionParams
) -> types.InlineCompletionList | Awaitable[types.InlineCompletionList]:
    if not ls.knows_settings:
        return _once_settings_are_known(ls, inline_completion, params)
    selected = params.context.selected_completion_info
    question = ask(ls, params, _TRIGGERS[params.context.trigger_kind], selected)
    if question is None:
        return types.InlineCompletionList([])

    def answer(result: CompletionResult) -> types.InlineCompletionList:
        return types.InlineCompletionList(convert.inline_items(result.suggestions, question.place))

    return ls.recording.complete("inline", question, answer)


def completion(
    ls: DragomanServer, params: types.CompletionParams
) -> types.CompletionList | Awaitable[types.CompletionList]:
    if not ls.knows_settings:
        return _once_settings_are_known(ls, completion, params)
    question = ask(ls, params, "automatic")
    if question is None:
        return types.CompletionList(is_incomplete=True, items=[])

    def answer(result: CompletionResult) -> types.CompletionList:
        return types.CompletionList(True, convert.completion_items(result.suggestions[:1], question.place))

    return ls.recording.complete("list", question, answer)


async def _once_settings_are_known(
    ls: DragomanServer, handler: Callable[[DragomanServer, Params], Answer | Awaitable[Answer]], params: Params
) -> Answer:
    """A first request may overtake the editor's settings, which say whether anything is suggested and recorded."""
    await ls.settings_known()
    answer = handler(ls, params)
    return cast("Answer", await answer if isinstance(answer, Awaitable) else answer)


# --- what became of suggestions ---


def did_show(ls: DragomanServer, params: Any) -> None:
    ls.recording.shown(convert.item_id(convert.member(params, "item")))


def did_accept_part(ls: DragomanServer, params: Any) -> None:
    ls.recording.accepted_part(
        convert.item_id(convert.member(params, "item")), convert.member(params, "acceptedLength")
    )


def did_reject(ls: DragomanServer, params: Any) -> None:
    """Ours: copilot-language-server's conventions have nothing for a suggestion that the user dismissed."""
    ls.recording.rejected(convert.item_id(convert.member(params, "item")))


def did_accept(ls: DragomanServer, *arguments: Any) -> None:
    ls.recording.accepted(str(arguments[0]) if arguments else "")


# --- commands ---


def restart_model(ls: DragomanServer, *_arguments: Any) -> None:
    ls.engine.restart()


def status(ls: DragomanServer, *_arguments: Any) -> dict[str, Any]:
    return {**ls.engine.status.as_params(), "model": ls.engine.model, "documents": len(ls.documents)}


# --- translation ---


def translate(ls: DragomanServer, *arguments: Any) -> Awaitable[dict[str, Any]]:
    token = work_done_token.get()
    try:
        request = read_request(ls, arguments)
    except UserError as error:
        raise refusal(error) from error
    document = ls.documents.get(request.uri)
    settings = ls.settings_for(document) if document is not None else ls.configuration.settings()

    async def answer() -> dict[str, Any]:
        result = await ls.translations.translate(request, settings, token)
        ls.translations.mark(result)
        if request.open:
            await ls.translations.offer(result)
        return result

    return answer()


def code_action(ls: DragomanServer, params: types.CodeActionParams) -> list[types.CodeAction]:
    wanted = params.context.only
    document = ls.documents.get(params.text_document.uri)
    if document is None or (wanted and not any(offers.KIND.startswith(str(kind)) for kind in wanted)):
        return []
    return offers.code_actions(document, params.range)


def workspace_trust(ls: DragomanServer, params: Any) -> None:
    """`{trusted: boolean}`: the user has decided anew."""
    ls.trusted = _flag(convert.member(params, "trusted"))


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _uri(path: str | None) -> str | None:
    return Path(path).as_uri() if path and Path(path).is_absolute() else None


_FEATURES: dict[str, tuple[Callable[..., Any], Any]] = {
    types.INITIALIZE: (initialize, None),
    types.INITIALIZED: (initialized, None),
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: (did_change_configuration, None),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: (did_change_watched_files, None),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: (did_change_folders, None),
    types.TEXT_DOCUMENT_DID_OPEN: (did_open, None),
    types.TEXT_DOCUMENT_DID_CHANGE: (did_change, None),
    types.TEXT_DOCUMENT_DID_SAVE: (did_save, types.SaveOptions(include_text=False)),
    types.TEXT_DOCUMENT_DID_CLOSE: (did_close, None),
    "textDocument/didFocus": (did_focus, None),
    types.NOTEBOOK_DOCUMENT_DID_OPEN: (did_open_notebook, None),
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: (did_change_notebook, None),
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: (did_close_notebook, None),
    # pygls offers inline completion only if it is given options.
    types.TEXT_DOCUMENT_INLINE_COMPLETION: (inline_completion, types.InlineCompletionOptions()),
    types.TEXT_DOCUMENT_CODE_ACTION: (code_action, types.CodeActionOptions(code_action_kinds=[offers.KIND])),
    "dragoman/workspaceTrust": (workspace_trust, None),
    types.TEXT_DOCUMENT_COMPLETION: (completion, types.CompletionOptions()),
    "textDocument/didShowCompletion": (did_show, None),
    "textDocument/didPartiallyAcceptCompletion": (did_accept_part, None),
    "textDocument/didRejectCompletion": (did_reject, None),
}

_COMMANDS: dict[str, Callable[..., Any]] = {
    convert.ACCEPT_COMMAND: did_accept,
    "dragoman.restartModel": restart_model,
    offers.COMMAND: translate,
    "dragoman.status": status,
}
