"""Suggestions that are still good although the user has typed on.

An entry is what was answered at one cursor, under the text around that cursor. Whoever types what was suggested is at
another cursor; so the look-up goes back from there, one typed character at a time, to where the question was asked, and
answers with what of the suggestion is left. Going back also means that a backspace finds what was found before. (The
look-back is llama.vim's idea; like it we key by the suffix too: what was answered above one suffix is wrong above
another.)

Editors close brackets as they are opened: after `f(` the suffix begins with `)`, which was not there when the question
was asked. Such brackets are put aside for the look-up, and what is left of the suggestion ends before them or replaces
them.
"""

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, replace

from lsp_server.completion.request import CompletionRequest, Suggestion
from lsp_server.languages import Language, language_for
from lsp_server.languages.lexical import CLOSER, scan

LOOK_BACK_CHARS = 128
"""How much typing a suggestion survives."""
PREFIX_CHARS = 512
"""How much text before the cursor is part of the key."""
SUFFIX_CHARS = 256
_QUOTES = "\"'`"
_AUTO_CLOSED = frozenset([*CLOSER.values(), *_QUOTES])
_MAX_AUTO_CLOSED = 3
_ENTRY_BYTES = 400
"""About what an entry and each suggestion cost besides their text."""

_Place = tuple[str, str, str]
"""Variant, document, suffix: what stays the same while the user types."""


@dataclass(frozen=True)
class Hit:
    """An answer without the model."""

    suggestions: tuple[Suggestion, ...]
    """What is left to type of each; empty where the model was asked at this very cursor and had nothing to show."""
    typed: str
    """What the user has typed since the question was asked."""


class SuggestionCache:
    """The most recently used answers, bounded in number and in bytes. Safe to use from any thread."""

    def __init__(self, max_entries: int = 512, max_bytes: int = 4 << 20) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._entries: OrderedDict[tuple[_Place, str], tuple[Suggestion, ...]] = OrderedDict()
        self._places: Counter[_Place] = Counter()
        """How many entries each place has: most look-ups end here."""
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def size_bytes(self) -> int:
        """About how much memory the entries take."""
        return self._bytes

    def put(self, request: CompletionRequest, suggestions: tuple[Suggestion, ...], variant: str = "") -> None:
        """Remember an answer, even an empty one. `variant` names what else it depends on (model, settings)."""
        place = _place(request, request.suffix, variant)
        prefix = request.prefix[-PREFIX_CHARS:]
        with self._lock:
            self._forget(place, prefix)
            self._entries[place, prefix] = suggestions
            self._places[place] += 1
            self._bytes += _size(place, prefix, suggestions)
            while self._entries and (len(self._entries) > self._max_entries or self._bytes > self._max_bytes):
                self._forget(*next(iter(self._entries)))

    def get(self, request: CompletionRequest, variant: str = "") -> Hit | None:
        """What is left of an earlier answer at this cursor, the latest question first; `None`: the model must be asked.

        Costs at most `LOOK_BACK_CHARS` look-ups, whatever the size of the cache and of the document.
        """
        prefix = request.prefix
        with self._lock:
            places = [
                (place, closed)
                for closed in _possibly_auto_closed(request.suffix)
                if (place := _place(request, request.suffix[len(closed) :], variant)) in self._places
            ]
            if not places:
                return None
            for back in range(min(LOOK_BACK_CHARS, len(prefix)) + 1):
                asked_at = len(prefix) - back
                asked = prefix[max(asked_at - PREFIX_CHARS, 0) : asked_at]
                for place, closed in places:
                    suggestions = self._entries.get((place, asked))
                    if suggestions is None:
                        continue
                    left = _what_is_left(suggestions, prefix[asked_at:], closed, language_for(request.language))
                    if left or (back == 0 and not closed):
                        self._entries.move_to_end((place, asked))
                        return Hit(left, prefix[asked_at:])
        return None

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()
            self._places.clear()
            self._bytes = 0

    def _forget(self, place: _Place, prefix: str) -> None:
        suggestions = self._entries.pop((place, prefix), None)
        if suggestions is None:
            return
        self._bytes -= _size(place, prefix, suggestions)
        self._places[place] -= 1
        if not self._places[place]:
            del self._places[place]


def _place(request: CompletionRequest, suffix: str, variant: str) -> _Place:
    return variant, request.uri or request.path, suffix[:SUFFIX_CHARS]


def _size(place: _Place, prefix: str, suggestions: tuple[Suggestion, ...]) -> int:
    characters = len(prefix) + len(place[2]) + sum(len(suggestion.text) for suggestion in suggestions)
    return _ENTRY_BYTES * (1 + len(suggestions)) + 2 * characters


def _possibly_auto_closed(suffix: str) -> list[str]:
    """The beginnings of a suffix that an editor may have inserted when brackets were opened, shortest first."""
    found = [""]
    for length in range(1, _MAX_AUTO_CLOSED + 1):
        if suffix[length - 1 : length] not in _AUTO_CLOSED:
            break
        found.append(suffix[:length])
    return found


def _what_is_left(
    suggestions: tuple[Suggestion, ...], typed: str, closed: str, language: Language
) -> tuple[Suggestion, ...]:
    """Those suggestions that begin with what was typed, without it."""
    going_on = [item for item in suggestions if len(item.text) > len(typed) and item.text.startswith(typed)]
    if not closed:
        return tuple(replace(item, text=item.text[len(typed) :]) for item in going_on) if typed else suggestions
    if _expected_closers(typed) != closed:
        return ()
    return tuple(
        replace(item, text=text, replace_after=replaced)
        for item in going_on
        for text, replaced in [_around(item.text[len(typed) :], closed, item.replace_after, language)]
        if text
    )


def _around(left: str, closed: str, replace_after: int, language: Language) -> tuple[str, int]:
    """Fit what is left to brackets that the editor has closed meanwhile: end before them, or replace them."""
    if not replace_after and left.endswith(closed):
        return left[: -len(closed)], 0
    mark = closed[0] if closed[0] in _QUOTES else ""
    found = scan(left, language, within=mark)
    missing = Counter(closed.strip(_QUOTES)) - Counter(bracket.character for bracket in found.unopened)
    if missing or found.within:
        return ("", 0) if replace_after else (left, 0)
    return left, replace_after + len(closed)


def _expected_closers(typed: str) -> str:
    """What an editor that closes brackets and quotes would have put behind `typed`."""
    stack: list[str] = []
    for character in typed:
        if stack and character == stack[-1]:
            stack.pop()
        elif stack and stack[-1] in _QUOTES:
            continue
        elif character in CLOSER:
            stack.append(CLOSER[character])
        elif character in _QUOTES:
            stack.append(character)
    return "".join(reversed(stack))
