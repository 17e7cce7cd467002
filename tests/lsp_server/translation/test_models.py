"""Models of every kind that can be set for translation alone: a server, an encoder-decoder, one that converses."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lsp_server.engine.loading import load_model
from lsp_server.languages import Language, language_for
from lsp_server.settings import Settings
from lsp_server.translation import Task, Translation
from lsp_server.translation.ending import body_end
from lsp_server.translation.ready import LazyWriter, make_translator, model_settings, options_from
from lsp_server.translation.replies import continued, reply_stop
from lsp_server.verification import GivenTests
from models import Cancellation, ModelError
from tests.models.backends.openai_server import Answer, Json, Seen, completion, events, refusal, serving

PYTHON, JAVASCRIPT, JAVA = (language_for(name) for name in ("python", "javascript", "java"))
ADD = "def add_all(first: int, second: int) -> int:\n    return first + second\n"
TESTS = "console.assert(addAll(2, 3) === 5)\nconsole.assert(addAll(2, 2) === 4)\n"
WORDS = """Here is the translation:

```javascript
const addAll = (first, second) => {
  return first + second
}
```
It adds."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path / "home"))


def translated(model: str, *, run: bool = False, **options: object) -> Translation:
    """Through everything that the command goes through, with a model for translation alone."""
    settings = replace(
        Settings(), translation=replace(Settings().translation, model=model, rules=False, constrained=False)
    )
    assert settings.model.name != model
    writer = LazyWriter(lambda token: load_model(model_settings(settings), lambda _fraction, _what: None, token))
    task = Task(ADD, PYTHON, JAVASCRIPT, "add.py", tests=GivenTests(TESTS))
    wanted = replace(options_from(settings), **options)  # type: ignore[arg-type] - a shorthand
    done = make_translator(allowed=run).translate(task, writer, wanted, cancellation=Cancellation())
    return replace(done, model=writer.model)


