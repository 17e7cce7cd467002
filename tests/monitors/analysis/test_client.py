"""The real analysis host with real jedi, and what is done to it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from monitors.analysis.analyser import Place
from monitors.analysis.client import AnalyserStatus, HostClient, host_command
from monitors.errors import AnalysisFailed

TEXT = (
    "import collections\n\nclass Account:\n    owner = ''\n    def deposit(self, amount, *, note=''): ...\n\nAccount()."
)


def place(root: Path, text: str = TEXT) -> Place:
    return Place(str(root / "m.py"), "python", text, len(text))


@pytest.fixture
def statuses() -> list[AnalyserStatus]:
    return []


@pytest.fixture
def client(tmp_path: Path, statuses: list[AnalyserStatus]) -> Iterator[HostClient]:
    with HostClient(host_command(None), {"root": str(tmp_path)}, statuses.append, first_pause_s=0.1) as made:
        yield made


def answered(client: HostClient, root: Path) -> bool:
    try:
        return any(n.name == "deposit" for n in client.ask("complete", place(root)).result(20).names)
    except AnalysisFailed:
        return False


def eventually(client: HostClient, root: Path, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if answered(client, root):
            return True
        time.sleep(0.05)
    return False


def gone(pids: list[int]) -> bool:
    """Whether all processes have ended, allowing a moment for the news to travel."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def pid_of(client: HostClient) -> int:
    assert client.pid is not None
    return client.pid


def test_jedi_answers_all_three_questions(client: HostClient, tmp_path: Path) -> None:
    names = client.ask("complete", place(tmp_path)).result(30)
    assert {"owner", "deposit"} <= {n.name for n in names.names}
    assert names.analyser == "jedi"
    text = TEXT + "deposit("
    (signature,) = client.ask("signatures", place(tmp_path, text)).result(10)
    assert [(p.name, p.kind, p.required) for p in signature.parameters] == [
        ("amount", "either", True),
        ("note", "keyword", False),
    ]
    symbols = client.ask("symbols", place(tmp_path)).result(10)
    assert ("deposit", "function", "Account") in {(s.name, s.kind, s.container) for s in symbols}


def test_an_answer_about_members_comes_with_precedents(client: HostClient, tmp_path: Path) -> None:
    (tmp_path / "other.py").write_text("def f(reply):\n    return reply.is_late\n")
    here = "def g(reply):\n    return reply."
    answer = client.ask("complete", place(tmp_path, here)).result(30)
    for _ in range(100):
        if answer.precedents:
            break
        time.sleep(0.05)  # the files are read meanwhile
        answer = client.ask("complete", place(tmp_path, here)).result(30)
    assert [one.name for one in answer.precedents] == ["is_late"]
    assert client.ask("complete", place(tmp_path, "x = rep")).result(30).precedents == ()


@pytest.mark.slow
def test_what_cannot_be_analysed_is_an_error_and_not_a_death(client: HostClient, tmp_path: Path) -> None:
    assert answered(client, tmp_path)
    before = client.pid
    for strange in (
        Place(str(tmp_path / "m.rs"), "rust", "a.", 2),
        Place(str(tmp_path / "m.py"), "python", "a.", 999),
    ):
        with pytest.raises(AnalysisFailed):
            client.ask("complete", strange).result(10)
    with pytest.raises(AnalysisFailed):
        client.ask("nonsense", place(tmp_path)).result(10)
    client.ask("complete", Place(str(tmp_path / "m.py"), "python", "'\ud800'.", 4)).exception(10)
    assert answered(client, tmp_path)
    assert client.pid == before


@pytest.mark.slow
def test_a_killed_host_comes_back(client: HostClient, tmp_path: Path, statuses: list[AnalyserStatus]) -> None:
    assert answered(client, tmp_path)
    os.kill(pid_of(client), signal.SIGKILL)
    assert eventually(client, tmp_path)
    end = time.monotonic() + 10
    while (states := [s.state for s in statuses if s.analyser == "host"]) == ["failed"] and time.monotonic() < end:
        time.sleep(0.02)  # the answer may overtake the news that the host is back
    assert states == ["failed", "ready"]


