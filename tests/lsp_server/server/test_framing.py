"""Message bodies out of bytes that come in any portions."""

from hypothesis import given
from hypothesis import strategies as st

from lsp_server.server.framing import MAX_HEADER_BYTES, Frames, frame

bodies = st.lists(st.binary(max_size=40), max_size=6)


@given(bodies, st.lists(st.integers(1, 30), min_size=1, max_size=30))
def test_portions_do_not_matter(wanted: list[bytes], portions: list[int]) -> None:
    stream = b"".join(map(frame, wanted))
    frames = Frames()
    got: list[bytes] = []
    while stream:
        size = portions[len(stream) % len(portions)]
        got += frames.feed(stream[:size])
        stream = stream[size:]
    assert got == wanted


@given(st.binary(max_size=200).filter(lambda garbage: b"ontent" not in garbage), st.binary(max_size=20))
def test_after_garbage_and_a_blank_line_all_is_well(garbage: bytes, body: bytes) -> None:
    frames = Frames()
    assert list(frames.feed(garbage + b"\r\n\r\n" + frame(body)))[-1:] == [body]


def test_endless_garbage_takes_no_memory() -> None:
    frames = Frames()
    for _ in range(50):
        assert list(frames.feed(b"x" * MAX_HEADER_BYTES)) == []
    assert frames.pending_bytes <= MAX_HEADER_BYTES
