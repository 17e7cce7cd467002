"""Resolve the dependencies of pyproject.toml into locks/, one file per way of installing.

    python scripts/lock.py [--upgrade]

What is locked keeps its version as long as pyproject.toml admits it; `--upgrade` takes the newest of everything.

`run` is what serving on a CPU needs, `dev` adds the tests' tools, `torch` adds the reference back end. All three agree
on every shared version. Hashes are written for `run` and `dev`. Torch has many builds of one version (CPU, several
CUDA), each with its own dependencies: its lock names the version, without hashes and without the CUDA packages, which
the chosen build brings along.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "locks"
TORCH_VERSION = "2.13.0"
BROUGHT_BY_TORCH = re.compile(r"(nvidia|cuda|triton)\b")
EXTRAS: dict[str, tuple[str, ...]] = {
    "run": ("cpu",),
    "dev": ("cpu", "dev", "collector", "otel", "parquet", "postgres", "train"),
    "torch": ("cpu", "dev", "collector", "otel", "parquet", "postgres", "ray", "torch", "train"),
}


def compile_lock(name: str, extras: tuple[str, ...], constraint: Path | None, *options: str) -> None:
    """Write locks/NAME.txt, keeping the versions in `constraint` where both name a package."""
    command = [
        *(sys.executable, "-m", "uv", "pip", "compile", str(ROOT / "pyproject.toml")),
        *("--universal", "--python-version", "3.11", *options),
        *("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links"),
        *("--output-file", str(LOCKS / f"{name}.txt")),
        *(argument for extra in extras for argument in ("--extra", extra)),
        *(() if name == "torch" else ("--generate-hashes",)),
        *(("--constraint", str(constraint)) if constraint else ()),
    ]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def without_hashes(lock: str) -> str:
    """The pins of a hashed lock, one a line."""
    lines = (line.rstrip(" \\") for line in lock.splitlines() if not line.lstrip().startswith("--hash"))
    return "".join(f"{line}\n" for line in lines)


def main() -> None:
    """Lock the largest hashed set first, so that the smaller and the larger follow it."""
    LOCKS.mkdir(exist_ok=True)
    dev = LOCKS / "dev.txt"
    compile_lock("dev", EXTRAS["dev"], None, *sys.argv[1:])
    compile_lock("run", EXTRAS["run"], dev)
    torch = LOCKS / "torch.txt"
    pins = LOCKS / "torch-pins.txt"
    try:
        pins.write_text(without_hashes(dev.read_text()) + f"torch=={TORCH_VERSION}\n")
        compile_lock("torch", EXTRAS["torch"], pins)
    finally:
        pins.unlink()
    kept = [line for line in torch.read_text().splitlines(keepends=True) if not BROUGHT_BY_TORCH.match(line)]
    torch.write_text("".join(kept))


if __name__ == "__main__":
    main()
