"""A model that comes, fails, is replaced, and never takes the server with it; models beside it, while they are
compared."""

import threading
from collections.abc import Callable, Iterator

import pytest

from lsp_server.engine import Engine, Engines, Load, Status
from lsp_server.engine.engine import Progress
from lsp_server.settings import ModelSettings
from models import (
    NEVER,
    Cancellation,
    Cancelled,
    ChatPrompt,
    DecodingParameters,
    Generation,
    Generator,
    Guide,
    ModelError,
    Prompt,
    StopRule,
)

FIRST, SECOND, THIRD = (ModelSettings(name=name) for name in ("first", "second", "third"))


class Named:
    """A generator that only has a name."""

    fingerprint = ""

    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = False

    def generate(
        self,
        prompt: Prompt | ChatPrompt,
        parameters: DecodingParameters,
        *,
        stop: StopRule | None = None,
        guide: Guide | None = None,
        cancellation: Cancellation = NEVER,
        on_text: Callable[[str], None] | None = None,
    ) -> Generation:
        return Generation(())

    def warm(self, prompt: Prompt, cancellation: Cancellation = NEVER) -> None: ...

    def close(self) -> None:
        self.closed = True


class Watch:
    """Every status, and a way to wait for one."""

    def __init__(self) -> None:
        self.seen: list[Status] = []
        self._changed = threading.Condition()

    def __call__(self, status: Status) -> None:
        with self._changed:
            self.seen.append(status)
            self._changed.notify_all()

    def wait_for(self, kind: str, *, busy: bool = False) -> Status:
        with self._changed:
            found = self._changed.wait_for(
                lambda: next((s for s in reversed(self.seen) if (s.kind, s.busy) == (kind, busy)), None), 5
            )
        assert found is not None, self.seen
        return found


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def engines() -> Iterator[list[Engine]]:
    made: list[Engine] = []
    yield made
    for engine in made:
        engine.close()


def run(engines: list[Engine], load: Load, watch: Watch) -> Engine:
    engine = Engine(load, watch)
    engines.append(engine)
    engine.start(ModelSettings(name="one"))
    return engine


def test_work_waits_for_the_model(engines: list[Engine], watch: Watch) -> None:
    gate = threading.Event()

    def load(settings: ModelSettings, _: Progress, _cancellation: Cancellation) -> Generator:
        gate.wait(5)
        return Named(settings.name)

    engine = run(engines, load, watch)
    job = engine.submit("a", lambda generator, _: generator.name)
    assert engine.model == ""
    gate.set()
    assert job.future.result(5) == "one"
    assert watch.seen == [Status("Normal", "Loading one", busy=True), Status("Normal", "one is ready")]


def test_a_model_that_fails_leaves_an_explanation_and_can_be_tried_again(engines: list[Engine], watch: Watch) -> None:
    broken = [True]

    def load(settings: ModelSettings, _: Progress, _cancellation: Cancellation) -> Generator:
        if broken[0]:
            raise ModelError("The weights are torn.", "Run `dragoman models add`.")
        return Named(settings.name)

    engine = run(engines, load, watch)
    assert watch.wait_for("Error").message == "The weights are torn. Run `dragoman models add`."
    with pytest.raises(ModelError, match="The weights are torn"):
        engine.submit("a", lambda generator, _: generator.name).future.result(5)
    broken[0] = False
    engine.start(ModelSettings(name="one"))
    assert engine.submit("a", lambda generator, _: generator.name).future.result(5) == "one"


def test_a_fault_of_ours_is_an_error_too(engines: list[Engine], watch: Watch) -> None:
    def load(settings: ModelSettings, _: Progress, _cancellation: Cancellation) -> Generator:
        raise KeyError("surprise")

    run(engines, load, watch)
    assert "KeyError" in watch.wait_for("Error").message


def test_the_same_settings_start_nothing_and_others_replace_the_model(engines: list[Engine], watch: Watch) -> None:
    made: list[Named] = []

    def load(settings: ModelSettings, _: Progress, _cancellation: Cancellation) -> Generator:
        made.append(Named(settings.name))
        return made[-1]

    engine = run(engines, load, watch)
    engine.submit("a", lambda generator, _: generator.name).future.result(5)
    engine.start(ModelSettings(name="one"))
    assert engine.submit("a", lambda generator, _: generator.name).future.result(5) == "one"
    engine.start(ModelSettings(name="two"))
    assert engine.submit("a", lambda generator, _: generator.name).future.result(5) == "two"
    engine.restart()
    assert engine.submit("a", lambda generator, _: generator.name).future.result(5) == "two"
    assert [(model.name, model.closed) for model in made] == [("one", True), ("two", True), ("two", False)]


