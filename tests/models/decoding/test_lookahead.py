"""Logits that were computed ahead are those that would be computed now."""

import numpy as np
from fake_model import FakeModel
from hypothesis import given, settings
from hypothesis import strategies as st

from models.backends.session import PREFILL_CHUNK, prefill
from models.decoding.cancellation import NEVER
from models.decoding.lookahead import Lookahead

token = st.integers(0, 9)
walk = st.lists(st.tuples(st.integers(0, 4), st.lists(token, max_size=3), st.lists(token, max_size=4)), max_size=12)


@given(st.lists(token, min_size=1, max_size=6), st.integers(0, 4), walk)
@settings(deadline=None)
def test_any_walk_sees_true_logits(
    model: FakeModel, prompt: list[int], held: int, moves: list[tuple[int, list[int], list[int]]]
) -> None:
    session = model.new_session()
    if held:
        session.extend(prompt[:held])
    lookahead = Lookahead(session, np.array(prompt, dtype=np.int64), NEVER)
    assert lookahead.unread == max(len(prompt) - held, 0)
    written: list[int] = []
    for cut, added, draft in moves:
        written = written[: len(written) - cut] if cut else written
        written = written + added
        row = lookahead.logits(written, lambda room, draft=draft: draft[:room])
        assert np.array_equal(row, model.row(prompt + written))


def test_accepted_drafts_cost_no_pass(model: FakeModel) -> None:
    session = model.new_session()
    lookahead = Lookahead(session, np.array([1, 2, 3], dtype=np.int64), NEVER)
    lookahead.logits([], lambda room: [8])
    assert lookahead.passes == 0, "what the prompt takes is counted apart"
    assert lookahead.unread == 0
    for length in range(1, 4):
        lookahead.logits([4, 5, 6][:length], lambda room: [5, 6])
    assert session.passes == [4, 3]
    lookahead.logits([4], lambda room: [])
    assert lookahead.passes == 1
    lookahead.logits([4, 7], lambda room: [])
    assert session.tokens.tolist() == [1, 2, 3, 4, 7]
    assert session.passes == [4, 3, 1]


@given(st.integers(1, 600), st.integers(1, 8), st.integers(0, 600))
@settings(max_examples=40, deadline=None)
def test_prefill_reads_in_chunks_and_answers_for_the_last_tokens(
    model: FakeModel, length: int, last: int, shared: int
) -> None:
    model = FakeModel(model.tokenizer, context_length=1000)
    last = min(last, length)
    tokens = np.arange(length) % 7
    session = model.new_session()
    if shared:
        session.extend((np.arange(shared) % 7).tolist())
    session.passes.clear()
    rows, reused = prefill(session, tokens, last=last)
    assert np.array_equal(session.tokens, tokens)
    assert reused == min(shared, length - last)
    assert sum(session.passes) == length - reused
    assert max(session.passes) < PREFILL_CHUNK + last
    for index in range(last):
        assert np.array_equal(rows[index], model.row(tokens[: length - last + 1 + index].tolist()))
