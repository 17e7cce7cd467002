"""Namespaces and a root of its own: what a job sees of the machine. Bubblewrap does the same where it is used.

The new root is a small folder in memory with the system's programs and libraries and the job's toolchains in it,
read-only; `/proc` of the new process namespace; five devices; and the job's folder, the only place that can be written
to, in memory with a size. Everything else, the user's home above all, is not there.
"""

import os
from collections.abc import Sequence

from lsp_server.sandbox.inside import kernel

JOB = "/job"
"""The job's folder, its home, and the current folder of its steps."""
INSIDE_USER = 1000
"""Who a job believes to be."""

_NAMESPACES = kernel.CLONE_NEWNS | kernel.CLONE_NEWPID | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS
_DEVICES = ("null", "zero", "full", "random", "urandom")
_BASE, _OLD, _NEW = "/tmp", "/old", "/new"
_ACCOUNTS = "root:x:0:0::/:/bin/false\njob:x:1000:1000::/job:/bin/false\n"


def leave_namespaces() -> None:
    """Into new namespaces; the next child is the first process of the new process namespace.

    A user namespace is among them unless this is the real root, who needs none and who gives up his rights later.
    """
    if os.geteuid() != 0:
        kernel.enter_user_namespace(INSIDE_USER)
    kernel.unshare(_NAMESPACES)


def build_root(visible: Sequence[str], disk_bytes: int, owner: int) -> None:
    """Make the new root and step into it. `visible` are folders, files or links, shown at the same path, read-only.

    The job's folder takes at most `disk_bytes` and belongs to `owner`.
    """
    # Nothing that happens to mounts in here may be seen outside.
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    # The old root goes out of the way first, so that what lies in the folder that is mounted over can still be shown.
    kernel.mount("tmpfs", _BASE, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=64k")
    os.mkdir(_BASE + _OLD)
    os.mkdir(_BASE + _NEW)
    kernel.pivot_root(_BASE, _BASE + _OLD)
    os.chdir("/")
    kernel.mount("tmpfs", _NEW, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")
    for path in visible:
        _show(path)
    _make_devices()
    _make_etc()
    os.makedirs(_NEW + "/proc", exist_ok=True)
    kernel.mount("proc", _NEW + "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    _make_job_folder(disk_bytes, owner)
    kernel.unmount(_OLD)
    os.chdir(_NEW)
    kernel.pivot_root(".", ".")
    kernel.unmount(".")
    os.chdir("/")
    if os.geteuid() != 0:  # the real root has not left the namespace of all others, whose limit this would be
        _forbid_namespaces()
    kernel.protect("/", recursive=False)


def _show(path: str) -> None:
    source, target = _OLD + path, _NEW + path
    parent = os.path.dirname(target)
    if os.path.islink(source):
        os.makedirs(parent, exist_ok=True)
        os.symlink(os.readlink(source), target)
        return
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif os.path.exists(source):
        os.makedirs(parent, exist_ok=True)
        _touch(target)
    else:
        return
    kernel.mount(source, target, flags=kernel.MS_BIND | kernel.MS_REC)
    kernel.protect(target)


def _make_devices() -> None:
    os.makedirs(_NEW + "/dev", exist_ok=True)
    for name in _DEVICES:
        _touch(f"{_NEW}/dev/{name}")
        kernel.mount(f"{_OLD}/dev/{name}", f"{_NEW}/dev/{name}", flags=kernel.MS_BIND)
    for name, target in (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2")):
        os.symlink(target, f"{_NEW}/dev/{name}")
    os.symlink(f"{JOB}/.tmp", f"{_NEW}/dev/shm")


def _make_etc() -> None:
    os.makedirs(_NEW + "/etc", exist_ok=True)
    _touch(_NEW + "/etc/passwd")
    kernel.write(_NEW + "/etc/passwd", _ACCOUNTS)


def _make_job_folder(disk_bytes: int, owner: int) -> None:
    os.mkdir(_NEW + JOB)
    options = f"mode=700,uid={owner},gid={owner},size={disk_bytes},nr_inodes=30000"
    kernel.mount("tmpfs", _NEW + JOB, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)
    if not os.path.lexists(_NEW + "/tmp"):  # unless something that is shown lies there
        os.symlink(f"{JOB}/.tmp", _NEW + "/tmp")


def _forbid_namespaces() -> None:
    """No user namespace within this one: they are the way to most of the kernel's doors."""
    kernel.write("/proc/sys/user/max_user_namespaces", "0")


def _touch(path: str) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))


def surrender(user: int) -> None:
    """Between fork and exec of every step: give up whatever rights there are, for good. `user` is for the real root."""
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    if os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)  # or the files under /proc/self stay root's
        try:
            kernel.enter_user_namespace(INSIDE_USER)
            _forbid_namespaces()
        except OSError:  # a kernel without user namespaces has no such doors either
            return
    kernel.drop_capabilities()
