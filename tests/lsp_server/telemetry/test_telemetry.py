"""The consent as it changes while answers are under way."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import FakeTime, written

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.documents import Documents
from lsp_server.settings import TelemetrySettings
from lsp_server.telemetry import Consent, Record, Store
from lsp_server.telemetry.features import NAMES
from lsp_server.telemetry.recorder import Recorder
from lsp_server.telemetry.show_filter import ShowFilter, default_filter_path, save_filter
from lsp_server.telemetry.store import default_path
from lsp_server.telemetry.telemetry import Telemetry
from lsp_server.telemetry.watch import Watch


@pytest.fixture
def telemetry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Telemetry]:
    monkeypatch.setenv("DRAGOMAN_HOME", str(tmp_path))
    save_filter(default_filter_path(), ShowFilter((0.0,) * len(NAMES), 0.0, 0.1), {})
    telemetry = Telemetry(FakeTime(), pytest.fail)
    yield telemetry
    telemetry.close()


def agree(telemetry: Telemetry, *consents: Consent, show_filter: bool = False) -> Recorder:
    """Change the settings, one after the other; the recorder that there is then."""
    for consent in consents:
        telemetry.apply(TelemetrySettings(consent=consent, show_filter=show_filter), "editor")
    assert telemetry.recorder is not None
    return telemetry.recorder


def ask(recorder: Recorder) -> Watch:
    document = Documents("utf-16").open("file:///a.py", "python", 1, "planted = ")
    document.cursor = len(document.text)
    request = request_at(document.text, document.cursor, Source("python", "a.py"))
    return recorder.asked("inline", request, document)


def kept(telemetry: Telemetry) -> list[Record]:
    telemetry.finish()
    telemetry.close()
    with Store(default_path()) as store:
        return list(store)


@pytest.mark.parametrize("later", ["metrics", "context"])
@pytest.mark.parametrize("show_filter", [False, True])
def test_what_was_asked_before_the_consent_was_taken_back_is_never_kept(
    telemetry: Telemetry, later: Consent, show_filter: bool
) -> None:
    recorder = agree(telemetry, "context", show_filter=show_filter)
    watch = ask(recorder)
    next_recorder = agree(telemetry, "off", later, show_filter=show_filter)
    assert recorder.answered(watch, written("foo()"))
    next_recorder.also_generated(watch, written("bar()"), "shadow")
    recorder.close()
    after = ask(next_recorder)
    next_recorder.answered(after, written("foo()"))
    assert [(record.id, record.consent) for record in kept(telemetry)] == [(after.record.id, later)]


@pytest.mark.parametrize(("then", "now"), [("metrics", "context"), ("context", "metrics")])
def test_the_stricter_of_two_consents_counts(telemetry: Telemetry, then: Consent, now: Consent) -> None:
    recorder = agree(telemetry, then)
    watch = ask(recorder)
    agree(telemetry, now)
    recorder.answered(watch, written("foo()"))
    (record,) = kept(telemetry)
    assert (record.consent, record.request.prefix) == ("metrics", None)
