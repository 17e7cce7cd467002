"""Masks against a walk over the whole vocabulary that asks the `regex` library whether a match can still begin so."""

from collections import defaultdict
from functools import cache, lru_cache

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from models.decoding.constraint import Constraint
from models.decoding.masks.compiler import MaskCompiler
from models.decoding.masks.mask import Mask
from models.decoding.masks.words import continues_word, ends_word, may_end_word
from models.decoding.writing import decode_whole
from models.tokenization import Tokenizer

NAMES = [
    "size",
    "self",
    "value",
    "values",
    "valid",
    "v",
    "naïve",
    "größe",
    "日本",
    "日本語",
    "tokens",
    "x",
    "x1",
    "operator==",
]
PATTERNS = [
    r"[a-z]+\([0-9]*\)",
    r"(?s:(?:name|value|größe)(?:[^a-zé].*)?)",
    r"'[^'\n]{0,3}'",
    r"self\.(?:size|tokens)",
    r"(?:ab)*c?",
    r"日本.?",
]


class NamesPattern:
    """What `NameMask` means, asked of text like a compiled expression. (Libraries differ in their Unicode version.)"""

    def __init__(self, names: list[str]) -> None:
        self.names = names

    def fullmatch(self, text: str, partial: bool = False) -> bool:
        ended = [text[len(name) :] for name in self.names if text.startswith(name)]
        if any(not rest or not continues_word(rest[0]) for rest in ended):
            return True
        return partial and any(name.startswith(text) for name in self.names)


Pattern = NamesPattern | regex.Pattern[str]


@lru_cache(maxsize=100_000)
def begins_match(pattern: Pattern, data: bytes) -> bool:
    """Whether bytes, perhaps ending inside a code point, begin some text that matches."""
    whole = len(data)
    while whole and len(data) - whole < 4:
        try:
            text = data[:whole].decode()
            break
        except UnicodeDecodeError:
            whole -= 1
    else:
        text = ""
    tail = data[whole:]
    return any(pattern.fullmatch(text + end, partial=True) for end in completions(tail))


@cache
def representatives() -> dict[bytes, set[str]]:
    """For every start of a code point: one that ends a word, one that does not, and all in names and patterns."""
    found: dict[bytes, dict[bool, str]] = defaultdict(dict)
    in_use = (*range(0x80, 0xD800), *range(0xE000, 0x32000), *range(0xE0000, 0xE0200))
    for number in (*in_use, *range(0x32000, 0x110000, 0x40)):  # 64 code points share all but their last byte
        character = chr(number)
        encoded = character.encode()
        for length in range(1, len(encoded)):
            found[encoded[:length]].setdefault(continues_word(character), character)
    all_found = {start: set(kinds.values()) for start, kinds in found.items()}
    for character in "".join([*NAMES, *PATTERNS]):
        encoded = character.encode()
        for length in range(1, len(encoded)):
            all_found[encoded[:length]].add(character)
    return all_found


def completions(tail: bytes) -> set[str]:
    """Code points whose UTF-8 begins with `tail`, one of each sort."""
    return representatives().get(tail, set()) if tail else {""}


def allowed_slowly(tokenizer: Tokenizer, pattern: Pattern, said: bytes, after: bytes) -> set[int]:
    return {index for index, data in longer(tokenizer, after) if begins_match(pattern, said + data[len(after) :])}


def longer(tokenizer: Tokenizer, after: bytes) -> list[tuple[int, bytes]]:
    """Tokens that start with `after` and say more."""
    spelled = enumerate(tokenizer.vocabulary.spelled)
    return [(index, data) for index, data in spelled if data.startswith(after) and data != after]


def check(tokenizer: Tokenizer, mask: Mask, pattern: Pattern, said: bytes, after: bytes) -> None:
    if mask.satisfied:
        assert begins_match(pattern, said) or decode_whole(said)[1]
        return
    expected = allowed_slowly(tokenizer, pattern, said, after)
    text = {index for index, data in longer(tokenizer, after) if not decode_whole(said + data[len(after) :])[1]}
    assert set(mask.allowed(after).tolist()) & text == expected & text  # what follows a name may also be no text at all
    for index, data in longer(tokenizer, after):
        assert index not in text or mask.allows(data[len(after) :]) == (index in expected)
    assert mask.accepts_end == bool(whole_match(pattern, said))
    forced = mask.forced()
    if forced:
        assert not mask.accepts_end
        assert begins_match(pattern, said + forced)
        others = [bytes([byte]) for byte in range(256) if byte != forced[0]]
        assert not any(begins_match(pattern, said + other) for other in others)


