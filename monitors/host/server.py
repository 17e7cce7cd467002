"""A language server of any make, through multilspy."""

# multilspy is installed in the host's own environment only, so the type checker cannot see it.
# pyright: reportMissingImports=false, reportUntypedBaseClass=false, reportUnknownParameterType=false

import asyncio
import os
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from multilspy.language_server import LanguageServer
from multilspy.lsp_protocol_handler.server import ProcessLaunchInfo
from multilspy.multilspy_config import MultilspyConfig
from multilspy.multilspy_logger import MultilspyLogger

from monitors.analysis.analyser import Completions, Place, Signature, Symbol
from monitors.analysis.servers import ServerSpec
from monitors.errors import AnalysisFailed
from monitors.host.items import completion_names, keywords, signatures, symbols
from monitors.host.transport import Transport
from monitors.text.columns import changed_range, utf16_position
from monitors.text.lexicon import base_language

_START_TIMEOUT_S = 60.0
_REQUEST_TIMEOUT_S = 5.0
_INVOKED: dict[str, Any] = {"context": {"triggerKind": 1}}
_MOST_REPEATS, _REPEAT_AFTER_S = 4, 0.7
_OPEN_DOCUMENTS = 4
"""Documents kept open at the server; each may hold a virtual text, which other documents would then import."""
_SCOPE_KEYWORDS = 8
"""An answer with so many keywords lists names in scope: the server did not understand that a member was asked for."""


@dataclass
class _Open:
    uri: str
    text: str
    version: int = 0


