"""What a record takes over from an answer."""

from dataclasses import replace
from math import inf, nan

import pytest
from desk import written

from lsp_server.telemetry import Record, from_json, to_json
from lsp_server.telemetry.identity import Pseudonyms
from lsp_server.telemetry.parts import generation_part


@pytest.mark.parametrize(
    ("logprobs", "kept"),
    [((-0.25, -0.5), (-0.25, -0.5)), ((-0.25, -inf), None), ((inf,), None), ((nan, -0.5), None), ((), None)],
)
def test_log_probabilities_that_are_no_numbers_are_not_told(
    logprobs: tuple[float, ...], kept: tuple[float, ...] | None
) -> None:
    result = written("foo")
    assert result.written is not None
    generation = result.written.generation
    candidate = replace(generation.candidates[0], logprobs=logprobs)
    answer = replace(result.written, generation=replace(generation, candidates=(candidate,)))
    record = Record("a", 1.0, generations=(generation_part(result, answer, Pseudonyms(b"key")),))
    assert record.generations[0].candidates[0].logprobs == kept
    assert from_json(to_json(record)) == record