def whole_match(pattern: Pattern, said: bytes) -> bool:
    try:
        return bool(pattern.fullmatch(said.decode()))
    except UnicodeDecodeError:
        return False


@pytest.fixture(scope="module")
def compiler(tokenizer: Tokenizer) -> MaskCompiler:
    return MaskCompiler(tokenizer.vocabulary)


@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_masks_allow_exactly_what_can_match(tokenizer: Tokenizer, compiler: MaskCompiler, data: st.DataObject) -> None:
    if data.draw(st.booleans(), label="names"):
        names = data.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=6, unique=True))
        pattern: Pattern = NamesPattern(names)
        mask = compiler.compile(Constraint("test", 0, names=frozenset(names)))
    else:
        pattern = regex.compile(data.draw(st.sampled_from(PATTERNS)))
        mask = compiler.compile(Constraint("test", 0, regex=pattern.pattern))
    assert mask is not None
    said = b""
    steps: list[bytes] = []
    for _ in range(data.draw(st.integers(0, 5), label="tokens")):
        tokens = sorted(mask.allowed(b"").tolist())
        if not tokens:
            break
        token = data.draw(st.sampled_from(tokens))
        steps.append(tokenizer.token_bytes(token))
        mask.advance(steps[-1])
        said += steps[-1]
    after = data.draw(st.sampled_from([b"", b"", b".", b" ", b"v", "ï".encode()[:1]]))
    check(tokenizer, mask, pattern, said, after)

    taken_back = data.draw(st.integers(0, len(steps)), label="taken back")
    mask.retreat(taken_back)
    said = b"".join(steps[: len(steps) - taken_back])
    check(tokenizer, mask, pattern, said, b"")


@pytest.mark.parametrize(
    "partial", ["×".encode(), "é".encode(), "日".encode(), "。".encode(), "🙂".encode(), "𝒳".encode()]
)
def test_a_code_point_that_is_not_whole_may_still_end_a_name(partial: bytes) -> None:
    character = partial.decode()
    for length in range(1, len(partial)):
        possible = any(not continues_word(c) for c in completions(partial[:length]))
        assert may_end_word(partial[:length]) == possible
        assert not ends_word(partial[:length])
    assert may_end_word(partial) == ends_word(partial) == (not continues_word(character))


@pytest.mark.parametrize("broken", [b"\x80", b"\xc0", b"\xff", b"\xed\xa0", b"\xf0\x80", b"\xf4\x90", b"\xe3("])
def test_broken_bytes_end_nothing(broken: bytes) -> None:
    assert not may_end_word(broken)


def test_what_is_typed_counts(tokenizer: Tokenizer, compiler: MaskCompiler) -> None:
    names = frozenset({"value", "values", "valid", "size"})
    mask = compiler.compile(Constraint("test", -3, names=names, typed="val"))
    assert mask is not None
    assert mask.allows(b"ue(")
    assert not mask.allows(b"size")
    assert compiler.compile(Constraint("test", -1, names=names, typed="z")) is None
    number = compiler.compile(Constraint("test", -2, regex=r"\d+;", typed="12"))
    assert number is not None
    assert number.allows(b";")
    assert compiler.compile(Constraint("test", -2, regex=r"\d+;", typed="1x")) is None


def test_what_cannot_be_compiled_is_no_mask(compiler: MaskCompiler) -> None:
    assert compiler.compile(Constraint("test", 0, regex="(")) is None
    assert compiler.compile(Constraint("test", 0, grammar="start: nowhere")) is None
    assert compiler.compile(Constraint("test", 0, names=frozenset())) is None
    assert compiler.compile(Constraint("test", 0)) is None


def test_grammars(tokenizer: Tokenizer, compiler: MaskCompiler) -> None:
    mask = compiler.compile(Constraint("test", 0, grammar='start: "(" start? ")"'))
    assert mask is not None
    assert mask.forced() == b"("
    mask.advance(b"((")
    assert mask.allows(b"))")
    assert not mask.allows(b")))")
    mask.advance(b"))")
    assert mask.accepts_end
    assert not len(mask.allowed(b""))
    mask.retreat(1)
    assert not mask.accepts_end
