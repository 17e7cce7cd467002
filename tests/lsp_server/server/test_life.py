"""How a server begins and ends, and that it never outlives its editor."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest
from wire import INLINE, SCRIPTED, Wire, connected

from lsp_server.server import lifetime

pytestmark = pytest.mark.slow  # each starts processes of its own

URI = "untitled:Untitled-1"


async def works(wire: Wire) -> None:
    wire.open(URI, "x = 1\necho word")
    assert await wire.texts(URI, 1, 9) == ["(word)", "(word1)", "(word2)"]


async def test_the_order_of_life(fresh: Wire) -> None:
    assert (await fresh.answer(fresh.ask("textDocument/inlineCompletion", {})))["error"]["code"] == -32002
    fresh.open(URI, "too early")
    await fresh.initialize()
    await fresh.ready()
    assert (await fresh.answer(fresh.ask("initialize", {"capabilities": {}})))["error"]["code"] == -32600
    await works(fresh)
    await fresh.request("shutdown")
    assert (await fresh.answer(fresh.ask("shutdown")))["error"]["code"] == -32600
    fresh.notify("exit")
    assert await fresh.process.wait() == 0


async def test_exit_without_shutdown_is_a_failure(fresh: Wire) -> None:
    await fresh.initialize()
    fresh.notify("exit")
    assert await fresh.process.wait() == 1


async def test_it_ends_with_its_input(fresh: Wire) -> None:
    await fresh.initialize()
    assert fresh.process.stdin is not None
    fresh.process.stdin.close()
    assert await asyncio.wait_for(fresh.process.wait(), 60) == 1


async def test_it_ends_when_nobody_reads_its_output(fresh: Wire) -> None:
    """As after the editor was killed while another process still holds the server's input open."""
    await fresh.initialize()
    await fresh.ready()
    transport = fresh.process._transport.get_pipe_transport(1)  # type: ignore[attr-defined] - asyncio hides the pipe
    transport.close()
    fresh.open(URI, "echo word")
    fresh.ask_inline(URI, 0, 9)
    assert await asyncio.wait_for(fresh.process.wait(), 60) == 1


@pytest.mark.skipif(os.name == "nt", reason="there the end of the input has to do")
async def test_it_ends_with_the_process_it_was_told_of(server_environment: dict[str, str]) -> None:
    editor = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    command = f"""
import runpy
from lsp_server.server import lifetime
lifetime.INTERVAL_S = 0.1
runpy.run_path({str(SCRIPTED)!r}, run_name="__main__")
"""
    async with connected(sys.executable, "-c", command, env=server_environment) as wire:
        await wire.initialize(processId=editor.pid)
        editor.kill()
        editor.wait()
        assert await asyncio.wait_for(wire.process.wait(), 60) == 1


def test_which_processes_are_alive() -> None:
    assert lifetime.is_alive(os.getpid()) or os.name == "nt"
    assert not lifetime.is_alive(0)
    assert not lifetime.is_alive(2**40)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert not lifetime.is_alive(gone.pid)


async def test_an_editor_elsewhere_is_not_waited_for(fresh: Wire) -> None:
    """A process id from another container means nothing here."""
    await fresh.initialize(processId=2**22 + 12345)
    await fresh.ready()
    await works(fresh)


async def test_stdout_belongs_to_the_protocol(server_environment: dict[str, str]) -> None:
    """Prints of ours, of a library's C code, and of child processes go elsewhere; a child finds its input empty."""
    command = f"""
import os, subprocess, sys, runpy
sys.path.insert(0, {str(SCRIPTED.parent)!r})
import scripted_server
class Noisy(scripted_server.ScriptedGenerator):
    def generate(self, *arguments, **options):
        print("a stray print", flush=True)
        os.write(1, b"from C")
        subprocess.run([sys.executable, "-c", "import sys; print(sys.stdin.read())"], check=True)
        return super().generate(*arguments, **options)
from lsp_server.server import create_server
from lsp_server.server.transport import serve_stdio
sys.exit(serve_stdio(lambda: create_server(lambda *_: Noisy())))
"""
    async with connected(sys.executable, "-c", command, env=server_environment) as wire:
        await wire.initialize()
        await wire.ready()
        await works(wire)
        assert await wire.leave() == 0


async def test_a_client_that_does_not_read_does_not_stop_the_server(fresh: Wire) -> None:
    """All is written before anything is read: the pipes to both sides are full then."""
    await fresh.initialize()
    await fresh.ready()
    fresh.open(URI, "x = 1\necho word")
    asked = [fresh.ask("no/such/" + "x" * 1000) for _ in range(2000)]
    assert fresh.process.stdin is not None
    await fresh.process.stdin.drain()
    for msg_id in asked[-1:]:
        assert (await fresh.answer(msg_id))["error"]["code"] == -32601
    await works(fresh)


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
async def test_a_killed_server_leaves_nothing_behind(fresh: Wire) -> None:
    await fresh.initialize(INLINE)
    fresh.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(fresh.process.wait(), 60) != 0
