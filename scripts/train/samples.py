"""From source files to training text: where to cut, and in which order to show the pieces.

A sample is a row of pieces in the model's own prompt format (`models.prompting.layout`), the wanted continuation, and
the end. Cuts fall on characters, not on tokens (Bavarian et al. 2022, section 4.4), and lean to the places where people
trigger completions: middles of lines, dereferences, call arguments, starts of blocks.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from lsp_server.languages import language_for
from lsp_server.translation.prompts import translation_prompt
from models.catalog.entry import FimFormat, ModelEntry
from models.prompting.layout import Piece, arrange, fills_middle
from models.prompting.prompt import Prompt, Snippet

DEREFERENCE = re.compile(r"(?:\.|->|::)(?=[A-Za-z_])")
CALL = re.compile(r"\w\(")
BLOCK = re.compile(r"[:{]\s*\n")
CUT_WEIGHTS = {"line": 0.35, "dereference": 0.2, "call": 0.15, "block": 0.2, "span": 0.1}
LONGEST_MIDDLE = 1200
"""Characters; a middle that is longer teaches little that a suggestion could use."""


@dataclass(frozen=True)
class SourceFile:
    """A file of the corpus."""

    language: str
    repository: str
    path: str
    text: str


@dataclass(frozen=True)
class Sample:
    """Pieces that are shown, and the text that should follow them."""

    pieces: tuple[Piece, ...]
    target: str
    split: bool = False
    """Whether the tokens break where the target begins, as they do where the cursor stands in a prompt with a suffix;
    without one, token healing mends that place when the model is used, and the text is tokenised as a whole."""


def window(file: SourceFile, rng: random.Random, characters: int) -> SourceFile:
    """The file itself, or a piece of it of at most so many characters, from the start of a line."""
    if len(file.text) <= characters:
        return file
    start = rng.randrange(len(file.text) - characters)
    start = file.text.find("\n", start) + 1
    return replace(file, text=file.text[start : start + characters])


def cut(text: str, rng: random.Random) -> tuple[int, int]:
    """A middle `[start, end)` of `text`, not empty; `text` must hold something visible."""
    kind = rng.choices(list(CUT_WEIGHTS), weights=list(CUT_WEIGHTS.values()))[0]
    start, end = 0, 0
    match kind:
        case "dereference":
            start = _some(DEREFERENCE, text, rng)
            end = _line_end(text, start)
        case "call":
            start = _some(CALL, text, rng)
            end = _closing(text, start) if rng.random() < 0.5 else _line_end(text, start)
        case "block":
            start = _some(BLOCK, text, rng)
            end = _block_end(text, start)
        case "span":
            start, end = sorted(rng.sample(range(len(text) + 1), 2))
        case _:
            pass
    if not text[start:end].strip():  # a plain line, also where the text has no place of the kind that was drawn
        start = _inside_a_line(text, rng)
        end = _line_end(text, start)
    return start, min(end, start + LONGEST_MIDDLE)


def fill_in_the_middle(
    file: SourceFile, entry: ModelEntry, rng: random.Random, snippets: Sequence[Snippet] = ()
) -> Sample:
    """Half in the order that is used when completing, half in the other (prefix-suffix-middle,
    suffix-prefix-middle)."""
    start, end = cut(file.text, rng)
    prompt = Prompt(file.text[:start], file.text[end:], file.path, file.repository, tuple(snippets))
    pieces = tuple(arrange(prompt, _in_either_order(entry, rng)))
    return Sample(pieces, file.text[start:end], split=fills_middle(prompt, entry))


def left_to_right(file: SourceFile, entry: ModelEntry, snippets: Sequence[Snippet] = ()) -> Sample:
    """The whole file after its path, as a model reads it that is given no suffix."""
    prompt = Prompt("", "", file.path, file.repository, tuple(snippets))
    return Sample(tuple(arrange(prompt, entry)), file.text)


def translation(source: SourceFile, target: SourceFile, entry: ModelEntry, rng: random.Random) -> Sample:
    """One program in two languages, in the very form in which the translator asks (`lsp_server.translation.prompts`).

    The declaration is left out half of the time, as it is when a whole file is translated.
    """
    known = _declaration_end(target.text, rng) if rng.random() < 0.5 else 0
    languages = language_for(source.language), language_for(target.language)
    prompt = translation_prompt(source.text, *languages, target.text[:known])
    assert isinstance(prompt, Prompt), "conversations are no continuations"
    return Sample(tuple(arrange(prompt, entry)), target.text[known:])


def _in_either_order(entry: ModelEntry, rng: random.Random) -> ModelEntry:
    assert entry.fim is not None, "the entry to train for must have FIM sentinels"
    fim: FimFormat = replace(entry.fim, order=rng.choice(("psm", "spm")))
    return replace(entry, fim=fim)


def _some(pattern: re.Pattern[str], text: str, rng: random.Random) -> int:
    ends = [match.end() for match in pattern.finditer(text)]
    return rng.choice(ends) if ends else 0


def _inside_a_line(text: str, rng: random.Random) -> int:
    """An offset with something visible after it on its line."""
    lines = [match for match in re.finditer(r"[^\n]+", text) if match.group().strip()]
    line = rng.choice(lines)
    return line.start() + rng.randrange(len(line.group().rstrip()))


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _closing(text: str, start: int) -> int:
    """Where the bracket that is open at `start` closes, the bracket included; the line's end if it never does."""
    depth = 1
    for offset in range(start, min(len(text), start + LONGEST_MIDDLE)):
        depth += (text[offset] in "([{") - (text[offset] in ")]}")
        if depth == 0:
            return offset + 1
    return _line_end(text, start)


def _block_end(text: str, start: int) -> int:
    """The end of the lines from `start` that are indented at least as deep as the first visible one."""
    end, depth = start, None
    for line in text[start : start + 2 * LONGEST_MIDDLE].splitlines(keepends=True):
        if line.strip():
            indent = len(line) - len(line.lstrip())
            depth = indent if depth is None else depth
            if indent < depth:
                break
        end += len(line)
    return start + len(text[start:end].rstrip())


def _declaration_end(text: str, rng: random.Random) -> int:
    """After one of the first lines that open a block (a class, the method in it): what a caller may already know."""
    openings = list(re.finditer(r"^.*(?:[:{]|=>\s*\{)[ \t]*\n", text, flags=re.MULTILINE))
    return rng.choice(openings[:2]).end() if openings else 0
