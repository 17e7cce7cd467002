"""Running a job behind walls, and finding out once which walls this machine can build."""

import json
import os
import selectors
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any, Literal

from lsp_server.sandbox.inside.walls import JOB
from lsp_server.sandbox.job import DEFAULT_LIMITS, Job, StepResult
from models import Cancellation
from models.decoding.cancellation import NEVER

Walls = Literal["namespaces", "bubblewrap"]

_ROOT = str(Path(__file__).resolve().parent.parent.parent)
_START = "import sys; sys.path.append(sys.argv[1]); from lsp_server.sandbox.inside.start import main; main(sys.argv[2])"
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_SYSTEM_SETTINGS = ("etc/alternatives", "etc/ld.so.*", "etc/java-*", "etc/php", "etc/mono", "etc/dotnet")
_POLL_S = 0.05
_GRACE_S = 15.0
"""Beyond the limits of all steps together, for building walls on a busy machine."""


class SandboxUnavailable(Exception):  # noqa: N818 - it is a fact about the machine, not a fault of the caller
    """No walls can be built here, or they did not stand until the end of the job. The text says why, in plain prose."""


@dataclass(frozen=True)
class Sandbox:
    """A way to run jobs that was seen to work on this machine; `find_sandbox` makes one."""

    walls: Walls

    def run(self, job: Job, cancellation: Cancellation = NEVER) -> list[StepResult]:
        """The results of the steps up to the first that failed. Blocks; safe to call from several threads.

        A cancelled job is killed at once and its last result says so. Raises `SandboxUnavailable` where the walls
        could not be built after all, or the keeper ended before its job did.
        """
        spec = {
            "files": dict(job.files),
            "steps": [asdict(step) for step in job.steps],
            "environment": _environment(job.environment),
            "visible": [*_shown_of_system(), *job.visible],
            "disk_bytes": max((step.limits.disk_mb for step in job.steps), default=DEFAULT_LIMITS.disk_mb) << 20,
        }
        patience_s = sum(step.limits.wall_s for step in job.steps) + _GRACE_S
        return _collect(self._command(spec), spec, patience_s, cancellation)

    def _command(self, spec: Mapping[str, Any]) -> list[str]:
        python = [os.path.realpath(sys.executable), "-I", "-S", "-c", _START, _ROOT]
        return [*python, "own"] if self.walls == "namespaces" else [*_bubblewrap(spec), *python, "keep"]


@lru_cache(maxsize=1)
def find_sandbox() -> Sandbox:
    """The sandbox of this machine, tried once. Raises `SandboxUnavailable`.

    Bubblewrap comes first where it works, because distributions that forbid user namespaces to others allow them to
    it. The real root builds walls himself: he can run a job as a user of its own, which bubblewrap does not.
    """
    if sys.platform != "linux":
        raise SandboxUnavailable(f"there is no sandbox on {sys.platform} yet")
    tried: list[str] = []
    ways: tuple[Walls, ...] = ("namespaces",) if os.geteuid() == 0 else ("bubblewrap", "namespaces")
    for walls in ways:
        try:
            Sandbox(walls).run(Job({}, ()))
        except SandboxUnavailable as error:
            tried.append(f"{walls}: {error}")
        else:
            return Sandbox(walls)
    raise SandboxUnavailable("no sandbox can be made on this machine (" + "; ".join(tried) + ")")


