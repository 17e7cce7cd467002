"""All that restricts a token together, against a walk over the whole vocabulary: random identifiers, tokens that reach
over the identifier's end, and token healing at every offset.
"""

from functools import cache

import numpy as np
import pytest
from fake_model import CORPUS, train_tokenizer
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decoding.constraint import Constraint
from models.decoding.masks.compiler import MaskCompiler
from models.decoding.masks.joint import JointMask
from models.decoding.masks.outlook import FAMILIAR, UNFAMILIAR
from models.decoding.masks.words import continues_word, may_end_word
from models.decoding.sampling import Greedy
from models.decoding.writing import Step, Writing, decode_whole
from models.tokenization import Tokenizer

TOKENIZER = train_tokenizer()
COMPILER = MaskCompiler(TOKENIZER.vocabulary)

letters = st.sampled_from("abensvxyz_éößü日本語").map(str)
identifiers = st.one_of(
    st.sampled_from(["name", "names", "value", "values", "valid", "v", "größe", "naïve", "日本", "日本語", "_x1"]),
    st.lists(st.one_of(letters, st.sampled_from("0129")), min_size=1, max_size=6).map("".join).filter(str.isidentifier),
)
name_sets = st.frozensets(identifiers, min_size=1, max_size=12)


def token_of(data: bytes) -> int:
    return TOKENIZER.vocabulary.spelled.index(data)


@cache
def ends(tail: bytes) -> frozenset[str]:
    """A character of each sort whose UTF-8 begins with `tail`: one that goes on with a word, one that ends it."""
    found: dict[bool, str] = {}
    in_use = (*range(0x80, 0xD800), *range(0xE000, 0x32000), *range(0xE0000, 0xE0200))
    for number in (*in_use, *range(0x32000, 0x110000, 0x40)):  # 64 code points share all but their last byte
        if chr(number).encode().startswith(tail):
            found.setdefault(continues_word(chr(number)), chr(number))
    return frozenset(found.values())


def begins_a_name(names: frozenset[str], data: bytes) -> bool | None:
    """Whether `data` is the beginning of one of the names with something that ends it; `None` if it is no UTF-8."""
    text, broken = decode_whole(data)
    if broken:
        return None
    tail = data[len(text.encode()) :]
    ended = [text[len(name) :] for name in names if text.startswith(name)]
    if any(rest and not continues_word(rest[0]) for rest in ended):
        return True
    if not tail:
        return any(name.startswith(text) for name in names)
    longer = [name for name in names if name.encode().startswith(data)]
    return bool(longer) or ("" in ended and any(not continues_word(character) for character in ends(tail)))


def slowly(writing: Writing, names: frozenset[str], typed: str, start: int) -> tuple[set[int], set[int]]:
    """Tokens that may come next, and those about which bytes that are no text leave a doubt."""
    pending = writing.pending
    allowed: set[int] = set()
    doubtful: set[int] = set()
    said = typed.encode() + bytes(writing.data[start:])
    for index, data in enumerate(TOKENIZER.vocabulary.spelled):
        if not data or not (pending.startswith(data) or data.startswith(pending)):
            continue
        verdict = begins_a_name(names, said + data[max(start - len(writing.data), 0) :])
        if verdict is None:
            doubtful.add(index)
        elif verdict:
            allowed.add(index)
    return allowed, doubtful


def check(mask: JointMask, writing: Writing, names: frozenset[str], typed: str, start: int) -> None:
    expected, doubtful = slowly(writing, names, typed, start)
    visible = {index for index, data in enumerate(TOKENIZER.vocabulary.spelled) if data}
    found = set(mask.allowed().tolist()) & visible
    assert found - doubtful == expected
    for index in visible - doubtful:
        assert mask.permits(index) == (index in expected)


