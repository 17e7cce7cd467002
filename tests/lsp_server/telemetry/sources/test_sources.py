"""What can be told from each kind of file, and that nothing else is made up."""

import json
from pathlib import Path
from typing import Any

import pytest

from lsp_server.errors import UserError
from lsp_server.telemetry import Record, Request, Store, to_json
from lsp_server.telemetry.sources.recorded import Recorded, open_source

V1 = {
    "completionTimestamp": "2023-03-01T10:00:00",
    "triggerPoint": "return",
    "language": "python",
    "ide": "vsc",
    "modelPredictions": {"InCoder": ["x + 1"], "UniXcoder": ["x"], "CodeGPT": [""]},
    "predictions": ["x", "x + 1", ""],
    "inferenceTime": 512.5,
    "leftContextLength": 40,
    "rightContextLength": 2,
    "keybind": None,
    "pluginVersion": "1.0",
    "leftContext": None,
    "rightContext": None,
}
V2 = {
    "prefix": "def f(x):\n    return ",
    "suffix": "\n",
    "trigger": "auto",
    "language": "python",
    "ide": "jetbrains",
    "timestamp": "2024-01-05T09:30:00+00:00",
    "filter_type": "feature",
    "should_filter": False,
    "predict_time": 200,
    "predictions": {"deepseek": "x + 1"},
    "time_since_last_completion": 2.5,
}


def read(path: Path) -> list[Recorded]:
    return list(open_source(path))


def write(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value))


def test_code4me_version_1(tmp_path: Path) -> None:
    write(tmp_path / "u1-a.json", {**V1, "chosenPrediction": "x + 1", "groundTruth": "x + 2"})
    write(tmp_path / "u1-b.json", {**V1, "chosenPrediction": None, "groundTruth": ""})
    write(tmp_path / "u2-c.json", {**V1, "keybind": True, "leftContext": "a = ", "rightContext": ""})
    accepted, declined, unanswered = read(tmp_path)
    record = accepted.record
    assert (record.request.user, record.time, record.origin) == ("u1", 1677664800.0, "code4me")
    assert (record.request.trigger_kind, record.request.trigger_point) == ("word", "return")
    assert [(g.model, g.candidates[0].suggestion) for g in record.generations] == [
        ("InCoder", "x + 1"),
        ("UniXcoder", "x"),
        ("CodeGPT", None),
    ]
    assert (record.outcome.result, record.outcome.candidate) == ("accepted", "InCoder:0")
    assert [(t.after_s, t.line) for t in record.truths] == [(30.0, "x + 2")]
    assert (record.consent, accepted.case) == ("metrics", None)
    assert (declined.record.outcome.result, declined.record.truths[0].line) == ("rejected", "")
    assert (unanswered.record.outcome.result, unanswered.record.truths) == ("unknown", ())
    assert unanswered.record.request.trigger_kind == "manual"
    assert unanswered.case is not None and unanswered.case.prefix == "a = "


@pytest.mark.parametrize(
    ("chosen", "named"), [("x", "UniXcoder:0"), (" x\n", "UniXcoder:0"), ("x ", "other:0"), ("x + 3", "")]
)
def test_what_was_chosen_is_known_again_without_the_blanks_around_it(tmp_path: Path, chosen: str, named: str) -> None:
    said = {"InCoder": ["x + 1"], "UniXcoder": ["x"], "other": ["x "]}
    write(tmp_path / "u-a.json", {**V1, "modelPredictions": said, "chosenPrediction": chosen, "groundTruth": "x"})
    (found,) = read(tmp_path)
    assert (found.record.outcome.result, found.record.outcome.candidate) == ("accepted", named)


def test_the_oldest_records_of_code4me_name_one_model(tmp_path: Path) -> None:
    old = {key: value for key, value in V1.items() if key != "modelPredictions"}
    write(tmp_path / "u-a.json", {**old, "model": "CodeFill", "predictions": ["x"]})
    (found,) = read(tmp_path)
    assert [(g.model, g.candidates[0].text) for g in found.record.generations] == [("InCoder", "x")]


def test_code4me_version_2(tmp_path: Path) -> None:
    verified = {"verifyToken": "t", "chosen_model": "deepseek", "ground_truth": "x + 1", "shown_times": ["..."]}
    write(tmp_path / "u1" / "a.json", {**V2, **verified})
    write(tmp_path / "u1" / "b.json", {**V2, "should_filter": True})
    accepted, filtered = read(tmp_path)
    assert accepted.case is not None and accepted.case.prefix.endswith("return ")
    assert (accepted.record.outcome.result, accepted.record.outcome.candidate) == ("accepted", "deepseek:0")
    assert accepted.record.request.since_request_ms == 2500
    assert (filtered.record.outcome.result, filtered.record.decision.reason) == ("not_shown", "filtered")


