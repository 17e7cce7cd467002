"""Whether a word that was written names anything: asked where it ends, with its own beginning as the filter.

Analysers answer a question about a whole word in a fraction of the time that a list of everything in scope takes
(jdt.ls: seconds), and some give no such list at all. What follows is a verdict on one word, not a set of names: the
text goes back to the word's beginning, that word is forbidden there, and the next one is judged again.
"""

from collections.abc import Callable

from monitors.analysis.analyser import Analyser, Name
from monitors.constraint import forbidding
from monitors.document import View
from monitors.errors import AnalysisFailed
from monitors.monitor import Answer


def judge_word(
    view: View, start: int, end: int, ask: Analyser, counts: Callable[[Name], bool] = lambda _: True
) -> Answer:
    """Whether the word from `start` to `end` exists, in the eyes of an analyser. May raise `NoAnswer`.

    Silence is no proof: that a word is missing is believed only if the analyser, asked about the word's first letter,
    shows that it knows names there for which `counts` holds.
    """
    word = view.text[start:end]
    found = ask.complete(view.place(end))
    if any(name.name == word for name in found.names):
        return Answer()
    if not found.complete:
        return Answer(reason="the analyser says there may be more")
    if not any(counts(name) for name in found.names):
        try:
            found = ask.complete(view.place(start + 1))
        except AnalysisFailed as failed:
            return Answer(reason=str(failed))
        if any(name.name == word for name in found.names):
            return Answer()
        if not any(counts(name) for name in found.names):
            return Answer(reason="nothing known of names here")
    return Answer(regex=forbidding([word], view.lexicon.word_extra), start=start)


def occurs_elsewhere(view: View, start: int, end: int) -> bool:
    """Whether the word stands anywhere else in the document or in what was written before it: then it is no
    invention of the moment, and an analyser need not be bothered.
    """
    word = view.text[start:end]
    return _occurs(word, view.text[:start], view) or _occurs(word, view.document.suffix, view)


def _occurs(word: str, text: str, view: View) -> bool:
    position = text.find(word)
    while position >= 0:
        around = text[position - 1 : position] + text[position + len(word) : position + len(word) + 1]
        if not any(character.isalnum() or character in "_" + view.lexicon.word_extra for character in around):
            return True
        position = text.find(word, position + 1)
    return False
