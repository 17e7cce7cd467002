"""What a sandbox is for: programs that mean harm, or do it without meaning to, each stopped by what it runs into."""

import os
import socket
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Timer
from time import monotonic, sleep

import psutil
import pytest

from lsp_server.sandbox.job import Job, Limits, Step, StepResult
from lsp_server.sandbox.sandbox import Sandbox
from models import Cancellation

PYTHON = os.path.realpath(sys.executable)
TOOLS = (str(Path(sys.base_prefix).resolve()),)
SMALL = Limits(wall_s=20, cpu_s=5, memory_mb=256, processes=40, output_kb=64, disk_mb=32)


def run(sandbox: Sandbox, program: str, limits: Limits = SMALL) -> StepResult:
    step = Step((PYTHON, "-I", "-S", "-c", program), limits)
    (result,) = sandbox.run(Job({}, (step,), TOOLS))
    return result


def survivors(mark: str) -> list[psutil.Process]:
    """Processes whose command line has the mark in it, after a moment in which they may end."""
    found: list[psutil.Process] = []
    for _ in range(100):
        found = [p for p in psutil.process_iter(["cmdline"]) if any(mark in part for part in p.info["cmdline"] or ())]
        if not found:
            break
        sleep(0.05)
    return found


@pytest.mark.parametrize(
    "program",
    [
        "import os\nwhile True: os.fork()",
        "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
        "import threading, time\nwhile True:\n    try: threading.Thread(target=time.sleep, args=(60,)).start()\n"
        "    except RuntimeError: pass",
    ],
    ids=["fork", "stubborn fork", "threads"],
)
def test_forking_without_end(sandbox: Sandbox, program: str) -> None:
    # Each thread's stack counts as memory, so there has to be enough for the other limit to come first.
    result = run(sandbox, program + "  # forks-without-end", replace(SMALL, memory_mb=1024))
    assert not result.ok
    assert result.stopped_by == "processes" or "temporarily unavailable" in result.stderr
    assert survivors("forks-without-end") == []


def test_filling_memory(sandbox: Sandbox) -> None:
    result = run(sandbox, "kept = []\nwhile True: kept.append(bytearray(1 << 20))")
    assert not result.ok
    assert result.stopped_by == "memory" or "MemoryError" in result.stderr


@pytest.mark.parametrize(
    "program",
    [
        "import mmap\nkept = []\nwhile True:\n    kept.append(mmap.mmap(-1, 1 << 20)); kept[-1].write(bytes(1 << 20))",
        "import os\nkept = []\n"
        "while True:\n    try: os.fork()\n    except OSError: pass\n    kept.append(b'x' * (10 << 20))",
    ],
    ids=["shared", "by many"],
)
def test_filling_memory_around_the_limit_of_a_process(sandbox: Sandbox, program: str) -> None:
    assert run(sandbox, program).stopped_by in ("memory", "processes")


@pytest.mark.parametrize("where", ["/job/f", "/tmp/f", "/dev/shm/f"])
def test_filling_the_disk(sandbox: Sandbox, where: str) -> None:
    program = f"i = 0\nwhile True:\n    i += 1\n    open(f'{where}{{i}}', 'wb').write(bytes(1 << 20))"
    result = run(sandbox, program)
    assert not result.ok
    assert result.stopped_by == "disk" or "No space left" in result.stderr


def test_one_large_file(sandbox: Sandbox) -> None:
    result = run(sandbox, "import os\nos.truncate(os.open('f', os.O_CREAT | os.O_WRONLY), 1 << 40)")
    assert not result.ok
    assert result.stopped_by == "disk" or "too large" in result.stderr


@pytest.mark.slow
def test_many_empty_files(sandbox: Sandbox) -> None:
    program = "i = 0\nwhile True:\n    i += 1\n    open(f'f{i}', 'w').close()"
    assert run(sandbox, program).stopped_by == "disk"


