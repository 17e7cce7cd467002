"""A finished run as one GGUF file that Dragoman converts and llama.cpp reads.

    python -m scripts.train.export --run RUN --start start/*.gguf --out dragoman-135m.q8.gguf

`--form` says how matrices are stored: `q8` to ship, `f32` to measure what that costs.
"""

import argparse
from pathlib import Path

from scripts.train import gguf_file, weights
from scripts.train.loop import newest_weights


def main() -> None:
    parser = argparse.ArgumentParser(description="Write a run's newest weights as GGUF.")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="the GGUF that training started from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--form", choices=tuple(gguf_file.FORMATS), default="q8")
    parser.add_argument("--name", default="Dragoman 135M", help="what the file calls itself")
    arguments = parser.parse_args()
    model = weights.from_gguf(arguments.start)
    weights.load(model, newest_weights(arguments.run))
    gguf_file.write(model, arguments.start, arguments.out, arguments.form, arguments.name)


if __name__ == "__main__":
    main()
