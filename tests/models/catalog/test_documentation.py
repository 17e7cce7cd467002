"""docs/models.md says what the catalog says."""

from scripts.document_models import PAGE, updated


def test_the_page_is_up_to_date() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == updated(page), "run `python -m scripts.document_models`"
