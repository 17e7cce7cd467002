"""What a user does with suggestions, and what the records say of it."""

from dataclasses import replace

import pytest
from desk import Desk, written
from hypothesis import given
from hypothesis import strategies as st

from lsp_server.completion.request import CompletionResult, Suggestion
from lsp_server.documents import Change
from lsp_server.documents.lines import readable
from lsp_server.telemetry import Record

TEXT = "import os\n\nx = os."


def outcome(record: Record) -> tuple[str, str, int, int]:
    found = record.outcome
    return found.result, found.known_from, found.accepted_chars, found.typed_chars


def states(record: Record) -> list[tuple[float, str]]:
    return [(truth.after_s, truth.state) for truth in record.truths]


def test_accepted_as_an_editor_tells_it() -> None:
    desk = Desk(TEXT)
    record = desk.complete("getcwd()")
    desk.recorder.shown("id getcwd()")
    desk.time.go(1)
    desk.edit(len(TEXT), len(TEXT), "getcwd()")
    desk.recorder.accepted("id getcwd()")
    found = desk.now(record)
    assert outcome(found) == ("accepted", "client", 8, 0)
    assert found.outcome.shown_from == "client"
    assert (found.outcome.answered_ms, found.outcome.shown_ms) == (pytest.approx(50), pytest.approx(50))
    assert found.outcome.decided_ms == pytest.approx(1050)
    desk.time.go(700)
    found = desk.now(record)
    assert states(found) == [(delay, "valid") for delay in (15, 30, 45, 90, 120, 300, 600)]
    assert found.finished
    assert {truth.text for truth in found.truths} == {"getcwd()"}
    assert all(truth.matches[0].exact and truth.matches[0].similarity == 1.0 for truth in found.truths)


def test_accepted_before_its_edit_arrives() -> None:
    desk = Desk(TEXT)
    record = desk.complete("getcwd()")
    desk.recorder.accepted("id getcwd()")
    desk.edit(len(TEXT), len(TEXT), "getcwd()")
    desk.type("\ny")
    desk.time.go(16)
    found = desk.now(record)
    assert outcome(found)[:3] == ("accepted", "client", 8)
    assert found.truths[0].text == "getcwd()" and found.truths[0].state == "valid"


def test_accepted_as_the_edits_tell_it() -> None:
    desk = Desk(TEXT + "\n\nprint(x)\n")
    record = desk.complete("getcwd()", at=len(TEXT))
    desk.edit(len(TEXT), len(TEXT), "getcwd()")
    assert outcome(desk.now(record)) == ("accepted", "edits", 8, 0)
    assert desk.now(record).outcome.shown_from == "assumed"


def test_accepted_over_a_bracket_that_it_replaces() -> None:
    text = "print()"
    desk = Desk(text)
    record = desk.complete("x, y)", at=6, replace_after=1)
    desk.edit(6, 7, "x, y)")
    assert outcome(desk.now(record)) == ("accepted", "edits", 5, 0)
    desk.time.go(15)
    (truth,) = desk.now(record).truths
    assert truth.text == "x, y)" and truth.state == "valid" and truth.matches[0].exact


def test_accepted_from_a_list_that_writes_the_word_again() -> None:
    desk = Desk(TEXT + "get")
    record = desk.complete("cwd()")
    start = desk.document.text.position(len(TEXT))
    end = desk.document.text.position(len(TEXT) + 3)
    changes = [Change("", start, end), Change("getcwd()", start, start)]
    desk.documents.change("file:///a.py", 2, changes)
    desk.recorder.changed(desk.document)
    assert outcome(desk.now(record)) == ("accepted", "edits", 5, 0)
    desk.time.go(15)
    assert desk.now(record).truths[0].text == "cwd()"


def test_accepted_over_several_lines_in_a_document_of_another_platform() -> None:
    text = "# 😀\r\ndef f():\r\n    if x:\r\n        "
    desk = Desk(text + "\r\n\r\nprint('😀')\r\n")
    record = desk.complete("return 1\n    return 2", at=len(text))
    desk.edit(len(text), len(text), "return 1\r\n    return 2")
    assert outcome(desk.now(record)) == ("accepted", "edits", 21, 0)
    desk.edit(2, 3, "a\r\n#")
    desk.time.go(15)
    (truth,) = desk.now(record).truths
    assert (truth.text, truth.lines, truth.state) == ("return 1\n    return 2", 2, "valid")
    assert truth.line == "return 1" and truth.matches[0].exact


