"""A model and a judge that are scripted, for tests of what lies between them."""

from collections.abc import Callable, Sequence

from lsp_server.languages import Language
from lsp_server.verification import Tests, Verdict
from models import Cancellation, Candidate, ChatPrompt, DecodingParameters, Generation, Guide, Prompt, StopRule


class ScriptedWriter:
    """Gives its answers one after the other, cut where the stop rule says; remembers what it was asked."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.prompts: list[Prompt | ChatPrompt] = []
        self.parameters: list[DecodingParameters] = []

    def __call__(
        self,
        prompt: Prompt | ChatPrompt,
        parameters: DecodingParameters,
        *,
        stop: StopRule | None = None,
        guide: Guide | None = None,
        cancellation: Cancellation,
    ) -> Generation:
        cancellation.raise_if_cancelled()
        self.prompts.append(prompt)
        self.parameters.append(parameters)
        whole = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        text = ""
        for character in whole:
            text += character
            end = stop(text) if stop is not None else None
            if end is not None:
                text = text[:end]
                break
        return Generation((Candidate(text, (), (-0.5, -0.5), "stop"),))


class ScriptedJudge:
    """Verifies what holds a word, builds what holds another, fails the rest; remembers what it saw."""

    def __init__(self, verifies: str = "GOOD", builds: str = "FAIR") -> None:
        self._verifies = verifies
        self._builds = builds
        self.seen: list[tuple[str, Tests | None]] = []

    def __call__(self, text: str, language: Language, tests: Tests | None, cancellation: Cancellation) -> Verdict:
        cancellation.raise_if_cancelled()
        self.seen.append((text, tests))
        if self._verifies in text:
            return Verdict("verified", "3 of 3 agree", test_origin="given", tests_run=3, tests_agreed=3)
        if self._builds in text:
            return Verdict("builds", "built")
        return Verdict("failed", "does not compile", stage="build", messages="expected ';'", fault="other")


def scripted(*answers: str) -> ScriptedWriter:
    return ScriptedWriter(*answers)


Says = Callable[[str, float], None]
Texts = Sequence[str]
