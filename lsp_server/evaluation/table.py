"""A report's headline figures as plain text, for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

_COLUMNS = {
    "exact_match": "exact",
    "edit_similarity": "edit",
    "bleu4": "BLEU-4",
    "rouge_l_f1": "ROUGE-L",
    "meteor": "METEOR",
    "next_identifier_match": "NIM",
    "identifier_sequence_match": "ISM",
    "prefix_match": "PM",
}


def summary_table(reports: Mapping[str, Mapping[str, Any]], common_subset: Mapping[str, Any] | None = None) -> str:
    """A block of lines for each model: over all cases, as the study publishes, on the common subset if there is one."""
    rows = [["", "", "cases", "exact 95%", *_COLUMNS.values()]]
    for model, report in reports.items():
        interval = "{:.1f}-{:.1f}".format(*report["confidence_95"]["exact_match"])
        published = report["as_published"]
        rows.append([model, "empties wrong", str(report["cases"]), interval, *_figures(report["metrics"])])
        rows.append(["", "as published", str(published["cases"]), "", *_figures(published)])
        if common_subset:
            common = common_subset["metrics"][model]
            rows.append(["", "common subset", str(common_subset["cases"]), "", *_figures(common)])
    return _aligned(rows)


def _figures(metrics: Mapping[str, float | None]) -> list[str]:
    return ["-" if (value := metrics[name]) is None else f"{value:.2f}" for name in _COLUMNS]


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Two columns of names to the left, figures to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)
