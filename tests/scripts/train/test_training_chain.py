"""The whole training chain at toy scale on a CPU: corpus, shards, steps, resume, export."""

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the `torch` extra")
zstandard = pytest.importorskip("zstandard", reason="needs the `train` extra")

from models.acquisition.acquire import acquire  # noqa: E402 - after the skips
from models.backends.onnx import load_onnx  # noqa: E402
from models.catalog import resolve_model  # noqa: E402
from models.prompting.layout import Piece  # noqa: E402
from models.tokenization.tokenizer import Tokenizer  # noqa: E402
from scripts.train import corpus, export, gguf_file, loop, shards, weights  # noqa: E402
from scripts.train.entry import training_entry  # noqa: E402
from scripts.train.model import Decoder, Packing, Shape  # noqa: E402
from scripts.train.packing import IGNORED, encode_sample, pack  # noqa: E402
from scripts.train.samples import Sample, SourceFile, cut, fill_in_the_middle, translation  # noqa: E402
from scripts.train.vocabulary import SENTINELS, TrainingTokenizer  # noqa: E402

pytestmark = pytest.mark.slow

TOY = Shape(layers=2, width=64, heads=4, kv_heads=2, head_size=16, hidden=128, vocabulary=512, context=256)
FILE = """class Store:
    def __init__(self):
        self.items = {}

    def add(self, key, value):
        self.items[key] = value
"""


