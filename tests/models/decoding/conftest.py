import pytest
from fake_model import FakeModel, train_tokenizer

from models.tokenization import Tokenizer


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return train_tokenizer()


@pytest.fixture(scope="session")
def model(tokenizer: Tokenizer) -> FakeModel:
    return FakeModel(tokenizer)
