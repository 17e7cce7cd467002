"""Which translations are offered where the cursor is, as code actions."""

from lsprotocol import types

from lsp_server.documents import Document, name_of
from lsp_server.languages import NEUTRAL, language_for
from lsp_server.translation import TARGETS
from lsp_server.translation.detection import detect_language

COMMAND = "dragoman.translate"
KIND = "refactor.rewrite.dragoman"
LOOK_CHARS = 4_000
"""Of a document whose name says nothing, so much is read to tell its language."""


def code_actions(document: Document, place: types.Range) -> list[types.CodeAction]:
    """One for each language that the document is not in; none where its language is unknown."""
    source = detect_language(document.text.slice(0, LOOK_CHARS), name_of(document.uri), document.language_id)
    if source is NEUTRAL or not len(document.text):
        return []
    span = {
        "start": {"line": place.start.line, "character": place.start.character},
        "end": {"line": place.end.line, "character": max(place.end.character, place.start.character + 1)}
        if place.end.line == place.start.line
        else {"line": place.end.line, "character": place.end.character},
    }
    actions: list[types.CodeAction] = []
    for target in TARGETS:
        if target == source.id:
            continue
        title = f"Translate to {language_for(target).name}"
        argument = {"uri": document.uri, "range": span, "to": target, "open": True}
        command = types.Command(title, COMMAND, arguments=[argument])
        actions.append(types.CodeAction(title, kind=KIND, command=command))
    return actions
