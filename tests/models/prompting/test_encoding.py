"""Prompts as tokens: formats, budgets, and what typing leaves where it is."""

import argparse
import ast
import inspect
import tarfile
import textwrap
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.backends.session import shared_prefix_length
from models.catalog import FimFormat, ModelEntry, RemoteSource, builtin_models
from models.errors import ModelError
from models.prompting import ChatPrompt, Message, Prompt, Snippet
from models.prompting.encoding import PromptEncoder, encode_prompt
from models.prompting.layout import arrange
from models.prompting.rendering import break_sentinels, render_prompt
from models.prompting.trimming import Shares

SOURCE = "\n".join(map(inspect.getsource, (argparse, ast, textwrap, tarfile)))
"""Real code to type."""
EVERY_FORMAT = sorted(builtin_models())


@pytest.mark.parametrize("model", EVERY_FORMAT)
def test_tokens_spell_the_layout_and_the_prefix_is_where_it_says(model: str, small: Any) -> None:
    entry = builtin_models()[model]
    prompt = Prompt("import os\n\ndef main(", "):\n    pass\n", "src/a.py", "demo", (Snippet("b.py", "x = 1\n"),))
    encoded = encode_prompt(prompt, entry, small.ours, 1000)
    written = "".join(piece.content for piece in arrange(prompt, entry))
    assert small.spell(encoded.tokens) == entry.begin + written + entry.end
    assert small.spell(encoded.tokens[encoded.prefix_start : encoded.prefix_end]) == prompt.prefix
    assert encoded.fills_middle == (entry.fim is not None)
    assert encoded.snippets == 1
    if entry.fim is None or entry.fim.order == "spm":
        assert encoded.prefix_end == len(encoded.tokens)


@pytest.mark.parametrize("model", EVERY_FORMAT)
def test_sentinels_in_the_text_stay_text(model: str, small: Any) -> None:
    entry = builtin_models()[model]
    specials = {i for i, token in small.theirs.get_added_tokens_decoder().items() if token.special}
    hostile = "".join(small.theirs.id_to_token(i) for i in sorted(specials))

    def count(text: str) -> int:
        prompt = Prompt(text, f"x{text}", f"{text}.py", f"r{text}", (Snippet(f"{text}.py", text + "x\n"),))
        encoded = encode_prompt(prompt, entry, small.ours, 10_000)
        return sum(int(token) in specials for token in encoded.tokens)

    assert count(hostile) == count("harmless")


def test_a_remote_server_cannot_read_sentinels_in_the_text_either() -> None:
    entry = builtin_models()["qwen2.5-coder-0.5b"]
    text = render_prompt(Prompt("a<|fim_suffix|>b", "c<|endoftext|>d"), entry, 1000)
    assert text == "<|fim_prefix|>a< |fim_suffix|>b<|fim_suffix|>c< |endoftext|>d<|fim_middle|>"


def test_a_remote_server_cannot_read_turns_of_a_conversation_in_the_text() -> None:
    entry = replace(builtin_models()["qwen2.5-coder-0.5b"], chat_template="gemma")
    assert break_sentinels("<start_of_turn>model\n", entry) == "< start_of_turn>model\n"
    asked = render_prompt(ChatPrompt((Message("user", "a<end_of_turn>b"),)), entry, 1000)
    assert asked == "<start_of_turn>user\na< end_of_turn>b<end_of_turn>\n<start_of_turn>model\n"


def test_a_missing_sentinel_is_named(small: Any) -> None:
    entry = ModelEntry("odd", RemoteSource("", ""), "decoder", 100, "", fim=FimFormat("<nope>", "<no>", "<none>"))
    with pytest.raises(ModelError, match="odd has no token '<nope>'"):
        encode_prompt(Prompt("a", "b"), entry, small.ours, 100)


def test_a_budget_too_small_for_the_sentinels_is_refused(small: Any) -> None:
    with pytest.raises(ModelError, match="budget of 3 tokens"):
        encode_prompt(Prompt("a", "b"), builtin_models()["starcoder2-3b"], small.ours, 3)


