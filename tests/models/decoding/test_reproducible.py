"""A generator whose answers do not depend on what was asked before."""

from fake_model import CORPUS, FakeModel

from models import DecodingParameters, Generation, Prompt
from models.decoding.local import LocalGenerator

PARAMETERS = DecodingParameters(max_tokens=20)


def ask_twice(generator: LocalGenerator) -> list[Generation]:
    return [generator.generate(Prompt(CORPUS[:300]), PARAMETERS) for _ in range(2)]


def test_a_reproducible_generator_reads_anew_and_guesses_nothing(model: FakeModel) -> None:
    first, second = ask_twice(LocalGenerator(model, reproducible=True))
    assert first.reused_tokens == second.reused_tokens == 0
    assert first.guessed_tokens == second.guessed_tokens == 0
    assert first.forward_passes == second.forward_passes
    assert first.candidates == second.candidates


def test_the_usual_one_keeps_what_it_read(model: FakeModel) -> None:
    first, second = ask_twice(LocalGenerator(model))
    assert first.reused_tokens == 0
    assert second.reused_tokens > 0
