from hypothesis import given
from hypothesis import strategies as st

from monitors.text.columns import changed_range, line_and_column, utf16_position

TEXT = st.text(alphabet=st.sampled_from("ab\n😀é\r"), max_size=30)


@given(TEXT, st.data())
def test_utf16_columns_count_code_units(text: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    line, column = utf16_position(text, offset)
    before = text[:offset].split("\n")
    assert line == len(before) - 1
    assert column == len(before[-1].encode("utf-16-le")) // 2
    assert line_and_column(text, offset) == (line, len(before[-1]))


@given(TEXT, TEXT, TEXT, TEXT)
def test_a_change_is_found_and_makes_the_new_text(before: str, old: str, new: str, after: str) -> None:
    first, second = before + old + after, before + new + after
    start, old_end, new_end = changed_range(first, second)
    assert first[:start] + second[start:new_end] + first[old_end:] == second
    assert old_end - start <= len(old)
    assert new_end - start <= len(new)
