"""What `make run` shows must still be there to be shown."""

import pytest

from scripts.first_run import PLACES, ROOT, TRANSLATED, Place


@pytest.mark.parametrize("place", [*PLACES, TRANSLATED], ids=lambda place: place.path)
def test_the_places_of_the_first_run_are_in_the_code(place: Place) -> None:
    lines = (ROOT / place.path).read_text(encoding="utf-8").splitlines()
    assert any(line.startswith(place.typed) for line in lines)
