"""Both engines with a small real model: worker processes and Ray actors say the same, to the last digit."""

import os
import runpy
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lsp_server.errors import UserError
from lsp_server.evaluation.cases import Case
from lsp_server.replay.answering import Answered, Plan, make_plan
from lsp_server.replay.cluster import answer_on_ray
from lsp_server.replay.local import answer_locally
from lsp_server.settings import ModelSettings, MonitoringSettings, Settings

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

# The same text again and again, so that a kept session or a guess would be tempting.
CASES = [Case(f"c{n}", "python", "", f"name = value\nname = value\nx{n % 3} = na", "\n") for n in range(12)]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    path = Path(__file__).parents[2] / "models" / "acquisition" / "tiny_model.py"
    model = runpy.run_path(str(path))["write_gguf"](tmp_path_factory.mktemp("model") / "tiny.gguf")
    return Settings(model=ModelSettings(name=str(model)), monitors=MonitoringSettings(enabled=False))


def said(answers: Iterator[Answered]) -> dict[str, tuple[str, float | None, str]]:
    return {
        case.id: (answer["prediction"]["text"], answer["prediction"]["confidence"], answer["error"])
        for case, answer in answers
    }


def plan(settings: Settings, workers: int) -> Plan:
    return make_plan(settings, workers, 0.0, 60)


def test_the_engines_agree_whatever_the_number_of_workers(settings: Settings) -> None:
    one = said(answer_locally(CASES, plan(settings, 1)))
    assert len(one) == len(CASES)
    assert not any(error for _, _, error in one.values())
    assert len({text for text, _, _ in one.values()}) > 1
    assert said(answer_locally(reversed(CASES), plan(settings, 2))) == one
    assert said(answer_on_ray(CASES, plan(settings, 2))) == one


def test_a_worker_that_dies_ends_the_replay_with_advice(settings: Settings) -> None:
    def endless() -> Iterator[Case]:
        for number in range(100_000):
            if number == 10:
                for child in psutil.Process().children():
                    if "spawn_main" in " ".join(child.cmdline()):
                        os.kill(child.pid, signal.SIGKILL)
            yield CASES[number % len(CASES)]

    with pytest.raises(UserError, match="worker process died"):
        list(answer_locally(endless(), plan(settings, 1)))


def test_nothing_to_ask_starts_nothing(settings: Settings) -> None:
    assert list(answer_on_ray([], plan(settings, 1))) == []
