"""What a conversational model answers: it goes on with what was begun for it, or begins anew with words and a fence.

The answer is begun for the model (a fence, the declaration), and a local model or a server that can be told goes on
from there. Others answer as they always do: a sentence, the whole code in a fence, an explanation. Both become what
comes after the declaration.
"""

import re

from lsp_server.languages import Language
from lsp_server.translation.naming import words_of
from models import StopRule

_FENCE = re.compile(r"^[ \t]*```[ \t]*([\w+#-]*)[ \t]*$", re.MULTILINE)
_NAME = re.compile(r"([A-Za-z_]\w*)\s*(?:=\s*(?:async\s*)?)?(?:<[^<>]*>)?\(")
_ANEW = 400
"""Characters of introduction after which no second beginning is looked for."""


def reply_stop(inner: StopRule | None, language: Language) -> StopRule:
    """A stop rule for a conversation: `inner` while the model goes on, the end of the fence once it began anew."""

    def rule(text: str) -> int | None:
        opened = False
        for fence in _FENCE.finditer(text):
            if fence.end() == len(text):
                break  # more of its line may come
            if not opened and (fence.group(1) or not text[: fence.start()].strip()):
                opened = True
            else:
                return fence.start()
        if opened or inner is None or _may_begin_anew(text, language):
            return None
        return inner(text)

    return rule


def continued(answer: str, opening: str, language: Language, inner: StopRule | None) -> str:
    """What comes after `opening`, of an answer that goes on after it or begins anew."""
    fences = [fence for fence in _FENCE.finditer(answer) if fence.start() < _ANEW or fence.group(1)]
    anew = fences and (fences[0].group(1) or not answer[: fences[0].start()].strip())
    if not anew:
        return answer[: fences[0].start()] if fences else answer
    start = fences[0].end() + 1
    end = fences[1].start() if len(fences) > 1 else answer.find("\n```", start) + 1 or len(answer)
    body = _after_declaration(answer[start:end], opening, language)
    stopped = inner(body) if inner is not None else None
    return body[:stopped] if stopped is not None else body


def _may_begin_anew(text: str, language: Language) -> bool:
    """Whether what was written so far may be the words before a fence: a body is indented where that has a meaning."""
    if text.lstrip()[:1] == "`":
        return True
    first = next((line for line in text.split("\n") if line.strip()), "")
    return language.block_style == "indent" and not first[:1].isspace() and len(text) < _ANEW


def _after_declaration(code: str, opening: str, language: Language) -> str:
    """The part of `code` after the declaration of the function that `opening` declares; all of it without one."""
    declared = _NAME.findall(opening)
    wanted = words_of(declared[-1]) if declared else None
    for found in _NAME.finditer(code):
        if words_of(found.group(1)) != wanted:
            continue
        level, place = 1, found.end()
        while place < len(code) and level:
            level += (code[place] in "([") - (code[place] in ")]")
            place += 1
        opener = re.compile(r":[^\n]*\n" if language.block_style == "indent" else r"[^;{]*\{[ \t]*\n?")
        block = opener.search(code, place) if language.block_style == "indent" else opener.match(code, place)
        if block is not None:
            return code[block.end() :]
    return code
