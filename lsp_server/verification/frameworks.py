"""Given tests that are written for a test framework, which the sandbox does not have.

Their assertions are read off the syntax tree, as those of a source are, and become examples. What they compute is lost,
and the verdict counts only what was read.
"""

import re

from lsp_server.languages import Language
from lsp_server.translation.outline import outline_source
from lsp_server.verification.tests import ExampleTests, GivenTests
from lsp_server.verification.translated import examples_in

_FRAMEWORKS: dict[str, tuple[tuple[str, str], ...]] = {
    "python": ((r"^(?:import|from) pytest\b", "pytest"),),
    "java": ((r"\borg\.junit\b|^\s*@Test\b", "JUnit"), (r"\borg\.testng\b", "TestNG")),
    "javascript": ((r"\b(?:describe|it|test)\s*\(\s*['\"`]", "Jest or Mocha"),),
    "typescript": ((r"\b(?:describe|it|test)\s*\(\s*['\"`]", "Jest or Mocha"),),
    "cpp": ((r"\bgtest/gtest\.h\b|\bTEST(?:_F)?\s*\(", "GoogleTest"), (r"\bcatch2?/|\bTEST_CASE\s*\(", "Catch2")),
    "go": ((r"\btesting\.T\b", "go test"),),
    "csharp": ((r"\bXunit\b|\[Fact\]", "xUnit"), (r"\bNUnit\b|\[Test\]", "NUnit"), (r"\[TestMethod\]", "MSTest")),
}


def framework_of(tests: GivenTests, language: Language) -> str:
    """The framework that the tests need; empty where they run by themselves."""
    for pattern, name in _FRAMEWORKS.get(language.id, ()):
        if re.search(pattern, tests.text, re.MULTILINE):
            return name
    return ""


def readable(tests: GivenTests, candidate: str, language: Language) -> ExampleTests | None:
    """The examples of that function of the candidate of which the tests say most."""
    units = [unit for unit in outline_source(candidate, language).units if unit.kind == "function"]
    found = [ExampleTests(unit.name, tuple(examples_in(tests.text, language, unit.name))) for unit in units]
    best = max(found, key=lambda each: len(each.examples), default=None)
    return best if best is not None and best.examples else None
