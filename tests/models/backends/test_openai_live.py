"""The remote back end against a real completion server: `DRAGOMAN_TEST_SERVER` is its URL, up to and including `/v1`.

`DRAGOMAN_TEST_SERVER_KIND` is what it calls structured output, `llama.cpp` (the default) or `vllm`. For example
`pip install 'llama-cpp-python[server]'`, `python -m llama_cpp.server --model FILE.gguf --n_ctx 2048`.
"""

import os
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from models import Cancellation, Cancelled, Constraint, DecodingParameters, Prompt
from models.backends.openai import RemoteGenerator
from models.backends.openai_http import Server
from models.catalog.entry import ModelEntry, RemoteSource

URL = os.environ.get("DRAGOMAN_TEST_SERVER", "")
KIND: Any = os.environ.get("DRAGOMAN_TEST_SERVER_KIND", "llama.cpp")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not URL, reason="DRAGOMAN_TEST_SERVER is not set")]

LINE = DecodingParameters(max_tokens=24, single_line=True)
PROMPT = Prompt(
    "import csv\n\nclass Reader:\n    def __init__(self, path):\n        self.path = path\n        self.rows = []\n\n"
    "    def read(self):\n        with open(self."
)


class Told:
    def __init__(self, constraint: Constraint, after: int = 0) -> None:
        self._left = [constraint]
        self._after = after

    def poll(self, text: str) -> Sequence[Constraint]:
        known = self._left if len(text) >= self._after else []
        self._left = [] if known else self._left
        return known

    def rolled_back(self, text: str) -> None:
        pass

    def wait(self) -> bool:
        return False


@pytest.fixture(scope="module")
def remote() -> Iterator[RemoteGenerator]:
    name = Server(RemoteSource(URL, "any")).model_names()[0]
    source = RemoteSource(URL, name, structured_output=KIND)
    made = RemoteGenerator(ModelEntry("live", source, "decoder", 2048, "any"))
    yield made
    made.close()


def test_greedy_lines_are_the_same_twice(remote: RemoteGenerator) -> None:
    first, second = (remote.generate(PROMPT, LINE).candidates[0].text for _ in range(2))
    assert first == second
    assert first.strip()
    assert "\n" not in first


@pytest.mark.parametrize("after", [0, 5])
def test_names_are_kept_to(remote: RemoteGenerator, after: int) -> None:
    names = frozenset({"zebra_name", "zebra_file", *(f"quagga_{number}" for number in range(300))})
    made = remote.generate(PROMPT, LINE, guide=Told(Constraint("names", 0, names=names), after))
    assert any(made.candidates[0].text.startswith(name) for name in names)
    assert (made.interventions.rolled_back, made.interventions.lifted) == (1, 0)


def test_half_typed_names_and_expressions_are_kept_to(remote: RemoteGenerator) -> None:
    typed = Prompt(PROMPT.prefix + "ze")
    names = Constraint("names", -2, names=frozenset({"zebra_name", "zebra_file", "path"}), typed="ze")
    text = remote.generate(typed, LINE, guide=Told(names)).candidates[0].text
    assert text.startswith(("bra_name", "bra_file"))
    expression = Constraint("arguments", 0, regex=r"[a-z]+, 'w', \d{3}\)(?s:.*)")
    made = remote.generate(PROMPT, LINE, guide=Told(expression))
    assert ", 'w', " in made.candidates[0].text
    assert made.interventions.lifted == 0


def test_cancelling_frees_the_server(remote: RemoteGenerator) -> None:
    cancellation = Cancellation()
    threading.Timer(0.5, cancellation.cancel).start()
    begun = time.perf_counter()
    with pytest.raises(Cancelled):
        remote.generate(Prompt("# a long story\n"), DecodingParameters(max_tokens=1500), cancellation=cancellation)
    assert time.perf_counter() - begun < 2
    assert remote.generate(PROMPT, LINE).candidates[0].text.strip()
