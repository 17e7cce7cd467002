"""The first process inside: writes the job's files, runs its steps, watches what they use, and leaves no survivor.

Nothing in here can signal it or look into it, and when it ends the kernel ends everything else in its namespace.
"""

import json
import os
import resource
import selectors
import signal
from collections.abc import Callable
from contextlib import suppress
from time import monotonic, sleep
from typing import Any

from lsp_server.sandbox.inside import kernel
from lsp_server.sandbox.inside.walls import JOB

_TICK_S = 0.02
_CHUNK = 1 << 16
_LAST_BYTES = 1 << 16
"""Of the job's folder: with less left it is full."""
_MOST_FILES = 20_000
_SCARCE_KB = 200_000
"""Of the machine's memory: a step that leaves less than this to all others is stopped, whatever its limit."""
_COUNTED_PER_NAMESPACE = (5, 14)
"""From this version of Linux on, processes are counted per user namespace, not per user."""


def keep(job: dict[str, Any], surrender: Callable[[], None], owner: int) -> None:
    """Run the steps until one fails; one JSON object a step on stdout."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # a first process cannot be interrupted from inside by default actions
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    _write_files(job["files"], owner)
    for step in job["steps"]:
        result = _Run(step, job["environment"], surrender).finish()
        os.write(1, json.dumps(result).encode() + b"\n")
        if result["exit_code"] != 0 or result["stopped_by"]:
            return


def _write_files(files: dict[str, str], owner: int) -> None:
    made = [f"{JOB}/.tmp"]
    os.mkdir(made[0])
    for name, text in files.items():
        path = f"{JOB}/{name}"
        folder = os.path.dirname(path)
        while not os.path.isdir(folder):
            made.append(folder)
            folder = os.path.dirname(folder)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", errors="replace", newline="") as file:
            file.write(text)
        made.append(path)
    if os.geteuid() == 0:
        for path in made:
            os.chown(path, owner, owner)


class _Run:
    """One step from its fork to the death of its last descendant."""

    def __init__(self, step: dict[str, Any], environment: dict[str, str], surrender: Callable[[], None]) -> None:
        self._limits: dict[str, Any] = step["limits"]
        self._start = monotonic()
        self._memory_before = machine_memory()
        self._status: int | None = None
        self._cpu_s = 0.0
        self._stopped_by = ""
        self._detail = ""
        self._texts: tuple[bytearray, bytearray] = (bytearray(), bytearray())
        self._selector = selectors.DefaultSelector()
        stdin = os.memfd_create("stdin", 0)
        os.write(stdin, step["stdin"].encode("utf-8", "replace"))
        os.lseek(stdin, 0, os.SEEK_SET)
        outputs = (os.pipe(), os.pipe())
        self._pid = os.fork()
        if self._pid == 0:
            self._become(step["command"], environment, surrender, (stdin, outputs[0][1], outputs[1][1]))
        os.close(stdin)
        for (reader, writer), text in zip(outputs, self._texts, strict=True):
            os.close(writer)
            os.set_blocking(reader, False)
            self._selector.register(reader, selectors.EVENT_READ, text)

    def finish(self) -> dict[str, Any]:
        """Wait until the step ends or a limit ends it, kill what is left, and say what happened."""
        while self._status is None and not self._stopped_by:
            self._read(_TICK_S)
            self._reap()
            self._look()
        self._kill_all()
        self._read(0)
        for key in list(self._selector.get_map().values()):
            os.close(key.fd)
        self._selector.close()
        code = os.waitstatus_to_exitcode(self._status) if self._status is not None else -signal.SIGKILL
        if code == -signal.SIGXCPU or (code == -signal.SIGKILL and self._cpu_s >= self._limits["cpu_s"]):
            self._stop("time", f"it used {self._limits['cpu_s']} s of processor time")
        if code == -signal.SIGXFSZ:
            self._stop("disk", f"a file of more than {self._limits['disk_mb']} MB")
        stdout, stderr = (text.decode("utf-8", "replace") for text in self._texts)
        return {
            "exit_code": code,
            "stdout": stdout,
            "stderr": stderr,
            "stopped_by": self._stopped_by,
            "detail": self._detail,
            "milliseconds": round((monotonic() - self._start) * 1000, 1),
        }

    def _become(
        self, command: list[str], environment: dict[str, str], surrender: Callable[[], None], files: tuple[int, ...]
    ) -> None:
        """In the child: turn into the command. Never returns."""
        try:
            os.setsid()
            for number, file in enumerate(files):
                os.dup2(file, number)
            os.closerange(3, 1 << 16)
            os.chdir(JOB)
            surrender()
            self._limit_resources()
            signal.signal(signal.SIGPIPE, signal.SIG_DFL)
            os.execve(command[0], command, environment)
        except BaseException as error:  # noqa: BLE001 - whatever it is, this process must not go on as a second keeper
            os.write(2, f"{command[0]}: {error}\n".encode())
        finally:
            os._exit(127)

    def _limit_resources(self) -> None:
        limits = self._limits
        memory = limits["memory_mb"] << 20
        release = tuple(int(part) for part in os.uname().release.split(".")[:2])
        # With room for the keeper, so that the count that `_look` makes says why there are no more.
        processes = limits["processes"] + (8 if release >= _COUNTED_PER_NAMESPACE else 4096)
        for what, soft, hard in (
            (resource.RLIMIT_CPU, limits["cpu_s"], limits["cpu_s"] + 1),
            # Private memory that can be written to: virtual machines reserve far more address space than they use.
            (resource.RLIMIT_DATA, memory, memory),
            (resource.RLIMIT_FSIZE, limits["disk_mb"] << 20, limits["disk_mb"] << 20),
            (resource.RLIMIT_NPROC, processes, processes),
            (resource.RLIMIT_NOFILE, 1024, 1024),
            (resource.RLIMIT_CORE, 0, 0),
            (resource.RLIMIT_MEMLOCK, 1 << 16, 1 << 16),
        ):
            resource.setrlimit(what, (soft, hard))

    def _stop(self, limit: str, detail: str) -> None:
        if not self._stopped_by:
            self._stopped_by, self._detail = limit, detail

    def _read(self, wait_s: float) -> None:
        """Take what was written; empty pipes end a wait early only if the step ends with them."""
        if not self._selector.get_map():
            sleep(wait_s)
            return
        for key, _ in self._selector.select(wait_s):
            while True:
                try:
                    chunk = os.read(key.fd, _CHUNK)
                except BlockingIOError:
                    break
                if not chunk:
                    self._selector.unregister(key.fd)
                    os.close(key.fd)
                    break
                room = (self._limits["output_kb"] << 10) - sum(map(len, self._texts))
                key.data.extend(chunk[:room])
                if len(chunk) > room:
                    self._stop("output", f"it wrote more than {self._limits['output_kb']} kB")
                    return

    def _reap(self) -> None:
        """Take the ends of processes; orphans are this process's too."""
        while True:
            try:
                pid, status, used = os.wait4(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self._note(pid, status, used)

    def _note(self, pid: int, status: int, used: resource.struct_rusage) -> None:
        if pid == self._pid:
            self._status = status
            self._cpu_s = used.ru_utime + used.ru_stime

    def _look(self) -> None:
        """Compare what all processes use together with the limits."""
        limits = self._limits
        if monotonic() - self._start > limits["wall_s"]:
            self._stop("time", f"it ran for more than {limits['wall_s']:g} s")
        threads, memory_kb = usage()
        if threads >= limits["processes"]:
            self._stop("processes", f"it started {limits['processes']} processes or threads")
        if memory_kb > limits["memory_mb"] << 10:
            self._stop("memory", f"it used more than {limits['memory_mb']} MB")
        available, shared = machine_memory()
        if available < _SCARCE_KB < self._memory_before[0]:
            self._stop("memory", "it left the machine without memory")
        # Files without a name (memfd) belong to no process. Others on the machine may make some too, hence the room.
        if shared - self._memory_before[1] > (limits["memory_mb"] + 2 * limits["disk_mb"]) << 10:
            self._stop("memory", f"it used more than {limits['memory_mb']} MB in files without a name")
        disk = os.statvfs(JOB)
        if disk.f_bavail * disk.f_frsize < _LAST_BYTES:
            self._stop("disk", f"it filled its {limits['disk_mb']} MB of files")
        if disk.f_files - disk.f_ffree > _MOST_FILES:
            self._stop("disk", f"it made more than {_MOST_FILES} files")

    def _kill_all(self) -> None:
        """Every process but this one, however fast they multiply."""
        while True:
            with suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
            try:
                pid, status, used = os.wait4(-1, 0)
            except ChildProcessError:
                return
            self._note(pid, status, used)


def usage() -> tuple[int, int]:
    """Threads, and kilobytes of memory that belong to no file on a disk, of all processes but the first."""
    threads = memory_kb = 0
    for name in os.listdir("/proc"):
        if not name.isdigit() or name == "1":
            continue
        try:
            with open(f"/proc/{name}/status", "rb") as file:
                lines = file.read().split(b"\n")
        except OSError:  # it has ended
            continue
        for line in lines:
            if line.startswith((b"RssAnon:", b"RssShmem:")):
                memory_kb += int(line.split()[1])
            elif line.startswith(b"Threads:"):
                threads += int(line.split()[1])
    return threads, memory_kb


def machine_memory() -> tuple[int, int]:
    """Kilobytes of the whole machine: to be had without swapping, and in files that exist in memory only."""
    found = {b"MemAvailable": 0, b"Shmem": 0}
    with open("/proc/meminfo", "rb") as file:
        for line in file:
            name, _, value = line.partition(b":")
            if name in found:
                found[name] = int(value.split()[0])
    return found[b"MemAvailable"], found[b"Shmem"]
