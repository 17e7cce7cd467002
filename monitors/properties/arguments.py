"""Calls with arguments that the callee takes: keyword arguments that exist, not more arguments than fit, not fewer than
needed.

Source: the paper's monitor for the number of arguments (Agrawal et al., section 5.2), which it had for Java, by
counting commas in jdt.ls's labels; keyword names are ours. Nothing is masked in advance: an argument list is judged
where it goes wrong, at the comma, the parenthesis or the keyword, and the text goes back to there.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitors.analysis.analyser import Analyser, Parameter, Signature
from monitors.document import View
from monitors.monitor import Answer, Monitor, Trigger
from monitors.text.calls import Call, call_at
from monitors.text.lexicon import Lexicon

_KEYWORD = re.compile(r"(?:(?<=[(,])|^)[ \t]*([^\W\d]\w*)[ \t]*=(?=[^=])", re.MULTILINE)
_NAMED = re.compile(r"\s*([^\W\d]\w*)\s*=(?!=)")
_ONE_OF_MANY = re.compile(r"\.\.\.|\s*\*|\s*&\s*\Z|<")
"""Spread arguments, and angle brackets, whose commas cannot be told from others without a parser."""
_CALLEE = re.compile(r"(\bnew\s+[\w.$]*?)?([^\W\d][\w$]*)\s*(?:<[^()]*>)?\s*\Z")
_GENERATOR = re.compile(r"\bfor\b")
_ON_A_CLASS = re.compile(r"(?:\b(?:object|type|cls|_*[A-Z]\w*)\.\w+|\.__\w+__)\s*\(\Z")
_ONLY_CLOSERS = re.compile(r"[)\]};,:\s]*\Z")


class KeywordMonitor(Monitor):
    """`f(unknown=1)` is not written if `f` has no such parameter."""

    name = "keywords"
    languages = frozenset({"python"})

    def pre(self, view: View) -> Iterable[Trigger]:
        for match in _KEYWORD.finditer(view.text, view.since):
            start = match.start(1)
            if match.end() > view.cursor and _call(view, start) is not None:
                yield Trigger(start)

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        call = _call(view, trigger.start)
        if call is None:
            return Answer(reason="not a call")
        signatures = ask.signatures(view.place(call.start))
        if not signatures or any(p.kind == "keywords" for s in signatures for p in s.parameters):
            return Answer(reason="any keyword may be taken" if signatures else "unknown callee")
        given = _given(call.arguments[:-1])
        if given is None:
            return Answer(reason="arguments are unpacked")
        names = {name for s in signatures for name in _keywords_left(s, given)}
        if not names:
            return Answer(reason="no keyword is left")
        return Answer(regex=rf"(?:{'|'.join(sorted(names))})[ \t]*=(?s:.*)")


class ArgumentCountMonitor(Monitor):
    """Not one argument more than the callee takes, and not one fewer than it needs."""

    name = "arguments"
    languages = frozenset({"python", "typescript", "java", "cpp", "go", "php"})
    worth_waiting = False

    def pre(self, view: View) -> Iterable[Trigger]:
        if not _ONLY_CLOSERS.match(view.document.suffix.partition("\n")[0]):
            return
        for match in re.finditer(r"[,)]", view.text[max(view.since, view.cursor) :]):
            start = max(view.since, view.cursor) + match.start()
            if _call(view, start) is not None:
                yield Trigger(start, True, match.group())

    def analyse(self, view: View, trigger: Trigger, ask: Analyser) -> Answer:
        call = _call(view, trigger.start)
        if call is None:
            return Answer(reason="not a call")
        given = _given(call.arguments, view.language)
        if given is None:
            return Answer(reason="arguments cannot be counted")
        signatures = ask.signatures(view.place(call.start))
        if not signatures:
            return Answer(reason="unknown callee")
        if view.language == "python" and _ON_A_CLASS.search(view.text, max(0, call.start - 200), call.start):
            return Answer(reason="called on the class: analysers differ about the first argument")
        if view.language != "python" and not _about_this_call(view, call, signatures):
            return Answer(reason="the answer is about another call")
        if view.language == "cpp" and len(signatures) > 1:
            return Answer(reason="overloaded")  # clangd does not list all: templates that take any number are left out
        if given.positional and not any(_places(signature) for signature in signatures):
            if view.text[call.start : view.cursor].strip():
                return Answer(reason="what is typed already contradicts the answer")
            return _nothing_by_position(signatures, max(call.start, view.cursor), _gap(view.lexicon))
        if trigger.detail == ",":
            return _when_there_is_more(signatures, given, _gap(view.lexicon))
        if view.language == "go" and given.positional == 1 and call.arguments[0].rstrip().endswith(")"):
            return Answer(reason="a call may give several values")
        if any(not _missing(s, given) for s in signatures):
            return Answer()
        return Answer(regex=r"[ \t]*[^)\s](?s:.*)")


@dataclass(frozen=True)
class Given:
    """What an argument list holds so far."""

    positional: int
    named: frozenset[str]


def _about_this_call(view: View, call: Call, signatures: tuple[Signature, ...]) -> bool:
    """Whether the signatures bear the name that is called: servers answer about the call around it where they know
    nothing of this one. jdt.ls does not list all constructors.
    """
    callee = _CALLEE.search(view.text, max(0, call.start - 300), call.start - 1)
    if callee is None or (view.language == "java" and callee.group(1)):
        return False
    name = re.compile(rf"(?<![\w$]){re.escape(callee.group(2))}(?![\w$])")
    return all(signature.label[:1] in ("", "(") or name.search(signature.label) for signature in signatures)


def _call(view: View, offset: int) -> Call | None:
    return call_at(view.lexicon, view.text, offset, view.scan_at(offset))


def _given(arguments: tuple[str, ...], language: str = "python") -> Given | None:
    """`None` where they cannot be counted."""
    positional, named = 0, set[str]()
    for argument in arguments:
        if not argument.strip():
            continue
        if language == "python" and _GENERATOR.search(argument):
            return None
        if _ONE_OF_MANY.match(argument) or (language != "python" and _ONE_OF_MANY.search(argument)):
            return None
        keyword = _NAMED.match(argument) if language == "python" else None
        if keyword:
            named.add(keyword.group(1))
        elif language == "php" and re.match(r"\s*\w+\s*:(?!:)", argument):
            return None
        else:
            positional += 1
    return Given(positional, frozenset(named))


def _keywords_left(signature: Signature, given: Given) -> set[str]:
    """Parameters that may still be given by name."""
    by_position = [p for p in signature.parameters if p.kind in ("positional", "either")]
    left = by_position[given.positional :] + [p for p in signature.parameters if p.kind == "keyword"]
    return {p.name for p in left if p.kind != "positional"} - given.named


def _gap(lexicon: Lexicon) -> str:
    """What may stand between arguments: white space and comments, as a regular expression."""
    ways = [r"\s", *(rf"{mark}[^\n]*\n" for mark in lexicon.line_comments)]
    if lexicon.block_comments:
        ways.append(r"/\*(?:[^*]|\*+[^*/])*\*+/")
    return rf"(?:{'|'.join(ways)})*"


def _when_there_is_more(signatures: tuple[Signature, ...], given: Given, gap: str) -> Answer:
    """At a comma: another argument, if any of the signatures has room for it."""
    if any(_has_room(signature, given) for signature in signatures):
        return Answer()
    names = {name for signature in signatures for name in _keywords_left(signature, given)}
    close = rf",?{gap}\)(?s:.*)"
    return Answer(regex=rf"(?:{close}|,{gap}(?:{'|'.join(sorted(names))})[ \t]*=(?s:.*))" if names else close)


def _nothing_by_position(signatures: tuple[Signature, ...], start: int, gap: str) -> Answer:
    """For a callee without a place for any argument: the list is empty, or names what it gives."""
    names = {p.name for signature in signatures for p in signature.parameters if p.kind == "keyword"}
    if any(p.kind == "keywords" for signature in signatures for p in signature.parameters):
        return Answer(reason="any keyword may be taken")
    named = rf"|(?:{'|'.join(sorted(names))})[ \t]*=(?s:.*)" if names else ""
    return Answer(regex=rf"{gap}(?:\)(?s:.*){named})", start=start)


def _places(signature: Signature) -> bool:
    """Whether anything may be given by position."""
    return any(p.kind in ("positional", "either", "rest") for p in signature.parameters)


def _has_room(signature: Signature, given: Given) -> bool:
    kinds = [p.kind for p in signature.parameters]
    places = sum(kind in ("positional", "either") for kind in kinds)
    return "rest" in kinds or "keywords" in kinds or given.positional < places


def _missing(signature: Signature, given: Given) -> list[Parameter]:
    """Parameters that must be given and are not."""
    by_position = [p for p in signature.parameters if p.kind in ("positional", "either")]
    left = by_position[given.positional :] + [p for p in signature.parameters if p.kind == "keyword"]
    return [p for p in left if p.required and p.name not in given.named]
