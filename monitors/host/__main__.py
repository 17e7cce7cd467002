"""Entry of the analysis host, run as a file: `python -I -S .../monitors/host/__main__.py --cache DIR --libraries DIR`.

The host's libraries (multilspy pins others than we do) and the rest of our environment must not see each other. So
this package alone is made importable by hand, and everything else comes from the folder of libraries; without one, from
the running interpreter. What jedi has parsed is kept in the cache.
"""

import importlib.util
import sys
from pathlib import Path


def _make_monitors_importable() -> None:
    package = Path(__file__).resolve().parent.parent
    spec = importlib.util.spec_from_file_location(
        "monitors", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit(f"cannot import {package}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["monitors"] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    options = dict(zip(sys.argv[1::2], sys.argv[2::2], strict=True))
    if "--libraries" in options:
        sys.path.insert(0, options["--libraries"])
    _make_monitors_importable()
    from monitors.host.loop import main

    main(Path(options["--cache"]))
