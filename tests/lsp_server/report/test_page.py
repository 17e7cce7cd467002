"""The page: whole, self-contained, and safe from what people write."""

import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lsp_server.cli.app import app
from lsp_server.report import plots
from lsp_server.report.build import build_report
from lsp_server.report.page import render
from scripts.make_synthetic_store import make_store

VOID = {"meta", "link", "br", "img"}


class Checker(HTMLParser):
    """Complains about tags that do not close, and collects what would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href") and (value or "")[:1] != "#"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def check(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.fetched == []
    assert not re.search(r"url\(|@import|https?://", page)
    assert "script" not in checker.tags
    return checker


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "s.sqlite"
    make_store(path, 1500, seed=1)
    return path


def test_the_page_is_whole_and_needs_no_network(store: Path) -> None:
    page = render(build_report([store], 0))
    assert "svg" in check(page).tags
    sections = re.findall(r'<section id="([^"]+)"', page)
    assert {"conclusions", "acceptance", "arms", "persistence", "calibration", "scores", "influence"} <= set(sections)
    assert len(sections) == len(set(sections))
    assert set(re.findall(r'<a href="#([^"]+)"', page)) == set(sections)
    assert "nan" not in re.sub(r"<[^>]+>", " ", page).split()


def test_predictions_are_a_report_and_code_cannot_break_out(tmp_path: Path) -> None:
    evil = "</td><script>alert(1)</script>"
    lines = [
        {"id": f"{i}", "language": evil, "expected": evil, "prediction": "x" if i else evil, "trigger": "."}
        for i in range(3)
    ]
    path = tmp_path / "said.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    out = tmp_path / "r.html"
    result = CliRunner().invoke(app, ["report", str(path), "--html", str(out), "--json"])
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert report["truth"]["series"]["said"]["exact_match"]["value"] == pytest.approx(33.33, abs=0.01)
    assert report["online"] == {}
    check(out.read_text(encoding="utf-8"))


def test_the_study_is_reproduced_where_its_predictions_are() -> None:
    path = Path(__file__).parents[4] / "shared" / "data" / "code4me_triggerpoint_dev.jsonl"
    if not path.is_file():
        pytest.skip("the study's predictions are not on this machine")
    series = build_report([path], 0)["truth"]["series"]
    found = {name: (s["exact_match"]["value"], s["as_published"]["exact_match"]["value"]) for name, s in series.items()}
    assert found == {
        "InCoder": (28.9583, 39.0449),
        "UniXcoder": (21.25, 22.7171),
        "CodeGPT": (17.9167, 19.2394),
    }


def test_nothing_asked_for_is_said(store: Path) -> None:
    result = CliRunner().invoke(app, ["report", str(store)])
    assert result.exit_code == 2
    assert "--html" in result.stderr


def test_labels_on_an_axis_do_not_touch() -> None:
    points = [(float(x), (1.0, 2.0, 3.0)) for x in range(100)]
    svg = plots.lines([plots.Line("a", points)], [(float(x), f"label {x}") for x in range(100)])
    places = [float(x) for x in re.findall(r'<text x="([\d.]+)" y="242"', svg)]
    assert len(places) > 3
    assert min(b - a for a, b in pairwise(places)) > 50


def test_plots_of_nothing_are_nothing() -> None:
    assert plots.dots([], ["a"]) == plots.lines([], []) == plots.reliability([]) == plots.legend(["a"]) == ""
