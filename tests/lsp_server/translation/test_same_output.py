"""A program writes the same in both languages where the two mean different things by what looks alike."""

import contextlib
import io

import pytest

from lsp_server.languages import language_for
from lsp_server.translation.assembly import assemble
from lsp_server.translation.outline import outline_source
from lsp_server.translation.rules.translator import translate_unit
from lsp_server.translation.service import RuleTask
from lsp_server.verification import ProgramRun, ProgramTests
from lsp_server.verification.judge import make_judge
from models import Cancellation


def check(text: str, target: str) -> None:
    """Translate a program, run it, and compare what it writes with what Python writes."""
    python, language = language_for("python"), language_for(target)
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(text, {"__name__": "__main__"})
    pieces = [
        (unit, translate_unit(RuleTask(text, python, language, unit.name)))
        for unit in outline_source(text, python).units
    ]
    assert [unit.name for unit, written in pieces if written is None] == []
    whole = assemble([(unit, written or "") for unit, written in pieces], language)
    tests = ProgramTests((ProgramRun("", output.getvalue()),))
    verdict = make_judge(allowed=True)(whole, language, tests, Cancellation())
    if verdict.status == "unchecked":
        pytest.skip(verdict.evidence)
    assert verdict.status == "verified", verdict.messages + whole


NAMES = """
def near(xs: list[int], b: int) -> list[int]:
    return sorted(xs, key=lambda x: abs(x - b))

def far(xs: list[int], a: int, b: int) -> list[int]:
    return sorted(xs, key=lambda x: (-abs(x - a), x - b))

def repeated(items: list[int]) -> int:
    found = 0
    for item in items:
        if items.count(item) > 1:
            found += 1
    return found

def texts(items: list[list[int]]) -> str:
    out = ""
    for item in items:
        out += ",".join(map(str, item))
    return out

def pairs(xs: list[int], ys: list[int], x_index: int) -> int:
    y_x = 100
    total = 0
    for x, y in zip(xs, ys):
        total += x * y + x_index
    pair = [total, y_x]
    y, x = pair
    return y + x + y_x

if __name__ == "__main__":
    for n in near([1, 9, 5, 7, 2], 6):
        print(n)
    for n in far([1, 9, 5, 7, 2], 3, 6):
        print(n)
    print(repeated([1, 2, 2, 3]), texts([[1, 2], [3]]), pairs([1, 2], [3, 4], 1000))
"""


@pytest.mark.slow
@pytest.mark.parametrize("target", ["javascript", "java", "cpp", "go", "rust", "csharp"])
def test_names_that_a_translation_makes_up_are_nobody_elses(target: str) -> None:
    check(NAMES, target)


GROWN = """
class Bag:
    def __init__(self, items: list[int]) -> None:
        self.items = items

    def put(self, xs: list[int]) -> None:
        self.items += xs

def push_all(xs: list[int], ys: list[int], y: int) -> None:
    xs += [y]
    xs += ys
    xs += xs
    xs += [y + 1, y + 2]

def mark(rows: list[list[int]]) -> None:
    for row in rows:
        row[0] = 7

if __name__ == "__main__":
    numbers = [1]
    push_all(numbers, [4, 5], 3)
    for n in numbers:
        print(n)
    table = [[1, 2], [3]]
    mark(table)
    print(table[0][0], table[1][0], len(numbers))
    bag = Bag([1])
    bag.put([5, 6])
    print(len(bag.items), bag.items[2])
"""


@pytest.mark.slow
@pytest.mark.parametrize("target", ["javascript", "java", "cpp", "csharp"])
def test_a_list_that_grows_in_place_grows_for_everybody(target: str) -> None:
    check(GROWN, target)


ALIASED = """
def iadd(y: int) -> int:
    xs = [1]
    ys = xs
    ys += [y]
    zs = (1, 2)
    ws = zs
    ws += (3,)
    return len(xs) * 100 + len(zs) * 10 + len(ws)

def copied(d: dict[str, int]) -> int:
    e = d.copy()
    e["z"] = 5
    return len(d) * 10 + len(e)

if __name__ == "__main__":
    print(iadd(3), copied({"a": 1}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("target", ["javascript", "java", "csharp"])
def test_a_second_name_is_no_copy(target: str) -> None:
    check(ALIASED, target)


LATE = """
def depth(tree: list[int], i: int) -> int:
    return 0 if i >= len(tree) else 1 + max([depth(tree, c) for c in (2 * i + 1, 2 * i + 2)])

def divides(xs: list[int], d: int) -> bool:
    return d != 0 and all(x % d == 0 for x in xs)

def follows(xs: list[int], i: int) -> bool:
    return not (i < 0 or i >= len(xs) or not any(xs[i] == y + 1 for y in xs))

def kinds(xs: list[int], n: int) -> str:
    if n and xs and all(12 % n == x % n for x in xs):
        return "alike"
    while n > 0 and all(x % n > 0 for x in xs):
        n -= 1
    return "some" if n and any(x % n == 0 for x in xs) else "none"

if __name__ == "__main__":
    print(depth([1, 2, 3, 4], 0), depth([], 0))
    for i in range(-1, 3):
        if divides([2, 4], i):
            print(i, "divides")
        if follows([2, 3], i):
            print(i, "follows")
        print(kinds([3, 6, 9], i), kinds([4, 8], 3))
"""


@pytest.mark.slow
@pytest.mark.parametrize("target", ["javascript", "java", "cpp", "go", "csharp", "rust"])
def test_what_is_not_reached_is_not_computed(target: str) -> None:
    check(LATE, target)


TEXTS = """
class Box:
    def __init__(self, n: int) -> None:
        self.n = n

    def __str__(self) -> str:
        return "box " + str(self.n)

    def __repr__(self) -> str:
        return "Box(" + str(self.n) + ")"

def zipped(a: str, b: str) -> str:
    out = ""
    for x, y in zip(a, b):
        out += x + y
    return out

def ends(s: str) -> str:
    return s[0] + s[-1]

def count(s: str, two: str) -> int:
    n = 0
    for i in range(1, len(s)):
        if s[i - 1] + s[i] == two:
            n += 1
    return n

def padded(s: str, n: int) -> str:
    return "-" * (n - len(s)) + s

def stretched(s: str, n: int) -> str:
    out = ""
    for c in s:
        out += c * n
    return out

def zeros(n: int) -> list[int]:
    return [0] * (n - 2)

if __name__ == "__main__":
    print(str(Box(4)))
    print(zipped("abc", "xyz") + "." + ends("abc"), count("abcab", "ab"))
    print(padded("abc", 5), padded("abcdef", 3))
    print(stretched("abc", 2) + stretched("abc", -1), len(zeros(1)), len(zeros(4)))
"""


@pytest.mark.slow
@pytest.mark.parametrize("target", ["javascript", "java", "cpp", "go", "csharp", "rust"])
def test_texts_are_put_together_and_repeated_as_python_does_it(target: str) -> None:
    check(TEXTS, target)
