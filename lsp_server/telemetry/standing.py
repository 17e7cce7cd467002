"""How much of a suggestion stands in a text that an editor has had its hands in."""

CLOSERS = ")]}>\"'`"
"""What editors write by themselves behind an opening bracket or quote."""
MAX_CLOSERS = 3


def standing(text: str, written: str, following: str = "") -> int | None:
    """How many characters of a suggestion were written; `None` if something else was.

    `following` comes after what was written, and the suggestion would have replaced it. Brackets and quotes at the end
    of what was written may be the editor's own.
    """
    if written.startswith(text):
        return len(text)
    if written and following and text == written + following:
        return len(text)
    for closers in range(MAX_CLOSERS + 1):
        if closers and written[len(written) - closers : len(written) - closers + 1] not in tuple(CLOSERS):
            return None
        bare = written[: len(written) - closers]
        if text.startswith(bare):
            return len(bare)
    return None


def comes_by_itself(new: str) -> bool:
    """Editors write this when a single key is pressed: an indented new line, or a pair of brackets."""
    return not new.strip() or (len(new) == 2 and new[1] in CLOSERS)
