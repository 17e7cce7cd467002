"""A finished run as a model that Dragoman serves: ONNX graph, tokenizer with the sentinels, config.json.

    python -m scripts.train.export --run RUN --start model.gguf --tokenizer tokenizer.json --out FOLDER

`FOLDER` can be given to `dragoman models add` and to `--model` as it is.
"""

import argparse
from pathlib import Path

from models.conversion.convert import TOKENIZER_FILE, file_sha256, write_decoder
from models.conversion.graph import Precision
from scripts.train import weights
from scripts.train.loop import newest_weights
from scripts.train.model import Decoder
from scripts.train.vocabulary import TrainingTokenizer


def export(model: Decoder, source: Path, tokenizer: Path, out: Path, precision: Precision) -> None:
    """Write the folder for `model`, whose weights stand in the file `source`."""
    out.mkdir(parents=True, exist_ok=True)
    vocabulary = TrainingTokenizer(tokenizer)
    vocabulary.save(out / TOKENIZER_FILE)
    described = weights.describe(model, end_tokens=(vocabulary.end_of_text,))
    write_decoder(
        described, out, sha256=file_sha256(source), precision=precision, progress=lambda _fraction, _what: None
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Convert a run's newest weights for serving.")
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument(
        "--start", type=Path, required=True, help="the GGUF that training started from: it has the sizes"
    )
    parser.add_argument("--tokenizer", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--precision", choices=("q8", "fp16", "fp32"), default="q8")
    arguments = parser.parse_args()
    model = weights.from_gguf(arguments.start)
    newest = newest_weights(arguments.run)
    weights.load(model, newest)
    export(model, newest, arguments.tokenizer, arguments.out, arguments.precision)


if __name__ == "__main__":
    main()
