"""What a person can mend, outside of models."""


class UserError(Exception):
    """A file, a position, an address or an option that is not as it must be.

    `message` says what is wrong and where, `hint` how to mend it; both are single lines of plain prose.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
