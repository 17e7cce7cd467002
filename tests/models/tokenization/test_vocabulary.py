"""Questions by bisection against the same questions asked of every token in turn."""

from hypothesis import given
from hypothesis import strategies as st

from models.tokenization import Tokenizer, Vocabulary

spellings = st.lists(
    st.binary(max_size=4).map(lambda b: bytes(x % 4 + 252 if x % 2 else x % 3 for x in b)), max_size=40
)


@given(spellings, st.data())
def test_beginnings(spelled: list[bytes], data: st.DataObject) -> None:
    vocabulary = Vocabulary(spelled)
    asked = data.draw(st.one_of(st.sampled_from([*spelled, b""]), st.binary(max_size=3)))
    visible = [(token, index) for index, token in enumerate(spelled) if token]
    assert sorted(vocabulary.starting_with(asked).tolist()) == sorted(i for t, i in visible if t.startswith(asked))
    assert sorted(vocabulary.within(asked)) == sorted(i for t, i in visible if asked.startswith(t))


def test_real_vocabularies_are_in_order(tokenizer: Tokenizer) -> None:
    vocabulary = tokenizer.vocabulary
    assert vocabulary.sorted == sorted(token for token in vocabulary.spelled if token)
    assert [vocabulary.spelled[index] for index in vocabulary.order] == vocabulary.sorted
    assert vocabulary.size == tokenizer.size
