"""Three monitors in one completion, one of them from another package, through the real service and the real decoder.

The model is a few lines of numpy that write what they like; what comes out must keep to all three.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib import invalidate_caches
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from lsp_server.completion.at_cursor import Source, request_at
from lsp_server.completion.request import CompletionRequest
from lsp_server.completion.service import CompletionService
from lsp_server.documents.text import Text
from lsp_server.monitoring import Monitoring, available_monitors
from lsp_server.settings import CompletionSettings, MonitoringSettings, Settings
from models.decoding.local import LocalGenerator
from monitors import AnalyserStatus, MonitorSettings, Supervisor
from monitors.analysis.analyser import Parameter, Signature
from monitors.enquiry import DirectSource
from monitors.testing import ScriptedAnalyser

MEMBERS = {"self": ("tokens", "size", "extend"), "tokens": ("value", "values", "valid"), "name": ("names",)}
PACKAGE = '''
import re
from monitors import Answer, Monitor, Trigger


class NoEs(Monitor):
    """Members do not begin with `s`."""

    name = "no_s"
    languages = frozenset({"python"})

    def pre(self, view):
        return [Trigger(match.end()) for match in re.compile(r"\\.").finditer(view.text, view.since)]

    def analyse(self, view, trigger, ask):
        return Answer(regex=r"(?:[^s](?s:.*))?")
'''


@pytest.fixture(scope="module")
def fake() -> ModuleType:
    """The model of the decoder's own tests."""
    path = Path(__file__).parents[2] / "models" / "decoding" / "fake_model.py"
    spec = spec_from_file_location("fake_model_for_monitoring", path)
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with a monitor, as an installer leaves it."""
    site = tmp_path / "site"
    distribution = site / "no_s-1.0.dist-info"
    distribution.mkdir(parents=True)
    (distribution / "METADATA").write_text("Metadata-Version: 2.1\nName: no_s\nVersion: 1.0\n")
    (distribution / "entry_points.txt").write_text("[dragoman.monitors]\nno_s = no_s_monitor:NoEs\n")
    (site / "no_s_monitor.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(site)
    invalidate_caches()
    yield
    sys.modules.pop("no_s_monitor", None)


def members(before: str) -> Iterable[str]:
    receiver = re.search(r"(\w+)\.\Z", before)
    return MEMBERS.get(receiver.group(1), ("value", "size")) if receiver else ()


def signatures(_: str) -> tuple[Signature, ...]:
    return (Signature((Parameter("size"), Parameter("valid", "keyword"))),)


def make(root: Path, settings: MonitorSettings, on_status: Callable[[AnalyserStatus], None] | None) -> Supervisor:
    return Supervisor(root, settings, on_status, source=DirectSource(ScriptedAnalyser(members, signatures)))


def request(root: Path, prefix: str) -> CompletionRequest:
    return request_at(Text(prefix), len(prefix), Source("python", "m.py", str(root)), trigger="invoked", extent="line")


def test_three_monitors_hold_at_once_and_one_comes_from_another_package(
    tmp_path: Path, installed: None, fake: ModuleType
) -> None:
    assert "no_s" in available_monitors()
    settings = Settings(
        completion=CompletionSettings(max_line_tokens=24),
        monitors=MonitoringSettings(only=("dereference", "keywords", "no_s"), budget_ms=10_000),
    )
    tokenizer = fake.train_tokenizer()
    seen: set[str] = set()
    dots = 0
    with Monitoring(make=make) as monitoring:
        for seed in range(12):
            service = CompletionService(monitors=monitoring)
            model: Any = LocalGenerator(fake.FakeModel(tokenizer, seed))
            result = service.complete(request(tmp_path, f"# {seed}\ntotal = self."), model, settings)
            text = "self." + (result.suggestions[0].text if result.suggestions else "")
            text = re.split("[\"'#]", text)[0]  # in strings and comments anything may stand
            for match in re.finditer(r"(\w+)\.(\w*)", text):
                allowed = MEMBERS.get(match.group(1), ("value", "size"))
                is_last = match.end() == len(text)
                word = match.group(2)
                assert not word.startswith("s"), text
                assert word in allowed or (is_last and any(name.startswith(word) for name in allowed)), text
                dots += 1
            seen |= {finding.monitor for finding in result.findings if finding.outcome == "constrained"}
            assert result.interventions.lifted == 0
    assert {"dereference", "no_s"} <= seen
    assert dots >= 12


def test_the_same_texts_without_monitors_break_the_rules(tmp_path: Path, fake: ModuleType) -> None:
    """Else the test above would show nothing."""
    tokenizer = fake.train_tokenizer()
    broken = 0
    for seed in range(12):
        model: Any = LocalGenerator(fake.FakeModel(tokenizer, seed))
        result = CompletionService().complete(request(tmp_path, f"# {seed}\ntotal = self."), model, Settings())
        text = result.suggestions[0].text if result.suggestions else ""
        word = re.match(r"\w*", text)
        broken += word is None or word.group() not in ("tokens", "extend")
    assert broken >= 6