@given(names=name_sets, data=st.data())
@settings(max_examples=12, deadline=None)
def test_healing_at_every_offset_of_a_half_typed_word(names: frozenset[str], data: st.DataObject) -> None:
    """The cursor stands inside a word; whatever healing takes back, the same names can be finished."""
    name = data.draw(st.sampled_from(sorted(names)))
    typed = name[: data.draw(st.integers(0, len(name)))]
    before = data.draw(st.sampled_from(["x = self.", " in ", "größe.", ""])) + typed
    taken_back = before.encode()
    for cut in range(len(taken_back) + 1):
        writing = Writing(taken_back[cut:])
        mask = JointMask(writing, TOKENIZER.vocabulary, TOKENIZER.control_ids, COMPILER)
        constraint = Constraint("names", -len(typed), names=names, typed=typed)
        assert mask.add(constraint, writing.offset(constraint.start), 0) == 0
        check(mask, writing, names, typed, writing.cursor)


@given(names=name_sets, choices=st.lists(st.integers(0, 10_000), min_size=1, max_size=5), late=st.integers(0, 5))
@settings(max_examples=25, deadline=None)
def test_the_mask_goes_along_with_what_is_written(names: frozenset[str], choices: list[int], late: int) -> None:
    """Also where the constraint begins inside what is written, and comes after it."""
    dot = b"."
    writing = Writing(b"", [Step(token_of(dot), dot, 1, 0.0)])
    constraint = Constraint("names", 1, names=names)
    mask = JointMask(writing, TOKENIZER.vocabulary, TOKENIZER.control_ids, COMPILER)
    known = False
    for step, choice in enumerate([*choices, 0]):
        if not known and step >= late:
            kept = mask.add(constraint, 1, len(writing.data))
            assert kept is not None
            expected = next(
                (
                    n
                    for n in range(1, len(writing.steps))
                    if begins_a_name(names, bytes(writing.data[1 : writing.steps[n].end])) is False
                ),
                len(writing.steps),
            )
            if all(begins_a_name(names, bytes(writing.data[1 : s.end])) is not None for s in writing.steps[1:]):
                assert kept == expected
            writing.cut(kept)
            mask.retreat()
            known = True
        if known:
            check(mask, writing, names, "", 1)
        ids = mask.allowed() if known else TOKENIZER.vocabulary.order
        chosen = next(
            (int(i) for i in [*ids[choice % max(len(ids), 1) :], *ids] if TOKENIZER.token_bytes(int(i))), None
        )
        if chosen is None:
            return
        data = TOKENIZER.token_bytes(chosen)
        if known:
            mask.advance(data)
        writing.push(Step(chosen, data, len(writing.data) + len(data), 0.0))


def test_a_token_may_reach_over_the_end_of_the_name(tokenizer: Tokenizer) -> None:
    """`.name(` and the like: whole in the vocabulary, and legal as long as the name in it is."""
    assert "name" in CORPUS
    spelled = tokenizer.vocabulary.spelled
    names = frozenset({"name"})
    writing = Writing()
    mask = JointMask(writing, tokenizer.vocabulary, tokenizer.control_ids, MaskCompiler(tokenizer.vocabulary))
    mask.add(Constraint("names", 0, names=names), 0, 0)
    allowed = {spelled[index] for index in mask.allowed().tolist()}
    assert b"name" in allowed
    assert not any(token.startswith(b"names") for token in allowed)
    assert all(token == b"name"[: len(token)] or token.startswith(b"name") for token in allowed if token)


def slow_worth(constraint: Constraint, familiar: frozenset[str], data: bytes) -> float:
    """What `data` after the beginning of a name is worth by itself: the best of what it is or can become."""
    names, weights = constraint.names or frozenset(), dict(constraint.weights)
    found: list[float] = []
    for name in names:
        rest = data.removeprefix(name.encode())
        if rest != data and rest and may_end_word(rest):
            found.append(weights.get(name, 0.0))
    if not found and not constraint.binding:
        found.append(0.0)
    found += [
        weights.get(name, 0.0) - (FAMILIAR if name in familiar else UNFAMILIAR) * (len(name.encode()) - len(data))
        for name in names
        if name.encode().startswith(data)
    ]
    return max(found)


