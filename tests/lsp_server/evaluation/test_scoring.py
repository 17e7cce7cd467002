"""Honest figures: empties count, the study's own figure stands beside, and the study's table comes out exactly."""

from pathlib import Path
from typing import Any

import pytest

from lsp_server.errors import UserError
from lsp_server.evaluation.cases import UNNAMED, Case, PredictedCase, read_predictions
from lsp_server.evaluation.scoring import definitions, model_report, score, score_predictions

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "code4me_triggerpoint_dev.jsonl"

ANSWERS = [  # language, trigger, expected, prediction
    ("Python", ".", "foo", "foo"),
    ("Python", ".", "bar", ""),
    ("Java", "(", "(1)", "(2)"),
    ("Java", ".", "baz()", " \n"),
]


def report() -> dict[str, Any]:
    cases = [Case(str(i), language, expected, trigger=t) for i, (language, t, expected, _) in enumerate(ANSWERS)]
    return model_report("m", [score(case, answer[3]) for case, answer in zip(cases, ANSWERS, strict=True)], seed=0)


def test_an_empty_prediction_is_wrong_in_the_headline_and_left_out_as_published() -> None:
    r = report()
    assert (r["cases"], r["model"], r["coverage"]) == (4, "m", 50)
    assert r["metrics"]["exact_match"] == 25
    assert r["metrics"]["edit_similarity"] == pytest.approx((100 + 100 * 4 / 6) / 4, abs=1e-4)
    assert r["as_published"]["cases"] == 2
    assert r["as_published"]["exact_match"] == 50
    assert r["as_published"]["edit_similarity"] == pytest.approx((100 + 100 * 4 / 6) / 2, abs=1e-4)


def test_a_metric_is_averaged_over_the_cases_it_applies_to() -> None:
    r = report()
    assert r["applicable"]["next_identifier_match"] == 3  # `(1)` begins with no word
    assert r["metrics"]["next_identifier_match"] == pytest.approx(100 / 3, abs=1e-4)
    only = r["by_trigger"]["("]
    assert only["applicable"]["next_identifier_match"] == 0
    assert only["metrics"]["next_identifier_match"] is None
    assert only["confidence_95"]["next_identifier_match"] is None


def test_groups_count_their_own_cases() -> None:
    r = report()
    assert {name: (g["cases"], g["coverage"]) for name, g in r["by_language"].items()} == {
        "Java": (2, 50),
        "Python": (2, 50),
    }
    assert {name: g["cases"] for name, g in r["by_trigger"].items()} == {"(": 1, ".": 3}


def test_every_interval_holds_its_mean() -> None:
    r = report()
    for name, mean in r["metrics"].items():
        interval = r["confidence_95"][name]
        assert interval is None if mean is None else interval[0] <= mean <= interval[1]
    assert r["metrics"]["parse_rate"] is None  # no document around these cases


def test_models_are_also_compared_where_all_of_them_answered() -> None:
    case = [Case(str(i), "Go", "x") for i in range(3)]
    predicted = [
        PredictedCase(case[0], {"a": "x", "b": "y"}),
        PredictedCase(case[1], {"a": "x", "b": " "}),
        PredictedCase(case[2], {"b": "x"}),  # `a` is missing: empty
    ]
    r = score_predictions(predicted, None, seed=0)
    assert list(r["models"]) == ["a", "b"]
    assert [r["models"][m]["metrics"]["exact_match"] for m in "ab"] == pytest.approx([66.6667, 33.3333])
    assert [r["models"][m]["as_published"]["exact_match"] for m in "ab"] == [100, 50]
    assert r["common_subset"]["cases"] == 1
    assert [r["common_subset"]["metrics"][m]["exact_match"] for m in "ab"] == [100, 0]


def test_one_model_may_be_picked_or_named() -> None:
    case = Case("1", "Go", "x")
    both = [PredictedCase(case, {"a": "x", "b": "y"})]
    picked = score_predictions(both, "b", seed=0)
    assert (picked["model"], picked["metrics"]["exact_match"]) == ("b", 0)
    named = score_predictions([PredictedCase(case, {UNNAMED: "x"})], "mine", seed=0)
    assert (named["model"], named["metrics"]["exact_match"]) == ("mine", 100)
    only_one = score_predictions([PredictedCase(case, {"a": "x"})], None, seed=0)
    assert only_one["model"] == "a"
    with pytest.raises(UserError, match="no predictions of 'c'") as raised:
        score_predictions(both, "c", seed=0)
    assert "a, b" in raised.value.hint


def test_a_report_says_what_stands_behind_each_figure() -> None:
    said = definitions()
    assert set(said["definitions"]) == set(report()["metrics"])
    assert set(said["tokenizer"]) == {"words", "lexemes"}


@pytest.mark.skipif(not SHARED.exists(), reason="the study's data is not here")
def test_the_study_s_own_figures_come_out_exactly() -> None:
    r = score_predictions(read_predictions(SHARED), None, seed=0)
    published = {
        model: (a["cases"], round(a["exact_match"], 2), round(a["edit_similarity"], 2))
        for model, m in r["models"].items()
        for a in [m["as_published"]]
    }
    assert published == {
        "InCoder": (356, 39.04, 69.52),
        "UniXcoder": (449, 22.72, 55.19),
        "CodeGPT": (447, 19.24, 53.08),
    }
    honest = {model: round(m["metrics"]["exact_match"], 2) for model, m in r["models"].items()}
    assert honest == {"InCoder": 28.96, "UniXcoder": 21.25, "CodeGPT": 17.92}
    assert r["cases"] == 480
    assert all(group["cases"] == 40 for group in r["models"]["InCoder"]["by_language"].values())
