"""What is kept under which consent: no code under `metrics`, no secrets under `context`, nothing of ignored files."""

import subprocess
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lsp_server.telemetry import Candidate, Generation, GroundTruth, Record, Request, from_json, to_json
from lsp_server.telemetry.exclusion import Exclusion
from lsp_server.telemetry.identity import Pseudonyms, load_key
from lsp_server.telemetry.policy import code_in, permitted
from lsp_server.telemetry.redaction import Redactor

SAMPLE = Path(__file__).parent / "samples" / "version_1.json"
BLOCK = """-----BEGIN OPENSSH PRIVATE KEY-----
b3BlbnNzaC1rZXktdjEAAAAA
QyNTUxOQAAACAplanted
-----END OPENSSH PRIVATE KEY-----"""
SECRETS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyzABCDEF0123",
    "glpat-abcdefghij1234567890",
    "sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789",
    "sk-proj-abcdefghijklmnopT3BlbkFJabcdefghijklmnop",
    "xoxb-123456789012-123456789012-abcdefghijklmnopqrstuvwx",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
    "SG.abcdefghijklmnopqrstuv.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
]


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor()


def with_code(prefix: str, candidate: str = "", suffix: str = "", truth: str = "") -> Record:
    return Record(
        "a",
        1.0,
        consent="context",
        request=Request(prefix=prefix, suffix=suffix),
        generations=(Generation(candidates=(Candidate(text=candidate, suggestion=candidate),)),),
        truths=(GroundTruth(15.0, text=truth, line=truth),),
    )


def kept(record: Record, redactor: Redactor) -> str:
    allowed = permitted(record, "context", redactor)
    assert allowed is not None
    return to_json(allowed).decode()


def test_metrics_keep_no_text_at_all(redactor: Redactor) -> None:
    record = from_json(SAMPLE.read_bytes())
    allowed = permitted(record, "metrics", redactor)
    assert allowed is not None and allowed.consent == "metrics"
    assert code_in(record) and not code_in(allowed)
    assert "print(" not in to_json(allowed).decode()
    assert allowed.generations[0].candidates[0].chars == 5
    assert permitted(record, "off", redactor) is None


def test_every_text_that_could_hold_code_is_marked() -> None:
    """Texts without the mark are words of ours, hashes, or one of a fixed list."""

    def texts(part: Any, where: str) -> set[str]:
        found: set[str] = set()
        for field in fields(part):
            value = getattr(part, field.name)
            if is_dataclass(value):
                found |= texts(value, field.name + ".")
            elif isinstance(value, tuple) and value and is_dataclass(value[0]):
                found |= texts(value[0], field.name + ".")
            elif isinstance(value, str) and not field.metadata.get("code"):
                found.add(where + field.name)
        return found

    assert texts(from_json(SAMPLE.read_bytes()), "") == {
        *("id", "consent", "origin"),
        *(f"request.{name}" for name in ("user", "run", "workspace", "document", "language", "editor", "server")),
        *(f"request.{name}" for name in ("channel", "trigger", "trigger_kind", "trigger_point")),
        *(f"request.{name}" for name in ("before", "before_visible")),
        *(f"decision.{name}" for name in ("source", "reason", "cached_from", "filter", "arm", "assignment")),
        *(f"generations.{name}" for name in ("arm", "model", "fingerprint", "extent", "error")),
        *(f"candidates.{name}" for name in ("id", "dropped", "finish_reason")),
        *(
            "interventions.monitor",
            "interventions.outcome",
            "outcome.result",
            "outcome.known_from",
            "outcome.shown_from",
        ),
        "outcome.candidate",
        *(f"replay.{name}" for name in ("of", "origin", "configuration", "label", "result", "fingerprint")),
        *("truths.moment", "truths.state", "matches.candidate"),
    }