def test_accepted_word_by_word_and_then_left() -> None:
    desk = Desk(TEXT)
    record = desk.complete("path.join(a, b)")
    desk.edit(len(TEXT), len(TEXT), "path")
    desk.edit(len(TEXT) + 4, len(TEXT) + 4, ".join")
    assert outcome(desk.now(record)) == ("partly_accepted", "edits", 9, 0)
    assert desk.now(record).outcome.parts == (4, 9)
    desk.type("[")
    assert outcome(desk.now(record)) == ("partly_accepted", "edits", 9, 0)
    desk.time.go(15)
    (truth,) = desk.now(record).truths
    assert truth.text == "path.join" and truth.state == "valid"


def test_accepted_in_parts_as_an_editor_tells_it() -> None:
    desk = Desk(TEXT)
    record = desk.complete("path.join('😀', b)")
    desk.edit(len(TEXT), len(TEXT), "path.join('😀")
    desk.recorder.accepted_part("id path.join('😀', b)", 13)
    assert outcome(desk.now(record)) == ("partly_accepted", "client", 12, 0)
    desk.recorder.accepted("id path.join('😀', b)")
    assert outcome(desk.now(record)) == ("accepted", "client", 17, 0)


def test_accepted_in_parts_behind_an_item_of_the_editors_own_list() -> None:
    """The editor counts from where the item begins, typed or not."""
    desk = Desk("x.😀p")
    watch, _ = desk.ask(item=("😀p", "end"))
    desk.recorder.answered(watch, written("(y, 1)"))
    desk.edit(4, 4, "end(")
    desk.recorder.accepted_part("id (y, 1)", 7)
    assert outcome(desk.now(watch.record)) == ("partly_accepted", "client", 4, 0)
    assert desk.now(watch.record).outcome.parts == (4,)


def test_typed_through() -> None:
    desk = Desk(TEXT)
    record = desk.complete("sep")
    desk.type("sep")
    assert outcome(desk.now(record)) == ("typed_through", "edits", 0, 3)


def test_typed_through_in_an_editor_that_closes_brackets() -> None:
    desk = Desk("def f():\n    return ")
    record = desk.complete("(x)")
    cursor = len(desk.document.text)
    desk.edit(cursor, cursor, "()")
    assert outcome(desk.now(record))[0] == "unknown"
    desk.edit(cursor + 1, cursor + 1, "x")
    assert outcome(desk.now(record))[:2] == ("typed_through", "edits")


def test_typed_along_and_then_accepted() -> None:
    """Every key brings a request that the cache answers with the rest: one suggestion, one fate."""
    desk = Desk(TEXT)
    first = desk.complete("getcwd()")
    desk.type("get")
    watch, _ = desk.ask()
    rest = Suggestion("id getcwd()", "cwd()", 0, 0.8, 0.7, 2)
    desk.recorder.answered(watch, CompletionResult((rest,), model="smollm2-135m", source="cache"))
    second = watch.record
    desk.edit(len(TEXT) + 3, len(TEXT) + 3, "cwd()")
    desk.recorder.accepted("id getcwd()")
    assert outcome(desk.now(first)) == ("accepted", "client", 5, 3)
    assert outcome(desk.now(second)) == ("accepted", "client", 5, 0)
    assert desk.now(second).decision.cached_from == first.id
    assert desk.now(second).generations[0].candidates[0].suggestion == "cwd()"
    assert desk.now(first).decision.cached_from == ""


def test_rejected_by_writing_something_else_here_or_there() -> None:
    desk = Desk(TEXT)
    here = desk.complete("getcwd()")
    desk.type("x")
    assert outcome(desk.now(here)) == ("rejected", "edits", 0, 0)
    there = desk.complete("yz")
    desk.edit(0, 0, "#")
    assert outcome(desk.now(there)) == ("rejected", "edits", 0, 0)


def test_rejected_as_an_editor_tells_it() -> None:
    desk = Desk(TEXT)
    record = desk.complete("getcwd()")
    desk.recorder.rejected("id another")
    assert outcome(desk.now(record))[0] == "unknown"
    desk.recorder.rejected("id getcwd()")
    desk.type("x")
    assert outcome(desk.now(record)) == ("rejected", "client", 0, 0)


def test_superseded_by_another_suggestion() -> None:
    desk = Desk(TEXT)
    first = desk.complete("getcwd()")
    second = desk.complete("path")
    assert outcome(desk.now(first)) == ("superseded", "edits", 0, 0)
    assert outcome(desk.now(second))[0] == "unknown"


