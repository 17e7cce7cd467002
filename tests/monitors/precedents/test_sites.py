"""Reading dereferences: the words before them do not depend on how they are reached."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.precedents.sites import LONGEST_LINE, REACH, Site, read_sites, site_at
from monitors.text.lexicon import Lexicon, lexicon_of


def lexicon(language: str) -> Lexicon:
    found = lexicon_of(language)
    assert found is not None
    return found


PYTHON = lexicon("python")

lines = st.lists(
    st.lists(
        st.sampled_from(["self", "a", "b1", ".", "(", ")", "=", "größe", "12", '"', " ", "# a.b"]), max_size=8
    ).map("".join),
    max_size=12,
)


def test_what_a_site_is() -> None:
    text = "class A:\n    def f(self):  # self.no\n        return self.rows\n\n        # done\n        self.x.y(1)\n"
    found = [(site.receiver, site.member, site.below) for site in read_sites(PYTHON, text)]
    assert found == [("self", "rows", "# done"), ("self", "x", ""), ("x", "y", "")]
    first = next(read_sites(PYTHON, text))
    assert first.before == "self return \n : ) self ( f def \n : A class \n "


@given(lines, st.integers(0, 3))
def test_indentation_and_blank_lines_make_no_difference(written: list[str], margin: int) -> None:
    spaced = "\n\n".join(" " * margin + line for line in written)
    plain = [(site.before, site.member) for site in read_sites(PYTHON, "\n".join(written))]
    assert [(site.before, site.member) for site in read_sites(PYTHON, spaced)] == plain


@given(lines, st.sampled_from(["self", "a", ")"]))
def test_those_of_one_receiver_are_some_of_all(written: list[str], receiver: str) -> None:
    text = "\n".join(written)
    some = [site for site in read_sites(PYTHON, text) if site.receiver == receiver]
    assert list(read_sites(PYTHON, text, receiver)) == some


@pytest.mark.parametrize("language", ["python", "typescript", "cpp", "php", "rust"])
@given(lines)
def test_a_place_looks_the_same_before_the_member_is_written(language: str, written: list[str]) -> None:
    rules = lexicon(language)
    operator = rules.dereferences[0]
    above, below = "\n".join([*written, "x = a(self"]), "\n".join(["", *written])
    whole = [site for site in read_sites(rules, f"{above}{operator}member{below}") if site.member == "member"]
    assert [site_at(rules, above, len(above), below)] == [Site(site.before, "", site.below) for site in whole]


def test_lines_made_by_machines_are_passed_over() -> None:
    assert list(read_sites(PYTHON, "a.b;" * LONGEST_LINE)) == []
    (only,) = read_sites(PYTHON, "x" * 9999 + "\n" + "f(" * 400 + "a.b\n" + "y" * 9999)
    assert only.before == "a " + "( f " * 7 + "( "
    assert len(only.below) == LONGEST_LINE


def test_it_reaches_so_far_and_no_farther() -> None:
    text = "\n".join(f"a{number} = {number}" for number in range(50)) + "\nself"
    before = site_at(PYTHON, text, len(text), "").before
    assert before.count(" ") == REACH
    assert before.startswith("self \n 49 = a49 \n")
    longer = [site_at(PYTHON, text[start:], len(text) - start, "").before for start in (0, 7, 14, 21)]
    assert all(a == b for a, b in pairwise(longer))