def test_code4mes_second_generation_as_tables(tmp_path: Path) -> None:
    tables = {
        "meta_query": "meta_query_id,user_id,contextual_telemetry_id,context_id,total_serving_time,timestamp\n"
        "q1,u1,t1,c1,180,2025-02-03 10:00:00+00\nq2,u1,t1,c2,90,2025-02-03 09:00:00+00\n",
        "context": 'context_id,prefix,suffix\nc1,"def f(x):\n    return ",\nc2,,\n',
        "contextual_telemetry": "contextual_telemetry_id,language_id,trigger_type_id,version_id,document_char_length\n"
        "t1,1,2,1,120\n",
        "had_generation": "meta_query_id,model_id,completion,generation_time,shown_at,was_accepted,confidence\n"
        'q1,1,x + 1,150,{2025-02-03},t,0.99\nq1,2,x,90,{},f,1.0\nq2,1,y,70,"{2025-02-03}",f,1.0\n',
        "ground_truth": "meta_query_id,truth_timestamp,ground_truth\n"
        "q1,2025-02-03 10:00:45+00,x + 2\nq1,2025-02-03 10:00:15+00,x + 1\n",
        "model_name": "model_id,model_name\n1,deepseek-1.3b\n2,starcoder2-3b\n",
        "programming_language": "language_id,language_name\n1,python\n",
        "trigger_type": "trigger_type_id,trigger_type_name\n1,man\n2,auto\n",
        "plugin_version": "version_id,version_name,ide_type\n1,0.0.1j,JetBrains\n",
    }
    for name, text in tables.items():
        (tmp_path / f"{name}.csv").write_text(text)
    second, first = (found.record for found in read(tmp_path))
    assert (second.id, second.consent, second.outcome.result) == ("q2", "metrics", "rejected")
    assert (first.request.language, first.request.editor, first.request.document_chars) == ("python", "JetBrains", 120)
    assert (first.outcome.result, first.outcome.candidate) == ("accepted", "deepseek-1.3b:0")
    assert [(t.after_s, t.line) for t in first.truths] == [(15.0, "x + 1"), (45.0, "x + 2")]
    assert all(c.confidence is None for g in first.generations for c in g.candidates)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1" + "0" * 400])
def test_what_is_no_finite_number_is_unknown(tmp_path: Path, number: str) -> None:
    text = json.dumps({**V1, "leftContextLength": "?", "inferenceTime": "?"}).replace('"?"', number)
    (tmp_path / "u-a.json").write_text(text)
    (first,) = read(tmp_path)
    assert (first.record.request.prefix_chars, first.record.generations[0].stages_ms) == (None, {})
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "meta_query.csv").write_text(f"meta_query_id,telemetry_id,total_serving_time\nq1,t1,{number}\n")
    (folder / "telemetry.csv").write_text(f"telemetry_id,document_char_length\nt1,{number}\n")
    (folder / "had_generation.csv").write_text(f"meta_query_id,model_id,completion,generation_time\nq1,1,x,{number}\n")
    (second,) = read(folder)
    assert (second.record.request.document_chars, second.record.generations[0].stages_ms) == (None, {})


def test_evaluation_cases_with_and_without_predictions(tmp_path: Path) -> None:
    case = {"id": "1", "language": "Python", "prefix": "x = ", "suffix": "", "expected": "1", "trigger": "="}
    write(tmp_path / "cases.jsonl", {**case, "path": "a.py", "root": "/r"})
    write(tmp_path / "said.jsonl", {**case, "predictions": {"a": "1", "b": None}})
    (plain,) = read(tmp_path / "cases.jsonl")
    assert plain.case is not None and (plain.case.path, plain.case.root) == ("a.py", "/r")
    assert plain.record.request.trigger_kind == "character"
    (said,) = read(tmp_path / "said.jsonl")
    assert [(g.model, g.candidates[0].suggestion) for g in said.record.generations] == [("a", "1"), ("b", None)]


def test_our_own_store_and_export(tmp_path: Path) -> None:
    record = Record("1", 5.0, "context", request=Request(language="go", prefix="a", suffix="b"))
    with Store(tmp_path / "s.sqlite") as store:
        store.put([record])
    (tmp_path / "e.jsonl").write_bytes(to_json(record) + b"\n")
    for path in (tmp_path / "s.sqlite", tmp_path / "e.jsonl"):
        (found,) = read(path)
        assert found.record == record
        assert found.case is not None and (found.case.prefix, found.case.suffix) == ("a", "b")


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("a.jsonl", "", "holds no records"),
        ("a.jsonl", "{", "a.jsonl:1: not valid JSON"),
        ("a.jsonl", '\n{"x": 1}\n', 'a.jsonl:2: nobody knows what {"x": 1} is: it has neither `schema`'),
        ("a.jsonl", '{"schema": 999, "id": "1"}', "schema version 999"),
        ("d/u-a.json", "[]", "is no Code4Me record"),
        ("d/readme.txt", "", "holds no Code4Me records"),
    ],
)
def test_what_is_no_source_is_named(tmp_path: Path, name: str, content: str, complaint: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)
    with pytest.raises(UserError, match=complaint):
        read(path.parent if "/" in name else path)


def test_a_missing_source_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        read(tmp_path / "none.sqlite")
