"""What was typed last, as the Code4Me study names it (Izadi et al., ICSE 2024, the replication package's
`TRIGGER_POINTS.md`)."""

_WORDS = "await assert raise del lambda yield return while for if elif else global in and not or is with except"
_CHARACTERS = ". + - * / % ** << >> & | ^ == != <= >= += -= = < > ; , [ ( { ~"

WORDS = frozenset(_WORDS.split())
"""Count when a blank follows."""
CHARACTERS = frozenset(_CHARACTERS.split())
_LONGEST = max(map(len, CHARACTERS))


def trigger_point(prefix: str) -> str:
    """The word or operator that `prefix` ends with, blanks after it left out; empty if it ends with anything else."""
    line = prefix[prefix.rfind("\n") + 1 :]
    text = line.rstrip(" \t")
    if text != line:
        word = text[len(text.rstrip("abcdefghijklmnopqrstuvwxyz")) :]
        before = text[: len(text) - len(word)][-1:]
        if word in WORDS and not (before.isalnum() or before in ("_", ".")):
            return word
    return next((text[-n:] for n in range(_LONGEST, 0, -1) if text[-n:] in CHARACTERS), "")