def test_an_answer_that_shows_nothing_supersedes_nothing() -> None:
    desk = Desk(TEXT)
    record = desk.complete("getcwd()")
    desk.complete()
    cancelled, _ = desk.ask("invoked")
    desk.recorder.abandoned(cancelled, "cancelled")
    held_out, _ = desk.ask()
    desk.recorder.answered(held_out, written("path"), decide=lambda kept: replace(kept.decision, reason="held_out"))
    desk.type("getcwd()")
    assert outcome(desk.now(record)) == ("typed_through", "edits", 0, 8)


def test_a_late_answer_to_an_older_request_does_not_supersede_a_newer_suggestion() -> None:
    desk = Desk(TEXT)
    older, _ = desk.ask()
    record = desk.complete("getcwd()")
    desk.recorder.answered(older, written("path"))
    desk.edit(len(TEXT), len(TEXT), "getcwd()")
    assert outcome(desk.now(record)) == ("accepted", "edits", 8, 0)


def test_an_editor_that_tells_what_it_shows_is_believed_when_it_is_silent() -> None:
    desk = Desk(TEXT)
    desk.complete("one")
    desk.recorder.shown("id one")
    unseen = desk.complete("two")
    desk.complete("three")
    assert desk.now(unseen).outcome.result == "not_shown"


def test_an_answer_that_comes_too_late_is_superseded_and_none_is_not_shown() -> None:
    desk = Desk(TEXT)
    watch, _ = desk.ask()
    desk.type("q")
    desk.recorder.answered(watch, CompletionResult((Suggestion("a", "path"),), source="model"))
    assert outcome(desk.now(watch.record))[0] == "superseded"
    empty = desk.complete()
    assert outcome(desk.now(empty))[0] == "not_shown"
    watch, _ = desk.ask()
    desk.recorder.abandoned(watch, "cancelled")
    desk.recorder.abandoned(watch, "late")
    assert desk.now(watch.record).decision.reason == "cancelled"


def test_ground_truth_is_taken_of_what_was_not_accepted_too() -> None:
    desk = Desk("x = \nprint(x)\n")
    record = desk.complete("os.getcwd()", at=4)
    desk.document.cursor = 4
    desk.type("os.getpid()")
    desk.edit(0, 0, "# first\n")
    desk.time.go(15)
    (truth,) = desk.now(record).truths
    assert (truth.text, truth.line, truth.state, truth.chars) == ("os.getpid()", "os.getpid()", "valid", 11)
    assert truth.matches[0].exact is False
    assert truth.matches[0].similarity == pytest.approx(2 * 9 / 22, abs=1e-3)
    assert truth.matches[0].kept_chars == 9


def test_edited_deleted_and_closed_are_told_apart() -> None:
    desk = Desk(TEXT + "\nprint(x)\n")
    record = desk.complete("getcwd()", at=len(TEXT))
    desk.edit(len(TEXT), len(TEXT), "getcwd()")
    desk.edit(len(TEXT) + 3, len(TEXT) + 6, "pid")
    desk.time.go(20)
    desk.edit(11, len(TEXT) + 9, "")
    desk.time.go(20)
    desk.recorder.closed(desk.document)
    found = desk.now(record)
    assert states(found)[:3] == [(15, "edited"), (30, "deleted"), (pytest.approx(40.05), "deleted")]
    assert states(found)[3:] == [(delay, "closed") for delay in (45, 90, 120, 300, 600)]
    assert found.truths[0].text == "getpid()"
    assert found.truths[2].moment == "close"
    assert found.finished


def test_an_answer_after_its_document_was_closed_changes_nothing() -> None:
    desk = Desk(TEXT)
    watch, _ = desk.ask()
    desk.recorder.closed(desk.document)
    found = desk.now(watch.record)
    assert found.finished and outcome(found)[0] == "not_shown"
    desk.recorder.answered(watch, written("getcwd()"))
    assert desk.now(watch.record) == found
    assert desk.recorder.rhythm.since_ms("shown") is None


def test_saving_and_shutting_down_are_moments_of_truth() -> None:
    desk = Desk(TEXT)
    record = desk.complete("getcwd()")
    desk.recorder.saved(desk.document)
    desk.recorder.saved(desk.document)
    desk.recorder.close()
    found = desk.now(record)
    assert [truth.moment for truth in found.truths] == ["save", "shutdown", *["delay"] * 7]
    assert {truth.state for truth in found.truths[2:]} == {"unknown"}
    assert outcome(found)[0] == "unknown" and found.finished


def test_what_nobody_decided_was_not_wanted() -> None:
    desk = Desk(TEXT)
    record = desk.complete("getcwd()")
    desk.time.go(601)
    assert outcome(desk.now(record)) == ("rejected", "edits", 0, 0)


