"""The host's main loop: read a question, hand it to jedi's thread or to a language server, write the answer."""

import asyncio
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from monitors.analysis.analyser import Completions, Place, Precedent
from monitors.analysis.servers import ServerSpec
from monitors.errors import AnalysisFailed, NoAnswer
from monitors.host.keeper import ServerKeeper
from monitors.host.lifetime import die_with_parent, kill_group
from monitors.host.python import JediAnalyser, jedi_or_reason
from monitors.host.wire import Request, decode, encode, pack, request_of
from monitors.precedents.index import PrecedentIndex
from monitors.text.lexicon import base_language


def main(cache: Path) -> None:
    """Serve until standard input closes, then take everything down that was started. `cache` is jedi's folder."""
    die_with_parent()
    output = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    asyncio.run(Host(output, cache).serve())


class Host:
    """Routes questions by language. Questions that waited too long in a queue are answered with an error."""

    def __init__(self, output: int, cache: Path) -> None:
        self._output = output
        self._cache = cache
        self._write_lock = threading.Lock()
        self._root = ""
        self._python: str | None = None
        self._keepers: dict[str, ServerKeeper] = {}
        self._jedi: JediAnalyser | None = None
        self._jedi_thread = ThreadPoolExecutor(1, thread_name_prefix="jedi")
        self._precedents: dict[tuple[str, str], PrecedentIndex] = {}
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="precedents")
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[bytes] = asyncio.Queue()
        threading.Thread(target=_read_lines, args=(loop, lines), daemon=True).start()
        while line := await lines.get():
            message = decode(line)
            if "configure" in message:
                self._configure(message["configure"])
            elif "id" in message:
                task = loop.create_task(self._respond(message["id"], message))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        await self._take_down()

    async def _take_down(self) -> None:
        """End everything that was started, at once and without asking: the parent is gone."""
        if os.name == "posix" and os.getpgid(0) == os.getpid():
            kill_group(os.getpid())
        for keeper in self._keepers.values():
            await keeper.stop()
        os._exit(0)

    def _configure(self, configuration: dict[str, Any]) -> None:
        self._root = configuration["root"]
        self._python = configuration.get("python")
        for data in configuration.get("servers", []):
            spec = ServerSpec.from_json(data)
            keeper = ServerKeeper(spec, self._root, self._report)
            for language in spec.languages:
                self._keepers[language] = keeper

    async def _respond(self, request_id: Any, message: dict[str, Any]) -> None:
        try:
            answer = await self._answer(request_of(message))
        except NoAnswer as none:
            self._write({"id": request_id, "error": str(none)})
        except Exception as error:  # noqa: BLE001 - an analyser may raise anything; the host must live on
            self._write({"id": request_id, "error": f"{type(error).__name__}: {error}"})
        else:
            self._write({"id": request_id, "answer": pack(answer)})

    async def _answer(self, request: Request) -> Any:
        asked = asyncio.get_running_loop().create_task(self._ask(request))
        await asyncio.sleep(0)  # the question goes out before time is spent here
        precedents = self._find_precedents(request)
        answer = await asked
        return replace(answer, precedents=precedents) if isinstance(answer, Completions) else answer

    def _find_precedents(self, request: Request) -> tuple[Precedent, ...]:
        """What is known of them now. Files that were not read yet are read meanwhile, for the next question."""
        try:
            index = self._index(request.place)
            return index.precedents(request.place) if request.question == "complete" else ()
        except (OSError, ValueError) as error:  # paths may be anything
            sys.stderr.write(f"no precedents: {error}\n")
            return ()

    def _index(self, place: Place) -> PrecedentIndex:
        """Of the files like the document's."""
        key = (base_language(place.language), Path(place.path).suffix)
        index = self._precedents.get(key)
        if index is None:
            index = self._precedents[key] = PrecedentIndex(Path(self._root), *key)
        if index.is_stale:
            self._reader.submit(index.refresh, Path(place.path))
        return index

    async def _ask(self, request: Request) -> Any:
        language = base_language(request.place.language)
        keeper = self._keepers.get(language)
        if keeper is not None:
            return await keeper.answer(request)
        if language != "python":
            raise AnalysisFailed(f"no analyser for {language}")
        deadline = time.monotonic() + request.patience_ms / 1000
        return await asyncio.get_running_loop().run_in_executor(self._jedi_thread, self._ask_jedi, request, deadline)

    def _ask_jedi(self, request: Request, deadline: float) -> Any:
        if time.monotonic() > deadline:
            raise AnalysisFailed("waited too long for its turn")
        if self._jedi is None:
            self._report("jedi", "starting", "")
            try:
                self._jedi = jedi_or_reason(self._root, self._python, self._cache)
            except AnalysisFailed as failed:
                self._report("jedi", "failed", str(failed))
                raise
            self._report("jedi", "ready", "")
        return getattr(self._jedi, request.question)(request.place)

    def _report(self, analyser: str, state: str, message: str) -> None:
        self._write({"status": {"analyser": analyser, "state": state, "message": message}})

    def _write(self, message: dict[str, Any]) -> None:
        data = encode(message)
        with self._write_lock:
            while data:
                data = data[os.write(self._output, data) :]


def _read_lines(loop: asyncio.AbstractEventLoop, lines: "asyncio.Queue[bytes]") -> None:
    """Hand every line to the loop; an empty one means that the parent is gone."""
    with os.fdopen(0, "rb", closefd=False) as stream:
        for line in stream:
            loop.call_soon_threadsafe(lines.put_nowait, line)
    loop.call_soon_threadsafe(lines.put_nowait, b"")
