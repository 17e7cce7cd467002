"""The forward pass that measures the cache is the model's own, and the cache holds what it measured."""

from pathlib import Path

import numpy as np
import pytest
from test_gguf_conversion import TOKENS, converted, session_of
from tiny_gguf import reference, write_tiny

from models.conversion import calibration
from models.conversion.calibration import cache_ranges, sample_text
from models.conversion.gguf_weights import GgufFile, read_gguf


@pytest.mark.parametrize("architecture", ["llama", "qwen2", "starcoder2"])
def test_ranges_are_those_of_the_float_cache(
    architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibration, "HEADROOM", 1.0)
    tiny = write_tiny(tmp_path / "tiny.gguf", architecture=architecture, window=8 if architecture != "qwen2" else None)
    session = session_of(converted(tiny))
    session.extend(TOKENS)
    held = np.abs(session.held()).max(axis=3)  # (layers, 2, kv_heads, head_size)
    for index, found in enumerate(cache_ranges(read_gguf(GgufFile(tiny.path)), TOKENS)):
        np.testing.assert_allclose(found.key, held[index, 0], rtol=1e-3)
        np.testing.assert_allclose(found.value, held[index, 1], rtol=1e-3)


def test_single_steps_over_the_rounded_cache(tmp_path: Path) -> None:
    tiny = write_tiny(tmp_path / "tiny.gguf")
    expected = reference(tiny, TOKENS)
    session = session_of(converted(tiny, "q8"))
    logits = np.concatenate([session.extend([token]).copy() for token in TOKENS])
    assert np.abs(logits - expected).mean() < 0.08 * expected.std()


def test_the_sample_fits_every_context_and_has_several_languages() -> None:
    text = sample_text()
    assert all(word in text for word in ("def ", "func ", "impl ", "public static", "export class", "std::"))
    assert len(text) < 4096