class Server(LanguageServer):
    """One server process. Columns are UTF-16; answers that say they are incomplete are used and marked; no assertion on
    what a server must be able to do; every request ends, whatever the server does."""

    def __init__(self, spec: ServerSpec, root: str, on_exit: Callable[[str], None]) -> None:
        launch = ProcessLaunchInfo(cmd=list(spec.command), env=dict(spec.environment), cwd=root)
        language = next(iter(spec.languages), "")
        super().__init__(MultilspyConfig(code_language=language), MultilspyLogger(), root, launch, language)
        self.spec = spec
        self.server = Transport(launch, on_exit)
        self.capabilities: dict[str, Any] = {}
        self._documents: OrderedDict[str, _Open] = OrderedDict()
        self._ready = asyncio.Event()
        self._misses_files: set[str] = set()
        self._answer_server()

    def _answer_server(self) -> None:
        """Register what a server may ask of its client, or tell it."""

        async def nothing(_: Any) -> None:
            return None

        async def configuration(params: Any) -> list[Any]:
            return [self._setting(item.get("section") or "") for item in (params or {}).get("items", [])]

        async def folders(_: Any) -> list[dict[str, str]]:
            return [self._folder()]

        async def notified(params: Any) -> None:
            expected = self.spec.ready_when
            if expected is not None and (not expected[1] or expected[1] in str(params)):
                self._ready.set()

        async def diagnosed(params: Any) -> None:
            found = (params or {}).get("diagnostics") or []
            missing = any("file not found" in str(d.get("message")) for d in found if isinstance(d, dict))
            (self._misses_files.add if missing else self._misses_files.discard)((params or {}).get("uri") or "")

        self.server.on_notification("textDocument/publishDiagnostics", diagnosed)
        self.server.on_request("workspace/configuration", configuration)
        self.server.on_request("workspace/workspaceFolders", folders)
        for method in ("client/registerCapability", "client/unregisterCapability", "window/workDoneProgress/create"):
            self.server.on_request(method, nothing)
        for kind in ("semanticTokens", "diagnostic", "inlayHint", "codeLens", "foldingRange", "inlineValue"):
            self.server.on_request(f"workspace/{kind}/refresh", nothing)
        if self.spec.ready_when is None:
            self._ready.set()
        else:
            self.server.on_notification(self.spec.ready_when[0], notified)

    @asynccontextmanager
    async def start_server(self) -> AsyncGenerator["Server"]:
        await self.start()
        try:
            yield self
        finally:
            await self.stop()

    async def start(self) -> None:
        """Start and initialise. Raises `AnalysisFailed`; nothing is left running then."""
        await self.server.start()
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                result = await self.server.send.initialize(self._initialise_params())
                self.capabilities = (result or {}).get("capabilities") or {}
                self.server.notify.initialized({})
                if self.spec.settings:
                    self.server.send_notification("workspace/didChangeConfiguration", {"settings": self.spec.settings})
                await self._ready.wait()
        except TimeoutError:
            await self.stop()
            raise AnalysisFailed(f"{self.spec.name} was not ready within {_START_TIMEOUT_S:.0f} s") from None
        except BaseException:
            await self.stop()
            raise
        self.server_started = True
        self.completions_available.set()

    async def stop(self) -> None:
        self.server_started = False
        await self.server.stop()

    async def complete(self, place: Place) -> Completions:
        """Names at a place. Raises `AnalysisFailed` where the answer is not one about members."""
        result = await self._completion(place)
        names, complete = completion_names(result)
        dereference = place.text[place.offset - 1 : place.offset] in (".", ">", ":")
        if dereference and keywords(result) >= _SCOPE_KEYWORDS:
            raise AnalysisFailed("names in scope instead of members")
        members = tuple(name for name in names if name.kind != "text")
        # Among members a word of the file betrays clangd waiting for headers; names in scope come with some.
        if self.spec.words_when_unready and len(members) < len(names) and (dereference or not members):
            raise AnalysisFailed("words of the file instead of members: the server is not ready")
        # Where a header was not found, clangd knows only part of what is there, and does not say so.
        blind = Path(place.path).as_uri() in self._misses_files
        return Completions(members, (complete or self.spec.always_incomplete) and not blind, self.spec.name)

    async def _completion(self, place: Place) -> Any:
        """The result of a completion request, the first ones of a document asked again until they agree.

        clangd takes names of a scope from an index of the headers, which it makes at leisure when a document is opened,
        and until then answers with less, and does not say so.
        """
        fresh = self.spec.hover_first and place.path not in self._documents
        result = await self._request("textDocument/completion", place, _INVOKED)
        for _ in range(_MOST_REPEATS if fresh else 0):
            count = len(completion_names(result)[0])
            await asyncio.sleep(_REPEAT_AFTER_S)
            result = await self._request("textDocument/completion", place, _INVOKED)
            if count and len(completion_names(result)[0]) == count:
                break
        return result

    async def signatures(self, place: Place) -> tuple[Signature, ...]:
        result = await self._request(
            "textDocument/signatureHelp", place, {"context": {"triggerKind": 1, "isRetrigger": False}}
        )
        return signatures(result, base_language(place.language))

    async def symbols(self, place: Place) -> tuple[Symbol, ...]:
        uri = await self._show(place)
        return symbols(await self._send("textDocument/documentSymbol", {"textDocument": {"uri": uri}}))

    async def _request(self, method: str, place: Place, more: dict[str, Any]) -> Any:
        uri = await self._show(place)
        line, column = utf16_position(place.text, place.offset)
        position = {"line": line, "character": column}
        return await self._send(method, {"textDocument": {"uri": uri}, "position": position, **more})

    async def _send(self, method: str, params: dict[str, Any]) -> Any:
        async with asyncio.timeout(_REQUEST_TIMEOUT_S):
            return await self.server.send_request(method, params)

    async def _show(self, place: Place) -> str:
        """Make the server see the virtual text, by the smallest change to what it saw before."""
        document = self._documents.get(place.path)
        if document is None:
            return await self._open(place)
        self._documents.move_to_end(place.path)
        if document.text != place.text:
            document.version += 1
            self.server.send_notification(
                "textDocument/didChange",
                {
                    "textDocument": {"uri": document.uri, "version": document.version},
                    "contentChanges": [self._change(document.text, place.text)],
                },
            )
            document.text = place.text
        return document.uri

    async def _open(self, place: Place) -> str:
        uri = Path(place.path).as_uri()
        while len(self._documents) >= _OPEN_DOCUMENTS:
            _, closed = self._documents.popitem(last=False)
            self.server.send_notification("textDocument/didClose", {"textDocument": {"uri": closed.uri}})
        self._documents[place.path] = _Open(uri, place.text)
        item = {"uri": uri, "languageId": place.language, "version": 0, "text": place.text}
        self.server.send_notification("textDocument/didOpen", {"textDocument": item})
        if self.spec.hover_first:
            # clangd answers with words of the file until it has read the headers; a hover waits until it has.
            position = {"line": 0, "character": 0}
            await self._send("textDocument/hover", {"textDocument": {"uri": uri}, "position": position})
        return uri

    def _change(self, old: str, new: str) -> dict[str, Any]:
        if self._sync_kind() != 2:
            return {"text": new}
        start, old_end, new_end = changed_range(old, new)
        first, last = utf16_position(old, start), utf16_position(old, old_end)
        return {
            "range": {
                "start": {"line": first[0], "character": first[1]},
                "end": {"line": last[0], "character": last[1]},
            },
            "text": new[start:new_end],
        }

    def _sync_kind(self) -> int:
        sync = self.capabilities.get("textDocumentSync")
        kind = sync.get("change") if isinstance(sync, dict) else sync
        return kind if isinstance(kind, int) else 1

    def _setting(self, section: str) -> Any:
        value: Any = self.spec.settings
        for part in section.split(".") if section else ():
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def _folder(self) -> dict[str, str]:
        return {"uri": Path(self.repository_root_path).as_uri(), "name": Path(self.repository_root_path).name}

    def _initialise_params(self) -> dict[str, Any]:
        item = {
            "snippetSupport": False,
            "deprecatedSupport": True,
            "insertReplaceSupport": False,
            "labelDetailsSupport": True,
            "resolveSupport": {"properties": ["documentation", "detail", "additionalTextEdits"]},
        }
        return {
            "processId": os.getpid(),
            "clientInfo": {"name": "dragoman"},
            "rootPath": self.repository_root_path,
            "rootUri": self._folder()["uri"],
            "workspaceFolders": [self._folder()],
            "initializationOptions": self.spec.initialisation,
            "capabilities": {
                "general": {"positionEncodings": ["utf-16"]},
                "workspace": {"configuration": True, "workspaceFolders": True, "didChangeConfiguration": {}},
                "textDocument": {
                    "synchronization": {"didSave": False},
                    "completion": {"contextSupport": True, "completionItem": item},
                    "hover": {"contentFormat": ["plaintext"]},
                    "signatureHelp": {"signatureInformation": {"parameterInformation": {"labelOffsetSupport": True}}},
                    "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
                    "publishDiagnostics": {},
                },
            },
        }
