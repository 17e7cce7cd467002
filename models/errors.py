"""The one family of errors that this room raises for a person to read."""


class ModelError(Exception):
    """Something about a model that a person can mend.

    `message` says what was wrong and where; `hint` says how to mend it. Both are single lines of plain prose, because
    they end up on a terminal, in an editor's status bar and in a log.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Cancelled(Exception):  # noqa: N818 - it is an outcome, not an error
    """The caller lost interest; whatever the session has computed so far stays valid."""
