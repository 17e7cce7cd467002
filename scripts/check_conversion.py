"""How far a converted model is from the weights it was made of, computed in single precision by torch.

`python scripts/check_conversion.py [MODEL] [--files FILE...]` reads the files in windows of tokens through both and
compares the logits after every token. MODEL is a GGUF file, a folder of safetensors, or a name of the catalog. Needs
the `torch` extra. What the difference means for completions is for `dragoman evaluate completion` to say: once with
`--model MODEL`, once with `--model torch:MODEL`.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models import ModelError
from models.backends.model import LanguageModel
from models.backends.session import Logits, TokenIds
from models.catalog import DEFAULT_MODEL
from models.loading import load_model
from models.tokenization import Tokenizer

FILES = ("textwrap", "csv", "heapq", "shlex", "string")
"""Modules of the standard library, read where no files are given."""


@dataclass(frozen=True)
class Comparison:
    """Over all tokens but the first of each window."""

    tokens: int
    max_abs_difference: float
    """Of two logits of the same token of the vocabulary."""
    mean_abs_difference: float
    top1_agreement: float
    """Part of the places where both find the same token most probable, in percent."""
    mean_kl: float
    """Kullback-Leibler divergence of the converted from the reference distribution, in nats."""
    reference_nll: float
    """Mean negative log-likelihood of the true next token, in nats."""
    converted_nll: float


def compare(reference: LanguageModel, converted: LanguageModel, windows: Sequence[TokenIds]) -> Comparison:
    """Both models over all `windows`, each at least two tokens long."""
    worst = 0.0
    sums = np.zeros(5)
    tokens = 0
    for window in windows:
        exact, rounded = (_logits(model, window) for model in (reference, converted))
        width = min(exact.shape[1], rounded.shape[1])  # either may be padded
        exact, rounded = exact[:, :width], rounded[:, :width]
        p, q = _log_softmax(exact), _log_softmax(rounded)
        difference = np.abs(exact - rounded)
        worst = max(worst, float(difference.max()))
        places = np.arange(len(window) - 1)
        truth = window[1:]
        sums += (
            difference.mean(axis=1).sum(),
            (exact.argmax(axis=1) == rounded.argmax(axis=1)).sum(),
            (np.exp(p) * (p - q)).sum(),
            -p[places, truth].sum(),
            -q[places, truth].sum(),
        )
        tokens += len(places)
    mean, agreement, kl, reference_nll, converted_nll = (sums / tokens).tolist()
    return Comparison(tokens, worst, mean, 100 * agreement, kl, reference_nll, converted_nll)


def _logits(model: LanguageModel, window: TokenIds) -> Logits:
    """After every token but the last, shape (len(window) - 1, vocabulary)."""
    return model.new_session().extend(window[:-1], last=len(window) - 1)


def _log_softmax(logits: Logits) -> NDArray[np.float64]:
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def windows_of(texts: Sequence[str], tokenizer: Tokenizer, length: int, most: int) -> list[TokenIds]:
    """Windows of `length` tokens from the start of each text on, in turn, until there are `most` tokens."""
    cut = [_windows(tokenizer.encode(text), length) for text in texts]
    taken: list[TokenIds] = []
    while cut and length * (len(taken) + 1) <= most:
        windows = cut.pop(0)
        if (window := next(windows, None)) is not None:
            taken.append(window)
            cut.append(windows)
    return taken


def _windows(tokens: TokenIds, length: int) -> Iterator[TokenIds]:
    for start in range(0, len(tokens) - length + 1, length):
        yield tokens[start : start + length]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", nargs="?", default=DEFAULT_MODEL)
    parser.add_argument("--files", nargs="+", type=Path, help="what to read; else some of Python's own modules")
    parser.add_argument("--tokens", type=int, default=2048, help="how many tokens in all")
    parser.add_argument("--window", type=int, default=256, help="how many at a time")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    try:
        texts = [path.read_text(encoding="utf-8") for path in arguments.files or map(_module, FILES)]
        converted = load_model(arguments.model, device="cpu", progress=_say)
        reference = load_model(f"torch:{arguments.model}", device="cpu", progress=_say)
        windows = windows_of(texts, converted.tokenizer, arguments.window, arguments.tokens)
        if not windows:
            raise ModelError(
                f"No file has {arguments.window} tokens.", "Name longer files, or ask for a smaller window."
            )
        same = all(np.array_equal(reference.tokenizer.encode(text), converted.tokenizer.encode(text)) for text in texts)
        result = asdict(compare(reference, converted, windows)) | {"same_tokens": same}
    except ModelError as error:
        sys.stderr.write(f"{error.message} {error.hint}\n")
        return 2
    lines = [json.dumps(result)] if arguments.json else [f"{name:20} {value:.6g}" for name, value in result.items()]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _module(name: str) -> Path:
    return Path(json.__file__).parents[1] / f"{name}.py"


def _say(fraction: float, what: str) -> None:
    sys.stderr.write(f"\r{max(fraction, 0):4.0%} {what:60}" + "\n" * (fraction >= 1))


if __name__ == "__main__":
    sys.exit(main())
