"""The laws of the decoder, on a model that is small enough to be decoded by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from fake_model import CORPUS, FakeModel
from hypothesis import given, settings
from hypothesis import strategies as st

from models import Cancellation, Cancelled, Constraint, DecodingParameters, Generation, Prompt, StopRule
from models.backends.session import Logits
from models.decoding.drafts import DraftPolicy
from models.decoding.healing import MOST_TOKENS, tokens_to_take_back
from models.decoding.local import LocalGenerator
from models.decoding.sampling import log_probability
from models.decoding.stopping import Stops
from models.decoding.writing import decode_whole

typed = st.sampled_from(["", "self.", "    ", "\n    ", "na", "x = ", "日", "gr", "(", "1"])
prompts = st.tuples(st.integers(1, len(CORPUS)), typed).map(lambda drawn: CORPUS[: drawn[0]] + drawn[1])
MODELS: dict[tuple[int, float], FakeModel] = {}


def make_model(model: FakeModel, seed: int, wildness: float = 1.5) -> FakeModel:
    """One of a few models, with the sessions of this test only."""
    made = MODELS.setdefault((seed, wildness), FakeModel(model.tokenizer, seed, wildness))
    made.sessions = []
    made.on_pass = lambda: None
    return made


def decode_slowly(
    model: FakeModel, prompt: str, parameters: DecodingParameters, stop: StopRule | None = None
) -> tuple[str, list[int]]:
    """Greedy decoding as a textbook would have it: one token at a time, nothing cached, every token asked."""
    tokenizer = model.tokenizer
    tokens = tokenizer.encode(prompt).tolist()
    if len(tokens) <= MOST_TOKENS:
        tokens.insert(0, tokenizer.token_id("<|endoftext|>") or 0)
    back = min(tokens_to_take_back(tokenizer, np.array(tokens)), len(tokens) - 1) if parameters.heal else 0
    context, taken = tokens[: len(tokens) - back], b"".join(map(tokenizer.token_bytes, tokens[len(tokens) - back :]))
    data, chosen, fresh = b"", list[int](), 0
    while fresh < parameters.max_tokens:
        pending = taken[len(data) :]
        row = model.row(context + chosen).copy()
        for token in range(model.vocabulary_size):
            spelled = tokenizer.token_bytes(token)
            if pending and not (spelled and (pending.startswith(spelled) or spelled.startswith(pending))):
                row[token] = -np.inf
        token = int(row.argmax())
        if not tokenizer.token_bytes(token):
            break
        data += tokenizer.token_bytes(token)
        chosen.append(token)
        fresh += len(data) > len(taken)
        text, broken = decode_whole(data[len(taken) :])
        ended = Stops(parameters, stop).check(text)
        if ended:
            return text[: ended[0]], chosen
        if broken:
            break
    return decode_whole(data[len(taken) :])[0], chosen


@given(prompts, st.integers(0, 3), st.booleans(), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_greedy_decoding_is_what_a_textbook_says(
    model: FakeModel, prompt: str, seed: int, heal: bool, single_line: bool, drafts: bool
) -> None:
    model = make_model(model, seed)
    parameters = DecodingParameters(max_tokens=24, heal=heal, single_line=single_line, stop_strings=("\n\n",))
    generation = LocalGenerator(model, drafts=drafts).generate(Prompt(prompt), parameters)
    text, _ = decode_slowly(model, prompt, parameters)
    assert generation.candidates[0].text == text


@given(prompts, st.integers(0, 5), st.sampled_from([0.0, 0.8]), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_drafts_change_nothing_but_the_number_of_passes(
    model: FakeModel, prompt: str, seed: int, temperature: float, candidates: int
) -> None:
    model = make_model(model, seed)
    parameters = DecodingParameters(max_tokens=32, temperature=temperature, candidates=candidates, seed=seed)
    plain = LocalGenerator(model, drafts=False).generate(Prompt(prompt), parameters)
    drafted = LocalGenerator(model, drafts=True).generate(Prompt(prompt), parameters)
    assert drafted.candidates == plain.candidates
    assert drafted.forward_passes <= plain.forward_passes


def test_drafts_save_passes_where_text_repeats(model: FakeModel) -> None:
    calm = FakeModel(model.tokenizer, wildness=0.1)
    parameters = DecodingParameters(max_tokens=64)
    prompt = Prompt(CORPUS + "class Session:\n    def __init")
    plain = LocalGenerator(calm, drafts=False).generate(prompt, parameters)
    drafted = LocalGenerator(calm, drafts=True).generate(prompt, parameters)
    assert drafted.forward_passes < 0.7 * plain.forward_passes


@given(prompts, st.integers(0, 3), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_candidates_go_on_where_the_prompt_ends_differ_and_are_in_order(
    model: FakeModel, prompt: str, seed: int, wanted: int
) -> None:
    model = make_model(model, seed)
    parameters = DecodingParameters(max_tokens=12, candidates=wanted, single_line=True)
    candidates = LocalGenerator(model).generate(Prompt(prompt), parameters).candidates
    assert 1 <= len(candidates) <= wanted
    assert len({candidate.text.strip() for candidate in candidates}) == len(candidates)
    confidences = [candidate.confidence or 0.0 for candidate in candidates]
    assert confidences == sorted(confidences, reverse=True)
    assert decode_slowly(model, prompt, parameters)[0] in [candidate.text for candidate in candidates]
    for candidate in candidates:
        spelled = b"".join(map(model.tokenizer.token_bytes, candidate.token_ids)).decode("utf-8", "replace")
        assert candidate.text in spelled  # a first token may begin before the cursor, the last one end after the text
        assert len(candidate.logprobs) == len(candidate.token_ids) <= 12
        assert all(logprob <= 1e-5 for logprob in candidate.logprobs)


def test_log_probabilities_are_the_models_own(model: FakeModel) -> None:
    prompt = CORPUS[:200]
    parameters = DecodingParameters(max_tokens=10, heal=False, temperature=1.5, top_k=5)
    (candidate,) = LocalGenerator(model).generate(Prompt(prompt), parameters).candidates
    context = model.tokenizer.encode(prompt).tolist()
    for token, logprob in zip(candidate.token_ids, candidate.logprobs, strict=True):
        assert logprob == pytest.approx(log_probability(model.row(context), token), abs=1e-6)
        context.append(token)


class Dots:
    """A guide that answers `delay` questions after it saw a dot: only some names may follow it, one of them rather."""

    NAMES = ("size", "tokens", "value", "values", "valid", "größe", "get", "name", "extend")

    def __init__(self, delay: int = 0, salt: int = 0, *, binding: bool = True) -> None:
        self.delay = delay
        self.salt = salt
        self.binding = binding
        self.waiting: dict[int, int] = {}
        self.answered: dict[int, Constraint] = {}

    def names(self, start: int) -> frozenset[str]:
        chosen = np.random.default_rng([start, self.salt]).choice(len(self.NAMES), 3, replace=False)
        return frozenset(self.NAMES[index] for index in chosen)

    def poll(self, text: str) -> Sequence[Constraint]:
        for start in (index + 1 for index, character in enumerate(text) if character == "."):
            if start not in self.waiting and start not in self.answered:
                self.waiting[start] = self.delay + 1
        self.waiting = {start: left - 1 for start, left in self.waiting.items()}
        ready = [start for start, left in self.waiting.items() if left == 0]
        for start in ready:
            del self.waiting[start]
            names = self.names(start)
            preferred = min(names, key=lambda name: (len(name) * (start + self.salt)) % 7)
            self.answered[start] = Constraint(
                "dots", start, names=names, weights=((preferred, 4.0),), binding=self.binding
            )
        return [self.answered[start] for start in ready]

    def rolled_back(self, text: str) -> None:
        self.waiting = {start: left for start, left in self.waiting.items() if start <= len(text)}
        self.answered = {start: answer for start, answer in self.answered.items() if start <= len(text)}

    def wait(self) -> bool:
        return False

    def violations(self, text: str) -> int:
        """Dots that no allowed name follows, nor the beginning of one at the end."""
        wrong = 0
        for start in (index + 1 for index, character in enumerate(text) if character == "."):
            rest = text[start:]
            ended = any(
                rest.startswith(name) and not f"a{rest[len(name) : len(name) + 1] or '('}".isidentifier()
                for name in self.names(start)
            )
            wrong += not ended and not any(name.startswith(rest) for name in self.names(start))
        return wrong


@given(prompts, st.integers(0, 8), st.booleans())
@settings(max_examples=40, deadline=None)
def test_names_are_drafted_and_change_nothing(model: FakeModel, prompt: str, seed: int, binding: bool) -> None:
    model = make_model(model, seed)
    drafted, plain = (
        LocalGenerator(model, drafts=drafts).generate(
            Prompt(prompt), DecodingParameters(max_tokens=40), guide=Dots(0, binding=binding)
        )
        for drafts in (True, False)
    )
    assert drafted.candidates == plain.candidates


@given(prompts, st.integers(0, 8), st.integers(0, 3))
@settings(max_examples=50, deadline=None)
def test_constraints_hold(model: FakeModel, prompt: str, seed: int, salt: int) -> None:
    model = make_model(model, seed)
    guide = Dots(0, salt)
    generation = LocalGenerator(model).generate(Prompt(prompt), DecodingParameters(max_tokens=40), guide=guide)
    text = generation.candidates[0].text
    assert guide.violations(text) == 0
    assert generation.interventions.lifted == 0
    assert generation.interventions.constraints >= text.count(".")
    if text.count("."):
        assert generation.interventions.masked_steps > 0


@given(prompts, st.integers(0, 8), st.integers(1, 6), st.sampled_from([0.0, 0.9]), st.booleans(), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_late_constraint_is_as_good_as_one_known_from_the_start(
    model: FakeModel, prompt: str, seed: int, delay: int, temperature: float, drafts: bool, binding: bool
) -> None:
    model = make_model(model, seed)
    parameters = DecodingParameters(max_tokens=40, temperature=temperature)
    early, late = (
        LocalGenerator(model, drafts=drafts).generate(Prompt(prompt), parameters, guide=Dots(wait, binding=binding))
        for wait in (0, delay)
    )
    first, second = early.candidates[0], late.candidates[0]
    settled = len(second.token_ids) - delay  # what came after that was never looked at
    if settled > 0:
        assert second.token_ids[:settled] == first.token_ids[:settled]


def test_a_token_that_holds_the_trigger_is_rolled_back_to_it(model: FakeModel) -> None:
    """`.tokens` is one token; the dot stays, the name goes."""
    tokenizer = model.tokenizer
    whole = next(i for i, data in enumerate(tokenizer.vocabulary.spelled) if data == b".tokens")
    stubborn = FakeModel(tokenizer)
    row = stubborn.row

    def prefers_tokens(tokens: Sequence[int]) -> Logits:
        changed = row(tokens).copy()
        changed[whole] += 50
        return changed

    stubborn.row = prefers_tokens  # pyright: ignore[reportAttributeAccessIssue] - a method of this one instance
    guide = Dots()
    guide.names = lambda start: frozenset({"size"})
    parameters = DecodingParameters(max_tokens=6)
    generation = LocalGenerator(stubborn).generate(Prompt("x = self"), parameters, guide=guide)
    text = generation.candidates[0].text
    assert ".size" in text
    assert guide.violations(text) == 0
    assert generation.interventions.rolled_back >= 1
    assert generation.interventions.changed_steps >= 1


class Fixed:
    """A guide with all its answers ready, given at the first question or when the text is long enough."""

    def __init__(self, *constraints: Constraint, at: int = 0) -> None:
        self.constraints = constraints
        self.at = at
        self.asked: list[str] = []

    def poll(self, text: str) -> Sequence[Constraint]:
        self.asked.append(text)
        ready = self.constraints if len(text) >= self.at else ()
        self.constraints = () if ready else self.constraints
        return ready

    def rolled_back(self, text: str) -> None: ...

    def wait(self) -> bool:
        return False


@given(prompts, st.integers(0, 3), st.integers(0, 8), st.sampled_from([0.0, 4.0, 30.0]), st.booleans(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_what_may_stand_at_the_cursor_is_drafted_and_changes_nothing(
    model: FakeModel, prompt: str, typed: int, seed: int, weight: float, binding: bool, is_read: bool
) -> None:
    """The first pass takes a name along, also one that is half typed, whose first tokens may be others then."""
    model = make_model(model, seed)
    prompt, half = f"{prompt}a.", "value"[:typed]
    names, weights = frozenset({"values", "valid", "size"}), (("values", weight),)
    constraint = Constraint("m", -typed, names=names, typed=half, weights=weights, binding=binding)

    def written(drafts: bool) -> Generation:
        generator = LocalGenerator(model, drafts=drafts)
        if is_read:
            generator.warm(Prompt(prompt + half))
        return generator.generate(Prompt(prompt + half), DecodingParameters(max_tokens=20), guide=Fixed(constraint))

    drafted, plain = written(True), written(False)
    assert drafted.candidates == plain.candidates
    if weight == 30.0 and is_read:
        assert drafted.candidates[0].text.startswith("values"[typed:])
        assert drafted.guessed_tokens + drafted.interventions.forced_tokens > 0


def generate(model: FakeModel, prompt: str, *constraints: Constraint, **parameters: int) -> Generation:
    made = replace(DecodingParameters(max_tokens=12), **parameters)  # pyright: ignore[reportArgumentType]
    return LocalGenerator(model).generate(Prompt(prompt), made, guide=Fixed(*constraints))


def test_a_half_typed_name_is_finished(model: FakeModel) -> None:
    names = Constraint("scope", -2, names=frozenset({"values", "naïve", "vast"}), typed="va")
    text = generate(model, "for x in va", names).candidates[0].text
    assert text.startswith(("lues", "st"))
    assert not text.startswith(("luesx", "sts"))


def test_joint_constraints_are_an_intersection(model: FakeModel) -> None:
    some = Constraint("a", 0, names=frozenset({"size", "tokens", "value"}))
    others = Constraint("b", 0, names=frozenset({"tokens", "names"}))
    digits = Constraint("c", 0, regex=r"(?s:[a-z]{6}\(\d\).*)")
    generation = generate(model, "x = self.", some, others, digits)
    assert generation.candidates[0].text.startswith("tokens(")
    assert generation.interventions.constraints == 3
    assert generation.interventions.lifted == 0
    assert generation.interventions.forced_tokens >= 1


def test_an_empty_mask_lifts_the_newest_constraint(model: FakeModel) -> None:
    some = Constraint("a", 0, names=frozenset({"size"}))
    against = Constraint("b", 0, names=frozenset({"tokens"}))
    generation = generate(model, "x = self.", some, against)
    assert generation.candidates[0].text.startswith("size")
    assert generation.interventions.lifted == 1
    broken = generate(model, "x = self.", Constraint("c", 0, regex="("), Constraint("d", 0, names=frozenset()))
    assert broken.interventions.lifted == 2
    assert broken.candidates == generate(model, "x = self.").candidates


def test_the_end_is_allowed_only_where_the_text_is_complete(model: FakeModel) -> None:
    generation = generate(model, "x = ", Constraint("a", 0, regex=r"\(size\)"), max_tokens=30)
    assert generation.candidates[0].text == "(size)"
    assert generation.candidates[0].finish_reason == "end_of_text"


def test_forced_text_costs_few_passes(model: FakeModel) -> None:
    forced = "self.tokens.extend(tokens)\n        return self.logits(tokens)"
    lark = f"start: {forced!r}".replace("'", '"')
    free = generate(model, "x = ", max_tokens=60)
    generation = generate(model, "x = ", Constraint("a", 0, grammar=lark), max_tokens=60)
    assert generation.candidates[0].text == forced
    assert generation.interventions.forced_tokens > 5
    assert generation.forward_passes < len(generation.candidates[0].token_ids) / 2
    assert free.interventions.forced_tokens == 0


def test_a_guide_is_asked_about_text_that_will_stay(model: FakeModel) -> None:
    guide = Fixed()
    parameters = DecodingParameters(max_tokens=20, single_line=True)
    generation = LocalGenerator(model).generate(Prompt(CORPUS[:300]), parameters, guide=guide)
    assert guide.asked[0] == ""
    assert guide.asked[-1] == generation.candidates[0].text
    assert all("\n" not in text.lstrip() for text in guide.asked)


@given(prompts, st.integers(0, 9), st.sampled_from([1.5, 9.0]))
@settings(max_examples=40, deadline=None)
def test_text_is_whole_and_streams_as_it_is(model: FakeModel, prompt: str, seed: int, wildness: float) -> None:
    """The wild model writes many bytes that are no UTF-8."""
    model = make_model(model, seed, wildness)
    pieces: list[str] = []
    parameters = DecodingParameters(max_tokens=30, stop_strings=("\n\n",))
    generation = LocalGenerator(model).generate(Prompt(prompt), parameters, on_text=pieces.append)
    (candidate,) = generation.candidates
    assert "".join(pieces) == candidate.text
    assert "\ufffd" not in candidate.text
    assert all(pieces)
    held = b"".join(map(model.tokenizer.token_bytes, model.sessions[0].tokens.tolist()))
    written = (prompt + candidate.text).encode()
    assert held.startswith(written) or written.startswith(held) or candidate.finish_reason != "length"


def test_cancellation_between_passes(model: FakeModel) -> None:
    model = FakeModel(model.tokenizer, wildness=0.5, persistence=99)
    cancellation = Cancellation()
    generator = LocalGenerator(model)
    countdown = [3]

    def cancel_later() -> None:
        countdown[0] -= 1
        if not countdown[0]:
            cancellation.cancel()

    model.on_pass = cancel_later
    with pytest.raises(Cancelled):
        generator.generate(Prompt(CORPUS), DecodingParameters(max_tokens=50), cancellation=cancellation)
    assert len(model.sessions[0].passes) == 3
    model.on_pass = lambda: None
    again = generator.generate(Prompt(CORPUS), DecodingParameters(max_tokens=5))
    assert again.reused_tokens > 0.9 * again.prompt_tokens
    with pytest.raises(Cancelled):
        generator.warm(Prompt(CORPUS), cancellation)


def test_time_is_a_budget_for_everything(model: FakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("models.decoding.cancellation.perf_counter", lambda: clock[0])
    model = FakeModel(model.tokenizer, wildness=0.5, persistence=99)

    def take_ten_milliseconds() -> None:
        clock[0] += 0.010

    model.on_pass = take_ten_milliseconds
    generator = LocalGenerator(model, drafts=False)
    generation = generator.generate(Prompt(CORPUS[:100]), DecodingParameters(max_tokens=50, max_time_ms=65))
    assert generation.candidates[0].finish_reason == "time"
    assert generation.forward_passes == 6
    several = generator.generate(Prompt(CORPUS[:100]), DecodingParameters(max_time_ms=75, candidates=3, max_tokens=4))
    assert several.forward_passes <= 8
    several = generator.generate(Prompt(CORPUS[:100]), DecodingParameters(max_time_ms=75, candidates=3, max_tokens=6))
    assert {candidate.finish_reason for candidate in several.candidates} == {"length"}, "nothing half written beside it"
    nothing = generator.generate(Prompt(CORPUS[:100]), DecodingParameters(max_time_ms=0))
    assert nothing.candidates == ()


def test_budgets_of_tokens_and_context(model: FakeModel) -> None:
    for length in (1, 5):
        generation = generate(model, "for name in names", max_tokens=length)
        (candidate,) = generation.candidates
        assert len(candidate.token_ids) == length or candidate.finish_reason != "length"
    small = FakeModel(model.tokenizer, context_length=64)
    generation = LocalGenerator(small).generate(Prompt(CORPUS), DecodingParameters(max_tokens=20))
    assert generation.prompt_tokens <= 44
    assert len(generation.candidates) == 1


def test_an_empty_prompt_is_a_beginning(model: FakeModel) -> None:
    for prompt in ("", "d", "\n"):
        assert len(generate(model, prompt).candidates) == 1


def test_a_warmed_prompt_is_read_once(model: FakeModel) -> None:
    model = FakeModel(model.tokenizer)
    generator = LocalGenerator(model)
    generator.warm(Prompt(CORPUS[:-1]))
    generation = generator.generate(Prompt(CORPUS), DecodingParameters(max_tokens=3))
    assert generation.prompt_tokens - generation.reused_tokens < 12
    assert generation.timings_ms.prefill >= 0
    generator.close()


def test_the_callers_rule_ends_a_text(model: FakeModel) -> None:
    generator = LocalGenerator(model)
    free = generator.generate(Prompt(CORPUS[:150]), DecodingParameters(max_tokens=20)).candidates[0]
    ruled = generator.generate(
        Prompt(CORPUS[:150]), DecodingParameters(max_tokens=20), stop=lambda text: 3 if len(text) > 5 else None
    ).candidates[0]
    assert ruled.text == free.text[:3]
    assert ruled.finish_reason == "stop"
    assert len(ruled.token_ids) < len(free.token_ids)
    nothing = generator.generate(Prompt(CORPUS[:150]), DecodingParameters(), stop=lambda text: 0).candidates[0]
    assert nothing.text == ""
    assert nothing.token_ids == ()
    assert nothing.confidence is None


def test_the_policy_learns_what_became_of_drafts(model: FakeModel, monkeypatch: pytest.MonkeyPatch) -> None:
    learnt: list[tuple[int, int, int]] = []

    def learn(policy: DraftPolicy, kind: int, drafted: int, accepted: int) -> None:
        learnt.append((kind, drafted, accepted))

    monkeypatch.setattr(DraftPolicy, "learn", learn)
    for seed in range(5):
        generator = LocalGenerator(FakeModel(model.tokenizer, seed, wildness=1.0))
        generator.generate(Prompt(CORPUS + "class Session:\n    def __init"), DecodingParameters(max_tokens=40))
    assert all(kind > 0 and 0 <= accepted <= drafted for kind, drafted, accepted in learnt)
    assert any(accepted == drafted for _, drafted, accepted in learnt)
    assert any(accepted < drafted for _, drafted, accepted in learnt)


class Late(Dots):
    """Answers only whoever waits."""

    def __init__(self) -> None:
        super().__init__(delay=10_000)
        self.waits = 0

    def wait(self) -> bool:
        self.waits += 1
        open_questions = bool(self.waiting)
        self.waiting = dict.fromkeys(self.waiting, 1)
        return open_questions


@given(prompts, st.integers(0, 8), st.integers(1, 3))
@settings(max_examples=80, deadline=None)
def test_what_is_found_out_at_the_end_of_a_candidate_holds_for_all(
    model: FakeModel, prompt: str, seed: int, count: int
) -> None:
    guide = Late()
    parameters = DecodingParameters(max_tokens=30, candidates=count)
    generation = LocalGenerator(make_model(model, seed)).generate(Prompt(prompt), parameters, guide=guide)
    assert [guide.violations(candidate.text) for candidate in generation.candidates] == [0] * len(generation.candidates)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_no_candidate_says_more_than_its_end(model: FakeModel, length: int) -> None:
    parameters = DecodingParameters(max_tokens=length, candidates=3, single_line=True, stop_strings=("(",))
    generator = LocalGenerator(make_model(model, 3))
    for end in range(30, len(CORPUS), 4):
        for candidate in generator.generate(Prompt(CORPUS[:end]), parameters).candidates:
            assert "(" not in candidate.text
            assert "\n" not in candidate.text.lstrip()


@given(prompts, st.integers(0, 8))
@settings(max_examples=60, deadline=None)
def test_the_end_waits_for_what_is_still_being_found_out(model: FakeModel, prompt: str, seed: int) -> None:
    model = make_model(model, seed)
    guide = Late()
    generation = LocalGenerator(model).generate(Prompt(prompt), DecodingParameters(max_tokens=30), guide=guide)
    assert guide.violations(generation.candidates[0].text) == 0
    assert guide.waits > 0
