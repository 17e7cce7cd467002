"""A model behind a server, against a real HTTP server that answers from a script."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest
from openai_server import Answer, Json, ScriptedServer, Seen, completion, events, refusal, serving, text_answer

from models import ChatPrompt, Constraint, DecodingParameters, Message, ModelError, Prompt, Snippet
from models.backends.openai import RemoteGenerator
from models.catalog.entry import FimFormat, ModelEntry, RemoteSource
from models.decoding.cancellation import Cancellation
from models.decoding.generation import Generator
from models.errors import Cancelled

PLAIN = DecodingParameters(heal=False)
PROMPT = Prompt("def f(x):\n    return x.")


def generator(server: ScriptedServer, *, entry: Json | None = None, **source: Any) -> Generator:
    remote = RemoteSource(server.url, "coder", **source)
    values: dict[str, Any] = {"architecture": "decoder", "context_length": 2048, "licence": "none", **(entry or {})}
    return RemoteGenerator(ModelEntry(name="team", source=remote, **values))


def typing(*answers: str) -> Callable[[Seen], Answer]:
    """Answers each request with the next text, a few characters at a time."""
    texts = list(answers)

    def script(_: Seen) -> Answer:
        text = texts.pop(0)
        return Answer(events(completion([text[start : start + 3] for start in range(0, len(text), 3)])), pause_s=0)

    return script


class Told:
    """A guide that says each constraint once the text has grown to a length."""

    def __init__(self, *constraints: tuple[int, Constraint]) -> None:
        self._later = list(constraints)
        self.heard: list[str] = []
        self.cut_to: list[str] = []

    def poll(self, text: str) -> Sequence[Constraint]:
        self.heard.append(text)
        known = [constraint for length, constraint in self._later if len(text) >= length]
        self._later = [(length, constraint) for length, constraint in self._later if len(text) < length]
        return known

    def rolled_back(self, text: str) -> None:
        self.cut_to.append(text)

    def wait(self) -> bool:
        return False


def names(start: int, *words: str, typed: str = "") -> Constraint:
    return Constraint("dereference", start, names=frozenset(words), typed=typed)


# --- one plain request ---------------------------------------------------------------------------------------------


def test_a_line_streams_in_and_ends_where_it_ends() -> None:
    heard: list[str] = []
    with serving([text_answer("first", " + ", "sec", "ond\n", "more")]) as server:
        made = generator(server).generate(
            PROMPT, DecodingParameters(heal=False, single_line=True), on_text=heard.append
        )
    (candidate,) = made.candidates
    assert (candidate.text, candidate.finish_reason) == ("first + second", "stop")
    assert "".join(heard) == "first + second"
    assert len(heard) > 1
    assert server.bodies[0]["prompt"] == PROMPT.prefix
    assert server.bodies[0]["temperature"] == 0
    assert server.seen[0].path == "/v1/completions"


def test_the_servers_own_end_is_told_from_its_budget() -> None:
    with serving([text_answer("a"), text_answer("a", finish="length")]) as server:
        remote = generator(server)
        assert remote.generate(PROMPT, PLAIN).candidates[0].finish_reason == "end_of_text"
        assert remote.generate(PROMPT, PLAIN).candidates[0].finish_reason == "length"


def test_stop_strings_special_tokens_and_rules_end_the_text() -> None:
    entry = {"stop_tokens": ("<|endoftext|>",)}
    with serving(lambda _: text_answer("one;", "two", "<|endoftext|>", "three")) as server:
        remote = generator(server, entry=entry)
        stopped = remote.generate(PROMPT, DecodingParameters(heal=False, stop_strings=("two",))).candidates[0]
        assert (stopped.text, stopped.finish_reason) == ("one;", "stop")
        special = remote.generate(PROMPT, PLAIN).candidates[0]
        assert (special.text, special.finish_reason) == ("one;two", "end_of_text")
        ruled = remote.generate(PROMPT, PLAIN, stop=lambda text: 4 if ";" in text else None).candidates[0]
        assert (ruled.text, ruled.finish_reason) == ("one;", "stop")
    assert server.bodies[0]["stop"] == ["two", "<|endoftext|>"]


def test_a_stop_string_is_never_streamed_in_part() -> None:
    heard: list[str] = []
    with serving([text_answer("a", "<", "/", "b", "</s", ">")]) as server:
        parameters = DecodingParameters(heal=False, stop_strings=("</s>",))
        generator(server).generate(PROMPT, parameters, on_text=heard.append)
    assert "".join(heard) == "a</b"
    assert all("</s" not in text for text in heard)


@pytest.mark.parametrize(
    "told",
    [
        {"tokens": ["a"], "token_logprobs": [-0.5], "top_logprobs": None},
        {"content": [{"token": "a", "logprob": -0.5, "top_logprobs": []}]},
    ],
)
def test_log_probabilities_make_a_confidence(told: Json) -> None:
    with serving([Answer(events(completion(["a", "b"], logprobs=told)))]) as server:
        candidate = generator(server).generate(PROMPT, PLAIN).candidates[0]
    assert candidate.logprobs == (-0.5, -0.5)
    assert candidate.confidence == pytest.approx(0.6065, abs=1e-3)
    assert candidate.token_ids == ()


def test_usage_and_version_are_noted() -> None:
    usage = {"prompt_tokens": 12, "prompt_tokens_details": {"cached_tokens": 8}}
    answer = [*completion(["a"]), {"choices": [], "usage": usage, "system_fingerprint": "b42"}]
    with serving([Answer(events(answer))]) as server:
        remote = generator(server)
        made = remote.generate(PROMPT, PLAIN)
        assert (made.prompt_tokens, made.reused_tokens) == (12, 8)
        assert remote.fingerprint == f"{server.url} coder b42"
    assert made.timings_ms.prefill > 0
    assert remote.name == "team"


def test_repetition_is_cut_off() -> None:
    with serving([text_answer(*["spam "] * 40)]) as server:
        candidate = generator(server).generate(PROMPT, PLAIN).candidates[0]
    assert (candidate.text, candidate.finish_reason) == ("spam ", "repetition")


# --- prompts -------------------------------------------------------------------------------------------------------


def test_fill_in_the_middle_by_sentinels_or_by_the_server() -> None:
    prompt = Prompt("before", "\nafter", path="a.py", snippets=(Snippet("b.py", "b = 1"),))
    fim = FimFormat("<PRE>", "<SUF>", "<MID>")
    with serving(lambda _: text_answer("x")) as server:
        generator(server, entry={"fim": fim}).generate(prompt, PLAIN)
        generator(server, server_fim=True).generate(prompt, PLAIN)
    sentinels, by_server = server.bodies
    assert sentinels["prompt"].endswith("<PRE>before<SUF>\nafter<MID>")
    assert "suffix" not in sentinels
    assert by_server["prompt"].endswith("before")
    assert by_server["suffix"] == "\nafter"


def test_conversations_by_template_or_by_the_server() -> None:
    chat = ChatPrompt((Message("user", "Translate."),), opening="```go\n")
    delta = [{"choices": [{"index": 0, "delta": {"content": "func"}, "finish_reason": "stop"}]}]
    with serving([text_answer("func"), Answer(events(delta))]) as server:
        assert generator(server, entry={"chat_template": "chatml"}).generate(chat, PLAIN).candidates[0].text == "func"
        assert generator(server).generate(chat, PLAIN).candidates[0].text == "func"
    assert server.bodies[0]["prompt"].endswith("<|im_start|>assistant\n```go\n")
    assert server.seen[1].path == "/v1/chat/completions"
    assert server.bodies[1]["messages"][-1] == {"role": "assistant", "content": "```go\n"}
    assert server.bodies[1]["continue_final_message"] is True


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (["``", "`go\n", "func"], "func"),
        ([" ```go", "\nfunc"], "func"),
        (["func", "```go"], "func```go"),
        (["`", "x`"], "`x`"),
        (["``"], "``"),
    ],
)
def test_an_opening_that_is_repeated_is_taken_out(answer: list[str], text: str) -> None:
    chat = ChatPrompt((Message("user", "Translate."),), opening="```go\n")
    deltas = [{"choices": [{"index": 0, "delta": {"content": piece}}]} for piece in answer]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    with serving([Answer(events([*deltas, end]))]) as server:
        assert generator(server).generate(chat, PLAIN).candidates[0].text == text


def test_fields_that_a_server_refuses_are_left_out_from_then_on() -> None:
    def strict(seen: Seen) -> Answer:
        for name in ("logprobs", "stream_options", "seed"):
            if name in seen.body:
                return refusal(422, {"detail": [{"loc": ["body", name], "msg": "Extra inputs are not permitted"}]})
        return text_answer("x")

    with serving(strict) as server:
        remote = generator(server)
        assert remote.generate(PROMPT, PLAIN).candidates[0].text == "x"
        assert len(server.seen) == 4
        remote.generate(PROMPT, PLAIN)
        assert len(server.seen) == 5


@pytest.mark.parametrize(
    "refused",
    [
        refusal(400, {"error": {"message": "This model's maximum context length is 1024 tokens."}}),
        Answer(),  # llama-cpp-python's server begins a stream and then says nothing
    ],
)
def test_a_prompt_that_is_too_long_is_shortened(refused: Answer) -> None:
    def small(seen: Seen) -> Answer:
        return refused if len(seen.body["prompt"]) > 1500 else text_answer("x")

    with serving(small) as server:
        made = generator(server).generate(Prompt("x = 1\n" * 4000 + "y = "), PLAIN)
    assert made.candidates[0].text == "x"
    assert server.bodies[-1]["prompt"].endswith("y = ")


@pytest.mark.parametrize(
    ("prompt", "refused"),
    [
        (ChatPrompt((Message("user", "x" * 5000),)), refusal(400, {"error": "maximum context length is 1024 tokens"})),
        (Prompt("x = "), Answer()),
        (Prompt("x = 1\n" * 4000), refusal(429, {"error": "Request too large: 30000 tokens per minute"})),
        (Prompt("x = 1\n" * 4000), refusal(400, {"error": "max_tokens is too large: 16"})),
    ],
)
def test_what_shorter_prompts_would_not_mend_shortens_none(prompt: Prompt | ChatPrompt, refused: Answer) -> None:
    long = Prompt("x = 1\n" * 4000 + "y = ")
    with serving([text_answer("x"), refused, text_answer("y"), text_answer("y")]) as server:
        remote = generator(server)
        remote.generate(long, PLAIN)
        with suppress(ModelError):  # where it says that it is busy it is asked again
            remote.generate(prompt, PLAIN)
        remote.generate(long, PLAIN)
        assert server.bodies[-1]["prompt"] == server.bodies[0]["prompt"]


def test_other_refusals_reach_the_person() -> None:
    with serving([refusal(400, {"error": "I do not feel like it"})]) as server:
        with pytest.raises(ModelError, match="I do not feel like it"):
            generator(server).generate(PROMPT, PLAIN)
        assert len(server.seen) == 1


# --- budgets and cancellation --------------------------------------------------------------------------------------


def test_the_time_budget_keeps_what_is_there() -> None:
    answer = Answer(events(completion(["a", "b"], None), done=False), hang=True)
    with serving([answer]) as server:
        begun = time.perf_counter()
        made = generator(server).generate(PROMPT, DecodingParameters(heal=False, max_time_ms=1500))
        assert time.perf_counter() - begun < 10
        assert (made.candidates[0].text, made.candidates[0].finish_reason) == ("ab", "time")
        assert answer.on_hang_up.wait(10)


def test_cancellation_in_the_middle() -> None:
    answer = Answer(events(completion(["a", "b"], None), done=False), hang=True)
    cancellation = Cancellation()
    with serving([answer, text_answer("c")]) as server:
        remote = generator(server)
        with pytest.raises(Cancelled):
            remote.generate(PROMPT, PLAIN, cancellation=cancellation, on_text=lambda _: cancellation.cancel())
        assert answer.on_hang_up.wait(10)
        assert remote.generate(PROMPT, PLAIN).candidates[0].text == "c"


def test_a_stop_rule_hangs_up_at_once() -> None:
    answer = Answer(events(completion(["a\n", "b"], None), done=False), hang=True)
    with serving([answer]) as server:
        made = generator(server).generate(PROMPT, DecodingParameters(heal=False, single_line=True))
        assert made.candidates[0].text == "a"
        assert answer.on_hang_up.wait(10)


def test_warm_reads_the_prompt_and_says_nothing() -> None:
    with serving([text_answer("x", finish="length")]) as server:
        generator(server).warm(PROMPT)
    assert server.bodies[0]["max_tokens"] == 1
    assert server.bodies[0]["prompt"] == PROMPT.prefix


def test_a_closed_generator_says_so() -> None:
    with serving([text_answer("x")]) as server:
        remote = generator(server)
        remote.generate(PROMPT, PLAIN)
        remote.close()
        with pytest.raises(ModelError, match="closed"):
            remote.generate(PROMPT, PLAIN)


def test_prompts_are_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving([text_answer("x")]) as server:
        generator(server).generate(Prompt("my_private_name = "), PLAIN)
    assert "my_private_name" not in caplog.text


# --- healing -------------------------------------------------------------------------------------------------------


def test_blanks_before_the_cursor_are_written_again() -> None:
    with serving(typing("  return x")) as server:
        made = generator(server).generate(Prompt("def f(x):\n  "), DecodingParameters())
    assert server.bodies[0]["prompt"] == "def f(x):\n"
    assert made.candidates[0].text == "return x"


def test_a_server_that_does_not_write_them_again_is_asked_plainly() -> None:
    with serving(typing("\n\nclass", "return x")) as server:
        made = generator(server).generate(Prompt("def f(x):\n  "), DecodingParameters())
    assert [body["prompt"] for body in server.bodies] == ["def f(x):\n", "def f(x):\n  "]
    assert made.candidates[0].text == "return x"


def test_half_a_word_is_healed_where_the_server_can_be_told() -> None:
    with serving(typing(" value + 1", "ue")) as server:
        made = generator(server, structured_output="llama.cpp").generate(Prompt("return val"), DecodingParameters())
        assert server.bodies[0]["prompt"] == "return"
        assert server.bodies[0]["grammar"].startswith('root ::= "\\x20val" any*')
        assert made.candidates[0].text == "ue + 1"
        made = generator(server).generate(Prompt("return val"), DecodingParameters())
        assert server.bodies[1]["prompt"] == "return val"
        assert made.candidates[0].text == "ue"


def test_nothing_is_healed_where_the_middle_is_filled() -> None:
    prompt = Prompt("def f(x):\n  ", "\n\nf(1)\n")
    with serving(lambda _: text_answer("return x")) as server:
        entry = {"fim": FimFormat("<PRE>", "<SUF>", "<MID>")}
        generator(server, entry=entry).generate(prompt, DecodingParameters())
        generator(server, server_fim=True).generate(prompt, DecodingParameters())
    assert "<PRE>def f(x):\n  <SUF>" in server.bodies[0]["prompt"]
    assert server.bodies[1]["prompt"] == "def f(x):\n  "


# --- constraints ---------------------------------------------------------------------------------------------------


def test_text_that_keeps_to_the_constraint_costs_nothing() -> None:
    guide = Told((0, names(0, "alpha", "beta")))
    with serving(typing("alpha + 1")) as server:
        made = generator(server, structured_output="vllm").generate(PROMPT, PLAIN, guide=guide)
    assert made.candidates[0].text == "alpha + 1"
    assert len(server.seen) == 1
    assert "structured_outputs" not in server.bodies[0]
    assert (made.interventions.constraints, made.interventions.rolled_back) == (1, 0)
    assert guide.heard[0] == ""


def test_a_breach_is_written_again_under_the_servers_own_constraint() -> None:
    guide = Told((0, names(0, "alpha", "beta")))
    with serving(typing("gamma(1)", "beta(1)")) as server:
        made = generator(server, structured_output="vllm").generate(PROMPT, PLAIN, guide=guide)
    assert made.candidates[0].text == "beta(1)"
    first, second = server.bodies
    assert "structured_outputs" not in first
    assert second["structured_outputs"]["regex"].startswith("(?:alpha|beta)(?:[")
    assert second["prompt"] == PROMPT.prefix
    assert guide.cut_to == [""]
    done = made.interventions
    assert (done.constraints, done.rolled_back, done.changed_steps, done.lifted) == (1, 1, 1, 0)
    assert done.masked_steps > 0


def test_a_late_answer_cuts_back_to_where_it_begins() -> None:
    guide = Told((12, names(4, "beta")))
    with serving(typing("x = gamma + delta", " beta + 1")) as server:
        made = generator(server, structured_output="llama.cpp").generate(Prompt("y = 1\n"), PLAIN, guide=guide)
    assert made.candidates[0].text == "x = beta + 1"
    assert server.bodies[1]["prompt"] == "y = 1\nx ="  # the blank is written again with the name
    assert server.bodies[1]["grammar"].startswith('root ::= "\\x20beta"')
    assert guide.cut_to == ["x = "]


def test_a_half_typed_name_is_constrained_from_its_start() -> None:
    guide = Told((0, names(-2, "apply", "append", "other", typed="ap")))
    with serving(typing("ple()", "append()")) as server:
        made = generator(server, structured_output="llama.cpp").generate(Prompt("x.ap"), PLAIN, guide=guide)
    assert made.candidates[0].text == "pend()"
    assert server.bodies[1]["prompt"] == "x."
    assert server.bodies[1]["grammar"].startswith('root ::= "ap" ("pend" | "ply") ')


def test_an_older_vllm_is_told_in_its_own_words_and_this_is_remembered() -> None:
    def old(seen: Seen) -> Answer:
        return text_answer("beta(" if "guided_regex" in seen.body else "gamma(")

    with serving(old) as server:
        remote = generator(server, structured_output="vllm")
        for _ in range(2):
            made = remote.generate(PROMPT, PLAIN, guide=Told((0, names(0, "beta"))))
            assert made.candidates[0].text == "beta("
    told = [sorted({"structured_outputs", "guided_regex"} & body.keys()) for body in server.bodies]
    assert told == [[], ["structured_outputs"], ["guided_regex"], [], ["guided_regex"]]


def test_a_server_that_refuses_the_structure_gets_the_text_without_it() -> None:
    def refusing(seen: Seen) -> Answer:
        if "grammar" in seen.body:
            return refusal(400, {"error": {"message": "failed to parse grammar"}})
        return text_answer("gamma" if seen.body["prompt"].endswith(".") else "(1)")

    with serving(refusing) as server:
        made = generator(server, structured_output="llama.cpp").generate(
            PROMPT, PLAIN, guide=Told((0, names(0, "beta")))
        )
    assert made.candidates[0].text == "gamma(1)"
    assert (made.interventions.rolled_back, made.interventions.lifted) == (1, 1)


def test_without_structured_output_it_tries_again_and_then_goes_on_plainly() -> None:
    with serving(typing("gamma + 1", "delta", "beta + 3", "1")) as server:
        made = generator(server).generate(PROMPT, PLAIN, guide=Told((0, names(0, "beta"))))
    assert made.candidates[0].text == "beta +1"
    assert [body["temperature"] for body in server.bodies] == [0, 0.8, 0.8, 0]
    assert len({body["seed"] for body in server.bodies[:3]}) == 3
    assert server.bodies[3]["prompt"] == PROMPT.prefix + "beta +"
    assert made.interventions.rolled_back == 2


def test_after_its_tries_it_fails_open_with_what_the_model_wanted() -> None:
    with serving(typing("gamma + 1\n", "delta", "epsilon", "zeta", " + 2\n")) as server:
        parameters = DecodingParameters(heal=False, single_line=True)
        made = generator(server).generate(PROMPT, parameters, guide=Told((0, names(0, "beta"))))
    assert len(server.seen) == 5
    assert made.candidates[0].text == "gam + 2"  # what had come when it was broken, and then as the server goes on
    assert (made.interventions.rolled_back, made.interventions.lifted) == (4, 1)


def test_a_name_that_ends_too_soon_is_a_breach() -> None:
    with serving(typing("alp", "alpha")) as server:
        made = generator(server, structured_output="vllm").generate(PROMPT, PLAIN, guide=Told((0, names(0, "alpha"))))
    assert made.candidates[0].text == "alpha"
    with serving(typing("alp\n", "alpha\n")) as server:
        parameters = DecodingParameters(heal=False, single_line=True)
        remote = generator(server, structured_output="vllm")
        assert remote.generate(PROMPT, parameters, guide=Told((0, names(0, "alpha")))).candidates[0].text == "alpha"


def test_regular_expressions_and_grammars() -> None:
    two_arguments = Constraint("arguments", 0, regex=r"[^(),]+,[^(),]+\)(?s:.*)")
    with serving(typing("a)", "a, b)")) as server:
        made = generator(server, structured_output="llama.cpp").generate(PROMPT, PLAIN, guide=Told((0, two_arguments)))
    assert made.candidates[0].text == "a, b)"
    digits = Constraint("syntax", 0, grammar='start: /[0-9]+/ "a"')
    with serving(typing("12b", "12a")) as server:
        made = generator(server, structured_output="vllm").generate(PROMPT, PLAIN, guide=Told((0, digits)))
    assert made.candidates[0].text == "12a"
    assert server.bodies[1]["structured_outputs"] == {"grammar": digits.grammar}


def test_a_constraint_that_cannot_be_read_is_counted_and_dropped() -> None:
    with serving(typing("anything")) as server:
        made = generator(server).generate(PROMPT, PLAIN, guide=Told((0, Constraint("broken", 0, regex="("))))
    assert made.candidates[0].text == "anything"
    assert (made.interventions.constraints, made.interventions.lifted) == (0, 1)


def test_two_constraints_one_after_the_other() -> None:
    guide = Told((0, names(0, "alpha")), (6, names(6, "beta")))
    with serving(typing("gamma.x", "alpha.delta", "beta")) as server:
        made = generator(server, structured_output="vllm").generate(PROMPT, PLAIN, guide=guide)
    assert made.candidates[0].text == "alpha.beta"
    assert server.bodies[2]["prompt"].endswith("x.alpha.")


def test_a_guide_that_never_agrees_does_not_keep_us_for_ever() -> None:
    class Stubborn(Told):
        def poll(self, text: str) -> Sequence[Constraint]:
            return [names(0, f"never{len(self.heard)}"), *super().poll(text)]

    with serving(lambda _: text_answer("gamma", "\n")) as server:
        parameters = DecodingParameters(heal=False, single_line=True)
        made = generator(server).generate(PROMPT, parameters, guide=Stubborn())
        assert made.candidates[0].text.startswith("gamma")
        assert len(server.seen) < 40


def test_guided_text_is_streamed_only_when_nothing_can_take_it_back() -> None:
    heard: list[str] = []
    guide = Told((5, names(0, "beta")))
    with serving(typing("gamma + 1", "beta + 1")) as server:
        generator(server, structured_output="vllm").generate(PROMPT, PLAIN, guide=guide, on_text=heard.append)
    assert "".join(heard) == "beta + 1"


# --- several candidates --------------------------------------------------------------------------------------------


def test_candidates_that_differ_best_first() -> None:
    def several(seen: Seen) -> Answer:
        if seen.body.get("n", 1) == 1:
            return Answer(events(completion(["greedy\n"], logprobs={"token_logprobs": [-1.0]})))
        texts = {0: ("greedy\n", -1.0), 1: ("better\n", -0.1)}
        chunks = [
            item
            for index, (text, logprob) in texts.items()
            for item in completion([text], index=index, logprobs={"token_logprobs": [logprob]})
        ]
        return Answer(events(chunks))

    with serving(several) as server:
        parameters = DecodingParameters(heal=False, single_line=True, candidates=3)
        made = generator(server).generate(PROMPT, parameters)
    assert [candidate.text for candidate in made.candidates] == ["better", "greedy"]
    assert server.bodies[1]["n"] == 2
    assert server.bodies[1]["temperature"] == 0.8
    assert len(server.seen) == 5  # two further tries for each one that is missing


def test_further_candidates_keep_to_constraints_too() -> None:
    guide = Told((0, names(0, "alpha", "beta")))
    with serving(typing("alpha", "gamma", "beta")) as server:
        parameters = DecodingParameters(heal=False, candidates=2)
        made = generator(server, structured_output="vllm").generate(PROMPT, parameters, guide=guide)
    assert [candidate.text for candidate in made.candidates] == ["alpha", "beta"]
    assert guide.cut_to == ["", ""]


def test_generators_on_two_threads_do_not_disturb_each_other() -> None:
    results: dict[int, str] = {}
    with serving(lambda seen: text_answer(*seen.body["prompt"])) as server:

        def work(number: int) -> None:
            made = generator(server).generate(Prompt(f"call {number}"), PLAIN)
            results[number] = made.candidates[0].text

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert results == {number: f"call {number}" for number in range(8)}
