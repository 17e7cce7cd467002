"""Replays under one name that were not answered in the same way: to be told only when all records are there."""

import numpy as np

from lsp_server.report.observations import Table

HASH_CHARS = 8
"""Of the configuration's hash, so many tell one replay of a name from another."""


def told_apart(table: Table) -> Table:
    """The same rows, of which each series has one configuration: where a name has several, it ends in the beginning of
    the hash. What was answered live has none, and keeps its name."""
    words, hashes = table.words["series"], table.words["configuration"]
    pairs = table["series"].astype(np.int64) * len(hashes) + table["configuration"]
    found = [divmod(int(pair), len(hashes)) for pair in np.unique(pairs)]
    series = table["series"].copy()
    renamed: dict[tuple[str, str], str] = {}
    for code, place in found:
        if hashes[place] and sum(other == code for other, _ in found) > 1:
            series[pairs == code * len(hashes) + place] = len(words) + len(renamed)
            renamed[words[code], hashes[place]] = f"{words[code]} {hashes[place][:HASH_CHARS]}"
    if not renamed:
        return table
    examples = [{**e, "series": renamed.get((e["series"], e["configuration"]), e["series"])} for e in table.examples]
    names = {**table.words, "series": [*words, *renamed.values()]}
    return Table({**table.columns, "series": series}, names, examples)
