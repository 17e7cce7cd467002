"""What a program does, it does after its translation by rules too; or the rules leave it to others."""

import pytest

from lsp_server.languages import language_for
from lsp_server.translation.assembly import assemble
from lsp_server.translation.outline import outline_source
from lsp_server.translation.rules.translator import translate_unit
from lsp_server.translation.service import RuleTask
from lsp_server.translation.targets import TARGETS
from lsp_server.verification import ProgramRun, ProgramTests
from lsp_server.verification.judge import make_judge
from models import Cancellation


def whole(text: str, source: str, target: str) -> str:
    """A file of all its units, each within reach."""
    first, second = language_for(source), language_for(target)
    found = [
        (one, translate_unit(RuleTask(text, first, second, one.name))) for one in outline_source(text, first).units
    ]
    assert all(written is not None for _, written in found), found
    return assemble([(one, written or "") for one, written in found], second)


def reaches(text: str, source: str, target: str = "python", name: str = "f") -> bool:
    return translate_unit(RuleTask(text, language_for(source), language_for(target), name)) is not None


def check(text: str, language: str, output: str) -> None:
    """A program writes this."""
    tests = ProgramTests((ProgramRun("", output),))
    verdict = make_judge(allowed=True)(text, language_for(language), tests, Cancellation())
    if verdict.status == "unchecked":
        pytest.skip(verdict.evidence)
    assert verdict.status == "verified", verdict.messages + text


LAST = """def place(xs: list[int]) -> int:
    i = -1
    for i in range(len(xs)):
        if xs[i] > 3:
            break
    return i

def large(xs: list[int]) -> int:
    x = 0
    for x in xs:
        if x > 3:
            break
    return x

def given(n: int, xs: list[int]) -> int:
    for n in xs:
        if n > 3:
            break
    return n

def root(n: int) -> int:
    for i in range(n):
        if i * i > n:
            break
    return i

def rounds(n: int) -> int:
    t = 0
    for i in range(n):
        while t < i:
            t += 2
        if t > 5:
            continue
    for n in range(i):
        t += n
    return t + len([i for i in range(4)])

if __name__ == "__main__":
    print(place([1, 2, 9, 1]), place([1, 1]), place([]), large([1, 9, 2]), large([]))
    print(given(7, []), given(7, [1, 5, 2]), root(10), root(2), rounds(5))
"""


@pytest.mark.slow
@pytest.mark.parametrize("target", list(TARGETS))
def test_what_a_loop_leaves_in_its_variable_is_there_after_it(target: str) -> None:
    text = whole(LAST, "python", target) if target != "python" else LAST
    check(text, target, "2 1 -1 9 0\n7 5 4 1 14")


VAR = """function at(xs) {
    for (var i = 0; i < xs.length; i++) {
        if (xs[i] > 3) break;
    }
    return i;
}
function sum(xs) {
    var t = 0;
    for (var i = 0; i < xs.length; i++) { t += xs[i]; }
    for (var i = 0; i < xs.length; i++) { t += xs[i]; }
    return t;
}
console.log(at([1, 2]), at([1, 9, 2]), sum([1, 2]));
"""


def test_what_var_makes_counts_one_more_than_a_range() -> None:
    text = whole(VAR, "javascript", "python")
    assert "for i in range(len(xs)):" in text.partition("def sum")[2]
    check(text, "python", "2 1 6")
    assert not reaches("function f(xs) { for (var x of xs) { if (x > 2) break; } return x; }", "javascript")
    assert not reaches("function f(n) { let i = 5; for (let i = 0; i < n; i++) { } return i; }", "javascript")


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("javascript", "function f(s) { return parseInt(s, 2); }", "int(s, 2)"),
        ("javascript", "function f(s) { return parseInt(s, 10); }", "int(s)"),
        ("java", "static int f(String s) { return Integer.parseInt(s, 16); }", "int(s, 16)"),
        ("cpp", "int f(string s) { return stoi(s, nullptr, 2); }", "int(s, 2)"),
        ("cpp", "int f(string s) { return stoi(s, 0, 10); }", "int(s)"),
    ],
)
def test_a_number_is_read_to_the_base_that_is_said(source: str, text: str, expected: str) -> None:
    assert f"return {expected}\n" in whole(text, source, "python")


