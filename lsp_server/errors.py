"""What a person can mend, outside of models, and how it is said in one line."""


class UserError(Exception):
    """A file, a position, an address or an option that is not as it must be.

    `message` says what is wrong and where, `hint` how to mend it; both are single lines of plain prose.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def sentence(message: str) -> str:
    """The message with a full stop, so that a hint may follow; not all that are raised end with one."""
    message = message.strip()
    return message if not message or message[-1] in ".!?" else message + "."