@pytest.mark.parametrize("secret", [*SECRETS, BLOCK])
def test_secrets_are_masked_wherever_they_stand(secret: str, redactor: Redactor) -> None:
    for record in (
        with_code(f'key = "{secret}"\nprint('),
        with_code("key = ", candidate=f'"{secret}"'),
        with_code("x = 1\n", suffix=f"\ntoken = '{secret}'  # do not tell\n"),
        with_code("x = 1\n", truth=f'secret = "{secret}"'),
    ):
        text = kept(record, redactor)
        assert secret not in text
        assert secret.splitlines()[len(secret.splitlines()) // 2] not in text


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_that_the_cursor_parts_is_masked_on_both_sides(secret: str, redactor: Redactor) -> None:
    middle = len(secret) // 2
    text = kept(with_code(f'key = "{secret[:middle]}', suffix=f'{secret[middle:]}"\n'), redactor)
    assert secret[:middle] not in text and secret[middle:] not in text
    text = kept(with_code(f'key = "{secret[:middle]}', candidate=f'{secret[middle:]}"'), redactor)
    assert secret[:middle] not in text and secret[middle:] not in text


def test_passwords_are_masked_by_the_names_they_are_given(redactor: Redactor) -> None:
    for line in ('password = "correct horse"', "db = 'postgres://bob:correct-horse@host/db'"):
        assert "correct" not in kept(with_code(line), redactor)


def test_code_without_secrets_stays_as_it_is_and_masks_keep_their_length(redactor: Redactor) -> None:
    source = Path(__file__).with_name("test_places.py").read_text(encoding="utf-8")
    assert redactor.mask([source]) == [source]
    secret = f'key = "{SECRETS[0]}"'
    (masked,) = redactor.mask([secret])
    assert len(masked) == len(secret) and masked.startswith('key = "***')


def test_a_block_of_a_key_that_the_window_cuts_is_masked(redactor: Redactor) -> None:
    head, tail = BLOCK[:70], BLOCK[70:]
    text = kept(with_code("x = 1\n" + head, suffix=tail + "\ny = 2"), redactor)
    assert "b3BlbnNzaC1" not in text and "planted" not in text
    assert "y = 2" in text


def test_what_git_ignores_is_excluded_as_git_sees_it(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    for name in ("src/app.py", "build/out.py", "src/keep/build/x.py", "secrets/a.txt", "src/local.py", "notes.log"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x", encoding="utf-8")
    (root / ".gitignore").write_text("/build/\n*.log\nsecrets\n!secrets/a.txt\n[\n", encoding="utf-8")
    (root / "src" / ".gitignore").write_text("local.py\n!*.log\n", encoding="utf-8")
    (root / "src" / "more.log").write_text("x", encoding="utf-8")
    exclusion = Exclusion()
    files = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    ours = [name for name in files if exclusion.excludes(name, str(root), ())]
    assert ours == ["build/out.py", "notes.log", "secrets/a.txt", "src/local.py"]
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    theirs = subprocess.run(
        ["git", "-C", str(root), "check-ignore", *files], check=False, capture_output=True, text=True
    ).stdout.split()
    assert sorted(theirs) == ours
    (root / ".git" / "info" / "exclude").write_text("app.py\n", encoding="utf-8")
    assert exclusion.excludes("src/app.py", str(root), ())
    assert exclusion.excludes("app.py", str(root / "src"), ()), "a folder inside a repository obeys the whole of it"


def test_what_git_ignores_is_excluded_outside_the_workspace_too(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    for folder in (repository, repository / "vendor"):
        (folder / ".git").mkdir(parents=True)
    (repository / ".gitignore").write_text("local.py\n", encoding="utf-8")
    (repository / "vendor" / ".gitignore").write_text("made.py\n", encoding="utf-8")
    exclusion = Exclusion()
    assert exclusion.excludes(str(repository / "src" / "local.py"), "", ())
    assert not exclusion.excludes(str(repository / "src" / "app.py"), "", ())
    assert exclusion.excludes(str(repository / "src" / "app.py"), "", ("/src/*.py",))
    assert not exclusion.excludes(str(tmp_path / "src" / "app.py"), "", ("src/*.py",)), "in no repository: its name"
    assert exclusion.excludes(str(tmp_path / "src" / "app.py"), "", ("app.*",))
    for path, root in (("vendor/made.py", str(repository)), (str(repository / "vendor" / "made.py"), "")):
        assert exclusion.excludes(path, root, ()), "a repository inside another has rules of its own"
    assert exclusion.excludes(str(repository / "src" / "app.py"), str(repository / "src"), ("/app.py",))


def test_patterns_of_the_settings_exclude_files_without_a_folder_too() -> None:
    exclusion = Exclusion()
    assert exclusion.excludes("conf/.env", "/nowhere", (".env*",))
    assert exclusion.excludes("server.pem", "", ("*.pem",))
    assert not exclusion.excludes("app.py", "", ("*.pem",))


def test_pseudonyms_depend_on_the_key_and_on_what_is_named(tmp_path: Path) -> None:
    key = load_key(tmp_path / "folder" / "key")
    assert load_key(tmp_path / "folder" / "key") == key
    assert (tmp_path / "folder" / "key").stat().st_mode & 0o077 == 0
    one, other = Pseudonyms(key), Pseudonyms(load_key(tmp_path / "other"))
    name = "file:///home/planted/app.py"
    assert one.of("document", name) == one.of("document", name)
    assert len({one.of("document", name), one.of("workspace", name), other.of("document", name)}) == 3
    assert one.of("document", "") == ""
    assert one.user()


def test_a_record_says_under_which_consent_it_was_kept(redactor: Redactor) -> None:
    record = replace(with_code("x"), consent="context")
    assert [getattr(permitted(record, consent, redactor), "consent", None) for consent in ("metrics", "context")] == [
        "metrics",
        "context",
    ]
