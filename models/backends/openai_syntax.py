"""Regular expressions read from Rust's syntax, and written for servers: as GBNF, and as what all engines understand."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from models.backends.openai_regex import (
    ANY,
    DIGIT,
    LAST,
    NEWLINE,
    SPACE,
    WORD,
    Alt,
    Chars,
    Node,
    Repeat,
    Seq,
    UnsupportedError,
    chars,
    complement,
    either,
    literal,
    repeat,
    sequence,
)

CLASSES = {"d": DIGIT, "s": SPACE, "w": WORD}
CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v", "a": "\a"}
META = set("\\.+*?()|[]{}^$#&-~/")
MOST_REPEATS = 1000


def parse(expression: str) -> Node:
    """The tree of an expression that must match a whole text. Raises `UnsupportedError` for what is not translated:
    Unicode properties, flags other than `s`, and anchors anywhere but at the ends.
    """
    dot_all = expression.startswith("(?s)")
    body = expression[4:] if dot_all else expression
    body = body.removeprefix("\\A").removeprefix("^")
    for end in ("\\z", "$"):
        if body.endswith(end) and not body.endswith("\\" + end):
            body = body.removesuffix(end)
    reader = _Reader(body, ANY if dot_all else chars(*NEWLINE.ranges, negated=True))
    tree = reader.alternatives()
    if reader.more():
        raise UnsupportedError(f"'{reader.rest()[:1]}' without its other half")
    return tree


class _Reader:
    """Recursive descent over one expression."""

    def __init__(self, text: str, dot: Chars) -> None:
        self._text = text
        self._at = 0
        self._dot = dot

    def more(self) -> bool:
        return self._at < len(self._text)

    def rest(self) -> str:
        return self._text[self._at :]

    def alternatives(self) -> Node:
        branches = [self._branch()]
        while self._take("|"):
            branches.append(self._branch())
        return either(*branches)

    def _branch(self) -> Node:
        items: list[Node] = []
        while self.more() and self._text[self._at] not in "|)":
            items.append(self._repeated(self._atom()))
        return sequence(*items)

    def _repeated(self, item: Node) -> Node:
        while self.more():
            if self._take("*"):
                least, most = 0, None
            elif self._take("+"):
                least, most = 1, None
            elif self._take("?"):
                least, most = 0, 1
            elif self._take("{"):
                least, most = self._bounds()
            else:
                break
            self._take("?")  # lazy or not, the same texts match
            item = repeat(item, least, most)
        return item

    def _bounds(self) -> tuple[int, int | None]:
        least, comma, most = self._until("}").partition(",")
        if not least.isdigit() or (most and not most.isdigit()):
            raise UnsupportedError("a repetition without numbers")
        bounds = int(least), (int(most) if most else None) if comma else int(least)
        if max(number for number in bounds if number is not None) > MOST_REPEATS:
            raise UnsupportedError("too many repetitions")
        return bounds

    def _atom(self) -> Node:
        if self._take("("):
            return self._group()
        if self._take("["):
            return self._set()
        if self._take("."):
            return self._dot
        if self._take("\\"):
            escaped = self._escape()
            return escaped if isinstance(escaped, Chars) else literal(escaped)
        char = self._next()
        if char in "^$":
            raise UnsupportedError(f"'{char}' inside an expression")
        if char in "*+?{":
            raise UnsupportedError(f"'{char}' with nothing to repeat")
        return literal(char)

    def _group(self) -> Node:
        dot = self._dot
        if self._take("?"):
            if self._take("P<") or self._take("<"):
                if self._text[self._at] in "=!":
                    raise UnsupportedError("looking around")
                self._until(">")
            elif self._take("s:"):
                self._dot = ANY
            elif not self._take(":"):
                raise UnsupportedError(f"(?{self.rest()[:1]}")
        inside = self.alternatives()
        if not self._take(")"):
            raise UnsupportedError("'(' without its other half")
        self._dot = dot
        return inside

    def _set(self) -> Node:
        negated = self._take("^")
        ranges: list[tuple[int, int]] = []
        first = True
        while first or not self._take("]"):
            if self.rest().startswith(("[", "&&", "--", "~~")):
                raise UnsupportedError("sets of sets")
            low = self._set_item()
            first = False
            if isinstance(low, Chars):
                ranges.extend(low.ranges)
            elif self.rest().startswith("-") and self.rest()[1:2] not in ("]", ""):
                self._take("-")
                high = self._set_item()
                if isinstance(high, Chars) or high < low:
                    raise UnsupportedError("a range without an end")
                ranges.append((ord(low), ord(high)))
            else:
                ranges.append((ord(low), ord(low)))
        return chars(*ranges, negated=negated)

    def _set_item(self) -> Chars | str:
        return self._escape() if self._take("\\") else self._next()

    def _escape(self) -> Chars | str:
        char = self._next()
        if char in CONTROLS:
            return CONTROLS[char]
        if char in CLASSES:
            return CLASSES[char]
        if char.lower() in CLASSES:
            return chars(*CLASSES[char.lower()].ranges, negated=True)
        if char in "xuU":
            digits = self._until("}") if self._take("{") else self._some({"x": 2, "u": 4, "U": 8}[char])
            try:
                return chr(int(digits, 16))
            except (ValueError, OverflowError) as error:
                raise UnsupportedError(f"\\{char}{digits}") from error
        if char.isalnum():
            raise UnsupportedError(f"\\{char}")
        return char

    def _take(self, text: str) -> bool:
        taken = self._text.startswith(text, self._at)
        self._at += len(text) * taken
        return taken

    def _next(self) -> str:
        return self._some(1)

    def _some(self, count: int) -> str:
        taken = self._text[self._at : self._at + count]
        if len(taken) < count:
            raise UnsupportedError("an unfinished expression")
        self._at += count
        return taken

    def _until(self, end: str) -> str:
        found = self._text.find(end, self._at)
        if found < 0:
            raise UnsupportedError(f"no '{end}'")
        taken = self._text[self._at : found]
        self._at = found + len(end)
        return taken


def to_gbnf(node: Node) -> str:
    """The grammar for llama.cpp (its `grammars/README.md`) of the texts that `node` matches."""
    return f"root ::= {_gbnf(node)}\nany ::= [^\\x00]\n"


def _gbnf(node: Node) -> str:
    match node:
        case Chars():
            return "any" if node == ANY else _gbnf_set(node)
        case Seq(items):
            return " ".join(_gbnf_runs(items)) or '""'
        case Alt(()):
            raise UnsupportedError("nothing matches")
        case Alt(items):
            return f"({' | '.join(_gbnf(item) for item in items)})"
        case Repeat(item, least, most):
            inner = _gbnf(item)
            return (inner if isinstance(item, Chars | Alt) else f"({inner})") + _quantifier(least, most)


def _gbnf_runs(items: Iterable[Node]) -> Iterator[str]:
    """What each item becomes, single characters in a row as one string."""
    for alone, run in groupby(items, key=_is_single):
        written = [_gbnf(item) for item in run]
        yield from ['"' + "".join(text[1:-1] for text in written) + '"'] if alone else written


def _is_single(node: Node) -> bool:
    return isinstance(node, Chars) and len(node.ranges) == 1 and node.ranges[0][0] == node.ranges[0][1]


def _gbnf_set(node: Chars) -> str:
    if _is_single(node):
        return f'"{_gbnf_char(node.ranges[0][0])}"'
    negated = node.ranges[-1][1] == LAST
    ranges = complement(node.ranges) if negated else node.ranges
    inside = "".join(_gbnf_char(low) + (f"-{_gbnf_char(high)}" if high > low else "") for low, high in ranges)
    return f"[{'^' * negated}{inside}]"


def _gbnf_char(code: int) -> str:
    return chr(code) if code >= 0x80 or chr(code).isalnum() else f"\\x{code:02X}"


def to_regex(node: Node) -> str:
    """An expression for `node` in the syntax that Rust, Python, xgrammar and outlines have in common."""
    match node:
        case Chars():
            return "(?:.|\\n)" if node == ANY else _regex_set(node)
        case Seq(items):
            return "".join(f"(?:{to_regex(item)})" if isinstance(item, Alt) else to_regex(item) for item in items)
        case Alt(()):
            raise UnsupportedError("nothing matches")
        case Alt(items):
            return "|".join(to_regex(item) for item in items)
        case Repeat(item, least, most):
            inner = to_regex(item)
            return (inner if isinstance(item, Chars) else f"(?:{inner})") + _quantifier(least, most)


def _regex_set(node: Chars) -> str:
    if _is_single(node):
        return _regex_char(node.ranges[0][0])
    negated = node.ranges[-1][1] == LAST
    ranges = complement(node.ranges) if negated else node.ranges
    inside = "".join(_regex_char(low) + (f"-{_regex_char(high)}" if high > low else "") for low, high in ranges)
    return f"[{'^' * negated}{inside}]"


def _regex_char(code: int) -> str:
    for name, char in CONTROLS.items():
        if ord(char) == code and name in "ntr":
            return f"\\{name}"
    if code < 0x20 or code == 0x7F:
        return f"\\x{code:02x}"
    return f"\\{chr(code)}" if chr(code) in META else chr(code)


def _quantifier(least: int, most: int | None) -> str:
    bounds = (least, most)
    if bounds in ((0, None), (1, None)):
        return "+" if least else "*"
    if bounds == (0, 1):
        return "?"
    return f"{{{least}}}" if least == most else f"{{{least},{'' if most is None else most}}}"
