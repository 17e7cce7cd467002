"""Where the translator's tests come from on this machine."""

from lsp_server.languages import Language
from lsp_server.translation.task import TestsOf
from lsp_server.verification import Tests
from lsp_server.verification.from_source import make_tests
from models import Cancellation


def tests_for(*, allowed: bool) -> TestsOf:
    """Tests found in the source, and where the user has `allowed` it, tests made by running the source."""

    def tests_of(text: str, language: Language, name: str, cancellation: Cancellation) -> Tests | None:
        return make_tests(text, language, name, cancellation, allowed=allowed)

    return tests_of