def test_withheld_suggestions_are_recorded_but_not_shown() -> None:
    desk = Desk(TEXT)
    watch, _ = desk.ask()
    decision = replace(watch.record.decision, held_out=True, propensity=0.1, reason="held_out")
    assert not desk.recorder.answered(watch, written("getcwd()"), decide=lambda _: decision)
    found = desk.now(watch.record)
    assert outcome(found)[0] == "not_shown"
    assert found.generations[0].candidates[0].suggestion == "getcwd()"
    assert found.decision.held_out and not found.decision.shown_to_client and found.decision.reason == "held_out"


def test_the_request_part_tells_sizes_and_rhythm() -> None:
    desk = Desk("def f(x):\n    return ")
    desk.document.cursor = len(desk.document.text)
    desk.type("x.")
    watch, request = desk.ask()
    part = watch.record.request
    assert (part.line, part.column, part.offset, part.document_chars) == (1, 13, 23, 23)
    assert (part.trigger_kind, part.trigger_point, part.before, part.before_visible) == ("character", ".", ".", ".")
    assert (part.typed_chars, part.inserted_chars, part.indent) == (2, 2, 4)
    assert part.typing_chars_per_s == pytest.approx(10)
    assert part.prefix == request.prefix and part.prefix_chars == len(request.prefix)
    assert "a.py" not in str(replace(part, prefix=None))


def typed_and_inserted(desk: Desk) -> tuple[int | None, int | None]:
    part = desk.ask()[0].record.request
    return part.typed_chars, part.inserted_chars


def test_what_a_formatter_writes_was_not_typed() -> None:
    source = "".join(f"a{i}=b+c\n" for i in range(10))
    formatted = "".join(f"a{i} = b + c\n" for i in range(10))
    desk = Desk(source)
    desk.complete("zz", at=len(source) // 2)
    desk.edit(0, len(source), formatted)
    assert typed_and_inserted(desk) == (0, 40)
    blanks = [i for i, character in enumerate(formatted) if character == " "]
    places = [desk.document.text.position(i) for i in reversed(blanks)]
    desk.documents.change("file:///a.py", 9, [Change("  ", place, (place[0], place[1] + 1)) for place in places])
    desk.recorder.changed(desk.document)
    assert typed_and_inserted(desk) == (0, 40)
    places = [desk.document.text.position(i) for i in reversed(blanks)]
    desk.documents.change("file:///a.py", 10, [Change(" ", place, place) for place in places])
    desk.recorder.changed(desk.document)
    assert typed_and_inserted(desk) == (1, 40), "the first may have been"


def test_keys_are_counted_however_an_editor_sends_them() -> None:
    desk = Desk(TEXT)
    desk.type("ab")
    assert typed_and_inserted(desk) == (2, 2)
    line, column = desk.document.text.position(desk.document.cursor)
    changes = [Change(key, (line, column + i), (line, column + i)) for i, key in enumerate("cde")]
    desk.documents.change("file:///a.py", 9, changes)
    desk.recorder.changed(desk.document)
    assert typed_and_inserted(desk) == (3, 3), "several in one message"
    for key in "fg":
        desk.documents.change("file:///a.py", 10, [Change(str(desk.document.text) + key)])
        desk.recorder.changed(desk.document)
    assert typed_and_inserted(desk) == (2, 2), "all the text with each"
    end = len(desk.document.text)
    desk.edit(end - 2, end, "fgh")
    assert typed_and_inserted(desk) == (0, 1), "a list that writes the word again"


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.integers(0, 6), st.text("ab😀\n\r", max_size=5), st.booleans()), max_size=12
    )
)
def test_records_survive_whatever_is_edited(edits: list[tuple[int, int, str, bool]]) -> None:
    """Each edit may also send everything again; the place never leaves the text, and every delay has its truth."""
    desk = Desk("a😀b\r\n  cd\nab")
    records = [desk.complete("ab", at=3)]
    for at, removed, new, whole in edits:
        text = str(desk.document.text)
        at = min(at, len(text))
        if whole:
            desk.documents.change("file:///a.py", 2, [Change(text[:at] + new + text[at + removed :])])
            desk.recorder.changed(desk.document)
        else:
            desk.edit(at, min(at + removed, len(text)), new)
        desk.time.go(7)
        records.append(desk.complete("ab", at=min(at, len(desk.document.text))))
    desk.time.go(601)
    for record in records:
        found = desk.now(record)
        assert found.finished
        assert [truth.after_s for truth in found.truths] == [15, 30, 45, 90, 120, 300, 600]
        assert found.outcome.result != "unknown"
        assert found.truths[-1].text is not None
        assert found.truths[-1].text in readable(str(desk.document.text))
