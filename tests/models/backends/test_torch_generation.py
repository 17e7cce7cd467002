"""From a reference to text through torch, against transformers' own greedy generation. (Beside the tiny models.)"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_torch import SPECIAL, entry, llama, load, save

from models.acquisition.acquire import acquire
from models.backends.torch_library import import_library
from models.catalog import FimFormat
from models.catalog.reference import resolve_model
from models.decoding.generation import DecodingParameters
from models.decoding.local import LocalGenerator
from models.loading import load_generator
from models.prompting import Prompt

PLAIN = DecodingParameters(max_tokens=12, heal=False)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))


def greedy(folder: Path, auto_class: str, prompt: list[int], **options: Any) -> list[int]:
    library = import_library()
    module = getattr(library.transformers, auto_class).from_pretrained(str(folder)).eval()
    options |= {"max_new_tokens": PLAIN.max_tokens, "do_sample": False, "eos_token_id": -1, "pad_token_id": 1}
    return module.generate(library.torch.tensor([prompt]), **options)[0].tolist()


def writing_ascii(folder: Path) -> Path:
    """A random model soon writes bytes that are no text: let this one prefer the first 94 letters of its alphabet."""
    library = import_library()
    module = library.transformers.AutoModelForCausalLM.from_pretrained(str(folder))
    with library.torch.no_grad():
        for silent in (module.lm_head.weight[: len(SPECIAL)], module.lm_head.weight[len(SPECIAL) + 94 :]):
            silent.zero_()
    module.save_pretrained(str(folder))
    return folder


@pytest.mark.slow
def test_a_folder_through_torch_says_what_transformers_generates(tmp_path: Path) -> None:
    folder = writing_ascii(save(tmp_path / "tiny", llama))
    generator = load_generator(entry(folder, runtime="torch"), device="cpu")
    tokenizer = load(folder).tokenizer
    lengths: list[int] = []
    for text in ("def add(a, b):", "import os\n", "x = [1, 2, 3]\n", "class Reader:", "while True:"):
        made = generator.generate(Prompt(text), PLAIN).candidates[0].token_ids
        prompt = tokenizer.encode(text).tolist()
        expected = greedy(folder, "AutoModelForCausalLM", prompt)[len(prompt) :]
        assert list(made) == expected[: len(made)]  # shorter where it loops
        lengths.append(len(made))
    assert max(lengths) == PLAIN.max_tokens
    assert generator.name == "tiny"
    generator.close()


@pytest.mark.slow
def test_the_same_folder_is_converted_where_torch_is_not_asked_for(tmp_path: Path) -> None:
    folder = save(tmp_path / "tiny", llama)
    converted = acquire(resolve_model(str(folder)), precision="fp32")
    assert converted.converted
    assert acquire(resolve_model(str(folder)), precision="fp32").folder == converted.folder
    published = acquire(resolve_model(f"torch:{folder}"))
    assert (published.folder, published.converted) == (folder, False)


@pytest.mark.slow
def test_an_encoder_decoder_fills_the_hole(tmp_path: Path) -> None:
    sizes = {"vocab_size": 300, "d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4}
    tokens = {"pad_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
    folder = save(tmp_path / "t5", lambda t: t.T5ForConditionalGeneration(t.T5Config(**sizes, **tokens)))
    model = load(
        folder,
        architecture="encoder-decoder",
        begin="<s>",
        fim=FimFormat("", "<extra_id_0>", ""),
        end="</s>",
        decoder_begin="<pad><extra_id_0>",
        stop_tokens=("</s>", "<extra_id_1>"),
    )
    encode = model.tokenizer.encode
    prompt = [0, *encode("a = "), 4, *encode("\nb"), 2]
    expected = greedy(
        folder, "AutoModelForSeq2SeqLM", prompt, decoder_input_ids=import_library().torch.tensor([[1, 4]])
    )
    generator = LocalGenerator(model)
    for _ in range(2):  # the second time from a session that holds the prompt already
        made = generator.generate(Prompt("a = ", "\nb"), PLAIN)
        written = np.array(made.candidates[0].token_ids)
        assert len(written)
        assert written.tolist() == expected[2 : 2 + len(written)]
