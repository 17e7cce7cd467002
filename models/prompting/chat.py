"""Conversations in the formats that models were instructed in; used for translation.

Each template is a function from messages to pieces. They are the published ones without their default system messages:
what the model is told is the caller's business.
"""

from collections.abc import Callable, Sequence
from functools import cache

from models.catalog.entry import ModelEntry
from models.errors import ModelError
from models.prompting.layout import Piece
from models.prompting.prompt import ChatPrompt, Message

Template = Callable[[Sequence[Message]], list[Piece]]
"""Everything up to where the assistant's answer begins; all but the last message may be of any role."""


def arrange_chat(prompt: ChatPrompt, entry: ModelEntry) -> list[Piece]:
    """The pieces of a conversation, without the model's `begin` tokens, ending in the opening of the answer.

    Raises `ModelError` when the model has no template.
    """
    template = TEMPLATES.get(entry.chat_template)
    if template is None:
        known = f"an unknown chat template '{entry.chat_template}'" if entry.chat_template else "no chat template"
        raise ModelError(
            f"{entry.name} has {known}: it was not taught to follow instructions.",
            f"Choose another model, or add it with --chat and one of {', '.join(TEMPLATES)}.",
        )
    return [*template(prompt.messages), Piece(prompt.opening, is_prefix=True)]


def _special(content: str) -> Piece:
    return Piece(content, special=True)


def _chatml(messages: Sequence[Message]) -> list[Piece]:
    """SmolLM2, Qwen: `<|im_start|>role\\ncontent<|im_end|>\\n`."""
    pieces: list[Piece] = []
    for message in messages:
        pieces += [
            _special("<|im_start|>"),
            Piece(f"{message.role}\n{message.content}"),
            _special("<|im_end|>"),
            Piece("\n"),
        ]
    return [*pieces, _special("<|im_start|>"), Piece("assistant\n")]


def _llama2(messages: Sequence[Message]) -> list[Piece]:
    """Code Llama: `[INST] <<SYS>>\\nsystem\\n<</SYS>>\\n\\nuser [/INST] answer </s><s>[INST] ...`."""
    pieces: list[Piece] = []
    for index, (user, answer) in enumerate(_turns(messages, "<<SYS>>\n{system}\n<</SYS>>\n\n{user}")):
        pieces += [_special("<s>")] if index else []
        pieces.append(Piece(f"[INST] {user.strip()} [/INST]"))
        pieces += [Piece(f" {answer.strip()} "), _special("</s>")] if answer is not None else []
    return [*pieces, Piece(" ")]


def _mistral(messages: Sequence[Message]) -> list[Piece]:
    """Codestral: `[INST] user[/INST] answer</s>`, the brackets being special tokens."""
    pieces: list[Piece] = []
    for user, answer in _turns(messages, "{system}\n\n{user}"):
        pieces += [_special("[INST]"), Piece(f" {user}"), _special("[/INST]")]
        pieces += [Piece(f" {answer}"), _special("</s>")] if answer is not None else []
    return [*pieces, Piece(" ")]


def _gemma(messages: Sequence[Message]) -> list[Piece]:
    """Gemma: `<start_of_turn>user\\n...<end_of_turn>\\n<start_of_turn>model\\n`."""
    pieces: list[Piece] = []
    for user, answer in _turns(messages, "{system}\n\n{user}"):
        turns = [("user", user)] + ([("model", answer)] if answer is not None else [])
        for role, content in turns:
            pieces += [
                _special("<start_of_turn>"),
                Piece(f"{role}\n{content.strip()}"),
                _special("<end_of_turn>"),
                Piece("\n"),
            ]
    return [*pieces, _special("<start_of_turn>"), Piece("model\n")]


def _deepseek_coder(messages: Sequence[Message]) -> list[Piece]:
    """DeepSeek-Coder: `system### Instruction:\\nuser\\n### Response:\\nanswer\\n<|EOT|>\\n`."""
    pieces: list[Piece] = []
    for message in messages:
        if message.role == "assistant":
            pieces += [Piece(f"### Response:\n{message.content}\n"), _special("<|EOT|>"), Piece("\n")]
        else:
            head = "### Instruction:\n" if message.role == "user" else ""
            pieces.append(Piece(f"{head}{message.content}\n"))
    return [*pieces, Piece("### Response:\n")]


def _starcoder2(messages: Sequence[Message]) -> list[Piece]:
    """StarCoder2 Instruct: `<|endoftext|>system\\n\\n### Instruction\\nuser\\n\\n### Response\\nanswer`."""
    pieces = [_special("<|endoftext|>")]
    for message in messages:
        if message.role == "assistant":
            pieces += [Piece(f"### Response\n{message.content}"), _special("<|endoftext|>"), Piece("\n\n")]
        else:
            head = "### Instruction\n" if message.role == "user" else ""
            pieces.append(Piece(f"{head}{message.content}\n\n"))
    return [*pieces, Piece("### Response\n")]


def _granite_code(messages: Sequence[Message]) -> list[Piece]:
    """Granite Code Instruct: `System:\\n...\\n\\nQuestion:\\n...\\n\\nAnswer:\\n`."""
    heads = {"system": "System", "user": "Question", "assistant": "Answer"}
    return [*(Piece(f"{heads[message.role]}:\n{message.content}\n\n") for message in messages), Piece("Answer:\n")]


def _instruction(messages: Sequence[Message]) -> list[Piece]:
    """The plain form that many fine-tuned models know: `### Instruction:\\n...\\n\\n### Response:\\n`."""
    heads = {"system": "", "user": "### Instruction:\n", "assistant": "### Response:\n"}
    return [*(Piece(f"{heads[message.role]}{message.content}\n\n") for message in messages), Piece("### Response:\n")]


def _turns(messages: Sequence[Message], with_system: str) -> list[tuple[str, str | None]]:
    """Pairs of what the user says and what is answered, for formats without a place for the system: it goes first."""
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    turns: list[tuple[str, str | None]] = []
    for message in messages:
        if message.role == "user":
            turns.append((message.content, None))
        elif message.role == "assistant":
            user = turns.pop()[0] if turns and turns[-1][1] is None else ""
            turns.append((user, message.content))
    if system:
        user, answer = turns[0] if turns else ("", None)
        turns[:1] = [(with_system.format(system=system, user=user), answer)]
    return turns


@cache
def special_tokens(template: str) -> frozenset[str]:
    """The tokens that tell the turns of a conversation apart in such a template; empty for an unknown one."""
    turns = (Message("system", ""), Message("user", ""), Message("assistant", ""), Message("user", ""))
    pieces = TEMPLATES[template](turns) if template in TEMPLATES else []
    return frozenset(piece.content for piece in pieces if piece.special)


TEMPLATES: dict[str, Template] = {
    "chatml": _chatml,
    "llama2": _llama2,
    "mistral": _mistral,
    "gemma": _gemma,
    "deepseek-coder": _deepseek_coder,
    "starcoder2": _starcoder2,
    "granite-code": _granite_code,
    "instruction": _instruction,
}
"""By the names that the catalog uses."""
