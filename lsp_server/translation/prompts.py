"""What a model is asked: the one place where the form of translation prompts is decided; training uses it too.

Two forms. *Completion*: demonstrations, then the source, then the beginning of the target, under headings that are
comments, and the model goes on: that needs no instruction and suits small models. *Chat*: the same as turns of a
conversation in the model's own template, with the answer begun for it. The words of the repair are those of *Lost in
Translation* (Pan et al., ICSE 2024).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lsp_server.languages import Language
from lsp_server.translation.demonstrations import Demonstration
from lsp_server.translation.task import Form
from models import ChatPrompt, Message, Prompt

MESSAGE_CHARS = 400
"""So much of a compiler's or a test's message is shown."""


@dataclass(frozen=True)
class Failure:
    """A translation that was tried, and what was said of it."""

    text: str
    message: str
    built: bool
    """It was accepted by the compiler, and gave the wrong result."""


def translation_prompt(
    source_text: str,
    source: Language,
    target: Language,
    opening: str,
    demonstrations: Sequence[Demonstration] = (),
    failure: Failure | None = None,
    form: Form = "completion",
) -> Prompt | ChatPrompt:
    """Ask for a translation of `source_text` that begins with `opening`. The most helpful demonstration goes last."""
    if form == "chat":
        return _chat(source_text, source, target, opening, demonstrations, failure)
    parts = [
        heading(language) + _ended(text) + "\n"
        for example in demonstrations
        for language, text in ((source, example.source), (target, example.target))
    ]
    parts.append(heading(source) + _ended(source_text) + "\n")
    if failure is not None:
        comment = target.line_comment
        lines = failure.message[:MESSAGE_CHARS].strip().splitlines()
        said = "".join(f"{comment} {line}\n" for line in lines)
        what = "gives the wrong result" if failure.built else "does not compile"
        parts.append(f"{heading(target)}{_ended(failure.text)}\n{comment} This {what}:\n{said}\n")
    parts.append(heading(target) + opening)
    return Prompt("".join(parts))


def heading(language: Language) -> str:
    """The comment that stands above a piece of code and names its language."""
    return f"{language.line_comment} {language.name}\n"


def _chat(
    source_text: str,
    source: Language,
    target: Language,
    opening: str,
    demonstrations: Sequence[Demonstration],
    failure: Failure | None,
) -> ChatPrompt:
    messages: list[Message] = []
    for example in demonstrations:
        messages.append(Message("user", _request(example.source, source, target)))
        messages.append(Message("assistant", _fenced(example.target, target)))
    messages.append(Message("user", _request(source_text, source, target)))
    if failure is not None:
        messages.append(Message("assistant", _fenced(failure.text, target)))
        why = "gives the wrong result" if failure.built else "gives an error, because it is syntactically incorrect"
        messages.append(
            Message(
                "user",
                f"Executing your generated code {why}:\n{failure.message[:MESSAGE_CHARS].strip()}\n\n"
                "Can you re-generate your response and translate the above code again? "
                "Make sure your generated code is syntactically correct.",
            )
        )
    return ChatPrompt(tuple(messages), f"```{target.id}\n{opening}")


def _request(text: str, source: Language, target: Language) -> str:
    return (
        f"Translate this {source.name} code to {target.name}. Keep its behaviour, its names and its comments; "
        f"answer with the code alone.\n\n{_fenced(text, source)}"
    )


def _fenced(text: str, language: Language) -> str:
    return f"```{language.id}\n{_ended(text)}```"


def _ended(text: str) -> str:
    return text.rstrip("\n") + "\n"
