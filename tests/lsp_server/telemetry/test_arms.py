"""Arms are drawn with the odds that are written down."""

from collections import Counter
from random import Random

import pytest

from lsp_server.errors import UserError
from lsp_server.settings import Settings
from lsp_server.settings.overlay import with_changes
from lsp_server.telemetry.arms import NEXT_S, Arm, Lots, parse_arm, parse_arms

ARMS = (Arm("a", 3.0), Arm("b", 1.0), Arm("c", 0.0, shadow=True))


def test_an_arm_is_a_name_a_weight_and_settings() -> None:
    text = "larger 0.5 model.name=qwen2.5-coder-0.5b completion.minConfidence=0.3"
    arm = parse_arm(text)
    assert arm == Arm("larger", 0.5, (("model.name", "qwen2.5-coder-0.5b"), ("completion.minConfidence", "0.3")))
    settings = with_changes(Settings(), dict(arm.changes))
    assert (settings.model.name, settings.completion.min_confidence) == ("qwen2.5-coder-0.5b", 0.3)
    assert (
        with_changes(settings, {"completion.minConfidence": "0.0", "model.name": Settings().model.name}) == Settings()
    )
    assert parse_arm("quiet shadow") == Arm("quiet", 0.0, shadow=True)


@pytest.mark.parametrize("text", ["", "a", "a b", "a nan", "a -1", "a 1 nonsense"])
def test_what_is_no_arm_is_refused_in_words(text: str) -> None:
    with pytest.raises(UserError, match=r"telemetry\.arms"):
        parse_arms([text])


def test_arms_that_cannot_be_drawn_are_refused() -> None:
    with pytest.raises(UserError, match="one name"):
        parse_arms(["a 1", "a 2"])
    with pytest.raises(UserError, match="weight above 0"):
        parse_arms(["a 0"])
    assert parse_arms(["a shadow"])
    with pytest.raises(UserError, match="no such setting"):
        with_changes(Settings(), {"completion.nothing": "1"})
    with pytest.raises(UserError, match="from 0 to 1"):
        with_changes(Settings(), {"completion.minConfidence": "2"})


def test_the_propensity_is_the_frequency() -> None:
    lots = Lots(Random(5))
    drawn = Counter(lots.draw((f"document {i}", 0), 0.0, ARMS, 0.2, "request", "u") for i in range(20_000))
    assert {draw.arm.name for draw in drawn if draw.arm is not None} == {"a", "b"}
    assert sum(draw.propensity for draw in drawn) == pytest.approx(1)
    for draw, times in drawn.items():
        assert times / 20_000 == pytest.approx(draw.propensity, abs=0.02)


def test_requests_on_one_line_share_their_draw_for_a_while() -> None:
    lots = Lots(Random(1))
    draws = [lots.draw(("d", 4), float(i), ARMS, 0.5, "request", "u") for i in range(50)]
    assert len(set(draws)) == 1
    later = [lots.draw(("d", 4), 50 + 2 * i * NEXT_S, ARMS, 0.5, "request", "u") for i in range(50)]
    assert len(set(later)) > 1


def test_a_user_keeps_an_arm_and_users_are_many() -> None:
    arms = {user: Lots().draw(("d", 1), 0.0, ARMS, 0.0, "user", user).arm for user in map(str, range(400))}
    assert all(Lots().draw(("e", 9), 9.0, ARMS, 0.0, "user", user).arm == arm for user, arm in arms.items())
    share = Counter(arm.name for arm in arms.values() if arm is not None)
    assert share["a"] / 400 == pytest.approx(0.75, abs=0.08)


def test_without_arms_nothing_is_drawn() -> None:
    draw = Lots().draw(("d", 1), 0.0, (), 0.0, "request", "u")
    assert (draw.arm, draw.held_out, draw.propensity) == (None, False, 1.0)