def test_room_for_items_is_no_items() -> None:
    text = "static int f(int n) { List<Integer> xs = new ArrayList<>(n); xs.add(n); return xs.size(); }"
    assert "xs = []\n" in whole(text, "java", "python")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("java", "static String f(int n) { return Integer.toString(n, 2); }"),
        ("java", "static int f(String s, int b) { return Integer.parseInt(s, b); }"),
        ("java", "static String f(char[] s) { return String.valueOf(s, 0, 2); }"),
        ("javascript", "function f(n) { return Array.from(n, (x) => x + 1); }"),
        ("javascript", "function f(n) { return String.fromCharCode(n, n + 1); }"),
        ("javascript", "function f(s, i) { return s.substr(i, 2); }"),
    ],
)
def test_no_argument_of_the_library_is_left_out(source: str, text: str) -> None:
    assert not reaches(text, source)


SUBSTRINGS = """function low(s) { return s.substring(-2) + s.substring(-1, 2) + s.substring(2, -1); }
function between(s, a, b) { return s.substring(a, b); }
function last(s) { return s.substr(-2, 2) + s.substr(1) + s.substr(1, 1) + s.slice(-3) + s.slice(-3, -1); }
function all(s) {
    let found = "";
    for (let i = 0; i < s.length; i++) {
        for (let j = i + 1; j <= s.length; j++) { found += s.substring(i, j) + s.substring(i, i + 1); }
    }
    return found;
}
console.log(low("abcd"), between("abcd", 3, 1), between("abcd", -1, 2), between("abcd", 1, 9), all("abc"));
console.log(last("abcd"), last("ab"));
"""


def test_a_substring_has_its_ends_where_javascript_puts_them() -> None:
    text = whole(SUBSTRINGS, "javascript", "python")
    assert "s[i:j] + s[i:i + 1]" in text
    expected = "abcdabab bc ab bcd aaabaabcabbbcbcc\ncdbcdbbcdbc abbbaba"
    check(SUBSTRINGS, "javascript", expected)
    check(text, "python", expected)


COPIES = """#include <algorithm>
#include <iostream>
#include <map>
#include <vector>
using namespace std;
int median(vector<int> v) {
    sort(v.begin(), v.end());
    return v[v.size() / 2];
}
int first(vector<int> v) { int m = median(v); return v[0] * 100 + m; }
int copied(vector<int> v) {
    vector<int> w = v;
    w.push_back(1);
    w[0] = 9;
    vector<int> moved = w;
    return v.size() * 100 + v[0] * 10 + moved[0];
}
void push(vector<int>& v, int x) { v.push_back(x); }
int pushed(vector<int> v) { push(v, 3); push(v, 4); return v.size(); }
vector<vector<int>> heads(vector<int> v) {
    vector<vector<int>> found;
    vector<int> now;
    for (int x : v) {
        now.push_back(x);
        found.push_back(now);
    }
    return found;
}
int emptied(vector<vector<int>> rows) {
    int n = 0;
    for (auto row : rows) {
        while (!row.empty()) { row.pop_back(); n++; }
    }
    return n * 10 + rows[0].size();
}
int counted(map<int, int> m) { map<int, int> other = m; other[7] = 1; return m.size() * 10 + other.size(); }
int main() {
    vector<int> v = {3, 1, 2};
    cout << first(v) << " " << copied(v) << " " << pushed(v) << " " << v.size() << endl;
    vector<vector<int>> h = heads(v);
    cout << h[0].size() << h[2].size() << " " << emptied(h) << endl;
    map<int, int> m;
    m[1] = 2;
    cout << counted(m) << endl;
    return 0;
}
"""


@pytest.mark.parametrize("target", ["python", "javascript", "java"])
def test_what_cpp_copies_is_copied(target: str) -> None:
    text = whole(COPIES, "cpp", target)
    assert "moved = list(w)" not in text
    check(text, target, "302 339 5 3\n13 61\n12")


