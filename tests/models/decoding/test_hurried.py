"""An answer that somebody waits for, in a text that nobody has read yet."""

from fake_model import CORPUS, FakeModel

from models import DecodingParameters, Prompt
from models.decoding.local import HURRIED_TOKENS, LocalGenerator

PROMPT = Prompt("".join(f"x{number} = {number}\n{CORPUS}" for number in range(12)) + "x = self.")
PATIENT = DecodingParameters(max_tokens=8)
HURRIED = DecodingParameters(max_tokens=8, hurried=True)


def make(model: FakeModel, *, reproducible: bool = False) -> LocalGenerator:
    return LocalGenerator(FakeModel(model.tokenizer, context_length=4096), reproducible=reproducible)


def test_it_is_made_from_what_is_near_until_the_rest_has_been_read(model: FakeModel) -> None:
    generator = make(model)
    whole = make(model).generate(PROMPT, PATIENT).prompt_tokens
    assert whole > 2 * HURRIED_TOKENS
    assert HURRIED_TOKENS // 2 < generator.generate(PROMPT, HURRIED).prompt_tokens <= HURRIED_TOKENS
    generator.warm(PROMPT)
    again = generator.generate(PROMPT, HURRIED)
    assert again.prompt_tokens == whole
    assert again.reused_tokens > whole - 12


def test_typing_on_before_that_costs_what_was_typed(model: FakeModel) -> None:
    generator = make(model)
    generator.generate(PROMPT, HURRIED)
    typed = Prompt(PROMPT.prefix + "va")
    second = generator.generate(typed, HURRIED)
    assert second.prompt_tokens <= HURRIED_TOKENS
    assert second.prompt_tokens - second.reused_tokens < 12


def test_what_is_to_be_the_same_again_is_made_from_all(model: FakeModel) -> None:
    whole = make(model).generate(PROMPT, PATIENT).prompt_tokens
    assert make(model, reproducible=True).generate(PROMPT, HURRIED).prompt_tokens == whole
