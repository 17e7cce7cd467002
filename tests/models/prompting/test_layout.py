"""Prompts in the order in which each family was trained to read them."""

import pytest

from models.catalog import FimFormat, ModelEntry, RemoteSource, builtin_models
from models.prompting.layout import arrange, fills_middle
from models.prompting.prompt import Prompt, Snippet

PROMPT = Prompt(
    prefix="def f(",
    suffix="):\n    pass\n",
    path="src/a.py",
    repository="demo",
    snippets=(Snippet("b.py", "x = 1\n"), Snippet("c.py", "y = 2")),
)


def text_of(model: str, prompt: Prompt = PROMPT) -> str:
    return "".join(piece.content for piece in arrange(prompt, builtin_models()[model]))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (
            "smollm2-135m",
            "<repo_name>demo\n<file_sep>b.py\nx = 1\n<file_sep>c.py\ny = 2\n<file_sep>src/a.py\ndef f(",
        ),
        (
            "qwen2.5-coder-0.5b",
            "<|repo_name|>demo\n<|file_sep|>b.py\nx = 1\n<|file_sep|>c.py\ny = 2\n<|file_sep|>src/a.py\n"
            "<|fim_prefix|>def f(<|fim_suffix|>):\n    pass\n<|fim_middle|>",
        ),
        (
            "starcoder2-3b",
            "<repo_name>demo\n<file_sep>b.py\nx = 1\n<file_sep>c.py\ny = 2\n<file_sep>"
            "<fim_prefix><fim_suffix>):\n    pass\n<fim_middle>src/a.py\ndef f(",
        ),
        ("codellama-7b", "x = 1\n\ny = 2\n\n▁<PRE>▁<SUF>):\n    pass\n▁<MID>def f("),
        (
            "deepseek-coder-1.3b",
            "#b.py\nx = 1\n#c.py\ny = 2\n#src/a.py\n<｜fim▁begin｜>def f(<｜fim▁hole｜>):\n    pass\n<｜fim▁end｜>",
        ),
        ("codestral-22b", "+++++ b.py\nx = 1\n+++++ c.py\ny = 2\n+++++ src/a.py\n[SUFFIX]):\n    pass\n[PREFIX]def f("),
        ("incoder-1b", "x = 1\n\ny = 2\n\ndef f(<|mask:0|>):\n    pass\n<|mask:1|><|mask:0|>"),
        ("codegen-350m", "x = 1\n\ny = 2\n\ndef f("),
        ("codet5p-220m", "x = 1\n\ny = 2\n\ndef f(<extra_id_0>):\n    pass\n"),
    ],
)
def test_each_family_reads_its_own_format(model: str, expected: str) -> None:
    assert text_of(model) == expected


def test_a_suffix_of_blanks_is_not_worth_showing() -> None:
    entry = builtin_models()["qwen2.5-coder-0.5b"]
    blank = Prompt("def f(", "\n  \n")
    assert not fills_middle(blank, entry)
    assert text_of("qwen2.5-coder-0.5b", blank) == "def f("


def test_an_encoder_decoder_always_has_its_hole() -> None:
    assert text_of("codet5p-220m", Prompt("def f(")) == "def f(<extra_id_0>"


def test_a_bare_prompt_has_no_separators() -> None:
    assert text_of("smollm2-135m", Prompt("x = ")) == "x = "
    assert text_of("smollm2-135m", Prompt("x = ", path="a.py")) == "<file_sep>a.py\nx = "


def test_psm_with_the_path_inside() -> None:
    fim = FimFormat("<p>", "<s>", "<m>", path_inside=True)
    entry = ModelEntry("t", RemoteSource("", ""), "decoder", 100, "", fim=fim, file_separator="<f>")
    prompt = Prompt("a", "b", path="p.py")
    assert "".join(piece.content for piece in arrange(prompt, entry)) == "<f><p>p.py\na<s>b<m>"


def test_the_place_of_the_prefix_is_marked_even_if_it_is_empty() -> None:
    pieces = arrange(Prompt("", "b"), builtin_models()["starcoder2-3b"])
    assert [piece.content for piece in pieces if piece.is_prefix] == [""]