def _collect(
    command: list[str], spec: Mapping[str, Any], patience_s: float, cancellation: Cancellation
) -> list[StepResult]:
    """Start the keeper, hand it the job, and read its results until it is gone."""
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
            start_new_session=True,
        )
    except OSError as error:
        raise SandboxUnavailable(f"{command[0]} cannot be started: {error.strerror}") from error
    stopped = ""
    with process, selectors.DefaultSelector() as selector:
        assert process.stdin is not None and process.stdout is not None and process.stderr is not None
        try:
            process.stdin.write(json.dumps(spec).encode())
            process.stdin.close()
        except BrokenPipeError:  # it ended before it had read everything; its words say why
            pass
        texts = {process.stdout.fileno(): bytearray(), process.stderr.fileno(): bytearray()}
        for descriptor in texts:
            selector.register(descriptor, selectors.EVENT_READ)
        deadline = monotonic() + patience_s
        while selector.get_map():
            if not stopped and (cancellation.cancelled or monotonic() > deadline):
                stopped = "cancelled" if cancellation.cancelled else "time"
                process.kill()  # the kernel ends the keeper with it, and everything inside with the keeper
            for key, _ in selector.select(_POLL_S):
                chunk = os.read(key.fd, 1 << 16)
                texts[key.fd].extend(chunk)
                if not chunk:
                    selector.unregister(key.fd)
        out, err = (bytes(text) for text in texts.values())
    return _results(out, err, stopped, len(spec["steps"]))


def _results(out: bytes, err: bytes, stopped: str, steps: int) -> list[StepResult]:
    results: list[StepResult] = []
    for line in out.splitlines():
        try:
            record = json.loads(line)
        except ValueError:  # cut off by a kill
            continue
        if "error" in record:
            raise SandboxUnavailable(record["error"])
        results.append(StepResult(**record))
    if stopped:
        results.append(StepResult(-9, "", "", "cancelled" if stopped == "cancelled" else "time", f"{stopped}"))
    elif err.strip() and not results:
        raise SandboxUnavailable(err.decode("utf-8", "replace").strip().splitlines()[-1])
    elif len(results) < steps and all(result.ok for result in results):
        # Nothing failed and yet there is no more: it was killed, perhaps for want of memory.
        raise SandboxUnavailable("the keeper ended early")
    return results


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": JOB,
        "TMPDIR": f"{JOB}/.tmp",
        "LANG": "C.UTF-8",
        **given,
    }


def _shown_of_system() -> list[str]:
    settings = [str(path) for pattern in _SYSTEM_SETTINGS for path in sorted(Path("/").glob(pattern))]
    return [path for path in (*_SYSTEM, *settings) if os.path.lexists(path)]


def _bubblewrap(spec: Mapping[str, Any]) -> list[str]:
    """The same walls as `inside.walls` builds, in bubblewrap's words."""
    program = shutil.which("bwrap")
    if program is None:
        raise SandboxUnavailable("bwrap is not installed")
    if os.geteuid() == 0:  # inside he would still be the user to whom the kernel's own files belong
        raise SandboxUnavailable("bubblewrap does not hold the real root")
    # The keeper runs inside, so its Python and this package have to be there as well.
    shown = dict.fromkeys([*spec["visible"], *_own_folders()])
    command = [program, "--unshare-all", "--unshare-user", "--disable-userns", "--die-with-parent", "--new-session"]
    command += ["--as-pid-1", "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--clearenv"]
    for path in shown:
        there = Path(path)
        command += ["--symlink", str(there.readlink()), path] if there.is_symlink() else ["--ro-bind", path, path]
    command += [
        "--proc",
        "/proc",
        "--dev",
        "/dev",
        "--size",
        str(1 << 20),
        "--tmpfs",
        "/dev/shm",
        "--remount-ro",
        "/dev",
    ]
    command += ["--size", str(spec["disk_bytes"]), "--tmpfs", JOB]
    if not any(path.startswith("/tmp/") for path in shown):
        command += ["--symlink", f"{JOB}/.tmp", "/tmp"]
    return [*command, "--remount-ro", "/", "--chdir", JOB, "--"]


def _own_folders() -> list[str]:
    """What the keeper needs of this installation: the interpreter, and the package of this module."""
    found = [str(Path(sys.base_prefix).resolve()), str(Path(_ROOT) / "lsp_server")]
    return [path for path in found if not f"{path}/".startswith("/usr/")]
