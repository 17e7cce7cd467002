from scripts.document_settings import PAGE, PLACE, updated


def test_the_page_has_the_settings_as_they_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert PLACE.search(page)
    assert updated(page) == page, "run `python -m scripts.document_settings`"