@pytest.mark.parametrize(
    "text",
    [
        "void f(int& n) { n++; }",
        "void f(vector<int>& v) { v = {1, 2}; }",
        "void f(vector<int>& v) { for (int& x : v) { x *= 2; } }",
        "int f(vector<vector<int>> v) { v[0][0] = 7; return v[0][1]; }",
        "int f(vector<vector<int>> v) { vector<vector<int>> w = v; w[0].push_back(7); return v[0].size(); }",
    ],
)
def test_what_is_set_through_a_reference_or_copied_deeply_is_left_to_others(text: str) -> None:
    assert [reaches(text, "cpp", target) for target in ("python", "javascript")] == [False, False]


NUMBERS = {
    "java": (
        "class M {\n"
        "    static int grown(int x) { x *= 1.5; return x; }\n"
        "    static int code(String s, int i) { int c = s.charAt(i); return (int) s.charAt(i) * 1000 + c; }\n"
        "    static int mixed(long a) { return (int) (a ^ (a >> 32)); }\n"
        "    static int rest(long a) { return (int) (a % 1000000007); }\n"
        "    static String letters() { String t = \"\"; for (char c = 'a'; c <= 'e'; c++) t += c; return t; }\n"
        "    static boolean isA(String s) { return s.charAt(0) == 65; }\n"
        "    public static void main(String[] args) {\n"
        '        System.out.println(grown(5) + " " + code("5", 0) + " " + mixed(9876543210L));\n'
        "        System.out.println(rest(3000000000L));\n"
        '        System.out.println(letters() + " " + isA("A") + " " + isA("B"));\n    }\n}\n',
        "7 53053 1286608616\n999999986\nabcde true false",
    ),
    "cpp": (
        "#include <iostream>\n#include <vector>\nusing namespace std;\n"
        "int half(int n) { int h = n * 0.5; return h + 1; }\n"
        "int twice(double x) { return x * 2; }\n"
        "int given(double x) { return half(x * 2); }\n"
        "int put(vector<int>& v, double x) { v[0] = x; v[0] *= x; return v[0]; }\n"
        "int last(string s) { int t = 0; for (char c : s) t = c; return t; }\n"
        "char upper(char c) { c -= 32; return c; }\n"
        "int main() {\n    vector<int> v = {1};\n"
        '    cout << half(5) << " " << twice(2.6) << " " << given(2.6) << " " << put(v, 2.5) << endl;\n'
        '    cout << last("ab") << " " << upper(\'b\') << endl;\n    return 0;\n}\n',
        "3 5 3 5\n98 B",
    ),
    "javascript": (
        "function hash(s) {\n    let found = 0;\n    for (let i = 0; i < s.length; i++) {\n"
        "        found = (found << 5) - found + s.charCodeAt(i);\n        found |= 0;\n    }\n    return found;\n}\n"
        "function middle(xs, a, b) { return xs[(a + b) / 2 | 0]; }\n"
        'console.log(hash("hello world"), middle([1, 2, 3], 0, 3));\n',
        "1794106052 2",
    ),
}


@pytest.mark.parametrize("source", NUMBERS)
def test_whole_numbers_are_narrowed_as_their_source_does(source: str) -> None:
    text, output = NUMBERS[source]
    check(text, source, output)
    check(whole(text, source, "python"), "python", output)


def test_unsigned_numbers_and_masks_of_more_bits_are_left_to_others() -> None:
    assert not reaches("unsigned f(unsigned a, unsigned b) { return a - b; }", "cpp")
    assert reaches("int f(unsigned n) { int c = 0; while (n > 0) { n = n & (n - 1); c++; } return c; }", "cpp")
    for mask in ("(1 << 35) - 1", "2**40", "WIDE"):
        text = f"WIDE = (1 << 35) - 1\n\ndef f(a: int) -> int:\n    m = {mask}\n    return a & m\n"
        assert not reaches(text, "python", "javascript"), mask
    assert reaches("def f(a: int) -> int:\n    m = (1 << 5) - 1\n    return a & m\n", "python", "javascript")