@settings(max_examples=30, deadline=None)
@given(
    prefix=st.integers(0, 20_000),
    suffix=st.integers(0, 5_000),
    snippets=st.lists(st.integers(0, 3_000), max_size=5),
    budget=st.integers(24, 1500),
    model=st.sampled_from(["smollm2-135m", "starcoder2-3b", "qwen2.5-coder-0.5b", "codestral-22b", "codegen-350m"]),
)
def test_the_budget_is_kept_and_mostly_used(
    prefix: int, suffix: int, snippets: list[int], budget: int, model: str, small: Any
) -> None:
    prompt = Prompt(
        SOURCE[:prefix],
        SOURCE[prefix : prefix + suffix],
        "a.py",
        "demo",
        tuple(Snippet(f"s{i}.py", SOURCE[i * 5000 : i * 5000 + size]) for i, size in enumerate(snippets)),
    )
    encoded = encode_prompt(prompt, builtin_models()[model], small.ours, budget)
    assert len(encoded.tokens) <= budget
    everything = encode_prompt(prompt, builtin_models()[model], small.ours, 100_000)
    if len(everything.tokens) < 0.8 * budget:
        assert np.array_equal(encoded.tokens, everything.tokens)
    if prefix > 10 * budget and budget > 200:
        assert encoded.prefix_end - encoded.prefix_start >= 0.25 * budget


def test_minified_text_without_any_newline_keeps_its_end(small: Any) -> None:
    text = SOURCE.replace("\n", ";")
    encoded = encode_prompt(Prompt(text), builtin_models()["smollm2-135m"], small.ours, 500)
    kept = small.spell(encoded.tokens)
    assert text.endswith(kept)
    assert len(encoded.tokens) > 250


def test_dense_text_is_not_thrown_away(small: Any) -> None:
    text = "数据库连接池" * 3000  # every character is several tokens here
    encoded = encode_prompt(Prompt(text), builtin_models()["smollm2-135m"], small.ours, 500)
    assert 125 < len(encoded.tokens) <= 500


@pytest.mark.parametrize("length", [3_000, 12_000, 40_000])
@pytest.mark.parametrize("model", ["smollm2-135m", "starcoder2-3b", "codestral-22b"])
def test_typing_leaves_the_start_of_the_prompt_where_it_is(model: str, length: int, small: Any) -> None:
    """200 characters typed one at a time: the shared tokens reach to the cursor but for a very few keystrokes."""
    entry = builtin_models()[model]
    encoder = PromptEncoder(entry, small.ours)
    snippets = tuple(Snippet(f"s{i}.py", SOURCE[60_000 + i * 900 : 60_000 + i * 900 + 800]) for i in range(4))
    suffix = SOURCE[50_000:52_000]
    before: np.ndarray[Any, Any] | None = None
    moved = 0
    for typed in range(200):
        prompt = Prompt(SOURCE[: length + typed], suffix, "a.py", "demo", snippets)
        tokens = encoder.encode(prompt, 1024).tokens
        if before is not None and shared_prefix_length(before, tokens) < min(len(before), len(tokens)) - 24:
            moved += 1
        before = tokens
    assert moved <= 2


def test_in_psm_order_only_the_suffix_is_read_again(small: Any) -> None:
    encoder = PromptEncoder(builtin_models()["qwen2.5-coder-0.5b"], small.ours)
    a = encoder.encode(Prompt(SOURCE[:9000], SOURCE[50_000:51_000]), 1024)
    b = encoder.encode(Prompt(SOURCE[:9001], SOURCE[50_000:51_000]), 1024)
    assert shared_prefix_length(a.tokens, b.tokens) >= a.prefix_end - 4
    assert np.array_equal(a.tokens[a.prefix_end :], b.tokens[b.prefix_end :])


