"""The errors of this room: one for a person to read, a few that mean "no answer, so no constraint"."""


class MonitorError(Exception):
    """Something about monitors or analysers that a person can mend.

    `message` says what was wrong and where; `hint` says how to mend it. Both are single lines of plain prose.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NoAnswer(Exception):  # noqa: N818 - it is an outcome: the completion goes on unconstrained
    """An analysis that came to nothing; `str()` says why in a few words."""


class NotYet(NoAnswer):
    """The answer is not in the cache, and this caller may not wait for an analyser."""


class TooLate(NoAnswer):
    """The analyser did not answer within the time budget."""


class AnalysisFailed(NoAnswer):
    """The analyser is missing, died, or answered with an error."""
