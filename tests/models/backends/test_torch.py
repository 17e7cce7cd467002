"""The torch back end against transformers itself, on small random models of many kinds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.backends import torch_library
from models.backends.model import LanguageModel
from models.backends.session import prefill
from models.backends.torch import TorchModel, load_torch
from models.backends.torch_library import import_library
from models.catalog.entry import FileSource, ModelEntry
from models.errors import ModelError

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>", "<extra_id_0>", "<extra_id_1>", "<|endoftext|>"]
SMALL = {"vocab_size": 300, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}
RNG = np.random.default_rng(0)
TOKENS = RNG.integers(10, 260, size=40)


def write_tokenizer(folder: Path, plain: tuple[str, ...] = ()) -> None:
    """A byte-level tokenizer without merges; `plain` are words of the vocabulary that are not special."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    words = [*SPECIAL, *alphabet, *plain]
    tokenizer = Tokenizer(models.BPE(vocab={word: index for index, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in SPECIAL])
    tokenizer.save(str(folder / "tokenizer.json"))


def entry(folder: Path, **changes: Any) -> ModelEntry:
    values: dict[str, Any] = {"architecture": "decoder", "context_length": 64, "licence": "none", **changes}
    return ModelEntry(name="tiny", source=FileSource(str(folder)), **values)


def save(folder: Path, build: Callable[[Any], Any]) -> Path:
    library = import_library()
    library.torch.manual_seed(0)
    module = build(library.transformers)
    for parameter in module.parameters():
        if parameter.dim() > 1:
            library.torch.nn.init.normal_(parameter, std=0.2)  # larger than the default, so that positions matter
    module.save_pretrained(str(folder))
    write_tokenizer(folder)
    return folder


def load(folder: Path, **changes: Any) -> TorchModel:
    return load_torch(folder, entry(folder, **changes), device="cpu")


def whole(folder: Path, auto_class: str, tokens: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Logits after every token from one pass of transformers without a cache, in single precision."""
    library = import_library()
    with library.torch.inference_mode():
        module = getattr(library.transformers, auto_class).from_pretrained(str(folder)).eval()
        return module(library.torch.tensor(tokens[None, :])).logits[0].numpy()


def llama(transformers: Any) -> Any:
    return transformers.LlamaForCausalLM(
        transformers.LlamaConfig(**SMALL, num_key_value_heads=2, intermediate_size=64, max_position_embeddings=64)
    )


DECODERS: dict[str, Callable[[Any], Any]] = {
    "llama": llama,
    "qwen2": lambda t: t.Qwen2ForCausalLM(
        t.Qwen2Config(**SMALL, num_key_value_heads=2, intermediate_size=64, max_position_embeddings=64)
    ),
    "starcoder2 with a window of 8": lambda t: t.Starcoder2ForCausalLM(
        t.Starcoder2Config(**SMALL, num_key_value_heads=2, intermediate_size=64, sliding_window=8, use_cache=True)
    ),
    "gemma3 with both kinds of attention": lambda t: t.Gemma3ForCausalLM(
        t.Gemma3TextConfig(**SMALL, num_key_value_heads=2, head_dim=8, intermediate_size=64, sliding_window=8)
    ),
    "gpt2 as CodeGPT": lambda t: t.GPT2LMHeadModel(
        t.GPT2Config(vocab_size=300, n_embd=32, n_layer=2, n_head=4, n_positions=64)
    ),
    "gpt_bigcode as SantaCoder": lambda t: t.GPTBigCodeForCausalLM(
        t.GPTBigCodeConfig(vocab_size=300, n_embd=32, n_layer=2, n_head=4, n_positions=64, multi_query=True)
    ),
    "codegen": lambda t: t.CodeGenForCausalLM(
        t.CodeGenConfig(vocab_size=300, n_embd=32, n_layer=2, n_head=4, rotary_dim=8, n_positions=64)
    ),
    "xglm as InCoder": lambda t: t.XGLMForCausalLM(
        t.XGLMConfig(
            vocab_size=300, d_model=32, num_layers=2, attention_heads=4, ffn_dim=64, max_position_embeddings=64
        )
    ),
    "qwen3-next with linear attention": lambda t: t.Qwen3NextForCausalLM(
        t.Qwen3NextConfig(
            **SMALL | {"num_hidden_layers": 4},
            num_key_value_heads=2,
            head_dim=8,
            intermediate_size=64,
            linear_key_head_dim=8,
            linear_value_head_dim=8,
            linear_num_key_heads=2,
            linear_num_value_heads=4,
            num_experts=0,
            mlp_only_layers=[0, 1, 2, 3],
        )
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", DECODERS)
def test_a_session_says_what_a_fresh_pass_says(kind: str, tmp_path: Path) -> None:
    folder = save(tmp_path, DECODERS[kind])
    model: LanguageModel = load(folder)
    session = model.new_session()
    expected = whole(folder, "AutoModelForCausalLM", TOKENS)
    changed = np.concatenate([TOKENS[:12], TOKENS[20:30]])
    after_change = whole(folder, "AutoModelForCausalLM", changed)

    def close(logits: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> None:
        assert logits.shape == wanted.shape
        assert logits.dtype == np.float32
        np.testing.assert_allclose(logits, wanted, atol=2e-4)

    close(session.extend(TOKENS[:15], last=15), expected[:15])
    close(session.extend(TOKENS[15:16]), expected[15:16])
    close(session.extend(TOKENS[16:40].tolist(), last=3), expected[37:40])
    session.truncate(12)
    assert session.tokens.tolist() == TOKENS[:12].tolist()
    close(session.extend(changed[12:], last=5), after_change[-5:])
    session.truncate(0)
    close(session.extend(TOKENS, last=1), expected[-1:])
    logits, reused = prefill(session, changed)
    assert reused == 12
    close(logits, after_change[-1:])


@pytest.mark.slow
def test_what_a_model_says_of_itself(tmp_path: Path) -> None:
    folder = save(tmp_path, llama)
    model = load(folder, context_length=4096)
    assert (model.device, model.vocabulary_size, model.context_length) == ("cpu", 300, 64)
    assert model.new_session().capacity == 64
    assert model.tokenizer.decode(model.tokenizer.encode("naïve <s>")) == "naïve <s>"
    same, other = load(folder).fingerprint, load(save(tmp_path / "other", DECODERS["qwen2"])).fingerprint
    assert model.fingerprint == same != other
    model.close()
    with pytest.raises(ModelError, match="closed"):
        model.new_session()


@pytest.mark.slow
def test_too_many_tokens_change_nothing(tmp_path: Path) -> None:
    folder = save(tmp_path, llama)
    session = load(folder).new_session()
    session.extend(TOKENS)
    with pytest.raises(ModelError, match="65 tokens do not fit the 64"):
        session.extend(TOKENS[:25])
    assert session.tokens.tolist() == TOKENS.tolist()
    expected = whole(folder, "AutoModelForCausalLM", np.append(TOKENS, 50))
    np.testing.assert_allclose(session.extend([50]), expected[-1:], atol=2e-4)


@pytest.mark.slow
def test_a_pass_that_fails_halfway_leaves_the_session_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = save(tmp_path, llama)
    model = load(folder)
    session = model.new_session()
    session.extend(TOKENS[:30])
    network: Any = model._network  # pyright: ignore[reportPrivateUsage] - to break a layer of it

    def fail(*_: Any, **__: Any) -> None:
        raise import_library().torch.OutOfMemoryError("no room")

    with monkeypatch.context() as broken:
        broken.setattr(network.module.model.layers[1], "forward", fail)
        with pytest.raises(ModelError, match="no memory for 40 tokens"):
            session.extend(TOKENS[30:])
    assert session.tokens.tolist() == TOKENS[:30].tolist()
    expected = whole(folder, "AutoModelForCausalLM", TOKENS)
    np.testing.assert_allclose(session.extend(TOKENS[30:], last=10), expected[30:], atol=2e-4)


@pytest.mark.slow
def test_an_encoder_without_head_decodes_as_unixcoder_does(tmp_path: Path) -> None:
    config = {**SMALL, "intermediate_size": 64, "max_position_embeddings": 66, "pad_token_id": 1, "type_vocab_size": 1}
    folder = save(
        tmp_path, lambda t: t.RobertaModel(t.RobertaConfig(**config, bos_token_id=0), add_pooling_layer=False)
    )
    write_tokenizer(folder, plain=("<decoder-only>",))
    model = load(folder, begin="<s><decoder-only></s>", context_length=1024)
    assert model.context_length == 64
    assert model.tokenizer.token_id("<decoder-only>") == len(SPECIAL) + 256

    library = import_library()
    with library.torch.inference_mode():
        module = library.transformers.RobertaModel.from_pretrained(str(folder), is_decoder=True).eval()
        hidden = module(library.torch.tensor(TOKENS[None, :])).last_hidden_state[0]
        expected = (hidden @ module.embeddings.word_embeddings.weight.T).numpy()
    session = model.new_session()
    session.extend(TOKENS[:20])
    session.truncate(10)
    np.testing.assert_allclose(session.extend(TOKENS[10:], last=30), expected[10:], atol=2e-4)


@pytest.mark.slow
def test_an_encoder_decoder_reads_the_prompt_and_writes_the_answer(tmp_path: Path) -> None:
    folder = save(
        tmp_path,
        lambda t: t.T5ForConditionalGeneration(
            t.T5Config(
                vocab_size=300,
                d_model=32,
                d_kv=8,
                d_ff=64,
                num_layers=2,
                num_heads=4,
                pad_token_id=1,
                eos_token_id=2,
                decoder_start_token_id=1,
                n_positions=64,
            )
        ),
    )
    model = load(folder, architecture="encoder-decoder", end="</s>", decoder_begin="<pad><extra_id_0>")
    prompt = np.array([0, *TOKENS[:12], 4, *TOKENS[12:20], 2])
    answer = np.array([2, *TOKENS[20:25]])  # an end token of the decoder is its own affair

    library = import_library()
    with library.torch.inference_mode():
        module = library.transformers.AutoModelForSeq2SeqLM.from_pretrained(str(folder)).eval()
        decoded = library.torch.tensor([[1, 4, *answer]])
        expected = module(library.torch.tensor(prompt[None, :]), decoder_input_ids=decoded).logits[0].numpy()[1:]

    session = model.new_session()
    logits, _ = prefill(session, prompt)
    np.testing.assert_allclose(logits, expected[:1], atol=2e-4)
    np.testing.assert_allclose(session.extend(answer, last=6), expected[1:], atol=2e-4)
    session.truncate(len(prompt) + 2)
    np.testing.assert_allclose(session.extend(answer[2:], last=4), expected[3:], atol=2e-4)
    session.truncate(5)
    assert not session.extend(prompt[5:10]).any()  # the encoder has not read all it is to read
    np.testing.assert_allclose(session.extend([*prompt[10:], *answer], last=8)[-7:], expected, atol=2e-4)


@pytest.mark.slow
def test_pickles_are_refused(tmp_path: Path) -> None:
    folder = save(tmp_path, llama)
    weights = folder / "model.safetensors"
    weights.rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelError, match="no safetensors") as error:
        load(folder)
    assert "pickle" in error.value.hint


@pytest.mark.slow
def test_damage_is_one_line(tmp_path: Path) -> None:
    folder = save(tmp_path, llama)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cannot load") as error:
        load(folder)
    assert "\n" not in error.value.message
    (folder / "tokenizer.json").write_text("{}")
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read"):
        load(folder)


@pytest.mark.slow
def test_a_device_that_is_not_there(tmp_path: Path) -> None:
    folder = save(tmp_path, llama)
    if not import_library().torch.backends.mps.is_available():
        with pytest.raises(ModelError, match="finds no mps"):
            load_torch(folder, entry(folder), device="mps")


def test_without_torch_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing(name: str) -> Any:
        raise ImportError(f"No module named '{name}'")

    import_library.cache_clear()
    monkeypatch.setattr(torch_library, "import_module", missing)
    with pytest.raises(ModelError, match="needs torch") as error:
        load_torch(tmp_path, entry(tmp_path))
    assert "pip install 'dragoman[torch]'" in error.value.hint
