"""Any record comes back from Parquet as it went in."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lsp_server.errors import UserError
from lsp_server.telemetry.parquet import read_parquet, write_parquet
from lsp_server.telemetry.record import Generation, GroundTruth, Record, Replay, Request
from lsp_server.telemetry.sources.recorded import open_source

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
numbers = st.floats(allow_nan=False, width=32)
records = st.builds(
    Record,
    id=text,
    time=numbers,
    consent=st.sampled_from(["metrics", "context"]),
    request=st.builds(Request, language=text, prefix=st.none() | text, line=st.none() | st.integers(0, 99)),
    generations=st.lists(
        st.builds(Generation, model=text, stages_ms=st.dictionaries(text, numbers, max_size=3)), max_size=2
    ).map(tuple),
    truths=st.lists(st.builds(GroundTruth, after_s=numbers, line=st.none() | text), max_size=2).map(tuple),
    replay=st.none() | st.builds(Replay, of=text, held_out=st.booleans()),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(records, max_size=4))
def test_records_come_back(tmp_path: Path, given_records: list[Record]) -> None:
    path = tmp_path / "r.parquet"
    assert write_parquet(given_records, path) == len(given_records)
    assert list(read_parquet(path)) == given_records


def test_it_is_a_source_like_any_other(tmp_path: Path) -> None:
    write_parquet([Record("a", 1.0, "context", request=Request(prefix="x", suffix=""))], tmp_path / "r.parquet")
    (found,) = open_source(tmp_path / "r.parquet")
    assert found.case is not None and found.case.prefix == "x"


def test_broken_code_is_kept_as_far_as_it_is_text(tmp_path: Path) -> None:
    write_parquet([Record("a", 1.0, request=Request(prefix="x\ud800y"))], tmp_path / "r.parquet")
    (found,) = read_parquet(tmp_path / "r.parquet")
    assert found.request.prefix == "x?y"


def test_other_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "r.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(UserError, match="cannot be read"):
        list(read_parquet(tmp_path / "r.parquet"))


def test_the_library_is_loaded_only_when_needed() -> None:
    code = "import sys, lsp_server.telemetry.sources.recorded; print('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