@given(
    names=name_sets,
    weights=st.dictionaries(identifiers, st.floats(-5, 5), max_size=5),
    known=st.frozensets(identifiers, max_size=8),
    binding=st.booleans(),
    choices=st.lists(st.integers(0, 10_000), min_size=1, max_size=6),
)
@settings(max_examples=40, deadline=None)
def test_worth_against_a_walk_over_all_names(
    names: frozenset[str], weights: dict[str, float], known: frozenset[str], binding: bool, choices: list[int]
) -> None:
    """It prefers among what is allowed and allows nothing more; its sum over tokens is that of the text they spell."""
    writing = Writing()
    weighed = Constraint("names", 0, names=names, weights=tuple(sorted(weights.items())), binding=binding)
    mask = JointMask(writing, TOKENIZER.vocabulary, TOKENIZER.control_ids, COMPILER, known.intersection)
    assert mask.add(weighed, 0, 0) == 0
    total, beginning = 0.0, slow_worth(weighed, known, b"")
    everything = [token for token in range(TOKENIZER.size) if TOKENIZER.token_bytes(token)]
    for choice in choices:
        if not mask.is_masked:
            break
        said = bytes(writing.data)
        allowed = [int(i) for i in mask.allowed() if TOKENIZER.token_bytes(int(i))] if binding else everything
        if not allowed:
            return
        assert all(mask.permits(token) for token in allowed)
        row = np.random.default_rng(choice).normal(0, 3, TOKENIZER.size).astype(np.float32)
        assert binding or mask.accepts_end
        row[list(TOKENIZER.control_ids)] = -99
        chosen = Greedy().choose(row, 0, mask)
        assert chosen == max(allowed, key=lambda token: float(row[token]) + mask.worth(token))
        now = slow_worth(weighed, known, said)
        for token in allowed[choice % 7 :: 7]:
            worth = mask.worth(token)
            assert worth <= mask.most_worth + 1e-9
            expected = slow_worth(weighed, known, said + TOKENIZER.token_bytes(token)) - now
            assert worth == pytest.approx(expected)
        if mask.accepts_end:
            ended = slow_worth(weighed, known, said + b"\n") - now
            assert mask.worth(min(TOKENIZER.control_ids)) == pytest.approx(ended), "it ends a name"
        token = allowed[choice % len(allowed)]
        data = TOKENIZER.token_bytes(token)
        total += mask.worth(token)
        mask.advance(data)
        writing.push(Step(token, data, len(writing.data) + len(data), 0.0))
        assert beginning + total == pytest.approx(slow_worth(weighed, known, bytes(writing.data)))


def test_advice_forbids_nothing_and_does_not_last(tokenizer: Tokenizer) -> None:
    writing = Writing()
    mask = JointMask(writing, tokenizer.vocabulary, tokenizer.control_ids, MaskCompiler(tokenizer.vocabulary))
    advice = Constraint("advice", 0, names=frozenset({"value"}), weights=(("value", 9.0),), binding=False)
    mask.add(advice, 0, 0)
    first, other = tokenizer.vocabulary.spelled.index(b"v"), tokenizer.vocabulary.spelled.index(b"x")
    assert mask.is_masked and mask.accepts_end and mask.permits(other)
    assert mask.forced() == b""
    assert mask.worth(first) > mask.worth(other)
    mask.advance(b"x")
    assert not mask.is_masked
    # With something that forbids, it prefers among what that allows.
    mask = JointMask(writing, tokenizer.vocabulary, tokenizer.control_ids, MaskCompiler(tokenizer.vocabulary))
    mask.add(advice, 0, 0)
    mask.add(Constraint("names", 0, names=frozenset({"x", "value"})), 0, 0)
    allowed = {tokenizer.vocabulary.spelled[index] for index in mask.allowed().tolist()}
    assert b"v" in allowed
    assert b"n" not in allowed
    row = np.zeros(tokenizer.size, dtype=np.float32)
    chosen = Greedy().choose(row, 0, mask)
    assert chosen is not None
    assert b"value".startswith(tokenizer.token_bytes(chosen))


def test_without_names_nothing_is_worth_more(tokenizer: Tokenizer) -> None:
    mask = JointMask(Writing(), tokenizer.vocabulary, tokenizer.control_ids, MaskCompiler(tokenizer.vocabulary))
    mask.add(Constraint("expression", 0, regex="[a-z]+"), 0, 0)
    assert mask.most_worth == 0
    assert all(mask.worth(token) == 0 for token in mask.allowed().tolist())
