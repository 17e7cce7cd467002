"""The runtimes that `bench_completion.py` compares, each behind the same five verbs, each in a process of its own.

Run as `python scripts/bench_peers.py NAME MODEL_FILE THREADS`; reads one JSON command a line on stdin and answers one
JSON line on stdout. A peer keeps a KV cache with the tokens that filled it; every verb returns milliseconds, by the
wall's clock and by the processor's, measured inside the process around the runtime's own call.
"""

# pyright: reportMissingImports=false, reportPrivateUsage=false
# The peers are nobody's dependency: whichever is installed takes part.

import json
import os
import resource
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import numpy as np

CONTEXT = 8192


class Peer(ABC):
    """One runtime with one model loaded. The tokens are those of the same tokenizer for all."""

    @abstractmethod
    def __init__(self, model: Path, threads: int) -> None: ...

    @abstractmethod
    def truncate(self, length: int) -> None:
        """Forget all but the first `length` tokens."""

    @abstractmethod
    def extend(self, tokens: list[int]) -> int:
        """Read tokens, in the runtime's own batches; returns the most probable next token."""

    def generate(self, token: int, count: int) -> list[int]:
        """Greedy decoding of `count` tokens, the first of which is given. The plain loop; a peer may have a faster
        one."""
        out = [token]
        while len(out) < count:
            out.append(self.extend([out[-1]]))
        return out

    def line(self, typed: list[int], count: int) -> list[int]:
        """Greedy decoding of `count` tokens after some that were typed."""
        return self.generate(self.extend(typed), count)


class LlamaCpp(Peer):
    """llama.cpp through llama-cpp-python, on the GGUF file itself."""

    def __init__(self, model: Path, threads: int) -> None:
        import llama_cpp

        self.library = llama_cpp
        self.llama = llama_cpp.Llama(
            str(model), n_ctx=CONTEXT, n_threads=threads, n_threads_batch=threads, n_batch=512, verbose=False
        )
        self.vocabulary = self.llama.n_vocab()

    def truncate(self, length: int) -> None:
        memory = self.llama._ctx  # the public API has no cut, and the benchmark is about a kept cache
        if length:
            memory.kv_cache_seq_rm(0, length, -1)
        else:
            memory.kv_cache_clear()
        self.llama.n_tokens = length

    def extend(self, tokens: list[int]) -> int:
        self.llama.eval(tokens)
        logits = self.library.llama_get_logits_ith(self.llama._ctx.ctx, -1)
        return int(np.ctypeslib.as_array(logits, shape=(self.vocabulary,)).argmax())


class Transformers(Peer):
    """transformers on torch, the same weights dequantised to fp32."""

    def __init__(self, model: Path, threads: int) -> None:
        import torch
        from transformers import AutoModelForCausalLM, GgufConfig

        torch.set_num_threads(threads)
        self.torch = torch
        self.model = AutoModelForCausalLM.from_pretrained(
            str(model.parent),
            gguf_file=model.name,
            dtype=torch.float32,
            quantization_config=GgufConfig(dequantize=True),
        ).eval()
        self.cache: Any = None
        self.length = 0

    def truncate(self, length: int) -> None:
        if length == 0:
            self.cache = None
        elif length < self.length:
            self.cache.crop(length - self.length)
        self.length = length

    def extend(self, tokens: list[int]) -> int:
        with self.torch.inference_mode():
            output = self.model(
                self.torch.tensor([tokens]), past_key_values=self.cache, use_cache=True, logits_to_keep=1
            )
        self.cache = output.past_key_values
        self.length += len(tokens)
        return int(output.logits[0, -1].argmax())


class OnnxRuntimeGenAI(Peer):
    """onnxruntime-genai on a folder that it can read (its own int4 build, or ours with a genai_config.json beside
    it)."""

    def __init__(self, model: Path, threads: int) -> None:
        import onnxruntime_genai as genai

        self.genai = genai
        config = genai.Config(str(model))
        config.overlay(json.dumps({"model": {"decoder": {"session_options": {"intra_op_num_threads": threads}}}}))
        self.model = genai.Model(config)
        self.fresh()

    def fresh(self) -> None:
        parameters = self.genai.GeneratorParams(self.model)
        parameters.set_search_options(max_length=CONTEXT, do_sample=False)
        self.generator = self.genai.Generator(self.model, parameters)

    def truncate(self, length: int) -> None:
        if length == 0:
            self.fresh()
        else:
            self.generator.rewind_to(length)

    def extend(self, tokens: list[int]) -> int:
        self.generator.append_tokens(np.array([tokens], dtype=np.int32))
        return int(np.asarray(self.generator.get_logits()).reshape(-1).argmax())


