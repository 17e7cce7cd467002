"""Write the table of monitors and languages in docs/monitors.md from tests that ran just now.

    python -m scripts.document_monitors

A cell is filled only where the test of that monitor in that language passed, with the real analyser; what was skipped
because an analyser could not be installed stays empty.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "monitors.md"
TESTS = (
    "tests/monitors/test_every_language.py",
    "tests/monitors/test_real_servers.py",
    "tests/monitors/properties/test_syntax.py",
)
MONITORS = ("dereference", "arguments", "keywords", "instantiation", "enums", "names", "imports", "syntax")
BEGIN, END = "<!-- table: scripts/document_monitors.py -->", "<!-- end of table -->"
_WITH_SERVER = re.compile(r"test_monitor_in_language\[(\w+)-(\w+)\]")
_SCRIPTED = re.compile(r"test_only_members_that_exist\[(\w+) with a scripted server\]")
_SYNTAX = re.compile(r"test_whatever_begins_a_program_is_no_fault\[(\w+)\]")


def passed_tests(report: Path) -> list[str]:
    """Names of the tests that passed, from a JUnit report that we had written ourselves."""
    cases = ElementTree.parse(report).getroot().iter("testcase")
    return [case.get("name", "") for case in cases if not list(case)]


def cells(names: list[str]) -> dict[tuple[str, str], str]:
    """By language and monitor, what the table says."""
    found: dict[tuple[str, str], str] = {}
    for name in names:
        if match := _WITH_SERVER.fullmatch(name):
            found[match.group(1), match.group(2)] = "yes"
        elif match := _SCRIPTED.fullmatch(name):
            found[match.group(1), "dereference"] = "scripted"
        elif match := _SYNTAX.fullmatch(name):
            found[match.group(1), "syntax"] = "yes"
    return found


def table(found: dict[tuple[str, str], str]) -> str:
    """The table in Markdown, languages with most monitors first."""
    languages = {language for language, _ in found}
    ordered = sorted(languages, key=lambda name: (-sum(language == name for language, _ in found), name))
    rows = [f"| language | {' | '.join(MONITORS)} |", f"| --- |{' --- |' * len(MONITORS)}"]
    rows += [f"| {name} | {' | '.join(found.get((name, monitor), '') for monitor in MONITORS)} |" for name in ordered]
    return "\n".join(rows)


def with_table(page: str, made: str) -> str:
    """The page with the table between its marks replaced."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", "-q", "-m", "slow or not slow", f"--junitxml={report}", *TESTS]
        subprocess.run(command, cwd=ROOT, check=False)
        made = table(cells(passed_tests(report)))
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), made), encoding="utf-8")
    sys.stdout.write(made + "\n")


if __name__ == "__main__":
    main()
