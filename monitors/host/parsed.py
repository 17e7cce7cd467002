"""What jedi has parsed, kept in a folder of ours and written whole, because the host may be killed at any moment.

parso writes an entry of a megabyte in its place. Cut short there, it raises `EOFError` each time it is read, and jedi
never answers again.
"""

import contextlib
import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any


def keep_parsed_in(folder: Path) -> None:
    """Let jedi keep what it parses in `folder`; an entry that cannot be read is removed, and its file parsed anew."""
    import jedi

    jedi.settings.cache_directory = str(folder)
    _mend_parso()


@cache
def _mend_parso() -> None:
    """Put ours before the two functions that read and write an entry. They are parso's own affair: where another
    version has none of these names, it is left as it is.
    """
    import parso.cache

    parso_cache: Any = parso.cache
    names = ("_load_from_file_system", "_save_to_file_system", "_get_hashed_path")
    if not all(hasattr(parso_cache, name) for name in names):
        return
    load, save, place = (getattr(parso_cache, name) for name in names)

    def load_or_remove(hashed_grammar: Any, path: Any, p_time: float, cache_path: Any = None) -> Any:
        try:
            return load(hashed_grammar, path, p_time, cache_path=cache_path)
        except Exception:  # noqa: BLE001 - reading a damaged entry may raise anything
            with contextlib.suppress(OSError):
                Path(place(hashed_grammar, path, cache_path=cache_path)).unlink()
            return None

    def save_whole(hashed_grammar: Any, path: Any, item: Any, cache_path: Any = None) -> None:
        # As if it were of another file: in the same folder, where parso removes what nobody reads.
        other = f"{path}.{os.getpid()}-{secrets.token_hex(4)}"
        try:
            beside = Path(place(hashed_grammar, other, cache_path=cache_path))
            try:
                save(hashed_grammar, other, item, cache_path=cache_path)
                beside.replace(place(hashed_grammar, path, cache_path=cache_path))
            finally:
                beside.unlink(missing_ok=True)
        except OSError as error:  # of those parso forgives this one alone; a full disk must not cost the answer either
            raise PermissionError(str(error)) from error

    parso_cache._load_from_file_system = load_or_remove
    parso_cache._save_to_file_system = save_whole