@pytest.fixture(scope="module")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small byte-level BPE with the special tokens of the default model."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=TOY.vocabulary,
        special_tokens=["<|endoftext|>", "<repo_name>", "<file_sep>", *SENTINELS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([FILE] * 50, trainer)
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.save(str(path))
    return path


@pytest.fixture(scope="module")
def start_file(tokenizer_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the toy training starts from: random weights and that tokenizer, as one file."""
    from gguf import GGUFWriter, TokenType

    tokenizer = json.loads(tokenizer_file.read_text(encoding="utf-8"))["model"]
    tokens = sorted(tokenizer["vocab"], key=tokenizer["vocab"].__getitem__)
    special = {"<|endoftext|>", "<repo_name>", "<file_sep>", *SENTINELS}
    path = tmp_path_factory.mktemp("start") / "toy.gguf"
    writer = GGUFWriter(path, "llama")
    writer.add_name("Toy")
    writer.add_file_type(0)
    writer.add_license("mit")
    writer.add_context_length(TOY.context)
    writer.add_embedding_length(TOY.width)
    writer.add_block_count(TOY.layers)
    writer.add_feed_forward_length(TOY.hidden)
    writer.add_head_count(TOY.heads)
    writer.add_head_count_kv(TOY.kv_heads)
    writer.add_layer_norm_rms_eps(TOY.epsilon)
    writer.add_rope_freq_base(TOY.rope_base)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([TokenType.CONTROL if token in special else TokenType.NORMAL for token in tokens])
    writer.add_token_merges([" ".join(pair) for pair in tokenizer["merges"]])
    writer.add_eos_token_id(1)
    torch.manual_seed(0)
    for name, values in gguf_file.tensors(Decoder(TOY)):
        writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of a few repositories, one copyleft, one duplicated, one that holds an evaluation's answer."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "corpus").mkdir()
    asked = "the quick brown fox jumps over one lazy dog while thirteen cats watch it from a high wall"
    (folder / "translation_dev.jsonl").write_text(json.dumps({"source": asked}), encoding="utf-8")

    def record(repository: str, number: int, text: str, licence: str = "MIT") -> dict[str, str]:
        return {"lang": "python", "source": repository, "license": licence, "path": f"src/m{number}.py", "text": text}

    def body(number: int) -> str:
        names = [f"name_{number}_{i}" for i in range(12)]
        return "\n".join(f"def {n}({n}_a, {n}_b):\n    return {n}_a * {number} + len({n}_b)\n" for n in names)

    records = [record(f"org/repo{n % 5}", n, body(n)) for n in range(40)]
    records.append(record("org/copyleft", 0, body(100), "GPL-3.0-only"))
    records.append(record("org/double", 0, body(3)))
    records.append(record("org/leak", 0, f"{body(101)}\n# {asked}\n"))
    compress = zstandard.ZstdCompressor().compress
    lines = "".join(json.dumps(r) + "\n" for r in records)
    (folder / "corpus" / "python.jsonl.zst").write_bytes(compress(lines.encode()))
    pair = {
        "problem": "p",
        "solutions": {
            "python": {"code": body(200), "source": "x@1", "license": "MIT"},
            "java": {"code": "class Solution {\n" + body(300) + "}\n", "source": "y@1", "license": "MIT"},
        },
    }
    (folder / "parallel_solutions.jsonl.zst").write_bytes(compress((json.dumps(pair) + "\n").encode()))
    return folder


def run_main(monkeypatch: pytest.MonkeyPatch, module: object, *arguments: object) -> None:
    monkeypatch.setattr("sys.argv", ["prog", *map(str, arguments)])
    module.main()  # type: ignore[attr-defined]  # each step is a module with a main


def test_chain(
    data: Path, tokenizer_file: Path, start_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 1. Corpus: what may be learned from, and why the rest may not.
    run_main(monkeypatch, corpus, "--data", data, "--out", tmp_path / "parts")
    total = json.loads((tmp_path / "parts" / "manifest.json").read_text())["total"]
    assert total["kept"] == 42
    assert (total["licence_refused"], total["contaminated"], total["near_duplicate"]) == (1, 1, 1)

    # 2. Shards.
    run_main(
        monkeypatch, shards, "--parts", tmp_path / "parts", "--tokenizer", tokenizer_file, "--out", tmp_path / "shards",
        "--length", 1024, "--tokens", 60_000, "--workers", 1,
    )  # fmt: skip
    with np.load(next((tmp_path / "shards").glob("shard-*.npz"))) as shard:
        assert shard["tokens"].shape == shard["targets"].shape == shard["documents"].shape
        assert shard["tokens"].max() < TOY.vocabulary

    # 3. A few steps, an interruption, and on from where it was.
    common = (
        "--shards", tmp_path / "shards", "--out", tmp_path / "run", "--tokens", 90_000, "--batch-tokens", 4096,
        "--micro-rows", 2, "--peak", 3e-3, "--log-every", 1, "--device", "cpu", "--tokenizer", tokenizer_file,
        "--start", start_file,
    )  # fmt: skip
    run_main(monkeypatch, loop, *common, "--minutes", 0.02)
    interrupted = json.loads((tmp_path / "run" / "checkpoint.json").read_text())["step"]
    assert interrupted > 0
    run_main(monkeypatch, loop, *common, "--minutes", 5)
    events = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    losses = {event["step"]: event["loss"] for event in events if "loss" in event}
    assert sorted(losses) == list(range(1, max(losses) + 1)), "steps are neither lost nor repeated by the interruption"
    assert losses[max(losses)] < 0.7 * losses[1]

    # 4. The exported file, converted as a user's machine converts it, computes what torch computes.
    exported = tmp_path / "trained.gguf"
    run_main(
        monkeypatch, export, "--run", tmp_path / "run", "--start", start_file, "--out", exported, "--form", "f32",
    )  # fmt: skip
    acquired = acquire(resolve_model(str(exported)), precision="fp32", cache=tmp_path / "cache")
    served = load_onnx(acquired.folder, acquired.entry, Tokenizer.from_file(acquired.folder / "tokenizer.json"))
    model = weights.from_gguf(start_file)
    weights.load(model, loop.newest_weights(tmp_path / "run"))
    tokens = torch.randint(0, TOY.vocabulary, (1, 50))
    with torch.inference_mode():
        wanted = model.logits(model.hidden(tokens, Packing(torch.zeros_like(tokens))))[0].numpy()
    logits = served.new_session().extend(tokens[0].numpy(), last=50)
    np.testing.assert_allclose(logits, wanted, atol=2e-3)
    assert acquired.entry.fim == training_entry().fim, "the file is known by its sentinels"


def test_fim_pieces_are_the_prompt_and_its_answer(tokenizer_file: Path) -> None:
    import random

    tokenizer = TrainingTokenizer(tokenizer_file)
    file = SourceFile("python", "org/repo", "src/store.py", FILE)
    orders: set[str] = set()
    for seed in range(60):
        sample = fill_in_the_middle(file, training_entry(), random.Random(seed))
        encoded = encode_sample(sample, tokenizer, 1000)
        assert encoded is not None
        text = tokenizer.decode(encoded.tokens.tolist())
        if "<prefix>" not in text:  # nothing visible follows the middle: read from left to right
            shown = text.removeprefix("<repo_name>org/repo\n<file_sep>src/store.py\n").removesuffix("<|endoftext|>")
            assert FILE.startswith(shown)
            assert not FILE.removeprefix(shown).strip()
            continue
        head, _, rest = text.partition("<prefix>")
        assert head == "<repo_name>org/repo\n<file_sep>src/store.py\n"
        body, _, end = rest.partition("<|endoftext|>")
        assert end == ""
        if body.startswith("<suffix>"):  # suffix, prefix, middle: the document's end, then its start
            orders.add("spm")
            suffix, _, start = body.removeprefix("<suffix>").partition("<middle>")
            assert start + suffix == FILE
            assert start.endswith(sample.target)
        else:
            orders.add("psm")
            prefix, _, others = body.partition("<suffix>")
            suffix, _, middle = others.partition("<middle>")
            assert prefix + middle + suffix == FILE
            assert middle == sample.target
    assert orders == {"psm", "spm"}


def test_translations_are_learnt_as_they_are_asked_for() -> None:
    import random

    from lsp_server.languages import language_for
    from lsp_server.translation.prompts import translation_prompt
    from models import Prompt
    from models.prompting.layout import arrange

    source = SourceFile("python", "", "main.py", "def twice(x):\n    return 2 * x\n")
    target = SourceFile("cpp", "", "main.cpp", "int twice(int x) {\n    return 2 * x;\n}\n")
    openings: set[str] = set()
    for seed in range(20):
        sample = translation(source, target, training_entry(), random.Random(seed))
        opening = target.text.removesuffix(sample.target)
        openings.add(opening)
        asked = translation_prompt(source.text, language_for("python"), language_for("cpp"), opening)
        assert isinstance(asked, Prompt)
        assert list(sample.pieces) == list(arrange(asked, training_entry()))
    assert openings == {"", "int twice(int x) {\n"}


def test_cuts_ask_for_something_visible() -> None:
    import random

    for seed in range(500):
        start, end = cut(FILE, random.Random(seed))
        assert FILE[start:end].strip()


def test_packed_rows_hold_every_sample_once(tokenizer_file: Path) -> None:
    tokenizer = TrainingTokenizer(tokenizer_file)
    texts = [FILE[:n] for n in (10, 40, 80, 120, 20, 60)]
    samples = [encode_sample(Sample((Piece(""),), text), tokenizer, 64) for text in texts]
    kept = [sample for sample in samples if sample is not None]
    rows = list(pack(kept, 64))
    seen: list[str] = []
    for row in rows:
        for number in range(int(row.documents.max()) + 1):
            tokens = row.targets[(row.documents == number) & (row.targets != IGNORED)].tolist()
            if tokens:
                seen.append(tokenizer.decode(tokens))
    assert seen == [tokenizer.decode(sample.tokens[1:].tolist()) for sample in kept]


def test_packed_documents_do_not_see_each_other() -> None:
    torch.manual_seed(0)
    model = Decoder(TOY)
    a, b = torch.randint(0, 512, (1, 20)), torch.randint(0, 512, (1, 30))
    documents = torch.cat([torch.zeros(1, 20), torch.ones(1, 30)], dim=1).long()
    with torch.inference_mode():
        packed = model.hidden(torch.cat([a, b], dim=1), Packing(documents))
        alone = model.hidden(b, Packing(torch.zeros_like(b)))
    torch.testing.assert_close(packed[:, 20:], alone, atol=1e-4, rtol=1e-3)


def test_schedule_warms_up_stays_and_decays() -> None:
    schedule = loop.Schedule(steps=1000, peak=1.0)
    assert schedule.rate(0) < 0.1
    assert schedule.rate(500) == 1.0
    assert schedule.rate(999) < 0.1
    rates = [schedule.rate(step) for step in range(750, 1000)]
    assert rates == sorted(rates, reverse=True)
