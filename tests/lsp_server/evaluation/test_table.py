"""The table that a person sees."""

from lsp_server.evaluation.cases import Case, PredictedCase
from lsp_server.evaluation.scoring import score_predictions
from lsp_server.evaluation.table import summary_table


def test_each_model_has_a_line_for_each_way_of_counting() -> None:
    case = [Case(str(i), "Go", "(") for i in range(2)]
    report = score_predictions(
        [PredictedCase(case[0], {"first": "(", "b": "["}), PredictedCase(case[1], {"first": "", "b": "("})], None, 0
    )
    table = summary_table(report["models"], report["common_subset"]).splitlines()
    assert [line.split()[:6] for line in table[:4]] == [
        ["cases", "exact", "95%", "exact", "edit", "BLEU-4"],
        ["first", "empties", "wrong", "2", "9.5-90.5", "50.00"],
        ["as", "published", "1", "100.00", "100.00", "59.46"],
        ["common", "subset", "1", "100.00", "100.00", "59.46"],
    ]
    assert table[1].split()[-3:-1] == ["-", "-"]  # no identifier is expected anywhere
    assert len({len(line) for line in table}) == 1


def test_one_model_has_no_common_subset() -> None:
    report = score_predictions([PredictedCase(Case("1", "Go", "x"), {"m": "x"})], None, 0)
    assert len(summary_table({"m": report}).splitlines()) == 3
