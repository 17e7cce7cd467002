"""Files that are never recorded: what git ignores, and what `telemetry.exclude` names."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec

MAX_FOLDERS_UP = 40


@dataclass(frozen=True)
class _Rules:
    stamp: float
    spec: GitIgnoreSpec


class Exclusion:
    """Answers from memory as long as the `.gitignore` files do not change."""

    def __init__(self) -> None:
        self._rules: dict[Path, _Rules] = {}
        self._patterns: dict[tuple[str, ...], GitIgnoreSpec] = {}

    def excludes(self, path: str, root: str, patterns: tuple[str, ...]) -> bool:
        """Whether a file is not to be recorded. `path` is absolute, relative to the workspace folder `root`, or a name.

        Patterns are about the path inside the workspace folder, outside one inside the repository around the file, else
        about the name. One that cannot be read excludes everything: whoever wrote it meant something by it.
        """
        if patterns not in self._patterns:
            try:
                self._patterns[patterns] = GitIgnoreSpec.from_lines(patterns)
            except ValueError:
                return True
        if not path:
            return False
        file = Path(root, path)
        repository = _repository(file.parent) if file.is_absolute() else None
        top = Path(root) if root else repository
        if self._patterns[patterns].match_file(file.name if top is None else file.relative_to(top).as_posix()):
            return True
        return top is not None and self._ignored(file, repository or top)

    def _ignored(self, file: Path, top: Path) -> bool:
        """As git sees it: an ignored folder is ignored whole; else the nearest file with an opinion decides."""
        parts = file.relative_to(top).parts
        return any(self._decides(top, parts[:depth], folder=depth < len(parts)) for depth in range(1, len(parts) + 1))

    def _decides(self, top: Path, parts: tuple[str, ...], *, folder: bool) -> bool:
        for depth in reversed(range(len(parts))):
            inside = PurePosixPath(*parts[depth:]).as_posix() + ("/" if folder else "")
            for source in (".gitignore", *((".git/info/exclude",) if depth == 0 else ())):
                said = self._spec(top.joinpath(*parts[:depth]) / source).check_file(inside).include
                if said is not None:
                    return said
        return False

    def _spec(self, source: Path) -> GitIgnoreSpec:
        try:
            stamp = source.stat().st_mtime
        except OSError:
            stamp = -1.0
        known = self._rules.get(source)
        if known is None or known.stamp != stamp:
            known = self._rules[source] = _Rules(stamp, _read(source) if stamp >= 0 else GitIgnoreSpec.from_lines(()))
        return known.spec


def _read(source: Path) -> GitIgnoreSpec:
    """The patterns of a file; like git, those that cannot be read count for nothing."""
    try:
        lines = source.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return GitIgnoreSpec.from_lines(())
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:
        return GitIgnoreSpec.from_lines(filter(_readable, lines))


def _readable(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines((line,))
    except ValueError:
        return False
    return True


def _repository(folder: Path) -> Path | None:
    """The nearest folder around that holds `.git`."""
    for above in [folder, *folder.parents][:MAX_FOLDERS_UP]:
        if (above / ".git").exists():
            return above
    return None