@pytest.mark.slow
def test_a_host_that_hangs_is_killed_and_comes_back(tmp_path: Path, statuses: list[AnalyserStatus]) -> None:
    with HostClient(host_command(None), {"root": str(tmp_path)}, statuses.append) as client:
        assert answered(client, tmp_path)
        client.stuck_after_s = 0.3
        hung = pid_of(client)
        os.kill(hung, signal.SIGSTOP)
        lost = client.ask("complete", place(tmp_path, "# other\n" + TEXT))
        with pytest.raises(AnalysisFailed):
            lost.result(20)
        assert gone([hung])
        assert any("killed" in s.message for s in statuses)


@pytest.mark.slow
def test_asking_does_not_wait_for_a_host_that_does_not_read(client: HostClient, tmp_path: Path) -> None:
    assert answered(client, tmp_path)
    os.kill(pid_of(client), signal.SIGSTOP)
    began = time.monotonic()
    for i in range(20):  # far more than a pipe holds
        client.ask("complete", place(tmp_path, f"# {i}\n" + "x = 1\n" * 20_000 + TEXT))
    assert time.monotonic() - began < 1.0


def test_a_host_that_cannot_start_is_an_error(tmp_path: Path, statuses: list[AnalyserStatus]) -> None:
    with HostClient(["/nowhere/python"], {"root": str(tmp_path)}, statuses.append) as client:
        for _ in range(2):
            with pytest.raises(AnalysisFailed):
                client.ask("complete", place(tmp_path)).result(5)
    assert [s.state for s in statuses] == ["failed"]


def test_a_host_that_talks_nonsense_is_survived(tmp_path: Path) -> None:
    babble = (
        "import sys\nfor line in sys.stdin.buffer:\n"
        '    sys.stdout.write(\'what?\\n[1]\\n{"id": "x"}\\n{"id": 1, "answer": 3}\\n\')\n'
        "    sys.stdout.flush()\n    sys.stderr.write('x' * 200000)\n"
    )
    with HostClient([sys.executable, "-c", babble], {"root": str(tmp_path)}) as client, pytest.raises(AnalysisFailed):
        client.ask("complete", place(tmp_path)).result(10)


def test_closing_leaves_nothing_behind(tmp_path: Path) -> None:
    client = HostClient(host_command(None), {"root": str(tmp_path)})
    assert client.pid is None
    assert answered(client, tmp_path)
    host = pid_of(client)
    family = [host, *(child.pid for child in psutil.Process(host).children(recursive=True))]
    client.close()
    client.close()
    assert gone(family)
    with pytest.raises(AnalysisFailed):
        client.ask("complete", place(tmp_path)).result(1)


@pytest.mark.slow
def test_closing_right_after_asking_leaves_nothing_behind(tmp_path: Path) -> None:
    before = set(psutil.Process().children(recursive=True))
    for _ in range(10):
        client = HostClient(host_command(None), {"root": str(tmp_path)})
        future = client.ask("complete", place(tmp_path))
        client.close()
        assert future.exception(1) is not None
    assert set(psutil.Process().children(recursive=True)) <= before


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_the_host_dies_with_its_parent(tmp_path: Path, how: signal.Signals) -> None:
    program = tmp_path / "parent.py"
    program.write_text(
        "import sys, time\n"
        "from monitors.analysis.analyser import Place\n"
        "from monitors.analysis.client import HostClient, host_command\n"
        f"client = HostClient(host_command(None), {{'root': {str(tmp_path)!r}}})\n"
        f"client.ask('complete', Place({str(tmp_path / 'm.py')!r}, 'python', 'import os; os.', 14)).exception(30)\n"
        "print(client.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])
    assert parent.stdout is not None
    host = int(parent.stdout.readline())
    family = [host, *(child.pid for child in psutil.Process(host).children(recursive=True))]
    parent.send_signal(how)
    parent.wait(5)
    parent.stdout.close()
    assert gone(family)
