"""A replay with the real model: killed half-way it goes on, both engines say the same, and a report shows it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from lsp_server.telemetry import Record, Store

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

FUNCTIONS = {
    "add": "a + b",
    "subtract": "a - b",
    "multiply": "a * b",
    "largest": "max(a, b)",
    "smallest": "min(a, b)",
    "joined": "str(a) + str(b)",
}
MODULE = "".join(
    f'def {name}(a, b):\n    """The {name} of two values."""\n    return {body}\n\n\n'
    for name, body in FUNCTIONS.items()
)


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """A hole in the last line of each function; what stands above differs, so that every prompt does."""
    lines: list[str] = []
    for name, body in FUNCTIONS.items():
        start_of_body = f'"""The {name} of two values."""\n    return '
        head, _, tail = MODULE.partition(f"{start_of_body}{body}")
        case = {"id": name, "language": "python", "prefix": head + start_of_body, "suffix": tail, "expected": body}
        lines.append(json.dumps(case))
    path = tmp_path / "cases.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def start(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lsp_server", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(*arguments: str) -> str:
    process = start(*arguments)
    output, errors = process.communicate()
    assert process.returncode == 0, errors
    return output


def answers(path: Path) -> dict[str, Record]:
    with Store(path) as store:
        return {record.replay.of: record for record in store if record.replay is not None}


def said(records: dict[str, Record]) -> dict[str, tuple[str | None, float | None, str]]:
    return {
        key: (r.generations[0].candidates[0].text, r.generations[0].candidates[0].confidence, r.generations[0].error)
        for key, r in records.items()
    }


def test_a_replay_survives_kill_9_and_both_engines_agree(cases: Path, tmp_path: Path) -> None:
    local, ray, page = tmp_path / "local.sqlite", tmp_path / "ray.sqlite", tmp_path / "report.html"
    first = start("replay", str(cases), "--out", str(local))
    deadline = monotonic() + 600
    while monotonic() < deadline and not (local.exists() and answers(local)):
        assert first.poll() is None or answers(local)
        sleep(0.05)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    before = answers(local)
    assert before

    done = json.loads(run("replay", str(cases), "--out", str(local), "--json"))
    after = answers(local)
    assert done["finished_before"] == len(before)
    assert done["answered"] == len(FUNCTIONS) - len(before)
    assert {key: after[key] for key in before} == before  # nothing was asked twice

    run("replay", str(cases), "--engine", "ray", "--workers", "1", "--out", str(ray))
    assert said(answers(ray)) == said(after)
    assert not any(error for _, _, error in said(after).values())
    assert any(text for text, _, _ in said(after).values())

    figures = json.loads(run("report", str(local), "--html", str(page), "--json"))
    assert figures["requests"] == len(FUNCTIONS)
    (series,) = figures["truth"]["series"].values()
    assert series["cases"] == len(FUNCTIONS)
    assert "<svg" in page.read_text() or "<table" in page.read_text()