class DragomanPlain(Peer):
    """Our ONNX Runtime back end, one token a pass: what the runtime alone is worth."""

    def __init__(self, model: Path, threads: int) -> None:
        from models.loading import load_model

        self.model = load_model(str(model), threads=threads)
        self.session = self.model.new_session()
        self.row: Any = None

    def truncate(self, length: int) -> None:
        self.session.truncate(length)

    def extend(self, tokens: list[int]) -> int:
        from models.backends.session import prefill

        wanted = np.concatenate([self.session.tokens, np.asarray(tokens, dtype=np.int64)])
        rows, _ = prefill(self.session, wanted)
        self.row = rows[-1:]
        return int(self.row.argmax())


class Dragoman(DragomanPlain):
    """The same with our decoder: drafts from the text at hand are confirmed several in one pass, for the same text."""

    def __init__(self, model: Path, threads: int) -> None:
        super().__init__(model, threads)
        from models.decoding.drafts import DraftPolicy
        from models.decoding.masks.compiler import MaskCompiler

        self.policy = DraftPolicy()
        self.compiler = MaskCompiler(self.model.tokenizer.vocabulary)

    def generate(self, token: int, count: int) -> list[int]:
        return self.line([], count)

    def line(self, typed: list[int], count: int) -> list[int]:
        from models.decoding.alternatives import decode
        from models.decoding.cancellation import NEVER
        from models.decoding.decoder import Request
        from models.decoding.drafts import Drafter, PromptLookup
        from models.decoding.generation import DecodingParameters
        from models.decoding.lookahead import Lookahead
        from models.decoding.stopping import Stops

        tokens = np.concatenate([self.session.tokens, np.asarray(typed, dtype=np.int64)])
        parameters = DecodingParameters(max_tokens=count)
        request = Request(
            tokenizer=self.model.tokenizer,
            parameters=parameters,
            stops=Stops(parameters),
            lookahead=Lookahead(self.session, tokens, NEVER),
            taken_back=b"",
            compiler=self.compiler,
            drafter=Drafter(PromptLookup([tokens], room=2 * count + 64), self.policy, self.model.tokenizer),
        )
        return list(decode(request)[0].token_ids)


PEERS: dict[str, type[Peer]] = {
    "dragoman": Dragoman,
    "dragoman, no drafts": DragomanPlain,
    "llama.cpp": LlamaCpp,
    "onnxruntime-genai": OnnxRuntimeGenAI,
    "transformers": Transformers,
}


def peak_memory_mb() -> float:
    """Largest resident set of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def serve(peer: Peer) -> None:
    """Answer commands until stdin ends."""
    token = 0
    for line in sys.stdin:
        command = json.loads(line)
        start, cpu = time.perf_counter(), time.process_time()
        match command["verb"]:
            case "truncate":
                peer.truncate(command["length"])
            case "extend":
                token = peer.extend(command["tokens"])
            case "generate":
                peer.generate(token, command["count"])
            case "line":
                peer.line(command["tokens"], command["count"])
            case verb:
                raise SystemExit(f"unknown verb {verb!r}")
        answer = {
            "wall": (time.perf_counter() - start) * 1e3,
            "cpu": (time.process_time() - cpu) * 1e3,
            "peak_mb": peak_memory_mb(),
        }
        print(json.dumps(answer), flush=True)  # noqa: T201 - this is the protocol


def main() -> None:
    """Load the named peer and serve it. Libraries may print to stdout: keep the protocol's own handle."""
    name, model, threads = sys.argv[1:4]
    protocol = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        peer = PEERS[name](Path(model), int(threads))
    except ImportError as error:
        protocol.write(json.dumps({"missing": str(error)}) + "\n")
        return
    sys.stdout = protocol
    print(json.dumps({"peak_mb": peak_memory_mb()}), flush=True)  # noqa: T201
    serve(peer)


if __name__ == "__main__":
    main()