def test_progress_is_told_and_a_download_nobody_wants_is_given_up(
    engines: list[Engine], watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lsp_server.engine.engine.PROGRESS_INTERVAL_S", 0.0)
    started = threading.Event()

    def load(settings: ModelSettings, progress: Progress, cancellation: Cancellation) -> Generator:
        while settings.name == "one":
            cancellation.raise_if_cancelled()
            progress(0.25, "fetching")
            started.set()
        return Named(settings.name)

    engine = run(engines, load, watch)
    started.wait(5)
    warning = watch.wait_for("Warning", busy=True)
    assert (warning.message, warning.fraction) == ("Getting one ready: fetching (25%)", 0.25)
    engine.start(ModelSettings(name="two"))
    assert engine.submit("a", lambda generator, _: generator.name).future.result(5) == "two"
    assert watch.wait_for("Normal").message == "two is ready"


@pytest.mark.parametrize("fault", [None, ModelError("The weights are torn."), KeyError("surprise")])
def test_a_model_that_comes_after_another_was_chosen_says_nothing(
    engines: list[Engine], watch: Watch, monkeypatch: pytest.MonkeyPatch, fault: Exception | None
) -> None:
    """Not every step of loading can be given up."""
    monkeypatch.setattr("lsp_server.engine.engine.PROGRESS_INTERVAL_S", 0.0)
    started, chosen, next_started, finish = (threading.Event() for _ in range(4))

    def load(settings: ModelSettings, progress: Progress, _cancellation: Cancellation) -> Generator:
        if settings.name == "two":
            next_started.set()
            finish.wait(5)
            return Named(settings.name)
        started.set()
        chosen.wait(5)
        progress(0.5, "converting")
        if fault is not None:
            raise fault
        return Named(settings.name)

    engine = run(engines, load, watch)
    started.wait(5)
    engine.start(ModelSettings(name="two"))
    chosen.set()
    assert next_started.wait(5)
    assert engine.status == Status("Normal", "Loading two", busy=True)
    finish.set()
    assert engine.submit("a", lambda generator, _: generator.name).future.result(5) == "two"
    assert [status.message for status in watch.seen] == ["Loading one", "Loading two", "two is ready"]


def test_closing_frees_the_model(watch: Watch) -> None:
    model = Named("one")
    engine = Engine(lambda _settings, _progress, _cancellation: model, watch)
    engine.start(ModelSettings(name="one"))
    watch.wait_for("Normal")
    engine.close()
    assert model.closed


def test_without_a_start_there_is_no_model(engines: list[Engine], watch: Watch) -> None:
    engine = Engine(lambda settings, _progress, _cancellation: Named(settings.name), watch)
    engines.append(engine)
    engine.restart()
    with pytest.raises(ModelError):
        engine.submit("a", lambda generator, _: generator.name).future.result(5)


# --- models beside the first ---


@pytest.fixture
def loaded() -> list[Named]:
    """What was brought in."""
    return []


@pytest.fixture
def several(loaded: list[Named]) -> Iterator[Engines]:
    def load(settings: ModelSettings, _: Progress, _cancellation: Cancellation) -> Generator:
        model = Named(settings.name)
        loaded.append(model)
        return model

    engines = Engines(load)
    yield engines
    engines.close()


def wait_for_model(engine: Engine) -> None:
    engine.submit("wait", lambda _generator, _cancellation: None).future.result(5)


def test_only_models_that_are_compared_are_brought_in_beside_the_first(several: Engines, loaded: list[Named]) -> None:
    several.main.start(FIRST)
    assert several.of(FIRST) is several.main
    wait_for_model(several.main)
    with pytest.raises(Cancelled):
        wait_for_model(several.of(SECOND))
    assert several.keep_only(frozenset({SECOND})) == []
    beside = several.of(SECOND)
    wait_for_model(beside)
    assert several.of(SECOND) is beside is not several.main
    assert [model.name for model in loaded] == ["first", "second"]


def test_models_that_nobody_wants_any_more_are_let_go_and_stay_away(several: Engines, loaded: list[Named]) -> None:
    several.main.start(FIRST)
    several.keep_only(frozenset({SECOND, THIRD}))
    second, third = several.of(SECOND), several.of(THIRD)
    for engine in (several.main, second, third):
        wait_for_model(engine)
    assert several.keep_only(frozenset({THIRD})) == [second]
    second.close()
    with pytest.raises(Cancelled):
        wait_for_model(several.of(SECOND))
    assert several.of(THIRD) is third
    assert sorted(model.name for model in loaded) == ["first", "second", "third"]
    assert [model.name for model in loaded if model.closed] == ["second"]


def test_what_has_become_the_first_does_not_run_beside_it_too(several: Engines) -> None:
    several.main.start(FIRST)
    several.keep_only(frozenset({SECOND}))
    beside = several.of(SECOND)
    several.main.start(SECOND)
    assert several.keep_only(frozenset({SECOND})) == [beside]
    beside.close()
    assert several.of(SECOND) is several.main
