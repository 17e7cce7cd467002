"""Log lines that a person and a script can read, and that reach the editor."""

import logging
from collections.abc import Iterator

import pytest

from lsp_server.logs import ROOMS, ForwardHandler, event, log_to_stderr, set_level


@pytest.fixture(autouse=True)
def levels_as_before() -> Iterator[None]:
    before = {room: logging.getLogger(room).level for room in ROOMS}
    yield
    for room, level in before.items():
        logging.getLogger(room).setLevel(level)


def test_an_event_is_a_name_and_fields() -> None:
    assert event("completion", trigger="automatic", total_ms=12.345, count=1) == (
        "completion trigger=automatic total_ms=12.3 count=1"
    )
    assert event("failed", reason='it said "no"', path="", line="a\nb", name="x") == (
        'failed reason="it said \\"no\\"" path="" line="a\\nb" name=x'
    )


def test_events_of_ours_are_forwarded_and_nobody_elses() -> None:
    heard: list[tuple[int, str]] = []
    handler = ForwardHandler(lambda level, line: heard.append((level, line)))
    handler.attach()
    try:
        set_level("info")
        logging.getLogger("lsp_server.x").info("one")
        logging.getLogger("models.y").debug("two")
        logging.getLogger("elsewhere").error("three")
        try:
            raise ValueError("secret")
        except ValueError:
            logging.getLogger("models.y").exception("four")
    finally:
        handler.detach()
    logging.getLogger("lsp_server.x").info("five")
    assert heard == [(logging.INFO, "one"), (logging.ERROR, "four")]


def test_a_forward_that_fails_fails_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_level: int, _line: str) -> None:
        raise OSError("gone")

    handler = ForwardHandler(broken)
    handler.attach()
    try:
        logging.getLogger("lsp_server.x").error("line")
    finally:
        handler.detach()
    assert "gone" in capsys.readouterr().err


def test_stderr_gets_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr()
    log_to_stderr("warning")
    try:
        logging.getLogger("lsp_server.x").info("unimportant")
        logging.getLogger("lsp_server.x").warning("important")
        logging.getLogger("elsewhere").info("chatter")
    finally:
        root = logging.getLogger()
        for handler in [one for one in root.handlers if type(one).__module__ == "lsp_server.logs"]:
            root.removeHandler(handler)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1 and lines[0].endswith("WARNING important")
