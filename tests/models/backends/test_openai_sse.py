"""Events come out whole, however the bytes were cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.backends.openai_sse import MAX_EVENT_BYTES, EventParser
from models.errors import ModelError


def parse(chunks: list[bytes]) -> list[str]:
    parser = EventParser()
    return [event for chunk in chunks for event in parser.feed(chunk)] + parser.finish()


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted({place % (len(stream) + 1) for place in places}), len(stream)]
    return [stream[a:b] for a, b in pairwise(edges)]


EVENTS = st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), min_size=1), max_size=5)


@given(EVENTS, st.lists(st.integers(0, 400), max_size=20), st.sampled_from(["\n", "\r\n", "\r"]))
def test_cuts_do_not_matter(events: list[str], places: list[int], newline: str) -> None:
    stream = "".join(f"data: {event}{newline}{newline}" for event in events).encode()
    assert parse(cut(stream, places)) == events


def test_comments_other_fields_and_byte_order_mark_are_skipped() -> None:
    stream = b"\xef\xbb\xbf: ping\n\nevent: token\nid: 7\ndata: one\n\nretry: 10\n\ndata:two\n\n"
    assert parse([stream]) == ["one", "two"]


def test_lines_of_one_event_are_joined() -> None:
    assert parse([b"data: a\ndata:  b\n\n"]) == ["a\n b"]


def test_the_end_of_the_stream_ends_an_event() -> None:
    assert parse([b"data: [DONE]"]) == ["[DONE]"]
    assert parse([b"data: [DONE]\r"]) == ["[DONE]"]


def test_broken_utf8_is_replaced() -> None:
    assert parse([b"data: \xf0\x9f\n\n"]) == ["\ufffd"]


def test_an_event_without_end_is_refused() -> None:
    parser = EventParser()
    with pytest.raises(ModelError, match="without an end"):
        for _ in range(5):
            parser.feed(b"data: " + b"x" * (MAX_EVENT_BYTES // 4))
