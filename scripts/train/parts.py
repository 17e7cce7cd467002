"""A large file as numbered parts, for ways that carry only small files.

python -m scripts.train.parts split FILE FOLDER --megabytes 15
python -m scripts.train.parts join FOLDER FILE
"""

import argparse
from pathlib import Path

from models.acquisition.parts import join, split


def main() -> None:
    parser = argparse.ArgumentParser(description="Cut a file into parts, or join them.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    cutting = verbs.add_parser("split")
    cutting.add_argument("source", type=Path)
    cutting.add_argument("folder", type=Path)
    cutting.add_argument("--megabytes", type=float, default=15)
    joining = verbs.add_parser("join")
    joining.add_argument("folder", type=Path)
    joining.add_argument("target", type=Path)
    arguments = parser.parse_args()
    if arguments.verb == "split":
        split(arguments.source, arguments.folder, int(arguments.megabytes * 1e6))
    else:
        join(arguments.folder, arguments.target)


if __name__ == "__main__":
    main()
