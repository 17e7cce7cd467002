"""A/B tests: configurations that answer by the draw of a lot, with the odds written down.

An arm is a name, a weight and settings to change. One with the weight `shadow` is never shown: it answers every
request in the background. Requests that follow each other on one line share their draw, so that a suggestion does not
change its author while it is typed along.
"""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from lsp_server.errors import UserError

NEXT_S = 60.0
"""After a longer pause the lot is drawn anew."""


@dataclass(frozen=True)
class Arm:
    name: str
    weight: float
    changes: tuple[tuple[str, str], ...] = ()
    """Names of settings and the texts of their values."""
    shadow: bool = False


@dataclass(frozen=True)
class Draw:
    """What was decided for a request."""

    arm: Arm | None = None
    held_out: bool = False
    propensity: float = 1.0
    """The probability of exactly this, arm and hold-out."""


def parse_arm(text: str) -> Arm:
    """An arm written as `NAME WEIGHT SETTING=VALUE ...`. Raises `UserError`."""
    name, weight, *settings = [*text.split(), "", ""][: max(len(text.split()), 2)]
    changes = tuple((key, value) for key, equals, value in (item.partition("=") for item in settings) if equals)
    hint = "Write it as NAME WEIGHT SETTING=VALUE, such as `larger 0.5 model.name=qwen2.5-coder-0.5b`."
    if weight == "shadow":
        arm = Arm(name, 0.0, changes, shadow=True)
    else:
        try:
            arm = Arm(name, float(weight), changes)
        except ValueError:
            raise UserError(f"The arm {text!r} in telemetry.arms has no weight.", hint) from None
    if len(changes) != len(settings) or not math.isfinite(arm.weight) or arm.weight < 0:
        raise UserError(f"The arm {text!r} in telemetry.arms cannot be read.", hint)
    return arm


def parse_arms(texts: Iterable[str]) -> tuple[Arm, ...]:
    """All arms; an A/B test needs weights that add up to something. Raises `UserError`."""
    arms = tuple(map(parse_arm, texts))
    if len({arm.name for arm in arms}) < len(arms):
        raise UserError("Two arms in telemetry.arms have one name.", "Give each its own.")
    if any(not arm.shadow for arm in arms) and sum(arm.weight for arm in arms) <= 0:
        raise UserError("No arm in telemetry.arms has a weight above 0.", "Give the arms weights such as 0.5.")
    return arms


class Lots:
    """Draws arms and hold-outs. Not thread-safe."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self._random = chance or random.SystemRandom()
        self._last: tuple[tuple[object, ...], float, Draw] | None = None

    def draw(
        self,
        place: tuple[str, int],
        now: float,
        arms: tuple[Arm, ...],
        hold_out: float,
        assignment: Literal["request", "user"],
        user: str,
    ) -> Draw:
        """What answers at a document's line. `user` decides the arm where it is to be the same for a user always."""
        key = (place, arms, hold_out, assignment, user)
        if self._last is None or self._last[0] != key or now - self._last[1] > NEXT_S:
            self._last = key, now, self._drawn(arms, hold_out, assignment, user)
        self._last = key, now, self._last[2]
        return self._last[2]

    def _drawn(self, arms: tuple[Arm, ...], hold_out: float, assignment: str, user: str) -> Draw:
        drawable = [arm for arm in arms if not arm.shadow and arm.weight > 0]
        total = sum(arm.weight for arm in drawable)
        point = (_point_of(user, drawable) if assignment == "user" else self._random.random()) * total
        chosen: Arm | None = None
        for arm in drawable:
            chosen = arm
            point -= arm.weight
            if point < 0:
                break
        held_out = hold_out > 0 and self._random.random() < hold_out
        chance = chosen.weight / total if chosen is not None else 1.0
        return Draw(chosen, held_out, chance * (hold_out if held_out else 1 - hold_out))


def _point_of(user: str, arms: list[Arm]) -> float:
    """From 0 up to 1, the same for a user and a set of arms always."""
    text = "\0".join([user, *(arm.name for arm in arms)])
    return int.from_bytes(sha256(text.encode()).digest()[:7], "big") / 2**56
