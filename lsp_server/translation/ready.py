"""A translator for this machine: the real judge, real tests, every rule-based translator that is there."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from lsp_server.languages import Language
from lsp_server.settings import ModelSettings, Settings
from lsp_server.translation.rules import available_rules
from lsp_server.translation.service import Translator
from lsp_server.translation.task import Form, Options
from lsp_server.verification import Tests
from models import Cancellation, ChatPrompt, DecodingParameters, Generation, Generator, Guide, Prompt, StopRule


def make_translator(*, allowed: bool) -> Translator:
    """`allowed` is the user's word that what is translated may be built and run in the sandbox, and the source too."""
    from lsp_server.translation.guiding import syntax_guide
    from lsp_server.verification.from_source import make_tests
    from lsp_server.verification.judge import make_judge

    def tests_of(text: str, language: Language, name: str, cancellation: Cancellation) -> Tests | None:
        if not allowed and name and len(re.findall(rf"\b{re.escape(name)}\b", text)) < 2:
            return None  # named once, where it is defined: no example calls it, and that is seen without a parse
        return make_tests(text, language, name, cancellation, allowed=allowed)

    return Translator(make_judge(allowed=allowed), tests_of, available_rules(), syntax_guide)


def model_settings(settings: Settings) -> ModelSettings:
    """The model that translates."""
    name = settings.translation.model
    return replace(settings.model, name=name) if name else settings.model


def options_from(settings: Settings) -> Options:
    """What the settings say, in the words of the service."""
    wanted = settings.translation
    form: Form = wanted.prompt if wanted.prompt != "auto" else suitable_form(model_settings(settings).name)
    return Options(
        form=form,
        demonstrations=wanted.demonstrations,
        constrained=wanted.constrained,
        samples=wanted.samples,
        rounds=wanted.rounds,
        rules=wanted.rules,
        max_time_s=float(wanted.max_time_s),
    )


@lru_cache(maxsize=16)
def suitable_form(model: str) -> Form:
    """Conversation for models that were taught it and are large enough to profit; docs/translation.md has the figures
    of the default model, which is not. A name that nobody knows is left to whoever loads it."""
    from models.acquisition.facts import described
    from models.catalog import DEFAULT_MODEL, resolve_model
    from models.catalog.entry import RemoteSource
    from models.errors import ModelError

    try:
        entry = described(resolve_model(model))
    except ModelError:
        return "completion"
    if entry.name == DEFAULT_MODEL:
        return "completion"
    return "chat" if entry.chat_template or isinstance(entry.source, RemoteSource) else "completion"


class LazyWriter:
    """A `Writer` that brings its model in when it is first asked: a translation by rules needs none."""

    def __init__(self, load: Callable[[Cancellation], Generator]) -> None:
        self._load = load
        self._generator: Generator | None = None

    @property
    def model(self) -> str:
        """The name of the model that was asked; empty if none was."""
        return self._generator.name if self._generator is not None else ""

    def __call__(
        self,
        prompt: Prompt | ChatPrompt,
        parameters: DecodingParameters,
        *,
        stop: StopRule | None = None,
        guide: Guide | None = None,
        cancellation: Cancellation,
    ) -> Generation:
        if self._generator is None:
            self._generator = self._load(cancellation)
        return self._generator.generate(prompt, parameters, stop=stop, guide=guide, cancellation=cancellation)
