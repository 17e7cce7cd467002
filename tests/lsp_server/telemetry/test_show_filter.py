"""The show filter learns what is accepted, and is judged by what it keeps as much as by what it hides."""

import json
import math
from pathlib import Path
from random import Random

import pytest

from lsp_server.errors import UserError
from lsp_server.telemetry import Candidate, Decision, Generation, Outcome, Record, Request
from lsp_server.telemetry.features import NAMES, features
from lsp_server.telemetry.show_filter import ShowFilter, load_filter, save_filter
from lsp_server.telemetry.training import example_of, train_filter


def record(number: int, confidence: float, accepted: bool, language: str = "python") -> Record:
    candidate = Candidate(f"c{number}", suggestion_chars=12, confidence=confidence, min_confidence=confidence, tokens=4)
    return Record(
        f"r{number}",
        float(number),
        request=Request(language=language, before="."),
        decision=Decision(source="model", shown_to_client=True),
        generations=(Generation(candidates=(candidate,)),),
        outcome=Outcome("accepted" if accepted else "rejected", accepted_chars=12 if accepted else 0),
    )


def a_life(count: int, seed: int = 3) -> list[Record]:
    """Records of somebody who accepts what the model is sure of, and Python a little more often."""
    chance = Random(seed)
    records: list[Record] = []
    for number in range(count):
        confidence, language = chance.random(), chance.choice(["python", "go"])
        logit = 6 * confidence - 4.5 + (0.8 if language == "python" else 0)
        records.append(record(number, confidence, chance.random() < 1 / (1 + math.exp(-logit)), language))
    return records


def test_it_learns_what_is_accepted_and_keeps_most_of_that() -> None:
    trained, report = train_filter(a_life(4000), keep=0.9)
    weights = dict(zip(NAMES, trained.weights, strict=True))
    assert weights["confidence"] + weights["min_confidence"] == pytest.approx(6, abs=1.2)
    assert weights["language=python"] - weights["language=go"] == pytest.approx(0.8, abs=0.4)
    assert report["judged_on"] == 1000
    assert report["acceptance_with"] > report["acceptance_without"] + 0.05
    assert report["completed_code_kept"] == pytest.approx(0.9, abs=0.05)
    assert report["auc"] > 0.75


def test_it_is_the_maximum_of_the_likelihood() -> None:
    """Newton's method against small steps in every direction: none of them is better."""
    from lsp_server.telemetry.training import example_of

    records = a_life(600)
    trained, _ = train_filter(records, strength=0.001)
    examples = [example for example in map(example_of, records[:450]) if example is not None]

    def loss(weights: tuple[float, ...], bias: float) -> float:
        model = ShowFilter(weights, bias, 0.0)
        return -sum(
            math.log(model.chance(example.values) if example.accepted else 1 - model.chance(example.values))
            for example in examples
        )

    best = loss(trained.weights, trained.bias)
    for index in (NAMES.index("confidence"), NAMES.index("language=python")):
        for step in (-0.5, 0.5):
            moved = list(trained.weights)
            moved[index] += step
            assert loss(tuple(moved), trained.bias) > best
    assert loss(trained.weights, trained.bias + 0.3) > best


def test_what_nobody_saw_or_decided_teaches_nothing() -> None:
    seen = record(1, 0.5, True)
    assert example_of(seen) is not None
    for other in (
        Record("a", 1.0),
        record(1, 0.5, True).__class__("b", 1.0, request=Request(trigger="invoked"), generations=seen.generations),
        Record("c", 1.0, decision=Decision(shown_to_client=True, cached_from="r0"), generations=seen.generations),
        Record("d", 1.0, decision=Decision(shown_to_client=True), generations=seen.generations),
    ):
        assert example_of(other) is None


def test_too_few_records_are_refused_in_words() -> None:
    with pytest.raises(UserError, match="too few to learn from"):
        train_filter(a_life(50))


def test_weights_are_kept_as_json_that_a_person_can_read(tmp_path: Path) -> None:
    trained, report = train_filter(a_life(400))
    save_filter(tmp_path / "f.json", trained, report)
    assert load_filter(tmp_path / "f.json") == trained
    content = json.loads((tmp_path / "f.json").read_text())
    assert content["weights"]["confidence"] == trained.weights[NAMES.index("confidence")]
    for broken in ("{", "[]", '{"kind": "x"}', json.dumps({**content, "weights": {"mood": 1}})):
        (tmp_path / "f.json").write_text(broken)
        with pytest.raises(UserError, match="cannot be read"):
            load_filter(tmp_path / "f.json")
    with pytest.raises(UserError, match="There is no show filter"):
        load_filter(tmp_path / "none.json")
    with pytest.raises(UserError, match=r"x\.json cannot be written"):
        save_filter(tmp_path / "f.json" / "x.json", trained, report)


def test_features_have_names_and_only_numbers() -> None:
    values = features(record(1, 0.5, True))
    assert values is not None and len(values) == len(NAMES) == len(set(NAMES))
    assert all(math.isfinite(value) for value in values)
    assert features(Record("a", 1.0)) is None
