"""One suggestion, counted once: a suggestion that is typed along has a record for each key, and they share its fate.

Mostly the first record of them says what became of it in the end, and is the one that counts. Not always: it may have
been kept back from the editor, or have been decided when something else was written before the suggestion came back.
So this takes all records.
"""

import numpy as np

from lsp_server.report.observations import RESULTS, Table


def counted_once(table: Table) -> Table:
    """The same rows, of which one record for each suggestion says that it was shown, and accepted: the first record if
    it was accepted, else the first that was, else the first that was shown. The others have `again` set: all of
    them where the first record is missing."""
    heads = np.flatnonzero(table["first"])
    again, key = table["again"][heads], table["suggestion"][heads]
    if not again.any():
        return table
    accepted, shown = table["request_accepted"][heads], table["request_shown"][heads]
    order = np.lexsort((again, ~shown, ~accepted, key))
    begins = np.append(True, np.diff(key[order]) != 0)
    chosen = np.zeros(len(heads), dtype=np.bool_)
    chosen[order[begins]] = True
    chosen &= np.isin(key, key[~again])
    # A request that was answered with nothing to see is one of its own, whatever is shown at the next key.
    repeats = again | (np.isin(key, key[again]) & (table["result"][heads] != RESULTS.index("not_shown")))
    rows = (repeats & ~chosen)[np.cumsum(table["first"]) - 1]
    columns = {**table.columns, "again": rows, "accepted_chars": np.where(rows, np.float32(0), table["accepted_chars"])}
    for name in ("shown", "accepted", "request_shown", "request_accepted"):
        columns[name] = table[name] & ~rows
    return Table(columns, table.words, table.examples)