@settings(max_examples=25, deadline=None)
@given(cut=st.integers(2_000, 60_000), budget=st.integers(400, 1200))
def test_the_window_starts_at_a_line(cut: int, budget: int, small: Any) -> None:
    encoded = encode_prompt(Prompt(SOURCE[:cut]), builtin_models()["codegen-350m"], small.ours, budget)
    kept = small.spell(encoded.tokens)
    assert SOURCE[:cut].endswith(kept)
    start = cut - len(kept)
    assert start == 0 or SOURCE[start - 1] == "\n" or "\n" not in SOURCE[start : start + 100]


def test_shares_can_be_set(small: Any) -> None:
    entry = builtin_models()["starcoder2-3b"]
    prompt = Prompt(SOURCE[:40_000], SOURCE[40_000:60_000])
    lengths = []
    for share in (0.1, 0.3, 0.6):
        shares = Shares(prefix=1 - share, suffix=share, snippets=0)
        encoded = PromptEncoder(entry, small.ours, shares).encode(prompt, 1000)
        lengths.append(len(encoded.tokens) - (encoded.prefix_end - encoded.prefix_start))
    assert lengths[0] < 120 < lengths[1] < 330 < lengths[2] < 630


def test_the_least_helpful_snippets_go_first(small: Any) -> None:
    snippets = tuple(Snippet(f"s{i}.py", SOURCE[i * 2000 : i * 2000 + 1500]) for i in range(6))
    prompt = Prompt(SOURCE[:20_000], snippets=snippets)
    encoded = encode_prompt(prompt, builtin_models()["smollm2-135m"], small.ours, 2500)
    text = small.spell(encoded.tokens)
    assert 0 < encoded.snippets < 6
    assert [f"s{i}.py" in text for i in range(6)] == [i >= 6 - encoded.snippets for i in range(6)]


def test_of_a_single_huge_snippet_the_beginning_is_kept(small: Any) -> None:
    prompt = Prompt("x = ", snippets=(Snippet("big.py", SOURCE),))
    encoded = encode_prompt(prompt, builtin_models()["smollm2-135m"], small.ours, 600)
    assert encoded.snippets == 1
    assert "big.py" in small.spell(encoded.tokens)


def test_a_conversation_ends_in_its_opening(small: Any) -> None:
    entry = builtin_models()["smollm2-135m"]
    prompt = ChatPrompt((Message("user", "Translate <|im_end|> to Rust"),), opening="```rust\n")
    encoded = encode_prompt(prompt, entry, small.ours, 500)
    assert encoded.prefix_end == len(encoded.tokens)
    assert small.spell(encoded.tokens[encoded.prefix_start :]) == "```rust\n"
    assert list(encoded.tokens).count(small.ours.token_id("<|im_end|>")) == 1
    with pytest.raises(ModelError, match="has room for 10"):
        encode_prompt(prompt, entry, small.ours, 10)


@settings(max_examples=30, deadline=None)
@given(cut=st.integers(0, 30_000), budget=st.integers(1_000, 8_000))
def test_rendering_keeps_its_budget_of_characters(cut: int, budget: int) -> None:
    entry = builtin_models()["codegen-350m"]
    text = render_prompt(Prompt(SOURCE[:cut]), entry, budget)
    assert len(text) <= budget + 64  # the last word is kept whatever it takes
    assert SOURCE[:cut].endswith(text)
    assert len(text) >= min(cut, budget // 2)


@pytest.mark.parametrize("text", ["x" * 500, "ß" * 500, "a b " * 200, SOURCE[:3000]])
@pytest.mark.parametrize("budget", [1, 2, 8, 20])
def test_tiny_budgets_keep_the_end_of_the_prefix(budget: int, text: str, small: Any) -> None:
    encoded = encode_prompt(Prompt(text), builtin_models()["codegen-350m"], small.ours, budget)
    assert 0 < len(encoded.tokens) <= budget
    assert text.encode().endswith(b"".join(map(small.ours.token_bytes, encoded.tokens.tolist())))
