"""Conversations in the published templates, and where an answer is continued."""

import pytest

from models.catalog import ModelEntry, RemoteSource
from models.errors import ModelError
from models.prompting import ChatPrompt, Message
from models.prompting.rendering import render_prompt

TALK = (
    Message("system", "Be brief."),
    Message("user", "Hello"),
    Message("assistant", "Hi."),
    Message("user", "Translate"),
)


def rendered(template: str, prompt: ChatPrompt) -> str:
    entry = ModelEntry("t", RemoteSource("", ""), "decoder", 4096, "", chat_template=template)
    return render_prompt(prompt, entry, 10_000)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "chatml",
            "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\nHi."
            "<|im_end|>\n<|im_start|>user\nTranslate<|im_end|>\n<|im_start|>assistant\n```rust\n",
        ),
        (
            "llama2",
            "[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nHello [/INST] Hi. </s><s>[INST] Translate [/INST] ```rust\n",
        ),
        ("mistral", "[INST] Be brief.\n\nHello[/INST] Hi.</s>[INST] Translate[/INST] ```rust\n"),
        (
            "gemma",
            "<start_of_turn>user\nBe brief.\n\nHello<end_of_turn>\n<start_of_turn>model\nHi.<end_of_turn>\n"
            "<start_of_turn>user\nTranslate<end_of_turn>\n<start_of_turn>model\n```rust\n",
        ),
        (
            "deepseek-coder",
            "Be brief.\n### Instruction:\nHello\n### Response:\nHi.\n<|EOT|>\n### Instruction:\nTranslate\n"
            "### Response:\n```rust\n",
        ),
        (
            "starcoder2",
            "<|endoftext|>Be brief.\n\n### Instruction\nHello\n\n### Response\nHi.<|endoftext|>\n\n"
            "### Instruction\nTranslate\n\n### Response\n```rust\n",
        ),
        (
            "granite-code",
            "System:\nBe brief.\n\nQuestion:\nHello\n\nAnswer:\nHi.\n\nQuestion:\nTranslate\n\nAnswer:\n```rust\n",
        ),
        (
            "instruction",
            "Be brief.\n\n### Instruction:\nHello\n\n### Response:\nHi.\n\n### Instruction:\nTranslate\n\n"
            "### Response:\n```rust\n",
        ),
    ],
)
def test_templates(template: str, expected: str) -> None:
    assert rendered(template, ChatPrompt(TALK, opening="```rust\n")) == expected


def test_a_model_without_a_template_says_so() -> None:
    with pytest.raises(ModelError, match="no chat template"):
        rendered("", ChatPrompt((Message("user", "x"),)))
    with pytest.raises(ModelError, match="unknown chat template 'klingon'"):
        rendered("klingon", ChatPrompt((Message("user", "x"),)))


def test_a_conversation_is_never_cut() -> None:
    entry = ModelEntry("t", RemoteSource("", ""), "decoder", 4096, "", chat_template="chatml")
    with pytest.raises(ModelError, match="has room for 50"):
        render_prompt(ChatPrompt((Message("user", "x" * 100),)), entry, 50)