def chatting(*texts: str) -> Callable[[Seen], Answer]:
    """A server that knows conversations only, and does not go on with what was begun for it."""
    left = list(texts)

    def script(seen: Seen) -> Answer:
        if not seen.path.endswith("/chat/completions"):
            return refusal(404, {"error": {"message": "no such route"}})
        if "continue_final_message" in seen.body:
            return refusal(400, {"error": {"message": "Unrecognized request argument: continue_final_message"}})
        text = left.pop(0) if len(left) > 1 else left[0]
        pieces: list[Json] = [
            {"choices": [{"index": 0, "delta": {"content": text[start : start + 7]}}]}
            for start in range(0, len(text), 7)
        ]
        return Answer(events([*pieces, {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]), pause_s=0)

    return script


def test_a_server_answers_with_words_around_a_fence() -> None:
    with serving(chatting(WORDS)) as server:
        done = translated(f"{server.url}#some-model")
    assert done.text == "function addAll(first, second) {\n  return first + second\n}\n"
    assert (done.origin, done.model, done.verdict.status) == ("model", "some-model", "unchecked")
    asked = server.bodies[-1]
    assert asked["model"] == "some-model"
    assert ADD in asked["messages"][0]["content"]
    assert asked["messages"][-1]["content"].endswith("function addAll(first, second) {\n")


def test_a_server_that_goes_on_is_asked_for_text_if_that_is_set() -> None:
    def script(seen: Seen) -> Answer:
        assert seen.path == "/v1/completions"
        return Answer(events(completion(["  return first", " + second\n}\n\nfunction more() {"])))

    with serving(script) as server:
        done = translated(f"{server.url}#base-model", form="completion")
    assert done.text == "function addAll(first, second) {\n  return first + second\n}\n"
    assert server.bodies[0]["prompt"].endswith("// JavaScript\nfunction addAll(first, second) {\n")


def test_what_a_server_refuses_is_said_to_the_person() -> None:
    with (
        serving([refusal(401, {"error": {"message": "Incorrect API key provided"}})]) as server,
        pytest.raises(ModelError) as raised,
    ):
        translated(f"{server.url}#some-model")
    assert "key" in f"{raised.value.message} {raised.value.hint}".lower()
    with pytest.raises(ModelError):
        translated("http://127.0.0.1:9/v1#nobody")


@pytest.mark.slow
def test_a_server_is_told_what_its_translation_got_wrong() -> None:
    wrong = WORDS.replace("first + second", "first * second")
    with serving(chatting(wrong, WORDS)) as server:
        done = translated(f"{server.url}#some-model", run=True, samples=0, rounds=1)
    assert (done.verdict.status, done.rounds) == ("verified", 1), done
    last = server.bodies[-1]["messages"]
    assert "gives the wrong result" in last[2]["content"]
    assert "first * second" in last[1]["content"]


@pytest.mark.parametrize(
    ("language", "opening", "answer", "text"),
    [
        (JAVASCRIPT, "function f(a) {\n", "  return a\n}\n```\nDone.", "  return a\n}\n"),
        (JAVASCRIPT, "function f(a) {\n", "```js\nfunction f(a) {\n  return a\n}\n```\nDone.", "  return a\n}"),
        (PYTHON, "def f(a):\n", "Sure:\n```python\nimport re\n\ndef f(a: int):\n    return a\n```", "    return a\n"),
        (PYTHON, "def f(a):\n", "    return a\n```", "    return a\n"),
        (JAVA, "class S {\n    static int f(int a) {\n", "```java\nclass S {\n  int f(int a) {\n    return a;\n  }\n}",
         "    return a;\n  }"),
    ],
)  # fmt: skip
def test_what_comes_after_the_declaration(language: Language, opening: str, answer: str, text: str) -> None:
    assert continued(answer, opening, language, body_end(opening, language)).rstrip() == text.rstrip()


def test_a_reply_is_stopped_where_it_ends_and_not_at_its_introduction() -> None:
    for answer, end in (
        (WORDS + "\nAnd more", WORDS.index("```\nIt")),
        ("  return 1\n}\n", len("  return 1\n}")),
        ("  return 1\n```\nWords", len("  return 1\n")),
    ):
        rule = reply_stop(body_end("function f() {\n", JAVASCRIPT), JAVASCRIPT)
        found = next((stop for size in range(len(answer) + 1) if (stop := rule(answer[:size])) is not None), None)
        assert found == end, answer
    python = reply_stop(body_end("def f():\n", PYTHON), PYTHON)
    introduced = "Here is the code:\n\nIt is short:\n```python\ndef f():\n    return 1\n"
    assert all(python(introduced[:size]) is None for size in range(len(introduced)))
    assert python(introduced + "```\n") == len(introduced)


TOKENS = ["<s>", "<pad>", "</s>", "<extra_id_0>", "<extra_id_1>", "<|im_start|>", "<|im_end|>"]


def save_tiny(folder: Path, *, encoder: bool) -> Path:
    """A random model of a few kilobytes as a folder from the hub, which can write ASCII only."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    torch.manual_seed(0)
    words = [*TOKENS, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    special = {"pad_token_id": 1, "eos_token_id": 2}
    if encoder:
        sizes = {"d_model": 32, "d_kv": 8, "d_ff": 64, "num_layers": 2, "num_heads": 4, "decoder_start_token_id": 1}
        config = transformers.T5Config(vocab_size=300, n_positions=2048, tie_word_embeddings=False, **sizes, **special)
        module = transformers.T5ForConditionalGeneration(config)
    else:
        sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
        config = transformers.LlamaConfig(vocab_size=300, max_position_embeddings=2048, **sizes, **special)
        module = transformers.LlamaForCausalLM(config)
    with torch.no_grad():
        for parameter in module.parameters():
            if parameter.dim() > 1:
                torch.nn.init.normal_(parameter, std=0.2)
        module.lm_head.weight[: len(TOKENS)] = 0
        module.lm_head.weight[len(TOKENS) + 94 :] = 0
    module.save_pretrained(str(folder))
    tokenizer = Tokenizer(models.BPE(vocab={word: index for index, word in enumerate(words)}, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(word, special=True, normalized=False) for word in TOKENS])
    tokenizer.save(str(folder / "tokenizer.json"))
    if not encoder:
        template = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        (folder / "tokenizer_config.json").write_text(json.dumps({"chat_template": template}))
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["encoder", "chat"])
def test_a_folder_translates(kind: str, tmp_path: Path) -> None:
    folder = save_tiny(tmp_path / kind, encoder=kind == "encoder")
    reference = f"torch:{folder}"
    settings = replace(Settings(), translation=replace(Settings().translation, model=reference))
    assert options_from(settings).form == ("chat" if kind == "chat" else "completion")
    done = translated(reference, samples=0, max_tokens=24)
    assert (done.origin, done.model, done.verdict.status) == ("model", kind, "unchecked")
    assert done.text.startswith("function addAll(first, second) {\n")
    written = done.text.removeprefix("function addAll(first, second) {\n").removesuffix("\n}\n")
    assert len(written) > 3, "a random model writes something, and none of it is a special token"
    assert done.text == translated(reference, samples=0, max_tokens=24).text