def test_reading_the_home_folder(sandbox: Sandbox, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    for path in (secret, Path(__file__), Path("/etc/shadow"), Path("/var/log"), Path("/run")):
        result = run(sandbox, f"import os\nprint(os.stat({str(path)!r}))")
        assert "No such file" in result.stderr, path
    result = run(sandbox, f"import os\nprint(*os.listdir({str(Path.home())!r}))")
    # At most there is the way to the interpreter that runs the program.
    assert "No such file" in result.stderr or result.stdout.strip() in Path(TOOLS[0]).parts


def test_the_environment_is_not_handed_on(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEY", "do-not-tell")
    result = run(sandbox, "import os\nprint(os.environ, *map(lambda n: open(f'/proc/{n}/environ').read(), ['self']))")
    assert result.ok
    assert "do-not-tell" not in result.stdout


def test_sockets_reach_nothing(sandbox: Sandbox) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        result = run(sandbox, f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 3)")
    assert "unreachable" in result.stderr or "refused" in result.stderr
    result = run(sandbox, "import socket\nsocket.create_connection(('192.0.2.1', 80), 3)")
    assert "unreachable" in result.stderr


@pytest.mark.parametrize("path", ["/usr/bin/x", "/x", "/etc/x", "/dev/x", "/proc/sys/kernel/hostname", "/usr/lib/x"])
def test_writing_outside(sandbox: Sandbox, path: str) -> None:
    result = run(sandbox, f"open({path!r}, 'w').write('x')")
    assert "Read-only file system" in result.stderr or "ermission denied" in result.stderr
    assert path.startswith("/proc") or not Path(path).exists()


def test_ignoring_every_signal(sandbox: Sandbox) -> None:
    program = (
        "import signal, time  # ignores-signals\n"
        "for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(number, signal.SIG_IGN)\n"
        "while True: time.sleep(1)"
    )
    start = monotonic()
    result = run(sandbox, program, replace(SMALL, wall_s=0.5))
    assert result.stopped_by == "time"
    assert monotonic() - start < 15
    assert survivors("ignores-signals") == []


@pytest.mark.slow
def test_working_without_end(sandbox: Sandbox) -> None:
    result = run(sandbox, "while True: pass", replace(SMALL, cpu_s=1))
    assert result.stopped_by == "time"


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_printing_without_end(sandbox: Sandbox, stream: str) -> None:
    result = run(sandbox, f"import sys\nwhile True: sys.{stream}.write('x' * 999)")
    assert result.stopped_by == "output"
    assert len(result.stdout) + len(result.stderr) <= SMALL.output_kb * 1024


def test_a_child_that_stays_behind(sandbox: Sandbox) -> None:
    program = "import os, time  # stays-behind\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(600)\nprint('gone')"
    start = monotonic()
    result = run(sandbox, program)
    assert (result.ok, result.stdout) == (True, "gone\n")
    assert monotonic() - start < 15
    assert survivors("stays-behind") == []


def test_killing_the_keeper(sandbox: Sandbox) -> None:
    program = (
        "import os\n"
        "for number in range(1, 65):\n"
        "    try: os.kill(1, number)\n    except OSError: pass\n"
        "try: os.kill(os.getppid(), 9)\nexcept OSError: pass\n"
        "print('still here')"
    )
    result = run(sandbox, program)
    assert result.stdout == "still here\n"


def test_no_way_to_more_rights(sandbox: Sandbox) -> None:
    program = (
        "import ctypes, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "print(libc.unshare(0x10000000), libc.mount(b'none', b'/job', b'tmpfs', 0, None), os.getuid())\n"
        "print([l.split()[1] for l in open('/proc/self/status') if l.startswith(('CapEff', 'CapPrm', 'CapBnd'))])\n"
        "print([l.split()[1] for l in open('/proc/self/status') if l.startswith('NoNewPrivs')])"
    )
    result = run(sandbox, program)
    assert result.stdout == f"-1 -1 1000\n{['0' * 16] * 3}\n['1']\n"


def test_cancelling_leaves_nothing(sandbox: Sandbox) -> None:
    cancellation = Cancellation()
    timer = Timer(0.5, cancellation.cancel)
    timer.start()
    step = Step((PYTHON, "-I", "-S", "-c", "import time  # cancelled-midway\ntime.sleep(600)"), SMALL)
    start = monotonic()
    results = sandbox.run(Job({}, (step,), TOOLS), cancellation)
    assert results[-1].stopped_by == "cancelled"
    assert monotonic() - start < 15
    assert survivors("cancelled-midway") == []
